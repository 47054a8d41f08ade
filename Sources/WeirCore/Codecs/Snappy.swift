import CSnappy

/// Snappy as event streams store it: one raw block, or the container of Java's snappy-java ("xerial").
///
/// | bytes | container |
/// |---|---|
/// | 8 | `82 53 4E 41 50 50 59 00` |
/// | 4 | version, big-endian 1 (some writers: little-endian; not checked) |
/// | 4 | lowest compatible version, likewise |
/// | then | length u32 big-endian, raw block of that length; repeated |
///
/// A length that reads `82 53 4E 41` begins another container. There is no checksum; each block carries its
/// own uncompressed length as a varint. Documented by xerial/snappy-java and google/snappy.
enum Snappy {
  private static let magic: [UInt8] = [0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0x00]
  private static let headerSize = 16

  static func isContainer(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.count >= headerSize && bytes.prefix(8).elementsEqual(magic)
  }

  /// Uncompressed bytes of all blocks, as their headers say it, refused where blocks of that size cannot hold
  /// so much.
  static func size(_ input: UnsafeRawBufferPointer) throws(CodecError) -> Int {
    var total = 0
    try eachBlock(input) { block throws(CodecError) in
      var size = 0
      guard snappy_uncompressed_length(block.baseAddress, block.count, &size) == SNAPPY_OK else {
        throw CodecError(.snappy, "a block has no length")
      }
      // A copy of three bytes yields at most 64, so nothing grows more than 22 times.
      guard size <= block.count &* 22 else {
        throw CodecError(.snappy, "a block of \(block.count) bytes claims \(size)")
      }
      total += size
    }
    return total
  }

  static func decompress(_ input: UnsafeRawBufferPointer, _ room: UnsafeMutableRawBufferPointer)
    throws(CodecError) -> DecompressionAttempt
  {
    guard let target = room.baseAddress else { return .tooSmall }
    var written = 0
    var fits = true
    try eachBlock(input) { block throws(CodecError) in
      guard fits else { return }
      var made = room.count - written
      switch snappy_uncompress(block.baseAddress, block.count, target + written, &made) {
      case SNAPPY_OK: written += made
      case SNAPPY_BUFFER_TOO_SMALL: fits = false
      default: throw CodecError(.snappy, "a block is broken")
      }
    }
    return fits ? .done(written) : .tooSmall
  }

  private static func eachBlock(
    _ input: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws(CodecError) -> Void
  ) throws(CodecError) {
    guard isContainer(input) else {
      guard input.count > 0 else { throw CodecError(.snappy, "no data") }
      return try body(input)
    }
    var at = headerSize
    while at < input.count {
      if isContainer(UnsafeRawBufferPointer(rebasing: input[at...])) {
        at += headerSize
        continue
      }
      guard input.count - at >= 4 else { throw CodecError(.snappy, "ends inside a block's length") }
      let length = Int(UInt32(bigEndian: input.loadUnaligned(fromByteOffset: at, as: UInt32.self)))
      at += 4
      guard length > 0, length <= input.count - at else {
        throw CodecError(.snappy, "a block of \(length) bytes does not fit")
      }
      try body(UnsafeRawBufferPointer(rebasing: input[at..<at + length]))
      at += length
    }
  }
}
