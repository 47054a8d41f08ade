import Support
import Testing

@testable import WeirCore

/// Several partitions as one history, and the events of one key in it.
@Suite struct MergedLogTests {
  /// Partition `index`: its events at these seconds.
  private func partition(_ index: Int32, _ seconds: [Int64?], pageSize: Int = 3) -> MemoryLog {
    MemoryLog(
      seconds.enumerated().map { number, second in
        var event = StoredEvent(number, "T", "{}", partition: index)
        event.id = "\(index)/\(number)"
        event.key = Array("key-\((Int(index) + number) % 2)".utf8)
        event.time = second.map { Instant(seconds: $0) }
        return event
      }, pageSize: pageSize)
  }

  private func merged(pageSize: Int = 3) -> MergedLog {
    MergedLog(
      StreamID("topic"),
      [
        partition(0, [1, 4, 4, 9], pageSize: pageSize), partition(1, [], pageSize: pageSize),
        partition(2, [2, 4, 3, 20, nil, 21], pageSize: pageSize), partition(3, [4], pageSize: pageSize),
      ])
  }

  private static let order = ["0/0", "2/0", "0/1", "0/2", "2/1", "2/2", "3/0", "0/3", "2/3", "2/4", "2/5"]

  @Test(arguments: [1, 2, 5, 100]) func theOldestHeadGoesFirst(count: Int) throws {
    for pageSize in [1, 3, 100] {
      let log = merged(pageSize: pageSize)
      #expect(log.isMergedByTime)
      #expect(try LogContent(log, count: count).events.map(\.id) == MergedLogTests.order)
      let backward = try LogContent(log, .backward, count: count).events.compactMap(\.id)
      #expect(Set(backward) == Set(MergedLogTests.order))
      for index in 0..<4 {
        let own = backward.filter { $0.hasPrefix("\(index)/") }
        #expect(own == own.sorted().reversed(), "each partition keeps its order")
      }
    }
  }

  /// There and back again from anywhere ends at the same event.
  @Test func stepsForthAndBack() throws {
    let log = merged()
    let events = try LogContent(log).events
    for (index, event) in events.enumerated() {
      var batch = EventBatch()
      _ = try log.read(log.cursor(.before, event), .forward, count: 1, into: &batch, Work())
      #expect(log.event(0, of: batch).id == event.id)
      _ = try log.read(log.cursor(.after, event), .backward, count: 1, into: &batch, Work())
      #expect(log.event(0, of: batch).partition == event.partition || events[index].time == nil)
    }
  }

  @Test func seeks() throws {
    let log = merged()
    var batch = EventBatch()
    for (target, wanted) in [
      (Target.start, "0/0"), (.time(Instant(seconds: 9)), "0/3"), (.fraction(0), "0/0"),
      (.time(Instant(seconds: 2)), "2/0"),
    ] {
      _ = try log.read(try log.seek(target, Work()), .forward, count: 1, into: &batch, Work())
      #expect(log.event(0, of: batch).id == wanted, "\(target)")
    }
    _ = try log.read(try log.seek(.end, Work()), .forward, count: 1, into: &batch, Work())
    #expect(batch.records.isEmpty)
    let fault = #expect(throws: Fault.self) { try log.seek(.position("1"), Work()) }
    #expect(fault?.hint?.contains("topic/0@1") ?? false)
    let single = MergedLog(StreamID("topic"), [partition(0, [1, 2])])
    #expect(!single.isMergedByTime)
  }

  @Test func damageKeepsItsPlace() throws {
    let texts = [
      "{\"type\":\"a\",\"time\":\"2025-01-01\"}\n{bad}\n{\"type\":\"c\",\"time\":\"2025-01-03\"}\n",
      "{worse}\n{\"type\":\"b\",\"time\":\"2025-01-02\"}\n{\"type\":\"d\",\"time\":\"2025-01-04\"}\n{last}\n",
    ]
    let sources = try texts.map { try MadeSource("e.ndjson", Array($0.utf8)) }
    for count in [1, 100] {
      let log = MergedLog(.everything, try sources.map { try $0.log(.everything) })
      let content = try LogContent(log, count: count)
      #expect(Set(content.events.compactMap(\.type)) == ["a", "b", "c", "d"])
      #expect(Set(content.damage.map(\.range.lowerBound)).count == 3)
    }
  }

  @Test(arguments: [1, 3, 100]) func theEventsOfOneKey(count: Int) throws {
    let keyed = KeyedLog(merged(), key: Array("key-1".utf8))
    let wanted = try LogContent(merged()).events.filter { $0.key == Array("key-1".utf8) }.map(\.id)
    #expect(try LogContent(keyed, count: count).events.map(\.id) == wanted)
    #expect(try Set(LogContent(keyed, .backward, count: count).events.map(\.id)) == Set(wanted))
    #expect(keyed.stream == StreamID("topic", key: Array("key-1".utf8)))
    #expect(keyed.isMergedByTime && keyed.partitions.count == 4)
    var batch = EventBatch()
    _ = try keyed.read(try keyed.seek(.start, Work()), .forward, count: 1, into: &batch, Work())
    let first = keyed.event(0, of: batch)
    #expect(first.id == wanted.first)
    _ = try keyed.read(keyed.cursor(.after, first), .forward, count: 1, into: &batch, Work())
    #expect(keyed.event(0, of: batch).id == wanted[1])
    #expect(try LogContent(KeyedLog(merged(), key: [1])).events.isEmpty)
  }
}

/// What lies beneath: compression inside payloads, formats by name, small things.
@Suite struct SmallPartsTests {
  @Test func compressionInsidePayloads() throws {
    let text = [UInt8](#"{"n":1}"#.utf8)
    // A whole stream, a cut one, bytes that only begin like one.
    let zlib: [UInt8] = [
      0x78, 0xDA, 0xAB, 0x56, 0xCA, 0x53, 0xB2, 0x32, 0xAC, 0x05, 0x00, 0x08, 0x6B, 0x02, 0x16,
    ]
    #expect(zlib.withUnsafeBytes { Inflate.whole($0, limit: 1000) } == text)
    let others: [[UInt8]] = [
      Array(zlib.dropLast(6)), [0x78, 0xDA, 0xFF, 2, 3, 4, 5], [0x1F, 0x8B, 8, 0, 0, 0],
      [0x1F, 1, 2, 3, 4, 5], [],
    ]
    for bytes in others {
      #expect(bytes.withUnsafeBytes { Inflate.whole($0, limit: 1000) } == nil)
    }
    let packed = try Fixtures.bytes("text/two-parts.ndjson.gz")
    let first = try #require(packed.withUnsafeBytes { Inflate.whole($0, limit: 1 << 20) })
    #expect(first.starts(with: Array(#"{"type":"T1""#.utf8)))
    #expect(packed.withUnsafeBytes { Inflate.whole($0, limit: 100) } == nil, "more than is wanted")
  }

  @Test func formatsByName() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("odd", "{\"type\":\"a\"}\n")
    var options = ReadOptions()
    options.format = "ndjson"
    #expect(try LogContent(Format.open(path, options, Work()).log(.everything)).events.count == 1)
    options.format = "nope"
    let fault = #expect(throws: Fault.self) { try Format.open(path, options, Work()) }
    #expect(fault?.kind == .usage && fault?.hint?.contains("ndjson") ?? false)
    let empty = #expect(throws: Fault.self) { try Format.open(folder.path, ReadOptions(), Work()) }
    #expect(empty?.kind == .nothingThere)
    let missing = #expect(throws: Fault.self) { try Format.open(folder.path + "/no", ReadOptions(), Work()) }
    #expect(missing?.kind == .nothingThere)
  }

  @Test func bytesAreFoundInBytes() {
    let text = [UInt8]("the quick brown fox jumps over the lazy dog".utf8)
    for (word, isThere) in [
      ("fox", true), ("dog", true), ("the", true), ("", true), ("cat", false), ("dogs", false),
    ] {
      #expect(ByteSearch.contains([UInt8](word.utf8), in: text) == isThere)
    }
  }
}
