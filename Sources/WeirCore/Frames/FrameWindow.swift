import CKernels

/// A moving window over a byte source: big reads into one reused buffer, frames handed out as borrowed bytes.
///
/// Small reads cost a system call each and ruin cold disks; 256 KiB at a time run at nearly the memory's
/// speed and stay inside the second-level cache, so that a checksum and a decoder can pass over a frame that
/// is still near. Not Sendable: one window belongs to one scan.
package final class FrameWindow {
  /// Bytes read at once where nothing else is said.
  package static let usualReadAhead = 256 << 10

  package private(set) var source: any ByteSource
  /// The same when it is mapped: then nothing is copied. Kept, because asking for it costs more than a view.
  private var mapped: MappedBytes?
  /// At least so many bytes are read at once.
  package var readAhead: Int
  /// Bytes read from the source since the window was made.
  package private(set) var bytesRead = 0
  private var buffer: UnsafeMutableRawBufferPointer
  /// What the buffer holds: this many bytes from `start` on.
  private var start: UInt64 = 0
  private var count = 0

  package init(_ source: any ByteSource, readAhead: Int = usualReadAhead) {
    self.source = source
    mapped = source as? MappedBytes
    self.readAhead = readAhead
    buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: readAhead, alignment: 64)
  }

  deinit { buffer.deallocate() }

  /// Turns to another source and keeps the buffer.
  package func turn(to source: any ByteSource, readAhead: Int = usualReadAhead) {
    self.source = source
    mapped = source as? MappedBytes
    self.readAhead = readAhead
    count = 0
  }

  /// `wanted` bytes at `position`, fewer at the end of the source. Valid until the next call. The caller has
  /// made sure that `wanted` is a number it may allocate.
  package func view(at position: UInt64, count wanted: Int) throws(Fault) -> UnsafeRawBufferPointer {
    if let mapped { return mapped.view(at: position, count: wanted) }
    if position >= start, position - start <= UInt64(count) {
      let skip = Int(position - start)
      if count - skip >= wanted { return UnsafeRawBufferPointer(rebasing: buffer[skip..<skip + wanted]) }
    }
    let amount = max(wanted, readAhead)
    if buffer.count < amount || buffer.count > amount &* 8 {
      buffer.deallocate()
      buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: amount, alignment: 64)
    }
    start = position
    count = 0
    count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<amount]), at: position)
    bytesRead += count
    return UnsafeRawBufferPointer(rebasing: buffer[..<min(wanted, count)])
  }

  /// Whether every byte from `position` to `end` is zero. Reads those that the file system does not know to
  /// be in a hole.
  package func isZero(from position: UInt64, to end: UInt64) throws(Fault) -> Bool {
    var at = position
    while at < end {
      guard let written = source.data(from: at), written < end else { return true }
      at = written
      let bytes = try view(at: at, count: Int(min(end - at, UInt64(readAhead))))
      guard !bytes.isEmpty else { return true }
      // A sum of unsigned bytes is zero only when each of them is.
      guard weir_sum(bytes.baseAddress, bytes.count) == 0 else { return false }
      at += UInt64(bytes.count)
    }
    return true
  }
}
