import Glibc
import WeirCore

/// Everything that is measured on: written once, with the answers that every reader must give.
struct Data: Sendable {
  /// The program under test.
  let weir: String
  /// A folder for whatever a goal needs besides.
  let folder: String
  let lines: Lines
  let segment: Segment
  /// 1,000 segments of one partition, 100 GB and 1 TB by their sizes, nearly all of it holes.
  let small: Sparse
  let large: Sparse

  struct Lines: Sendable {
    let path: String
    let bytes: Int
    let count: Int
  }

  struct Segment: Sendable {
    /// The log directory it lies in, `bank-0` its partition, and the file itself.
    let directory: String
    let path: String
    let bytes: Int
    let batches: Int
    let records: Int
    /// Sum of all keys' and values' sizes, and of all times.
    let contentBytes: Int
    let timeSum: Int64
  }

  /// Writes everything; `mebibytes` is the size of the text file and of the segment.
  init(weir: String, folder: String, mebibytes: Int) throws {
    (self.weir, self.folder) = (weir, folder)
    let size = mebibytes << 20
    lines = try Data.writeLines("\(folder)/bank.ndjson", size: size)
    segment = try Data.writeSegment("\(folder)/logs", size: size)
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

  private static func writeSegment(_ directory: String, size: Int) throws -> Segment {
    mkdir(directory, 0o755)
    mkdir("\(directory)/bank-0", 0o755)
    let path = "\(directory)/bank-0/00000000000000000000.log"
    let file = try FileWriter(path)
    var bank = Bank(count: size / 225)
    var (batches, records, content, times) = (0, 0, 0, Int64(0))
    bank.next()
    while file.size < size {
      var batch = KafkaBatch(baseOffset: Int64(records), baseTime: bank.time)
      while batch.size < 16_100 {
        let trace = records % 4 == 0 ? Array(bank.json[11..<19]) : nil
        batch.append(key: bank.account, value: bank.json, time: bank.time, trace: trace)
        records += 1
        content += bank.account.count + bank.json.count
        times &+= bank.time
        bank.next()
      }
      try file.write(batch.finish())
      batches += 1
    }
    try file.close()
    return Segment(
      directory: directory, path: path, bytes: file.size, batches: batches, records: records,
      contentBytes: content, timeSum: times)
  }
}
