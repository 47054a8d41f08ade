import Glibc
import WeirCore

/// Everything that is measured on: written once, with the answers that every reader must give.
struct Data: Sendable {
  /// The program under test.
  let weir: String
  /// A folder for whatever a goal needs besides.
  let folder: String
  let lines: Lines
  let partition: Partition
  /// 1,000 segments of one partition, 100 GB and 1 TB by their sizes, nearly all of it holes.
  let small: Sparse
  let large: Sparse

  struct Lines: Sendable {
    let path: String
    let bytes: Int
    let count: Int
  }

  /// One partition of four segments.
  struct Partition: Sendable {
    /// The log directory it lies in without any index file, and the same segments beside their index files.
    let directory: String
    let indexed: String
    /// The segments.
    var paths: [String] = []
    var bytes = 0
    var batches = 0
    var records = 0
    /// Sum of all keys' and values' sizes, and of all times.
    var contentBytes = 0
    var timeSum: Int64 = 0
    /// Time of the first record, and from one record to the next, in milliseconds.
    var firstTime: Int64 = 0
    var interval: Int64 = 0
  }

  /// Writes everything; `mebibytes` is the size of the text file and of the partition.
  init(weir: String, folder: String, mebibytes: Int) throws {
    (self.weir, self.folder) = (weir, folder)
    let size = mebibytes << 20
    lines = try Data.writeLines("\(folder)/bank.ndjson", size: size)
    partition = try PartitionWriter("\(folder)/logs", "\(folder)/indexed", size: size).write()
    small = try Sparse("\(folder)/sparse-100G", segments: 1000, segmentSize: 100_000_000)
    large = try Sparse("\(folder)/sparse-1T", segments: 1000, segmentSize: 1_000_000_000)
  }

  private static func writeLines(_ path: String, size: Int) throws -> Lines {
    let file = try FileWriter(path)
    var bank = Bank(count: size / 205)
    var count = 0
    while file.size < size {
      bank.next()
      try file.write(bank.json + [10])
      count += 1
    }
    try file.close()
    return Lines(path: path, bytes: file.size, count: count)
  }
}
