import Support
import Testing

@testable import WeirCore

/// Committed offsets, from a `__consumer_offsets` of a test's own.
@Suite struct KafkaGroupTests {
  private func text(_ value: String) -> [UInt8] {
    var out = ByteBuilder()
    out.big(Int16(value.utf8.count))
    out.append(value)
    return out.bytes
  }

  private func key(_ group: String, _ topic: String, _ partition: Int32, type: Int16 = 1) -> [UInt8] {
    var out = ByteBuilder()
    out.big(type)
    out.append(text(group))
    out.append(text(topic))
    out.big(partition)
    return out.bytes
  }

  private func value(_ offset: Int64, version: Int16 = 3) -> [UInt8] {
    var out = ByteBuilder()
    out.big(version)
    out.big(offset)
    if version >= 3 { out.big(Int32(5)) }
    out.append(text(""))
    out.big(Int64(1_700_000_000_000))
    return out.bytes
  }

  private func batch(_ base: Int64, _ pairs: [([UInt8], [UInt8]?)]) -> KafkaTestBatch {
    KafkaTestBatch(
      base,
      pairs.enumerated().map { index, pair in
        var record = KafkaTestRecord(Int32(index))
        (record.key, record.value) = pair
        return record
      })
  }

  private func groups(_ batches: [KafkaTestBatch]) throws -> [String] {
    let directory = try KafkaTestDirectory()
    try directory.segment("__consumer_offsets-7", 0, batches)
    try directory.segment(
      "orders-0", 0, [KafkaTestBatch(0, count: 9).inTransaction(of: 1), .marker(9, 1, commits: true)])
    try directory.segment("orders-1", 40, [UInt8]())
    return try Kafka.open(directory.path).groups(Work()).map {
      "\($0.group) \($0.stream)/\($0.partition) \($0.committed ?? "-") of \($0.end ?? "-") lag \($0.lag ?? -1)"
    }
  }

  @Test func theLastValueOfAKeyCounts() throws {
    let found = try groups([
      batch(0, [(key("g", "orders", 0), value(3)), (key("g", "orders", 0), value(7, version: 1))]),
      batch(2, [(key("g", "orders", 1, type: 0), value(40)), (key("a", "gone", 3), value(1))]),
      batch(4, [(key("h", "orders", 0), value(5)), (key("h", "orders", 0), nil)]),
      batch(6, [(key("g", "orders", 0), value(99, version: 9)), ([0, 2, 0, 1, 65], [0, 3])]),
      batch(8, [([], value(1)), ([0, 1, 0, 9, 65], value(1)), (key("z", "orders", 0), [0])]),
    ])
    // The marker at 9 counts for the end, but is no record to read.
    #expect(
      found == [
        "a gone/3 1 of - lag -1", "g orders/0 7 of 10 lag 3", "g orders/1 40 of 40 lag 0",
      ])
  }

  @Test func commitsInATransactionCountWhenItDoes() throws {
    let found = try groups([
      batch(0, [(key("g", "orders", 0), value(1))]),
      batch(1, [(key("g", "orders", 0), value(2))]).inTransaction(of: 5), .marker(2, 5, commits: true),
      batch(3, [(key("g", "orders", 0), value(3))]).inTransaction(of: 5), .marker(4, 5, commits: false),
      batch(5, [(key("g", "orders", 0), value(4))]).inTransaction(of: 6),
    ])
    #expect(found == ["g orders/0 2 of 10 lag 8"])
  }

  @Test func withoutTheTopicThereAreNone() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("orders-0", 0, [KafkaTestBatch(0, count: 1)])
    #expect(throws: Fault.self) { try Kafka.open(directory.path).groups(Work()) }
  }
}
