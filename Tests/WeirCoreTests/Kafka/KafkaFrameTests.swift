import Support
import Synchronization
import Testing

@testable import WeirCore

/// `weir frames` and the hex view.
@Suite struct KafkaFrameTests {
  private func list(_ source: any FrameSource, _ stream: StreamID = .everything) throws -> [String] {
    var lines: [String] = []
    try source.frames(of: stream, Work()) { file, frame in
      let crc = frame.crcOK.map { $0 ? "ok" : "bad" } ?? "-"
      let records = frame.records.map(String.init) ?? "-"
      lines.append(
        "\(file) \(frame.offset)+\(frame.length) \(frame.kind) \(crc) \(records) \(frame.damage ?? "-")")
    }
    return lines
  }

  private func open(_ batches: [[UInt8]]) throws -> KafkaSource {
    let directory = try KafkaTestDirectory()
    Self.kept.withLock { $0.append(directory) }
    try directory.segment("t-0", 0, batches.flatMap { $0 })
    return try Kafka.open(directory.path + "/t-0")
  }

  /// Directories live as long as the sources on them: until the tests are over.
  private static let kept = Mutex<[KafkaTestDirectory]>([])

  static let file = "00000000000000000000.log"

  @Test func whatIsListed() throws {
    var bad = KafkaTestBatch(2, count: 1, codec: .zstd).bytes
    bad[70] ^= 1
    let body = KafkaTestBatch(4, count: 2, codec: .lz4)
    var torn = body.bytes
    torn.removeLast(5)
    let source = try open([
      KafkaTestBatch(0, count: 2).bytes, bad, KafkaTestBatch.marker(3, 7, commits: false).bytes, torn,
    ])
    let first = KafkaTestBatch(0, count: 2).bytes.count
    #expect(
      try list(source) == [
        "\(Self.file) 0+\(first) batch v2 none ok 2 -",
        "\(Self.file) \(first)+\(bad.count) batch v2 zstd bad 1 CRC mismatch",
        "\(Self.file) \(first + bad.count)+78 batch v2 none transactional control ABORT ok 1 -",
        "\(Self.file) \(first + bad.count + 78)+\(torn.count) torn tail: a batch of \(body.bytes.count) bytes, "
          + "but only \(torn.count) are left - - -",
      ])
  }

  @Test func tailsAndGarbage() throws {
    let batch = KafkaTestBatch(0, count: 1).bytes
    let zeros = try open([batch, [UInt8](repeating: 0, count: 500)])
    #expect(try list(zeros).last == "\(Self.file) \(batch.count)+500 zero tail - - -")
    let garbage = try open([batch, Array("not a batch".utf8), KafkaTestBatch(1, count: 1).bytes])
    let lines = try list(garbage)
    #expect(lines.count == 3)
    #expect(lines[1].hasPrefix("\(Self.file) \(batch.count)+11 no batch - - "))
    var last = KafkaTestBatch(1, count: 1).bytes
    last[65] ^= 1
    #expect(
      try list(open([batch, last])).last
        == "\(Self.file) \(batch.count)+\(last.count) torn tail: batch v2 none, CRC mismatch bad 1 -")
  }

  @Test func everyByteOfAHeaderAndOfARecordHasAName() throws {
    var record = KafkaTestRecord(0, key: "key", value: nil)
    record.headers = [(name: Array("h".utf8), value: nil), (name: [], value: Array("é".utf8))]
    let batch = KafkaTestBatch(7, [record, KafkaTestRecord(1, key: nil, value: "")])
    let source = try open([batch.bytes])
    let detail = try source.frame(Self.file, at: 0, record: nil)
    #expect(detail.bytes == batch.bytes)
    #expect(detail.length == UInt64(batch.bytes.count))
    let leaves = detail.fields.filter { !$0.name.hasPrefix("record ") }
    #expect(leaves.first?.range.lowerBound == 0)
    for (field, next) in zip(leaves, leaves.dropFirst()) {
      #expect(field.range.upperBound == next.range.lowerBound, "\(field.name) then \(next.name)")
    }
    #expect(leaves.last?.range.upperBound == batch.bytes.count)
    func value(_ name: String) -> String? { detail.fields.first { $0.name == name }?.value }
    #expect(value("baseOffset") == "7")
    #expect(value("producerId") == "-1, none")
    #expect(value("attributes") == "none, CreateTime")
    #expect(value("crc")?.hasSuffix("right: CRC-32C of bytes 21 ..< \(batch.bytes.count)") == true)
    #expect(value("baseTimestamp") == "1700000000000, 2023-11-14T22:13:20.000Z")
    #expect(value("record 0") == "offset 7, 2023-11-14T22:13:20.000Z")
    #expect(value("key") == "key")
    #expect(value("valueLength") == "-1, null")
    #expect(value("header 0 valueLength") == "-1, null")
    #expect(value("header 1 keyLength") == "0")
    #expect(value("header 1 value") == "é")
  }

  @Test func aByteInsideARecordNamesThatRecord() throws {
    let batch = KafkaTestBatch(1, count: 5)
    let source = try open([KafkaTestBatch(0, count: 0).bytes, batch.bytes])
    let start = UInt64(KafkaTestBatch(0, count: 0).bytes.count)
    let events = try Kafka.read(source).events
    guard case .bytes(let file, let range)? = events[3].provenance else {
      Issue.record("no place")
      return
    }
    let detail = try source.frame(file, at: range.lowerBound, record: events[3].indexInFrame)
    #expect(detail.offset == start)
    #expect(detail.fields.filter { $0.name.hasPrefix("record ") }.map(\.name) == ["record 3"])
    #expect(throws: Fault.self) { try source.frame(file, at: 100_000, record: nil) }
    #expect(throws: Fault.self) { try source.frame("other.log", at: 0, record: nil) }
  }

  @Test(arguments: [Codec.gzip, .snappy, .lz4, .zstd]) func undoneRecordsAreShownApart(codec: Codec) throws {
    let batch = KafkaTestBatch(0, count: 3, codec: codec)
    let source = try open([batch.bytes])
    let detail = try source.frame(Self.file, at: 0, record: nil)
    #expect(detail.content?.bytes == batch.block)
    #expect(detail.content?.fields.filter { $0.name.hasPrefix("record ") }.count == 3)
    #expect(detail.fields.last?.range == 61..<batch.bytes.count)
    let one = try source.frame(Self.file, at: 0, record: 1)
    #expect(one.content?.fields.first?.value == "offset 1, 2023-11-14T22:13:20.001Z")
    #expect(one.content?.fields.filter { $0.name.hasPrefix("record ") }.count == 1)
    guard codec != .zstd else { return }
    for magic: UInt8 in [0, 1] {
      let set = KafkaTestMessage(
        wrapping: (0..<3).map { KafkaTestMessage(magic: magic, $0) }, codec, at: 2)
      let detail = try open([set.bytes]).frame(Self.file, at: 0, record: nil)
      #expect(detail.content?.fields.filter { $0.name == "value" }.map(\.value) == ["v0", "v1", "v2"])
      #expect(
        detail.content?.fields.filter { $0.name == "crc" }.allSatisfy { $0.value.contains("right") } == true)
      #expect(detail.fields.first?.value == "2, that of the last message inside")
    }
  }

  @Test func damageIsNamedInTheDetailToo() throws {
    var bad = KafkaTestBatch(0, count: 2).bytes
    bad[66] ^= 0x40
    let source = try open([bad, KafkaTestBatch(2, count: 1).bytes])
    let detail = try source.frame(Self.file, at: 0, record: nil)
    #expect(detail.fields.first == FrameField(0..<bad.count, "damage", "CRC mismatch"))
    #expect(detail.fields.contains { $0.name == "crc" && $0.value.contains("WRONG") })
    let garbage = try open([[UInt8](repeating: 0x41, count: 90), KafkaTestBatch(2, count: 1).bytes])
    #expect(try garbage.frame(Self.file, at: 5, record: nil).fields.map(\.name) == ["damage"])
    var message = KafkaTestMessage(magic: 0, 0).bytes
    message[message.count - 1] ^= 1
    let old = try open([message, KafkaTestMessage(magic: 0, 1).bytes])
    let fields = try old.frame(Self.file, at: 3, record: nil).fields
    #expect(fields.first?.name == "damage")
    #expect(fields.contains { $0.name == "crc" && $0.value.contains("WRONG") })
  }

  @Test func aLogDirectoryNamesItsFilesByTheirPartition() throws {
    let all = try list(Kafka.open(Kafka.demo))
    #expect(all.contains { $0.hasPrefix("bank.accounts-3/00000000000000000480.log 0+") })
    #expect(!all.contains { $0.hasPrefix("__") })
    let one = try list(Kafka.open(Kafka.demo), StreamID("bank.accounts", partition: .number(3)))
    #expect(one.allSatisfy { $0.hasPrefix("bank.accounts-3/") })
    let deleted = try list(Kafka.open(Kafka.logs) { $0.deleted = true }, StreamID("bank.balances"))
    #expect(deleted.contains { $0.hasPrefix("bank.balances-0/00000000000000000384.log.deleted 0+") })
  }

  // MARK: Sidecars

  private func sidecar(_ name: String, _ bytes: [UInt8]) throws -> any FrameSource {
    let directory = try KafkaTestDirectory()
    Self.kept.withLock { $0.append(directory) }
    let path = try directory.folder.write(name, bytes)
    let source = try Format.open(path, ReadOptions(), Work())
    #expect(throws: Fault.self) { try source.log(.everything) }
    #expect(throws: Fault.self) { try source.catalog(.glance, Work()) }
    #expect(throws: Fault.self) { try source.aggregates(.everything, Work()) }
    return try #require(source as? any FrameSource)
  }

  @Test func indexes() throws {
    var index = ByteBuilder()
    for (offset, position) in [(3, 100), (7, 200), (5, 300)] as [(Int32, Int32)] {
      index.big(offset)
      index.big(position)
    }
    let source = try sidecar("00000000000000001000.index", index.bytes + [0, 0, 0, 0, 0, 0, 0, 0, 0])
    #expect(
      try list(source) == [
        "00000000000000001000.index 0+8 index entry: offset 1003 at byte 100 - - -",
        "00000000000000001000.index 8+8 index entry: offset 1007 at byte 200 - - -",
        "00000000000000001000.index 16+8 index entry: offset 1005 at byte 300 - - less than the entry before it",
        "00000000000000001000.index 24+9 zero tail - - -",
      ])
    let detail = try source.frame("", at: 9, record: nil)
    #expect(detail.fields.map(\.value) == ["7, offset 1007", "200"])
    #expect(throws: Fault.self) { try source.frame("", at: 99, record: nil) }
    let torn = try sidecar("00000000000000000000.timeindex.deleted", index.bytes.dropLast(4) + [1])
    #expect(try list(torn).last?.contains("torn tail: 9 bytes, less than an entry") == true)
  }

  @Test func theBrokersOwn() throws {
    let transfers = Kafka.demo + "/bank.transfers-0/"
    let aborted = try Format.open(transfers + "00000000000000000000.txnindex", ReadOptions(), Work())
    let lines = try list(try #require(aborted as? any FrameSource))
    #expect(lines.count == 12)
    #expect(lines.last?.contains("aborted transaction: producer 6, offsets 481 to 486") == true)
    let times = try Format.open(transfers + "00000000000000000000.timeindex", ReadOptions(), Work())
    #expect(try list(try #require(times as? any FrameSource)).count == 13)
    let snapshot = try Format.open(transfers + "00000000000000000490.snapshot", ReadOptions(), Work())
    let frames = try #require(snapshot as? any FrameSource)
    #expect(try list(frames) == ["00000000000000000490.snapshot 0+102 producer snapshot ok 2 -"])
    let fields = try frames.frame("", at: 0, record: nil).fields
    #expect(fields.last?.name == "currentTxnFirstOffset")
    #expect(fields.last?.range.upperBound == 102)
    #expect(fields.contains { $0.value == "487, open" })
    var bytes = try FileBytes(path: transfers + "00000000000000000490.snapshot").bytes(at: 0, count: 200)
    bytes[20] ^= 1
    #expect(
      try list(sidecar("00000000000000000490.snapshot", bytes))
        == ["00000000000000000490.snapshot 0+102 producer snapshot bad 2 CRC mismatch"])
    #expect(try list(sidecar("00000000000000000490.snapshot", Array(bytes[..<30]))).count == 1)
  }

  @Test func checkpoints() throws {
    let text = "0\n2\nbank.transfers 0 12\nbroken 1\nx y z\n1 5"
    let source = try sidecar("replication-offset-checkpoint", Array(text.utf8))
    #expect(
      try list(source).map { String($0.dropFirst("replication-offset-checkpoint ".count)) } == [
        "0+2 checkpoint version: 0 - - -", "2+2 checkpoint count: 2 - - -",
        "4+20 checkpoint row: bank.transfers 0 12 - - -",
        "24+9 checkpoint row: broken 1 - - the epoch is no number",
        "33+6 checkpoint row: x y z - - the partition is no number", "39+3 checkpoint row: 1 5 - - -",
      ])
    #expect(
      try source.frame("", at: 6, record: nil).fields.map { "\($0.name) \($0.range) \($0.value)" } == [
        "topic 0..<14 bank.transfers", "partition 15..<16 0", "offset 17..<19 12",
      ])
  }
}
