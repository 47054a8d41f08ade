import CKernels

/// A file mapped into memory, for one pass over bytes that nobody changes any more: half again as fast as
/// reading them.
///
/// A mapping whose file is truncated meanwhile raises SIGBUS; the kernel `weir_map` guards its mappings, puts
/// zeros there instead and remembers it, which `wasCut` tells. Unchecked Sendable: the memory is only read,
/// and unmapped when the last reference goes.
package final class MappedBytes: ByteSource, @unchecked Sendable {
  package let name: String
  package let size: UInt64
  private let base: UnsafeRawPointer

  /// Maps the whole of a file that is not empty.
  package convenience init(path: String) throws(Fault) { try self.init(path: path, beside: nil) }

  private init(path: String, beside file: FileBytes?) throws(Fault) {
    self.file = file
    var count = 0
    guard let base = weir_map(path, &count) else { throw Fault.system("map", path) }
    self.base = UnsafeRawPointer(base)
    name = path
    size = UInt64(count)
  }

  /// Seconds without a change after which a file is mapped: who truncates a segment does it to the newest
  /// ones.
  private static let rest = 600

  /// The file for one pass from its start to its end: mapped when nobody has changed it for ten minutes, else
  /// (or when it cannot be mapped) read.
  package static func settled(_ path: String) throws(Fault) -> any ByteSource {
    let file = try FileBytes(path: path)
    guard file.size > 0, file.secondsAtRest > rest else { return file }
    do throws(Fault) { return try MappedBytes(path: path, beside: file) } catch { return file }
  }

  /// The same file open, which minds the page cache; nil: nobody does.
  private let file: FileBytes?

  /// To be told now and then, in ascending order, how far a pass over the mapping has come.
  func passes(from: UInt64, to: UInt64) {
    guard let file, to / Passage.piece > from / Passage.piece, to < size else { return }
    // The kernel drops no page that somebody has mapped.
    let (start, stop) = (from / Passage.piece * Passage.piece, to / Passage.piece * Passage.piece)
    weir_map_release(base + Int(start), Int(stop - start))
    file.passes(Int(Passage.piece), at: stop)
  }

  deinit { weir_unmap(base, Int(size)) }

  /// True when the file was truncated while it was mapped: zeros were seen where its bytes had been.
  package var wasCut: Bool { weir_map_was_cut(base) != 0 }

  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Fault) -> Int {
    let bytes = view(at: offset, count: buffer.count)
    buffer.copyMemory(from: bytes)
    return bytes.count
  }

  /// `count` bytes at `offset`, fewer at the end. Valid as long as this object.
  package func view(at offset: UInt64, count: Int) -> UnsafeRawBufferPointer {
    guard offset < size, count > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    return UnsafeRawBufferPointer(start: base + Int(offset), count: min(count, Int(size - offset)))
  }
}
