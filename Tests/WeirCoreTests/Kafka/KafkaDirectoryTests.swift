import Support
import Testing

@testable import WeirCore

/// What names and sidecars in a log directory mean.
@Suite struct KafkaDirectoryTests {
  static let hex32 = "0123456789abcdef0123456789abcdef"

  @Test(arguments: [
    ("orders-0", "orders", 0), ("my-topic-2-0", "my-topic-2", 0), ("a.b_c-d-17", "a.b_c-d", 17),
    ("1-1", "1", 1), ("-0-3", "-0", 3), ("__consumer_offsets-49", "__consumer_offsets", 49),
    ("v1.0-2147483647", "v1.0", 2_147_483_647),
  ]) func partitionNames(name: String, topic: String, partition: Int32) throws {
    let parsed = try #require(KafkaDirectoryName(name))
    #expect(parsed.id == KafkaTopicPartition(topic: topic, partition: partition))
    #expect(parsed.state == .current)
  }

  @Test(arguments: [
    "orders", "orders-", "-1", "orders-01", "orders-x", "orders-2147483648", "ord ers-0", "orders-0.x-delete",
    "orders-0.\(hex32)-current", "orders-0.\(hex32)", "remote-log-index-cache", "órdenes-0",
    String(repeating: "t", count: 250) + "-0",
  ]) func otherNames(name: String) { #expect(KafkaDirectoryName(name) == nil) }

  @Test(arguments: [
    ("delete", KafkaDirectoryName.State.delete), ("stray", .stray), ("future", .future),
  ]) func suffixes(word: String, state: KafkaDirectoryName.State) throws {
    let parsed = try #require(KafkaDirectoryName("a.b-topic-3.\(Self.hex32)-\(word)"))
    #expect(parsed.id == KafkaTopicPartition(topic: "a.b-topic", partition: 3))
    #expect(parsed.state == state)
  }

  @Test func goneAndComingPartitionsAreNotShownUnlessOpened() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 2)])
    for word in ["delete", "stray", "future"] {
      try directory.segment("t-1.\(Self.hex32)-\(word)", 0, [KafkaTestBatch(0, count: 1)])
    }
    let source = try Kafka.open(directory.path)
    #expect(source.partitions.count == 1)
    #expect(try source.catalog(.glance, Work()).notes.count == 3)
    let alone = try Kafka.open(directory.path + "/t-1.\(Self.hex32)-stray/")
    #expect(try Kafka.read(alone).events.first?.stream == "t")
    #expect(alone.about.notes.contains("was found by the broker without being assigned to it"))
  }

  @Test func partitionsBeginWhereTheyBegin() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 2)])
    try directory.segment("t-1", 500, [KafkaTestBatch(500, count: 2)])
    try directory.segment("t-2", 9, [UInt8]())
    try directory.segment("t-10", 3, [UInt8](repeating: 0, count: 200))
    try directory.file(
      "t-3", "partition.metadata", Array("version: 0\ntopic_id: AAAAAAAAAAAAAAAAAAAAAQ".utf8))
    let source = try Kafka.open(directory.path)
    let catalog = try source.catalog(.count(limit: nil), Work())
    #expect(catalog.entries.map(\.stream.partition) == [0, 1, 2, 3, 10].map { .number($0) })
    #expect(catalog.entries.map(\.count) == [2, 2, 0, 0, 0].map { .exact($0) })
    #expect(catalog.entries.map(\.first) == ["0", "500", nil, nil, nil])
    #expect(catalog.entries.map(\.last) == ["1", "501", nil, nil, nil])
    #expect(catalog.damage.filter { $0.kind != .zeroTail } == [])
    #expect(catalog.entries[3].notes.contains("topic ID AAAAAAAAAAAAAAAAAAAAAQ"))
    #expect(try Kafka.read(source, "t").events.count == 4)
    #expect(try Kafka.read(source, "t", 2).events.isEmpty)
    #expect(try Kafka.read(source, "t", 3, .backward).events.isEmpty)
  }

  @Test func internalTopicsAreHiddenUnlessAskedForOrAlone() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("__state-0", 0, [KafkaTestBatch(0, count: 1)])
    #expect(try Kafka.read(Kafka.open(directory.path)).events.count == 1)
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 2)])
    #expect(try Kafka.read(Kafka.open(directory.path)).events.count == 2)
    #expect(try Kafka.read(Kafka.open(directory.path), "__state").events.count == 1)
    let all = try Kafka.open(directory.path) { $0.showInternal = true }
    #expect(try Kafka.read(all).events.count == 3)
    #expect(throws: Fault.self) { try all.log(StreamID("nothing")) }
    #expect(throws: Fault.self) { try all.log(StreamID("t", partition: .number(7))) }
  }

  @Test func recordsBelowTheLogStartAreDeleted() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 5), KafkaTestBatch(5, count: 5, codec: .zstd)])
    try directory.checkpoint("log-start-offset-checkpoint", ["other 0 99", "t 0 7"])
    try directory.checkpoint("replication-offset-checkpoint", ["t 0 3"])
    try directory.checkpoint("recovery-point-offset-checkpoint", ["t 0 2"])
    try directory.checkpoint("cleaner-offset-checkpoint", ["t 0 4"])
    let source = try Kafka.open(directory.path)
    #expect(try Kafka.read(source, "t").offsets == [7, 8, 9])
    #expect(try Kafka.read(source, "t", nil, .backward).offsets == [9, 8, 7])
    let entry = try source.catalog(.count(limit: nil), Work()).entries[0]
    #expect(entry.count == .exact(3))
    #expect(entry.first == "7")
    #expect(
      entry.notes == [
        "history begins at offset 7: up to 7 earlier events were deleted",
        "high watermark 3 when it was last written", "known to be on disk up to offset 2",
        "compacted up to offset 4",
      ])
    let deleted = try Kafka.open(directory.path) { $0.deleted = true }
    let events = try Kafka.read(deleted, "t").events
    #expect(events.map(\.positionText) == (0...9).map(String.init))
    #expect(events.map { $0.marks.contains(.deleted) } == (0...9).map { $0 < 7 })
    #expect(try deleted.catalog(.count(limit: nil), Work()).entries[0].count == .exact(10))
    // A start beyond the end leaves nothing.
    try directory.checkpoint("log-start-offset-checkpoint", ["t 0 700"])
    #expect(try Kafka.read(Kafka.open(directory.path), "t").events.isEmpty)
  }

  @Test(arguments: [
    "", "0\n", "1\n1\nt 0 7\n", "0\nx\n", "0\n1\nt 0\n", "0\n1\nt 0 -7\n", "0\n1\nt zero 7\n", "\u{FF}",
  ])
  func aCheckpointThatSaysNothingHidesNothing(text: String) throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 2)])
    try directory.folder.write("log-start-offset-checkpoint", text)
    #expect(try Kafka.read(Kafka.open(directory.path), "t").offsets == [0, 1])
  }

  // MARK: Deleted, cleaned and swapped files

  @Test func deletedFilesAreShownOnRequest() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 4)], suffix: ".deleted")
    try directory.segment("t-0", 4, [KafkaTestBatch(4, count: 2)], suffix: ".deleted")
    var compacted = KafkaTestBatch(4, [KafkaTestRecord(1, key: "k", value: "kept")])
    compacted.lastOffsetDelta = 1
    try directory.segment("t-0", 4, [compacted, KafkaTestBatch(6, count: 1)])
    #expect(try Kafka.read(Kafka.open(directory.path), "t").offsets == [5, 6])
    let source = try Kafka.open(directory.path) { $0.deleted = true }
    let words = { (events: [StoredEvent]) in
      events.map { ([$0.positionText] + $0.marks.names).joined(separator: " ") }
    }
    let wanted = [
      "0 deleted", "1 deleted", "2 deleted", "3 deleted", "4 deleted", "5", "5 deleted superseded", "6",
    ]
    for count in [1, 2, 3, 100] {
      #expect(try words(Kafka.read(source, "t", nil, .forward, count: count).events) == wanted)
      #expect(try words(Kafka.read(source, "t", nil, .backward, count: count).events) == wanted.reversed())
    }
    let entry = try source.catalog(.count(limit: nil), Work()).entries[0]
    #expect(entry.count == .exact(wanted.count))
    #expect((entry.first, entry.last) == ("0", "6"))
    let plain = try Kafka.open(directory.path)
    #expect(
      try plain.catalog(.glance, Work()).entries[0].notes.contains { $0.hasPrefix("2 deleted segments") })
  }

  @Test func aSwapFileStandsForWhatItReplaces() throws {
    let directory = try KafkaTestDirectory()
    for base: Int64 in [0, 10, 20] { try directory.segment("t-0", base, [KafkaTestBatch(base, count: 10)]) }
    var compacted = KafkaTestBatch(0, [KafkaTestRecord(15, key: "k", value: "kept")])
    compacted.lastOffsetDelta = 19
    try directory.segment("t-0", 0, [compacted], suffix: ".swap")
    let content = try Kafka.read(Kafka.open(directory.path), "t")
    #expect(content.offsets == [15] + Array(20...29))
    // The compactor was still writing below: it begins anew, and the old segments count.
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 1)], suffix: ".cleaned")
    let source = try Kafka.open(directory.path)
    #expect(try Kafka.read(source, "t").offsets == Array(0...29))
    #expect(try source.catalog(.glance, Work()).entries[0].notes.count == 2)
  }

  // MARK: One file

  @Test func oneFileByItself() throws {
    let directory = try KafkaTestDirectory()
    let path = try directory.segment("my-topic-2-0", 5, [KafkaTestBatch(5, count: 3)])
    let event = try #require(Kafka.read(Kafka.open(path)).events.first)
    #expect(event.stream == "my-topic-2")
    #expect(event.source == "00000000000000000005.log")
    #expect(event.provenance == .bytes(file: "00000000000000000005.log", range: 61..<71))
    // The log start of its directory counts.
    try directory.checkpoint("log-start-offset-checkpoint", ["my-topic-2 0 6"])
    #expect(try Kafka.read(Kafka.open(path)).offsets == [6, 7])
    let deleted = try directory.segment("my-topic-2-0", 0, [KafkaTestBatch(0, count: 1)], suffix: ".deleted")
    let gone = try Kafka.open(deleted) { $0.deleted = true }
    #expect(try Kafka.read(gone).events.map(\.marks.names) == [["deleted"]])
  }

  @Test func aFileOfAnotherName() throws {
    let directory = try KafkaTestDirectory()
    let batches = [KafkaTestBatch(7, count: 2), KafkaTestBatch(9, count: 1)]
    let path = try directory.folder.write("copy.bin", batches.flatMap(\.bytes))
    let source = try Format.open(path, ReadOptions(), Work())
    #expect(source.about.format == "kafka")
    #expect(try Kafka.read(source).offsets == [7, 8, 9])
    let old = try directory.folder.write("old", KafkaTestMessage(magic: 0, 3).bytes)
    #expect(try Kafka.read(Format.open(old, ReadOptions(), Work())).offsets == [3])
    let snapshot = Kafka.logs + "/__cluster_metadata-0/00000000000000000085-0000000001.checkpoint"
    #expect(try Kafka.read(Format.open(snapshot, ReadOptions(), Work())).events.count == 47)
  }

  /// A cut in a segment that another one follows is damage even when the file is opened alone.
  @Test func oneFileKnowsWhetherItIsTheLast() throws {
    let directory = try KafkaTestDirectory()
    let cut = Array(KafkaTestBatch(0, count: 2).bytes.dropLast(3))
    let path = try directory.segment("t-0", 0, cut)
    #expect(try Kafka.read(Kafka.open(path)).damage.map(\.kind) == [.tornTail])
    try directory.segment("t-0", 2, [KafkaTestBatch(2, count: 1)])
    #expect(try Kafka.read(Kafka.open(path)).damage.map(\.kind) == [.corrupt])
  }

  @Test func whatIsNoLogDirectory() throws {
    let directory = try KafkaTestDirectory()
    #expect(throws: Fault.self) { try Kafka.open(directory.path) }
    #expect(throws: Fault.self) { try Kafka.open(directory.path + "/missing") }
    try directory.file("t-0", "notes.txt", [65])
    #expect(try !KafkaDetection.detects(Probe(path: directory.path)))
    try directory.folder.write("meta.properties", "version=1\nnode.id=3\ncluster.id=a\\:b\n# x=y\n")
    #expect(try KafkaDetection.detects(Probe(path: directory.path)))
    #expect(
      try Kafka.open(directory.path).about.notes.first == "a Kafka log directory of node 3, cluster a:b")
  }

  @Test func segmentsThatVanishAreToldAndPassedOver() throws {
    let directory = try KafkaTestDirectory()
    let first = try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 2)])
    try directory.segment("t-0", 2, [KafkaTestBatch(2, count: 2)])
    let source = try Kafka.open(directory.path)
    _ = try source.partitions[0].layout()
    directory.folder.delete(first)
    let content = try Kafka.read(source, "t")
    #expect(content.offsets == [2, 3])
    #expect(content.damage.map(\.reason) == ["was removed while it was read"])
    #expect(try source.catalog(.count(limit: nil), Work()).entries[0].count == .exact(2))
    var frames = 0
    try source.frames(of: .everything, Work()) { _, _ in frames += 1 }
    #expect(frames == 1)
  }
}
