import Support
import Testing

@testable import WeirCore

/// Lengths and counts that were forged, with checksums that are right.
@Suite struct KafkaHostileTests {
  /// Everything a reader does with a segment: scan it, decode it, list and detail its frames.
  private func content(_ bytes: [UInt8], damaged: Bool = false) throws -> LogContent {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", 0, bytes)
    let source = try Kafka.open(directory.path) { $0.damaged = damaged }
    try source.frames(of: .everything, Work()) { file, frame in
      #expect(throws: Never.self) { try source.frame(file, at: frame.offset, record: nil) }
    }
    let forward = try Kafka.read(source, "t")
    #expect(try Kafka.read(source, "t", nil, .backward).offsets == forward.offsets.reversed())
    return forward
  }

  static let good = KafkaTestBatch(10, count: 2)

  @Test(arguments: [Int32.max, .max - 11, -1, .min, 0, 48, 49, 1 << 30, 1 << 20]) func batchLength(
    _ length: Int32
  )
    throws
  {
    var batch = KafkaTestBatch(0, count: 2)
    batch.batchLength = length
    let found = try content(batch.bytes + Self.good.bytes)
    #expect(found.offsets == [10, 11])
    #expect(found.damage.map(\.range) == [0..<UInt64(batch.bytes.count)])
  }

  @Test(arguments: [Int32.max, -1, .min, 3]) func recordCount(_ count: Int32) throws {
    for codec in Codec.allCases {
      var batch = KafkaTestBatch(0, count: 2, codec: codec)
      batch.recordCount = count
      batch.lastOffsetDelta = 9
      let found = try content(batch.bytes + Self.good.bytes)
      #expect(found.offsets.suffix(2) == [10, 11])
      #expect(found.damage.map(\.range) == [0..<UInt64(batch.bytes.count)])
    }
    var batch = KafkaTestBatch(0, count: 2)
    (batch.recordCount, batch.lastOffsetDelta) = (.max, .max)
    #expect(try content(batch.bytes).damage.count == 1)
  }

  @Test func offsetsAtTheEndOfTheirRange() throws {
    for base: Int64 in [.max, .max - 1, .max - 2, .min, -1] {
      let batch = KafkaTestBatch(base, count: 2)
      let found = try content(batch.bytes)
      #expect(found.events.count == (base == .max - 2 ? 2 : 0))
    }
    var batch = KafkaTestBatch(5, count: 1)
    batch.lastOffsetDelta = -1
    #expect(try content(batch.bytes).events.isEmpty)
  }

  @Test func timesAtTheEndOfTheirRange() throws {
    for time: Int64 in [.max, .min, -1, 0] {
      var batch = KafkaTestBatch(0, [KafkaTestRecord(0, value: "a", timestampDelta: .max)])
      batch.records.append(KafkaTestRecord(1, value: "b", timestampDelta: .min))
      batch.records.append(KafkaTestRecord(2, value: "c", timestampDelta: 0))
      batch.baseTimestamp = time
      batch.maxTimestamp = time
      let found = try content(batch.bytes)
      #expect(found.values == ["a", "b", "c"])
      #expect(found.events[2].time == (time < 0 ? nil : Instant(milliseconds: time)))
    }
  }

  /// One record whose numbers are each replaced by something impossible.
  @Test(arguments: [Int64.max, .min, Int64(Int32.max), Int64(Int32.min), 1000, -2]) func varints(
    _ value: Int64
  ) throws {
    for place in 0..<7 {
      var body = ByteBuilder([0])
      let numbers: [Int64] = [0, 0, 1, 1, 1, 1, 1]
      for index in 0..<7 {
        body.zigzag(index == place ? value : numbers[index])
        if index == 2 || index == 3 { body.append([65]) }
        if index == 5 || index == 6 { body.append([66]) }
      }
      var block = ByteBuilder()
      block.zigzag(Int64(body.count))
      block.append(body.bytes)
      var batch = KafkaTestBatch(0, [])
      (batch.body, batch.recordCount) = (block.bytes, 1)
      let found = try content(batch.bytes + Self.good.bytes)
      // A delta of any size is a number like another; all else breaks the record.
      #expect(found.damage.count == (place == 0 ? 0 : 1), "number \(place)")
      #expect(found.offsets.suffix(2) == [10, 11])
    }
    for prefix in [value, 6, 7] {
      var block = ByteBuilder()
      block.zigzag(prefix)
      block.append([0, 0, 0, 1, 1, 0])
      var batch = KafkaTestBatch(0, [])
      (batch.body, batch.recordCount) = (block.bytes, 1)
      #expect(try content(batch.bytes).events.count == (prefix == 6 ? 1 : 0))
    }
  }

  @Test func aVarintWithoutEnd() throws {
    var batch = KafkaTestBatch(0, [])
    (batch.body, batch.recordCount) = ([UInt8](repeating: 0xFF, count: 100), 1)
    #expect(try content(batch.bytes).damage.count == 1)
  }

  @Test(arguments: [
    (Codec.gzip, "1f8b08000000000000ff 01 0300 fcff 616263 c2412435 ffffff7f"),
    (.snappy, "ffffffff0f 00 61 62"), (.snappy, "82534e4150505900 00000001 00000001 7fffffff 00"),
    (.snappy, "82534e4150505900 00000001 00000001 00000006 ffffffff0f 00"),
    (.lz4, "04224d18 6840 ffffffffffffff7f 00 00000080"), (.lz4, "04224d186040 82 ffffff7f 00"),
    (.zstd, "28b52ffd e0 ffffffffffffff7f 010000"), (.zstd, "28b52ffd 00 58 fdffff 61"), (.gzip, ""),
    (.snappy, "ff"), (.lz4, "04"), (.zstd, "28"),
  ]) func forgedSizes(codec: Codec, body: String) throws {
    var batch = KafkaTestBatch(0, count: 3, codec: codec)
    batch.body = hex(body)
    let found = try content(batch.bytes + Self.good.bytes)
    #expect(found.offsets == [10, 11])
    #expect(found.damage.map(\.range) == [0..<UInt64(batch.bytes.count)])
    guard codec != .zstd else { return }
    for magic: UInt8 in [0, 1] {
      var set = KafkaTestMessage(wrapping: [], codec, at: 0)
      (set.magic, set.value) = (magic, hex(body))
      let found = try content(set.bytes + KafkaTestMessage(magic: magic, 10).bytes)
      #expect(found.offsets == [10])
      #expect(found.damage.map(\.range) == [0..<UInt64(set.bytes.count)])
    }
  }

  @Test(arguments: 5...7) func aCodecThatDoesNotExist(codec: Int) throws {
    var bytes = ByteBuilder(KafkaTestBatch(0, count: 2).bytes)
    bytes.patch(21, Int16(codec))
    bytes.patch(17, bytes.bytes[21...].withUnsafeBytes { Checksum.crc32c($0) })
    let found = try content(bytes.bytes + Self.good.bytes)
    #expect(found.offsets == [10, 11])
    #expect(found.damage.first?.reason == "codec \(codec) does not exist")
  }

  @Test func trailingBytesAndOffsetsOutOfOrder() throws {
    var batch = KafkaTestBatch(0, count: 2)
    batch.body = batch.block + [1, 2, 3]
    let trailing = try content(batch.bytes + Self.good.bytes)
    #expect(trailing.offsets == [0, 1, 10, 11])
    #expect(trailing.damage.map(\.reason) == ["3 bytes after the last record"])
    let back = KafkaTestBatch(
      0, [KafkaTestRecord(2, value: "a"), KafkaTestRecord(1, value: "b"), KafkaTestRecord(3, value: "c")])
    let order = try content(back.bytes + Self.good.bytes)
    #expect(order.offsets == [2, 10, 11])
    #expect(order.damage.map(\.reason) == ["record 2 has an offset out of order"])
  }

  // MARK: Older messages

  @Test(arguments: [Int32.max, -1, .min, 0, 13]) func messageSize(_ size: Int32) throws {
    for magic: UInt8 in [0, 1] {
      var bytes = ByteBuilder(KafkaTestMessage(magic: magic, 0).bytes)
      let count = bytes.count
      bytes.patch(8, size)
      bytes.append(KafkaTestMessage(magic: magic, 1).bytes)
      let found = try content(bytes.bytes)
      #expect(found.offsets == [1])
      #expect(found.damage.map(\.range) == [0..<UInt64(count)])
    }
  }

  @Test(arguments: [Int32.max, -2, .min, 100]) func keyAndValueSizes(_ size: Int32) throws {
    for magic: UInt8 in [0, 1] {
      for place in [18, 23] {
        var bytes = ByteBuilder(KafkaTestMessage(magic: magic, 0).bytes)
        bytes.patch(place + (magic == 1 ? 8 : 0), size)
        bytes.patch(12, bytes.bytes[16...].withUnsafeBytes { Checksum.crc32($0) })
        bytes.append(KafkaTestMessage(magic: magic, 1).bytes)
        #expect(try content(bytes.bytes).offsets == [1])
      }
    }
  }

  @Test func whatMayNotBeInACompressedSet() throws {
    let inner = KafkaTestMessage(magic: 1, 0)
    let nested = KafkaTestMessage(wrapping: [inner], .gzip, at: 0)
    var zstd = KafkaTestMessage(wrapping: [inner], .zstd, at: 0)
    var broken = KafkaTestMessage(wrapping: [inner], .gzip, at: 0)
    var inside = inner.bytes
    inside[inside.count - 1] ^= 1
    broken.value = StoredFrames.wrap(.gzip, inside)
    zstd.key = nil
    let down = KafkaTestMessage(
      wrapping: [KafkaTestMessage(magic: 1, 1), KafkaTestMessage(magic: 1, 0)], .gzip, at: 1)
    var mixed = KafkaTestMessage(wrapping: [KafkaTestMessage(magic: 0, 0)], .gzip, at: 0)
    mixed.magic = 1
    let empty = KafkaTestMessage(wrapping: [], .gzip, at: 0)
    let far = KafkaTestMessage(
      wrapping: [KafkaTestMessage(magic: 1, 0), KafkaTestMessage(magic: 1, 1 << 40)], .gzip, at: 1 << 41)
    let cases: [(KafkaTestMessage, String)] = [
      (KafkaTestMessage(wrapping: [nested], .gzip, at: 0), "a compressed message inside a compressed one"),
      (zstd, "codec 4 does not exist in magic 1"), (broken, "CRC mismatch of an inner message"),
      (down, "inner offsets that do not ascend"), (mixed, "inner magic 0"),
      (empty, "a compressed message with nothing in it"), (far, "inner offsets that do not ascend"),
    ]
    for (message, reason) in cases {
      let found = try content(message.bytes + KafkaTestMessage(magic: 1, 1 << 42).bytes)
      #expect(found.offsets == [1 << 42])
      #expect(found.damage.map(\.reason) == [reason])
    }
  }

  @Test func aMessageThatDoesNotFillItsSize() throws {
    var bytes = ByteBuilder(KafkaTestMessage(magic: 0, 0).bytes + [1, 2])
    bytes.patch(8, Int32(bytes.count - 12))
    bytes.patch(12, bytes.bytes[16...].withUnsafeBytes { Checksum.crc32($0) })
    #expect(try content(bytes.bytes).damage.map(\.reason) == ["a message whose key and value do not fill it"])
  }

  @Test func aFileOfNoise() throws {
    var noise = Noise(42)
    for limit: UInt64 in [256, 3] {
      let found = try content(noise.bytes(100_000, below: limit))
      #expect(found.events.isEmpty)
      #expect(found.damage.count == 1)
    }
  }
}
