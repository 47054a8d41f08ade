import Support
import Testing

@testable import WeirCore

/// The ways to a stream's rows that an index allows, or that must do without one; and what a large database
/// is asked.
@Suite struct SQLiteAccessTests {
  private static let layouts: [(name: String, sql: String, access: EventTable.StreamAccess)] = [
    ("by version", "CREATE UNIQUE INDEX i ON events(stream_id, version);", .byVersion),
    ("by version, downwards", "CREATE INDEX i ON events(stream_id, version DESC);", .byVersion),
    ("by row number", "CREATE INDEX i ON events(stream_id);", .byKey), ("without an index", "", .scan),
    ("only part of the rows", "CREATE INDEX i ON events(stream_id, version) WHERE version > 5;", .scan),
    ("compared without case", "CREATE INDEX i ON events(stream_id COLLATE NOCASE, version);", .scan),
    ("an expression", "CREATE INDEX i ON events(lower(stream_id), version);", .scan),
  ]

  /// 120 events of three streams, their numbers far apart and their times a minute.
  private func sql(_ index: String, spread: Int = 1) -> String {
    """
    CREATE TABLE events(id INTEGER PRIMARY KEY, stream_id TEXT, version INT, type TEXT, data TEXT,
      created_at INT);
    \(index)
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
    INSERT INTO events SELECT i * \(spread), char(97 + i % 3), i / 3, 'T', '{"n":' || i || '}', 1735689600 + i * 60
      FROM n;
    """
  }

  @Test(arguments: layouts.indices) func everyLayoutGivesTheSame(index: Int) throws {
    let layout = SQLiteAccessTests.layouts[index]
    let made = try MadeSource("e.sqlite", try SQLiteWriter.bytes(sql(layout.sql)))
    let source = try #require(made.source as? SQLiteSource)
    #expect(source.tables.map(\.access) == [layout.access], "\(layout.name)")
    for name in ["a", "b", "c"] {
      let wanted = try made.content().events.filter { $0.stream == name }.map(\.positionText)
      #expect(wanted.count == 40)
      for count in [1, 7, 100] {
        let forward = try made.content(StreamID(name), count: count).events.map(\.positionText)
        let backward = try made.content(StreamID(name), .backward, count: count).events.map(\.positionText)
        #expect(forward == wanted && backward == wanted.reversed(), "\(layout.name) by \(count)")
      }
      let log = try made.log(StreamID(name))
      for (target, first) in [
        (Target.position("60"), wanted.first { (Int($0) ?? 0) >= 60 }),
        (.time(Instant(seconds: 1_735_689_600 + 3600)), wanted.first { (Int($0) ?? 0) >= 60 }),
        (.fraction(0.5), wanted[20]), (.fraction(1), nil), (.start, wanted[0]), (.position("999"), nil),
      ] {
        var batch = EventBatch()
        _ = try log.read(try log.seek(target, Work()), .forward, count: 1, into: &batch, Work())
        let found = batch.records.isEmpty ? nil : log.event(0, of: batch).positionText
        #expect(found == first, "\(layout.name): \(target)")
      }
    }
    let entries = try made.source.catalog(.count(limit: nil), Work()).entries
    #expect(entries.map(\.count) == [.exact(40), .exact(40), .exact(40)])
    #expect(entries.map(\.first) == ["3", "1", "2"])
  }

  /// Among so many numbers a time is searched for by halves.
  @Test func timesInALargeTable() throws {
    let made = try MadeSource("e.sqlite", try SQLiteWriter.bytes(sql("", spread: 10_000_019)))
    let log = try made.log(.everything)
    for wanted in [1, 2, 59, 60, 119, 120] {
      for shift: Int64 in [-1, 0] {
        let time = Instant(seconds: 1_735_689_600 + Int64(wanted) * 60 + shift)
        var batch = EventBatch()
        _ = try log.read(try log.seek(.time(time), Work()), .forward, count: 1, into: &batch, Work())
        #expect(log.event(0, of: batch).positionText == String(wanted * 10_000_019))
      }
    }
    var batch = EventBatch()
    let late = try log.seek(.time(Instant(seconds: 1_800_000_000)), Work())
    _ = try log.read(late, .forward, count: 1, into: &batch, Work())
    #expect(batch.records.isEmpty)
    for share in [0.0, 0.25, 0.5, 0.99] {
      _ = try log.read(try log.seek(.fraction(share), Work()), .forward, count: 1, into: &batch, Work())
      let number = try #require(Int(log.event(0, of: batch).positionText)) / 10_000_019
      #expect(abs(Double(number) - 120 * share) <= 2)
    }
  }

  /// More bytes than may be read: names alone where an index has them, else a sentence.
  @Test func whatIsNotCounted() throws {
    let indexed = try MadeSource("e.sqlite", try SQLiteWriter.bytes(sql(SQLiteAccessTests.layouts[0].sql)))
    let catalog = try indexed.source.catalog(.count(limit: 1), Work())
    #expect(catalog.entries.map(\.stream.name) == ["a", "b", "c"])
    for entry in catalog.entries {
      guard case .unknown = entry.count else {
        Issue.record("counted more than allowed")
        continue
      }
    }
    let scanned = try MadeSource("e.sqlite", try SQLiteWriter.bytes(sql("")))
    let unread = try scanned.source.catalog(.count(limit: 1), Work())
    #expect(unread.entries.isEmpty)
    #expect(unread.notes.contains { $0.contains("were not read (--count does)") })
  }

  /// A damaged index does not cost the rows that it leads to.
  @Test func withoutItsIndex() throws {
    var bytes = try SQLiteWriter.bytes("PRAGMA page_size = 512;" + sql(SQLiteAccessTests.layouts[0].sql))
    for page in 1..<bytes.count / 512 where bytes[page * 512] == 0x0A || bytes[page * 512] == 0x02 {
      bytes.replaceSubrange(page * 512 + 8..<page * 512 + 100, with: [UInt8](repeating: 0xFF, count: 92))
    }
    let made = try MadeSource("e.sqlite", bytes)
    #expect(try made.content().events.count == 120)
    #expect(try made.content(StreamID("b")).events.count == 40)
    #expect(try made.content(StreamID("b"), .backward, count: 3).events.count == 40)
    #expect(try made.source.aggregates(.everything, Work()).map(\.count) == [40, 40, 40])
    let log = try made.log(StreamID("b"))
    var batch = EventBatch()
    _ = try log.read(.init(.start), .forward, count: 1, into: &batch, Work())
    let first = log.event(0, of: batch)
    _ = try log.read(log.cursor(.after, first), .forward, count: 1, into: &batch, Work())
    #expect(log.event(0, of: batch).version == "1")
  }

  @Test func aMovingSourceSaysSo() throws {
    let folder = try TemporaryFolder()
    let writer = try SQLiteWriter(folder.path + "/e.sqlite", sql(""))
    let source = try #require(try Format.open(writer.path, ReadOptions(), Work()) as? SQLiteSource)
    #expect(!source.about.notes.contains { $0.contains("moving") })
    var number = 1000
    _ = try source.database.read(Work()) { _ throws(SQLiteError) in
      number += 1
      try? writer.run("INSERT INTO events VALUES(\(number), 'a', \(number), 'T', '{}', 0)")
    }
    #expect(source.about.notes.contains { $0.contains("moving") })
    #expect(try LogContent(source.log(.everything)).events.count == 123)
    #expect(!source.about.notes.contains { $0.contains("moving") })
  }

  /// A path of every spelling: relative, with what URIs and SQLite itself would read something into.
  @Test func pathsOfEverySpelling() throws {
    let bytes = try SQLiteWriter.bytes(sql(""))
    for name in [
      "file:e.sqlite", "e.sqlite?mode=memory", "%41 b#c.sqlite", ":memory:", "größe.sqlite", "-wal",
    ] {
      #expect(try MadeSource(name, bytes).content().events.count == 120, "\(name)")
    }
    let relative = SQLiteDatabase(path: "nowhere/e.sqlite")
    let fault = #expect(throws: Fault.self) { try relative.read(Work()) { _ throws(SQLiteError) in 0 } }
    #expect(fault?.kind == .nothingThere)
  }
}
