import CBench
import CKernels
import WeirCore

/// SUM: every byte of a file added up, mapped afresh each time: the fastest anything can look at all of them.
final class Sum {
  private let path: String
  private let known: UInt64
  private var best = Double.infinity
  private var size = 0

  init(_ path: String) throws {
    self.path = path
    known = try Sum.add(path).0
  }

  /// One run; the answer must be that of the first.
  func run() throws {
    let start = now()
    let (sum, count) = try Sum.add(path)
    best = min(best, now() - start)
    size = count
    try expect(sum, known, "sum of \(path)")
  }

  /// How fast the best run was.
  var speed: String { "SUM \(short(Double(size) / best / 1e9)) GB/s" }

  private static func add(_ path: String) throws -> (UInt64, Int) {
    try withMapping(path) { bytes in (weir_sum(bytes.baseAddress, bytes.count), bytes.count) }
  }
}

/// A file's bytes, mapped for the time of `body`.
func withMapping<T>(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T {
  var count = 0
  guard let start = bench_map(path, &count) else { throw Fault.system("map", path) }
  defer { bench_unmap(start, count) }
  return try body(UnsafeRawBufferPointer(start: start, count: count))
}
