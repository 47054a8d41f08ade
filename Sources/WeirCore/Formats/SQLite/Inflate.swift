import CZlib

/// Undoes the compression inside a payload: zlib and gzip, told by their first bytes.
enum Inflate {
  /// nil when the bytes are not compressed, are broken, or would be longer than `limit`.
  static func whole(_ bytes: UnsafeRawBufferPointer, limit: Int) -> [UInt8]? {
    guard bytes.count > 4, looksCompressed(bytes), let start = bytes.baseAddress else { return nil }
    var stream = z_stream()
    // 15 + 32: the largest window, zlib or gzip by its header.
    guard inflateInit2_(&stream, 47, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { inflateEnd(&stream) }
    stream.next_in = UnsafeMutablePointer(mutating: start.assumingMemoryBound(to: Bytef.self))
    stream.avail_in = UInt32(clamping: bytes.count)
    var out: [UInt8] = []
    // Grows with what really comes out, never by what a header promises.
    var chunk = [UInt8](repeating: 0, count: min(limit, max(1024, bytes.count * 4), 256 << 10))
    while true {
      let code = chunk.withUnsafeMutableBufferPointer { buffer in
        stream.next_out = buffer.baseAddress
        stream.avail_out = UInt32(buffer.count)
        return inflate(&stream, Z_NO_FLUSH)
      }
      out.append(contentsOf: chunk[..<(chunk.count - Int(stream.avail_out))])
      if code == Z_STREAM_END { return out }
      guard code == Z_OK, out.count < limit, stream.avail_in > 0 || stream.avail_out == 0 else { return nil }
    }
  }

  private static func looksCompressed(_ bytes: UnsafeRawBufferPointer) -> Bool {
    if bytes[0] == 0x1F { return bytes[1] == 0x8B }
    // RFC 1950: method 8 with a 32 KiB window, and the two bytes are a multiple of 31.
    return bytes[0] == 0x78 && (Int(bytes[0]) << 8 | Int(bytes[1])) % 31 == 0
  }
}
