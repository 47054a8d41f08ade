import Support
import Testing

@testable import WeirCore

/// What became of transactions, as marks and under `--committed`.
@Suite struct KafkaTransactionTests {
  /// Offset and marks of every event of topic `t`.
  private func marks(_ directory: KafkaTestDirectory, _ change: (inout ReadOptions) -> Void = { _ in })
    throws -> [String]
  {
    let content = try Kafka.read(Kafka.open(directory.path, change), "t")
    return content.events.map { ([$0.positionText] + $0.marks.names).joined(separator: " ") }
  }

  @Test func eachFate() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment(
      "t-0", 0,
      [
        KafkaTestBatch(0, count: 2).inTransaction(of: 1), KafkaTestBatch(2, count: 1),
        KafkaTestBatch(3, count: 1).inTransaction(of: 2), .marker(4, 1, commits: true),
        KafkaTestBatch(5, count: 1).inTransaction(of: 1), .marker(6, 2, commits: false),
        .marker(7, 1, commits: false), KafkaTestBatch(8, count: 1).inTransaction(of: 2),
        KafkaTestBatch(9, count: 1),
      ])
    #expect(try marks(directory) == ["0", "1", "2", "3 aborted", "5 aborted", "8 open", "9"])
    // The last stable offset is 8: what follows is not given out yet, whoever wrote it.
    #expect(try marks(directory) { $0.committed = true } == ["0", "1", "2"])
    #expect(
      try marks(directory) { $0.control = true } == [
        "0", "1", "2", "3 aborted", "4 control", "5 aborted", "6 control", "7 control", "8 open", "9",
      ])
    for change: @Sendable (inout ReadOptions) -> Void in [
      { _ in }, { $0.committed = true }, { $0.control = true },
    ] {
      let source = try Kafka.open(directory.path, change)
      let entry = try #require(source.catalog(.count(limit: nil), Work()).entries.first)
      let events = try Kafka.read(source, "t").events
      #expect(entry.count == .exact(events.count))
      #expect(entry.first == events.first?.positionText)
      #expect(entry.last == events.last?.positionText)
    }
  }

  @Test func markersAreNamed() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment(
      "t-0", 0,
      [KafkaTestBatch(0, count: 1).inTransaction(of: 1), .marker(1, 1, commits: false)])
    let events = try Kafka.read(Kafka.open(directory.path) { $0.control = true }, "t").events
    #expect(events[1].type == "ABORT")
    #expect(events[1].data == .json(Array(#"{"coordinatorEpoch":7}"#.utf8)))
  }

  @Test(arguments: [true, false]) func aTransactionSpansSegments(commits: Bool) throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 2).inTransaction(of: 5)])
    try directory.segment("t-0", 2, [KafkaTestBatch(2, count: 2).inTransaction(of: 5)])
    try directory.segment("t-0", 4, [KafkaTestBatch(4, count: 1), .marker(5, 5, commits: commits)])
    let wanted = commits ? ["0", "1", "2", "3", "4"] : (0...3).map { "\($0) aborted" } + ["4"]
    #expect(try marks(directory) == wanted)
    #expect(try marks(directory) { $0.committed = true }.count == (commits ? 5 : 1))
  }

  @Test func aTransactionThatBeganBelowTheLogStart() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment(
      "t-0", 0,
      [
        KafkaTestBatch(0, count: 4).inTransaction(of: 5), KafkaTestBatch(4, count: 2).inTransaction(of: 5),
        .marker(6, 5, commits: false), KafkaTestBatch(7, count: 1).inTransaction(of: 6),
      ])
    try directory.checkpoint("log-start-offset-checkpoint", ["t 0 3"])
    #expect(try marks(directory) == ["3 aborted", "4 aborted", "5 aborted", "7 open"])
    #expect(
      try marks(directory) { $0.deleted = true }.prefix(3) == [
        "0 aborted deleted", "1 aborted deleted", "2 aborted deleted",
      ])
  }

  /// The compactor drops a marker only once everything it aborted is gone.
  @Test func withoutAMarkerAndNothingOpenItIsCommitted() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 1).inTransaction(of: 5)])
    try directory.segment("t-0", 10, [KafkaTestBatch(10, count: 1)])
    try directory.file("t-0", KafkaTestDirectory.name(10, "snapshot"), snapshot([(5, -1)]))
    #expect(try marks(directory) == ["0", "10"])
  }

  @Test func aSnapshotTellsWhatIsOpen() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 1).inTransaction(of: 5)])
    try directory.segment("t-0", 10, [KafkaTestBatch(10, count: 1)])
    try directory.file("t-0", KafkaTestDirectory.name(10, "snapshot"), snapshot([(5, 0)]))
    #expect(try marks(directory) == ["0 open", "10"])
    // One that lies beyond the log's end speaks of what is no more.
    try directory.file("t-0", KafkaTestDirectory.name(99, "snapshot"), snapshot([(5, -1)]))
    #expect(try marks(directory) == ["0 open", "10"])
    // One with a wrong CRC says nothing: then the log is walked.
    var broken = snapshot([(5, -1)])
    broken[12] ^= 1
    try directory.file("t-0", KafkaTestDirectory.name(10, "snapshot"), broken)
    #expect(try marks(directory) == ["0 open", "10"])
  }

  /// A producer snapshot: ID and first offset of the open transaction (-1: none) of each producer.
  private func snapshot(_ producers: [(Int64, Int64)]) -> [UInt8] {
    var body = ByteBuilder()
    body.big(Int32(producers.count))
    for (id, open) in producers {
      body.big(id)
      body.big(Int16(0))
      body.big(Int32(0))
      body.big(Int64(0))
      body.big(Int32(0))
      body.big(Int64(0))
      body.big(Int32(0))
      body.big(open)
    }
    var whole = ByteBuilder([0, 1])
    whole.big(body.bytes.withUnsafeBytes { Checksum.crc32c($0) })
    whole.append(body.bytes)
    return whole.bytes
  }

  /// The marker of a record in a file that waits for its removal may be in the log still.
  @Test func transactionsOfDeletedFilesEndInTheLog() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment(
      "t-0", 0,
      [
        KafkaTestBatch(0, count: 1).inTransaction(of: 5), KafkaTestBatch(1, count: 1).inTransaction(of: 6),
        .marker(2, 6, commits: false), KafkaTestBatch(3, count: 1).inTransaction(of: 7),
      ], suffix: ".deleted")
    try directory.segment("t-0", 4, [.marker(4, 5, commits: false), .marker(5, 7, commits: true)])
    #expect(
      try marks(directory) { $0.deleted = true } == ["0 aborted deleted", "1 aborted deleted", "3 deleted"])
    #expect(try marks(directory).isEmpty)
  }

  @Test func snapshotsAreReadOrRefused() throws {
    let bytes = snapshot([(5, -1), (6, 12)])
    let parsed = try #require(KafkaProducerSnapshot(bytes))
    #expect(parsed.producers.map(\.id) == [5, 6])
    #expect(parsed.producers.map(\.openFrom) == [nil, 12])
    #expect(KafkaProducerSnapshot(snapshot([]))?.producers == [])
    for count in bytes.indices { #expect(KafkaProducerSnapshot(Array(bytes.prefix(count))) == nil) }
    for index in bytes.indices {
      var changed = bytes
      changed[index] ^= 1
      #expect(KafkaProducerSnapshot(changed) == nil)
    }
  }

  @Test func aPageInTheMiddleKnowsTheFatesToo() throws {
    let directory = try KafkaTestDirectory()
    var batches: [KafkaTestBatch] = []
    for index: Int64 in 0..<60 {
      let producer = index % 3
      batches.append(KafkaTestBatch(index * 3, count: 2).inTransaction(of: producer))
      batches.append(.marker(index * 3 + 2, producer, commits: index % 5 != 0))
    }
    try directory.segment("t-0", 0, Array(batches[..<40]))
    try directory.segment("t-0", 60, Array(batches[40..<80]))
    try directory.segment("t-0", 120, Array(batches[80...]))
    let all = try Kafka.read(Kafka.open(directory.path), "t").events
    for event in all { #expect(event.marks.contains(.aborted) == (event.position.signed / 3 % 5 == 0)) }
    // On fresh sources, and on one that learns piece by piece.
    let patient = try Kafka.open(directory.path)
    for start in [150, 20, 99, 0, 177, 60, 153, 3, 90] {
      for source in [patient, try Kafka.open(directory.path)] {
        try checkFates(source, from: start)
      }
    }
  }

  /// Every fifth transaction of three offsets each is aborted.
  private func checkFates(_ source: KafkaSource, from start: Int) throws {
    let log = try source.log(StreamID("t"))
    var batch = EventBatch()
    _ = try log.read(log.seek(.position("\(start)"), Work()), .forward, count: 3, into: &batch, Work())
    for record in batch.records {
      #expect(record.marks.contains(.aborted) == (record.position.signed / 3 % 5 == 0))
    }
  }
}
