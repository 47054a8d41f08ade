import Glibc
import WeirCore

/// A Kafka log directory of one partition that is large by its sizes only: each segment begins and ends with
/// a real batch, with a hole between them and index files that lead over it.
struct Sparse: Sendable {
  /// Offsets that one segment covers, and records in each of its two batches.
  static let span: Int64 = 1_000_000
  static let records = 64
  /// Milliseconds between two offsets.
  static let pace: Int64 = 30
  static let start: Int64 = 1_700_000_000_000
  /// The key of the very last record: to be seen on the first screen.
  static let newestKey = "newest-key"

  let directory: String
  let segments: Int
  /// Bytes of each segment by its size.
  let segmentSize: Int

  static func time(of offset: Int64) -> Int64 { start + offset * pace }

  init(_ directory: String, segments: Int, segmentSize: Int) throws {
    (self.directory, self.segments, self.segmentSize) = (directory, segments, segmentSize)
    mkdir(directory, 0o755)
    let partition = "\(directory)/bank-0"
    mkdir(partition, 0o755)
    for number in 0..<segments { try write(number, partition) }
  }

  private func write(_ number: Int, _ partition: String) throws {
    let base = Int64(number) * Sparse.span
    let tailBase = base + Sparse.span - Int64(Sparse.records)
    let head = batch(base, isNewest: false)
    let tail = batch(tailBase, isNewest: number == segments - 1)
    let name = "\(partition)/" + Sparse.padded(base)
    let log = try FileWriter(name + ".log")
    try log.write(head)
    let position = segmentSize - tail.count
    try log.skip(to: position)
    try log.write(tail)
    try log.close()
    let last = tailBase + Int64(Sparse.records) - 1
    let index = try FileWriter(name + ".index")
    try index.write(Sparse.big(Int32(last - base)) + Sparse.big(Int32(position)))
    try index.close()
    let times = try FileWriter(name + ".timeindex")
    try times.write(Sparse.big(Sparse.time(of: last)) + Sparse.big(Int32(last - base)))
    try times.close()
  }

  private func batch(_ base: Int64, isNewest: Bool) -> [UInt8] {
    var batch = KafkaBatch(baseOffset: base, baseTime: Sparse.time(of: base))
    for index in 0..<Int64(Sparse.records) {
      let offset = base + index
      let isLast = isNewest && index == Int64(Sparse.records) - 1
      let key = isLast ? Sparse.newestKey : "acc-\(offset % 1000)"
      let value = "{\"type\":\"Deposited\",\"offset\":\(offset),\"note\":\"the same everywhere\"}"
      batch.append(key: Array(key.utf8), value: Array(value.utf8), time: Sparse.time(of: offset), trace: nil)
    }
    return batch.finish()
  }

  static func padded(_ offset: Int64) -> String {
    let digits = String(offset)
    return String(repeating: "0", count: 20 - digits.count) + digits
  }

  static func big(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
  }
}
