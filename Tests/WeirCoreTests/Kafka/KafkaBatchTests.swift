import Support
import Testing

@testable import WeirCore

/// What the fields of batches and messages mean for the events in them.
@Suite struct KafkaBatchTests {
  private func read(_ bytes: [UInt8], base: Int64 = 0, _ change: (inout ReadOptions) -> Void = { _ in })
    throws
    -> LogContent
  {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", base, bytes)
    return try Kafka.read(Kafka.open(directory.path, change), "t")
  }

  /// The worked example of Kafka's own documentation of the format: a header on the first record, the second
  /// a tombstone, and a commit marker.
  @Test func theWorkedExample() throws {
    let batch = hex(
      """
      00000000 0000002a 0000004c 00000000 0208b334 23000000 00000100 00018bcf e5680000 00018bcf e56805ff
      ffffffff ffffffff ffffffff ff000000 02220000 00046b31 0a68656c 6c6f0202 68027810 000a0204 6b320100
      """)
    let marker = hex(
      """
      00000000 0000002c 00000042 00000000 02a544cf fa003000 00000000 00018bcf e5680a00 00018bcf e5680a00
      00000000 0003e800 00ffffff ff000000 01200000 00080000 0001 0c000000 00000300
      """)
    let content = try read(batch + marker, base: 42) { $0.control = true }
    #expect(content.damage == [])
    #expect(content.offsets == [42, 43, 44])
    #expect(content.events.map { $0.key.map(StoredEvent.keyText) } == ["k1", "k2", "\0\0\0\u{1}"])
    #expect(content.events[0].rawValue == Array("hello".utf8))
    #expect(content.events[0].headers.map(\.name) == [Array("h".utf8)])
    #expect(content.events[1].marks == .tombstone)
    #expect(content.events[0].time == Instant(milliseconds: 1_700_000_000_000))
    #expect(content.events[1].time == Instant(milliseconds: 1_700_000_000_005))
    #expect(content.events[2].type == "COMMIT")
    #expect(content.events[2].data == .json(Array(#"{"coordinatorEpoch":3}"#.utf8)))
  }

  @Test func theExamplesOfOlderFormats() throws {
    let one = hex("0000000000000007 00000018 39268c33 0100 0000018bcfe56800 00000001 6b 00000001 76")
    #expect(try read(one).events.map(\.time) == [Instant(milliseconds: 1_700_000_000_000)])
    let zero = hex("0000000000000007 0000000f d20cbff5 0000 ffffffff 00000001 76")
    let event = try #require(read(zero).events.first)
    #expect((event.key, event.rawValue, event.time) == (nil, [0x76], nil))
    let wrapper = hex(
      """
      00000000 0000000b 00000050 b5a8a952 01010000 018bcfe5 6800ffff ffff0000 003a1f8b 08000000 000002ff
      63608003 0996bd57 67320219 8cdde79f 6630fc07 02208729 31112a0f 9292d836 f3fa034c 35494900 905987e3
      48000000
      """)
    let pair = try read(wrapper)
    #expect(pair.offsets == [10, 11])
    #expect(pair.values == ["aa", "bb"])
  }

  @Test func logAppendTimeIsThatOfAll() throws {
    var batch = KafkaTestBatch(0, count: 3)
    (batch.isLogAppendTime, batch.maxTimestamp) = (true, 1_800_000_000_000)
    #expect(try Set(read(batch.bytes).events.map(\.time)) == [Instant(milliseconds: 1_800_000_000_000)])
    // In older sets the wrapper's, whatever the messages inside say.
    let inner = (0..<2).map { KafkaTestMessage(magic: 1, $0, timestamp: 1_900_000_000_000 + $0) }
    var set = KafkaTestMessage(wrapping: inner, .lz4, at: 1, timestamp: 1_800_000_000_000)
    set.attributes |= 8
    #expect(try Set(read(set.bytes).events.map(\.time)) == [Instant(milliseconds: 1_800_000_000_000)])
    set.attributes &= 7
    #expect(
      try read(set.bytes).events.map(\.time) == (0..<2).map { Instant(milliseconds: 1_900_000_000_000 + $0) })
  }

  @Test func timesThatAreNone() throws {
    var batch = KafkaTestBatch(0, [KafkaTestRecord(0, value: "a", timestampDelta: 0)])
    (batch.baseTimestamp, batch.maxTimestamp) = (-1, -1)
    #expect(try read(batch.bytes).events[0].time == nil)
    let old = KafkaTestMessage(
      magic: 1, 0, value: #"{"type":"A","time":"2025-01-02T03:04:05Z"}"#, timestamp: -1)
    let event = try read(old.bytes).events[0]
    #expect(event.time == nil)
    #expect(event.eventTime.map { TimeText.rfc3339($0) } == "2025-01-02T03:04:05Z")
    #expect(event.placedTime == event.eventTime)
  }

  @Test func aDeleteHorizonIsStillTheBaseOfTheDeltas() throws {
    var batch = KafkaTestBatch(0, [KafkaTestRecord(1, key: "k", timestampDelta: -500)])
    (batch.hasDeleteHorizon, batch.lastOffsetDelta, batch.maxTimestamp) = (true, 5, 1_699_999_999_500)
    let content = try read(batch.bytes + KafkaTestBatch(6, count: 1).bytes)
    #expect(content.damage == [])
    #expect(content.offsets == [1, 6])
    #expect(content.events[0].time == Instant(milliseconds: 1_699_999_999_500))
    #expect(content.events[0].marks == .tombstone)
  }

  @Test func emptyBatchesHoldTheirOffsetsOnly() throws {
    var empty = KafkaTestBatch(0, count: 0)
    empty.lastOffsetDelta = 9
    var packed = KafkaTestBatch(10, count: 0, codec: .gzip)
    packed.lastOffsetDelta = 0
    let content = try read(empty.bytes + packed.bytes + KafkaTestBatch(30, count: 1).bytes)
    #expect(content.damage == [])
    #expect(content.offsets == [30])
    #expect(try read(empty.bytes).events.isEmpty)
    let bare = try read(hexBatchWithoutABlock() + KafkaTestBatch(30, count: 1).bytes)
    #expect(bare.damage == [])
    #expect(bare.offsets == [30])
  }

  /// A compressed batch of no records that has no block at all.
  private func hexBatchWithoutABlock() -> [UInt8] {
    var batch = KafkaTestBatch(10, count: 0, codec: .zstd)
    batch.body = []
    return batch.bytes
  }

  @Test func holesInCompactedBatches() throws {
    var batch = KafkaTestBatch(
      100, [KafkaTestRecord(3, key: "a", value: "x"), KafkaTestRecord(8, key: "b", value: "y")])
    (batch.lastOffsetDelta, batch.codec) = (19, .snappy)
    let content = try read(batch.bytes + KafkaTestBatch(500, count: 1).bytes, base: 100)
    #expect(content.offsets == [103, 108, 500])
    #expect(content.events[0].indexInFrame == 0)
    #expect(content.events[1].indexInFrame == 1)
    #expect(content.events[1].provenance == .bytes(file: content.file, range: 0..<UInt64(batch.bytes.count)))
  }

  @Test func headersAreKeptAsStored() throws {
    var record = KafkaTestRecord(0, key: nil, value: "v")
    record.headers = [
      (name: Array("a".utf8), value: nil), (name: Array("a".utf8), value: []),
      (name: [0xFF], value: [0, 1]), (name: [], value: Array("x".utf8)),
    ]
    for codec in Codec.allCases {
      var batch = KafkaTestBatch(0, [record, KafkaTestRecord(1, value: "w")])
      batch.codec = codec
      let events = try read(batch.bytes).events
      #expect(events[0].headers.map(\.name) == record.headers.map(\.name))
      #expect(events[0].headers.map(\.value) == record.headers.map(\.value))
      #expect(events[1].headers.isEmpty)
      #expect(events[0].size == 1)
    }
  }

  // MARK: Offsets of older sets

  @Test(arguments: [Codec.gzip, .snappy, .lz4]) func innerOffsets(codec: Codec) throws {
    let relative = [0, 3, 4].map { KafkaTestMessage(magic: 1, $0) }
    #expect(try read(KafkaTestMessage(wrapping: relative, codec, at: 24).bytes).offsets == [20, 23, 24])
    // Some clients wrote 0 around absolute ones.
    let absolute = [7, 8].map { KafkaTestMessage(magic: 1, $0) }
    #expect(try read(KafkaTestMessage(wrapping: absolute, codec, at: 0).bytes).offsets == [7, 8])
    let old = [20, 23].map { KafkaTestMessage(magic: 0, $0) }
    #expect(try read(KafkaTestMessage(wrapping: old, codec, at: 23).bytes).offsets == [20, 23])
    // A partial last message is left out.
    var cut = KafkaTestMessage(wrapping: relative, codec, at: 4)
    cut.value = StoredFrames.wrap(codec, Array(relative.flatMap(\.bytes).dropLast(3)))
    #expect(try read(cut.bytes).offsets == [1, 4])
  }

  @Test func formatsFollowEachOther() throws {
    let bytes =
      KafkaTestMessage(magic: 0, 0).bytes
      + KafkaTestMessage(
        wrapping: [KafkaTestMessage(magic: 1, 0), KafkaTestMessage(magic: 1, 1)], .gzip, at: 2
      ).bytes
      + KafkaTestBatch(3, count: 2, codec: .zstd).bytes
    let content = try read(bytes)
    #expect(content.offsets == [0, 1, 2, 3, 4])
    #expect(content.damage == [])
    #expect(content.events.map(\.indexInFrame) == [nil, 0, 1, 0, 1])
  }

  // MARK: Damage

  @Test func damagedRecordsOnRequest() throws {
    var bad = KafkaTestBatch(2, count: 2).bytes
    bad[bad.count - 2] ^= 1
    let bytes = KafkaTestBatch(0, count: 2).bytes + bad + KafkaTestBatch(4, count: 1).bytes
    let plain = try read(bytes)
    #expect(plain.offsets == [0, 1, 4])
    #expect(plain.damage.map(\.reason) == ["CRC mismatch"])
    let content = try read(bytes) { $0.damaged = true }
    #expect(content.offsets == [0, 1, 2, 3, 4])
    #expect(content.events.map { $0.marks.contains(.damaged) } == [false, false, true, true, false])
    #expect(content.damage.map(\.reason) == ["CRC mismatch"])
  }

  @Test func damagedMessagesOfOlderFormatsOnRequest() throws {
    for magic: UInt8 in [0, 1] {
      var bad = KafkaTestMessage(magic: magic, 1).bytes
      bad[bad.count - 1] ^= 1
      let bytes = KafkaTestMessage(magic: magic, 0).bytes + bad + KafkaTestMessage(magic: magic, 2).bytes
      #expect(try read(bytes).offsets == [0, 2])
      let content = try read(bytes) { $0.damaged = true }
      #expect(content.offsets == [0, 1, 2])
      #expect(content.events[1].marks.contains(.damaged))
    }
  }

  /// The CRC does not cover a batch's offset: it is wrong, and what it was is clear from its neighbours.
  @Test func anOffsetThatDoesNotFit() throws {
    for wrong: Int64 in [0, 1, 3, 4, 1 << 40] {
      var bad = ByteBuilder(KafkaTestBatch(2, count: 2).bytes)
      bad.patch(0, wrong)
      let bytes = KafkaTestBatch(0, count: 2).bytes + bad.bytes + KafkaTestBatch(4, count: 1).bytes
      let content = try read(bytes)
      #expect(content.offsets == [0, 1, 4], "offset \(wrong)")
      #expect(content.damage.count == 1)
      #expect(content.damage[0].reason.hasSuffix("(the CRC does not cover offsets)"))
      let damaged = try read(bytes) { $0.damaged = true }
      #expect(damaged.offsets == [0, 1, 2, 3, 4])
      #expect(damaged.values == ["v0", "v1", "v2", "v3", "v4"])
    }
  }

  @Test func segmentsThatOverlapAreTold() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 5), KafkaTestBatch(5, count: 5)])
    try directory.segment("t-0", 5, [KafkaTestBatch(5, count: 5), KafkaTestBatch(10, count: 1)])
    let content = try Kafka.read(Kafka.open(directory.path), "t")
    #expect(content.offsets == Array(0...10))
    #expect(
      content.damage.map(\.reason).first?.hasPrefix("offset 9, but the next segment begins at 5") == true)
  }

  @Test func theCounterCountsWhatCatPrints() throws {
    let directory = try KafkaTestDirectory()
    var bad = KafkaTestBatch(2, count: 2).bytes
    bad[70] ^= 1
    try directory.segment(
      "t-0", 0, KafkaTestBatch(0, count: 2).bytes + bad + KafkaTestBatch(4, count: 3, codec: .lz4).bytes)
    try directory.checkpoint("log-start-offset-checkpoint", ["t 0 1"])
    let changes: [@Sendable (inout ReadOptions) -> Void] = [
      { _ in }, { $0.damaged = true }, { $0.deleted = true }, { $0.control = true },
      { ($0.deleted, $0.damaged) = (true, true) },
    ]
    for change in changes {
      let source = try Kafka.open(directory.path, change)
      let events = try Kafka.read(source, "t").events
      let catalog = try source.catalog(.count(limit: nil), Work())
      #expect(catalog.entries[0].count == .exact(events.count))
      #expect(catalog.entries[0].first == events.first?.positionText)
      #expect(catalog.entries[0].last == events.last?.positionText)
      #expect(catalog.damage.filter { $0.kind == .corrupt }.count == 1)
    }
    let glance = try Kafka.open(directory.path).catalog(.glance, Work()).entries[0]
    guard case .atMost(6, _) = glance.count else {
      Issue.record("\(glance.count)")
      return
    }
  }
}

extension LogContent {
  /// The file of the first event.
  var file: String {
    if case .bytes(let file, _)? = events.first?.provenance { file } else { "" }
  }
}
