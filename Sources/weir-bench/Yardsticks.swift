import CBench
import CKernels
import WeirCore

/// SUM: every byte of some files added up by one thread, mapped afresh each time: the fastest anything can
/// look at all of them.
final class Sum {
  private let paths: [String]
  private let known: UInt64
  private var best = Double.infinity
  private var size = 0

  init(_ paths: [String]) throws {
    self.paths = paths
    known = try Sum.add(paths).0
  }

  /// One run; the answer must be that of the first.
  func run() throws {
    let start = now()
    let (sum, count) = try Sum.add(paths)
    best = min(best, now() - start)
    size = count
    try expect(sum, known, "sum of \(paths[0])")
  }

  /// How fast the best run was.
  var speed: String { "SUM \(short(Double(size) / best / 1e9)) GB/s" }

  private static func add(_ paths: [String]) throws -> (UInt64, Int) {
    var (sum, size) = (UInt64(0), 0)
    for path in paths {
      try withMapping(path) { bytes in
        sum &+= weir_sum(bytes.baseAddress, bytes.count)
        size += bytes.count
      }
    }
    return (sum, size)
  }
}

/// HOP: from batch header to batch header of Kafka segments, mapped afresh each time: the least that an index
/// must do where there is none.
final class Hop {
  private let partition: Data.Partition
  private var best = Double.infinity

  init(_ partition: Data.Partition) { self.partition = partition }

  /// One run; batches and records must be all there are.
  func run() throws {
    let start = now()
    var (batches, records) = (0, 0)
    for path in partition.paths {
      try withMapping(path) { bytes in
        let found = bench_hop(bytes.baseAddress, bytes.count)
        batches += Int(found.batches)
        records += Int(found.records)
      }
    }
    best = min(best, now() - start)
    try expect(batches, partition.batches, "batches hopped over")
    try expect(records, partition.records, "records hopped over")
  }

  /// How long the best run took.
  var speed: String { "HOP \(short(best * 1000)) ms" }
}

/// A file's bytes, mapped for the time of `body`.
func withMapping<T>(_ path: String, _ body: (UnsafeRawBufferPointer) throws -> T) throws -> T {
  var count = 0
  guard let start = bench_map(path, &count) else { throw Fault.system("map", path) }
  defer { bench_unmap(start, count) }
  return try body(UnsafeRawBufferPointer(start: start, count: count))
}
