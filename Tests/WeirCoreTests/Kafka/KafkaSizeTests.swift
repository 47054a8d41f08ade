import Support
import Testing

@testable import WeirCore

/// Segments and batches of sizes that need another way of reading.
@Suite struct KafkaSizeTests {
  /// A batch of one record with a value of `count` bytes.
  private func large(_ offset: Int64, _ count: Int) -> KafkaTestBatch {
    var record = KafkaTestRecord(0, key: "large")
    record.value = [UInt8](repeating: UInt8(truncatingIfNeeded: offset), count: count)
    return KafkaTestBatch(offset, [record])
  }

  @Test func batchesOfMoreThanAMebibyte() throws {
    let directory = try KafkaTestDirectory()
    var batches = (Int64(0)..<20).map { KafkaTestBatch($0, count: 1) }
    batches += [large(20, 1_300_000), large(21, 2_500_000)]
    batches += (Int64(22)..<40).map { KafkaTestBatch($0, count: 1) }
    let path = try directory.segment("t-0", 0, batches)
    let source = try Kafka.open(directory.path)
    let log = try source.log(StreamID("t"))
    #expect(try LogContent(log).offsets == Array(0..<40))
    #expect(
      try LogContent(Kafka.open(directory.path).log(StreamID("t")), .backward).offsets == (0..<40).reversed())
    #expect(try LogContent(log).events[21].size == 2_500_005)
    for wanted in [0, 19, 20, 21, 22, 39] {
      let fresh = try Kafka.open(directory.path).log(StreamID("t"))
      var batch = EventBatch()
      _ = try fresh.read(fresh.seek(.position("\(wanted)"), Work()), .forward, count: 1, into: &batch, Work())
      #expect(batch.records.first?.position.signed == Int64(wanted))
    }
    // Of a frame that large the first part is shown, and all of it is checked.
    let start = batches[..<21].reduce(0) { $0 + $1.bytes.count }
    let detail = try source.frame("t-0/00000000000000000000.log", at: UInt64(start + 2_000_000), record: nil)
    #expect(detail.offset == UInt64(start))
    #expect(detail.bytes.count == 1 << 20)
    #expect(detail.fields.contains { $0.name == "crc" && $0.value.contains("right") })
    // One flipped bit in it costs that batch alone.
    var bytes = batches.flatMap(\.bytes)
    bytes[start + 2_000_000] ^= 1
    try directory.segment("t-0", 0, bytes)
    let damaged = try Kafka.read(Kafka.open(path))
    #expect(damaged.offsets == Array(0..<21) + Array(22..<40))
    #expect(damaged.damage.map(\.range) == [UInt64(start)..<UInt64(start + batches[21].bytes.count)])
  }

  /// A large batch in the middle hides where the halves meet.
  @Test func aSearchMeetsABatchLargerThanItLooks() throws {
    let directory = try KafkaTestDirectory()
    var batches = (Int64(0)..<100).map { large($0, 2000) }
    batches += [large(100, 3_000_000)]
    batches += (Int64(101)..<200).map { large($0, 2000) }
    try directory.segment("t-0", 0, batches)
    for wanted in [3, 99, 100, 101, 150, 199] {
      let log = try Kafka.open(directory.path).log(StreamID("t"))
      var batch = EventBatch()
      _ = try log.read(log.seek(.position("\(wanted)"), Work()), .forward, count: 1, into: &batch, Work())
      #expect(batch.records.first?.position.signed == Int64(wanted))
    }
  }

  @Test(arguments: [true, false]) func oldMessagesBeyondTheFirstStretch(withIndex: Bool) throws {
    let directory = try KafkaTestDirectory()
    let messages = (Int64(0)..<900).map {
      KafkaTestMessage(magic: UInt8($0 / 450), $0, value: String(repeating: "\($0) ", count: 60))
    }
    try directory.segment("t-0", 0, messages.flatMap(\.bytes))
    if withIndex {
      var index = ByteBuilder()
      var position: Int32 = 0
      for message in messages {
        if message.offset % 20 == 19 {
          index.big(Int32(message.offset))
          index.big(position)
        }
        position += Int32(message.bytes.count)
      }
      try directory.file("t-0", KafkaTestDirectory.name(0, "index"), index.bytes)
    }
    for wanted in [899, 0, 450, 449, 700, 20, 19] {
      let source = try Kafka.open(directory.path)
      let log = try source.log(StreamID("t"))
      for direction in [WeirCore.Direction.forward, .backward] {
        var batch = EventBatch()
        _ = try log.read(log.seek(.position("\(wanted)"), Work()), direction, count: 1, into: &batch, Work())
        let expected = direction == .forward ? Int64(wanted) : wanted == 0 ? nil : Int64(wanted) - 1
        #expect(batch.records.first?.position.signed == expected)
      }
      #expect(try source.catalog(.glance, Work()).damage == [])
    }
    #expect(try Kafka.read(Kafka.open(directory.path), "t", nil, .backward).offsets == (0..<900).reversed())
  }

  /// What was preallocated is a hole, and costs no reading.
  @Test func aPreallocatedGibibyte() throws {
    let directory = try KafkaTestDirectory()
    let path = try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 3)])
    try directory.folder.extend(path, to: 1_200_000_000)
    let source = try Kafka.open(directory.path)
    let content = try Kafka.read(source, "t")
    #expect(content.offsets == [0, 1, 2])
    #expect(content.damage.map(\.kind) == [.zeroTail])
    #expect(try Kafka.read(source, "t", nil, .backward).offsets == [2, 1, 0])
    let log = try source.log(StreamID("t"))
    let late = try log.seek(.time(Instant(milliseconds: 1_700_000_000_002)), Work())
    #expect(late == Cursor(.before(Position(signed: 2))))
    let glance = try source.catalog(.count(limit: 1 << 30), Work()).entries[0]
    #expect(glance.count == .atMost(3, why: "offsets 0 to 2; 1200000000 bytes were not read to count them"))
    #expect(try source.catalog(.count(limit: nil), Work()).entries[0].count == .exact(3))
  }

  @Test func totalsByEveryDepth() throws {
    let source = try Kafka.open(Kafka.demo)
    var records = 0
    var content = 0
    for topic in ["bank.accounts", "bank.transfers"] {
      for event in try Kafka.read(Kafka.open(Kafka.demo) { $0.control = true }, topic).events {
        records += 1
        content += event.size
      }
    }
    for threads in [1, 2, 40] {
      for depth in [KafkaTotals.Depth.headers, .batches, .records] {
        let totals = try KafkaTotals.of(source, depth, threads: threads, Work())
        #expect(totals.records == records)
        #expect(totals.damage == [])
        if depth == .records { #expect(totals.contentBytes == content) }
      }
    }
    let stopped = Work()
    stopped.cancel()
    #expect(throws: Fault.cancelled) { try KafkaTotals.of(source, .batches, threads: 2, stopped) }
    #expect(throws: Fault.cancelled) { try source.catalog(.count(limit: nil), stopped) }
  }
}
