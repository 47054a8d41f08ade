import Glibc
import WeirCore

/// Writes a Kafka partition of four segments twice: without index files, and (the same files under a second
/// name) with the index files that a broker would have written.
struct PartitionWriter {
  private static let segments = 4
  /// Bytes of log between two index entries, as brokers have it.
  private static let indexInterval = 4096

  private var partition: Data.Partition
  private var bank: Bank
  private let segmentSize: Int

  init(_ directory: String, _ indexed: String, size: Int) {
    partition = Data.Partition(directory: directory, indexed: indexed)
    bank = Bank(count: size / 225)
    segmentSize = size / PartitionWriter.segments
    for folder in [directory, indexed] {
      mkdir(folder, 0o755)
      mkdir("\(folder)/bank-0", 0o755)
    }
  }

  consuming func write() throws -> Data.Partition {
    bank.next()
    partition.firstTime = bank.time
    for _ in 0..<PartitionWriter.segments { try writeSegment() }
    partition.interval = bank.interval
    return partition
  }

  private mutating func writeSegment() throws {
    let base = Int64(partition.records)
    let name = "bank-0/" + Sparse.padded(base)
    let path = "\(partition.directory)/\(name).log"
    let file = try FileWriter(path)
    let index = try FileWriter("\(partition.indexed)/\(name).index")
    let times = try FileWriter("\(partition.indexed)/\(name).timeindex")
    var indexedAt = 0
    while file.size < segmentSize {
      let position = file.size
      var batch = nextBatch()
      try file.write(batch.finish())
      partition.batches += 1
      guard position - indexedAt > PartitionWriter.indexInterval || file.size >= segmentSize else { continue }
      indexedAt = position
      let last = Int32(batch.lastOffset - base)
      try index.write(Sparse.big(last) + Sparse.big(Int32(position)))
      try times.write(Sparse.big(batch.largestTime) + Sparse.big(last))
    }
    for file in [file, index, times] { try file.close() }
    partition.paths.append(path)
    partition.bytes += file.size
    guard link(path, "\(partition.indexed)/\(name).log") == 0 else { throw Fault.system("link", path) }
  }

  private mutating func nextBatch() -> KafkaBatch {
    var batch = KafkaBatch(baseOffset: Int64(partition.records), baseTime: bank.time)
    while batch.size < 16_100 {
      let trace = partition.records % 4 == 0 ? Array(bank.json[11..<19]) : nil
      batch.append(key: bank.account, value: bank.json, time: bank.time, trace: trace)
      partition.records += 1
      partition.contentBytes += bank.account.count + bank.json.count
      partition.timeSum &+= bank.time
      bank.next()
    }
    return batch
  }
}
