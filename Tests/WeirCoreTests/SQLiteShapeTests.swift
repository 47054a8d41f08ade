import Support
import Testing

@testable import WeirCore

/// Databases of every shape that SQLite allows, and files that are none.
@Suite struct SQLiteShapeTests {
  private func open(_ bytes: [UInt8], _ options: ReadOptions = ReadOptions(), name: String = "e.sqlite")
    throws -> MadeSource
  {
    try MadeSource(name, bytes, options)
  }

  private func events(_ sql: String, _ options: ReadOptions = ReadOptions()) throws -> [StoredEvent] {
    let source = try open(try SQLiteWriter.bytes(sql), options)
    let log = try source.log(.everything)
    let forward = try LogContent(log).events
    let backward = try LogContent(log, .backward, count: 2).events
    #expect(forward.map(\.position) == backward.map(\.position).reversed())
    for stream in Set(forward.map(\.stream)) {
      let own = try LogContent(source.log(StreamID(stream)), count: 3).events
      #expect(own.count == forward.filter { $0.stream == stream }.count, "\(stream)")
    }
    _ = try source.source.catalog(.count(limit: nil), Work())
    return forward
  }

  private static let plain =
    "CREATE TABLE events(id INTEGER PRIMARY KEY, stream_id TEXT, version INT, type TEXT, data TEXT);"

  @Test func aTableWithoutRowNumbers() throws {
    let sql = """
      CREATE TABLE events(stream_id TEXT, version INT, type TEXT, data TEXT, PRIMARY KEY(stream_id, version))
        WITHOUT ROWID;
      INSERT INTO events VALUES('b', 1, 'T', '{"n":4}'), ('a', 2, 'T', '{"n":2}'), ('a', 1, 'T', '{"n":1}'),
        ('a', 3, 'T', '{"n":3}'), ('b', 2, 'T', '{"n":5}');
      """
    let found = try events(sql)
    #expect(found.map(\.stream) == ["a", "a", "a", "b", "b"])
    #expect(found.map(\.version) == ["1", "2", "3", "1", "2"])
    #expect(found.map(\.positionText) == ["", "", "", "", ""])
    let source = try open(try SQLiteWriter.bytes(sql))
    #expect(source.about.notes.contains { $0.contains("no row numbers") })
    let log = try source.log(.everything)
    #expect(throws: Fault.self) { try log.seek(.position("1"), Work()) }
    for (share, stream) in [(0.0, "a"), (0.5, "b")] {
      var batch = EventBatch()
      _ = try log.read(try log.seek(.fraction(share), Work()), .forward, count: 1, into: &batch, Work())
      #expect(log.event(0, of: batch).stream == stream)
    }
    let stream = try source.log(StreamID("a"))
    var batch = EventBatch()
    _ = try stream.read(try stream.seek(.fraction(0.7), Work()), .forward, count: 1, into: &batch, Work())
    #expect(stream.event(0, of: batch).version == "3")
  }

  /// A primary key that does not name stream and version gives no order to page by.
  @Test func aTableWithoutAnyOrderIsRefused() throws {
    let bytes = try SQLiteWriter.bytes(
      "CREATE TABLE events(stream_id TEXT, version INT, type TEXT, data TEXT, k TEXT PRIMARY KEY) WITHOUT ROWID;"
    )
    let fault = #expect(throws: Fault.self) { try open(bytes) }
    #expect(fault?.kind == .nothingThere)
  }

  @Test func valuesOfEveryKind() throws {
    let found = try events(
      SQLiteShapeTests.plain + """
        INSERT INTO events VALUES(1, 's', 1, 'T', NULL), (2, 's', 2, 'T', X'FF00FE'), (3, 's', 3, 'T', 12),
          (4, 's', 4, 'T', 1.5), (5, 's', 5, 'T', 'plain'), (6, 's', 6, 'T', X'7B7D'), (7, 's', 7, 'T', ''),
          (8, NULL, NULL, NULL, '{}'), (9, 17, '9', X'41', '{}'), (10, X'00112233445566778899AABBCCDDEEFF',
            1, 'T', '[]'),
          (11, 2.5, 1, 'T', '{}'),
          (-5, 's', 1.5, 'T', '{"deep":true}'), (9223372036854775807, 's', 'x', 'T', '1'),
          (-9223372036854775808, 's', NULL, 'T', '2');
        """)
    #expect(found.count == 14)
    #expect(found.first?.positionText == "-9223372036854775808")
    #expect(found.last?.positionText == "9223372036854775807")
    let byKey = Dictionary(uniqueKeysWithValues: found.map { ($0.positionText, $0) })
    #expect(byKey["1"]?.data == .null)
    #expect(byKey["2"]?.data == .bytes([0xFF, 0x00, 0xFE]))
    #expect(byKey["3"]?.data == .json(Array("12".utf8)))
    #expect(byKey["4"]?.data == .json(Array("1.5".utf8)))
    #expect(byKey["5"]?.data == .text("plain"))
    #expect(byKey["6"]?.data == .json(Array("{}".utf8)))
    #expect(byKey["7"]?.data == .text(""))
    #expect(byKey["8"]?.stream == "(none)" && byKey["8"]?.version == nil && byKey["8"]?.type == nil)
    #expect(byKey["9"]?.stream == "17" && byKey["9"]?.type == "A")
    #expect(byKey["11"]?.stream == "2.5", "a number is a name as well")
    #expect(byKey["10"]?.stream == "00112233-4455-6677-8899-aabbccddeeff")
    #expect(byKey["-5"]?.version == "1.5")
  }

  @Test(arguments: ["UTF-16le", "UTF-16be"]) func otherEncodings(encoding: String) throws {
    let found = try events(
      "PRAGMA encoding = '\(encoding)';" + SQLiteShapeTests.plain
        + #"INSERT INTO events VALUES(1, 'Konto-Łódź', 1, 'Geöffnet', '{"name":"山田 😀"}');"#)
    #expect(found.map(\.stream) == ["Konto-Łódź"])
    #expect(found.first?.type == "Geöffnet")
    #expect(found.first?.data == .json(Array(#"{"name":"山田 😀"}"#.utf8)))
  }

  @Test func textThatIsNotUTF8() throws {
    let found = try events(
      SQLiteShapeTests.plain + "INSERT INTO events VALUES(1, 's', 1, 'T', CAST(X'7B22FF227D' AS TEXT));"
        + "INSERT INTO events VALUES(2, CAST(X'C328' AS TEXT), 1, CAST(X'E2' AS TEXT), '{}');")
    #expect(found.count == 2)
    #expect(found[0].data == .bytes([0x7B, 0x22, 0xFF, 0x22, 0x7D]))
    #expect(found[1].stream == "\u{FFFD}(")
  }

  @Test func oddNamesOfTablesAndColumns() throws {
    let found = try events(
      """
      CREATE TABLE "the ""event"" log; DROP--"("stream id" TEXT, "STREAM_ID" TEXT, "Version" INT, "Type" TEXT,
        "select" TEXT, "data" TEXT, "rowid" TEXT, "oid" TEXT);
      INSERT INTO "the ""event"" log; DROP--" VALUES('no', 's', 1, 'T', 'x', '{"n":1}', 'r', 'o'),
        ('no', 's', 2, 'T', 'x', '{"n":2}', 'r', 'o');
      """)
    #expect(found.map(\.stream) == ["s", "s"])
    #expect(found.map(\.positionText) == ["1", "2"], "the row number's third name is still free")
    guard case .row(_, let table, let row)? = found.last?.provenance else {
      Issue.record("no row")
      return
    }
    #expect(table == "the \"event\" log; DROP--" && row == 2)
  }

  /// Views, triggers, virtual and generated columns would make the schema's own text run: they are not read.
  @Test func nothingOfTheSchemaRuns() throws {
    let source = try open(
      try SQLiteWriter.bytes(
        SQLiteShapeTests.plain + """
          CREATE VIEW event_view AS SELECT 1 AS stream_id, 2 AS version, 'T' AS type,
            randomblob(1000000000) AS data;
          CREATE VIRTUAL TABLE event_search USING fts5(stream_id, version, type, data);
          CREATE TABLE event_extra(id INTEGER PRIMARY KEY, aggregate_id TEXT, version INT, body TEXT,
            type TEXT GENERATED ALWAYS AS (body || 'x') VIRTUAL, data TEXT AS (upper(body)) STORED);
          CREATE TRIGGER t AFTER INSERT ON events BEGIN DELETE FROM events; END;
          DROP TRIGGER t;
          INSERT INTO events VALUES(1, 's', 1, 'T', '{}');
          INSERT INTO event_extra(id, aggregate_id, version, body) VALUES(1, 'a', 1, 'b');
          """))
    #expect(try LogContent(source.log(.everything)).events.contains { $0.stream == "s" })
    #expect(!source.about.notes.contains { $0.contains("event_view") || $0.contains("event_search:") })
    var options = ReadOptions()
    options.table = "event_extra"
    let extra = try open(
      try SQLiteWriter.bytes(
        """
        CREATE TABLE event_extra(id INTEGER PRIMARY KEY, aggregate_id TEXT, version INT, body TEXT,
          type TEXT GENERATED ALWAYS AS (body || 'x') VIRTUAL, data TEXT AS (upper(body)) STORED);
        INSERT INTO event_extra(id, aggregate_id, version, body) VALUES(1, 'a', 1, 'b');
        """), options)
    let event = try #require(try LogContent(extra.log(.everything)).events.first)
    #expect(event.data == .text("b") && event.type == nil, "computed columns are left alone")
  }

  /// Longer than what is read of one value: the event is shown without it, and that is told.
  @Test func aHugeValue() throws {
    let source = try open(
      try SQLiteWriter.bytes(
        SQLiteShapeTests.plain + """
          INSERT INTO events VALUES(1, 's', 1, 'T', '{}'), (2, 's', 2, 'Big', zeroblob(67200000)),
            (3, 's', 3, 'T', zeroblob(9000000)), (4, 's', 4, 'T', '{}');
          """))
    let content = try LogContent(source.log(.everything))
    #expect(content.events.map(\.positionText) == ["1", "2", "3", "4"])
    #expect(content.events[1].type == "Big" && content.events[1].marks.contains(.damaged))
    #expect(content.events[1].rawValue == nil)
    #expect(content.events[2].size == 9_000_000)
    #expect(content.damage.count == 1 && content.damage[0].reason.contains("64 MiB"))
  }

  // MARK: What is no store

  @Test(arguments: [
    ("empty", ""), ("a few bytes", "SQLite"), ("header alone", "SQLite format 3\0"),
    ("header and zeros", "SQLite format 3\0" + String(repeating: "\0", count: 2000)),
  ])
  func notADatabase(what: String, text: String) throws {
    let fault = #expect(throws: Fault.self) { try open(Array(text.utf8)) }
    #expect(fault?.kind == .nothingThere || fault?.kind == .unreadable, "\(what)")
    #expect(fault?.reason.isEmpty == false)
  }

  @Test func anEncryptedDatabaseIsSaidToBeOne() throws {
    // SQLCipher leaves no byte of the header: salt and cipher text from the first byte on.
    let bytes = (0..<8192).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ ($0 >> 8) &* 59 &+ 129) }
    let fault = #expect(throws: Fault.self) { try open(bytes, name: "store.db") }
    #expect(fault?.kind == .nothingThere)
    #expect(fault?.hint?.contains("encrypted") ?? false, "\(fault?.description ?? "")")
    var options = ReadOptions()
    options.format = "sqlite"
    let forced = #expect(throws: Fault.self) { try open(bytes, options, name: "store.db") }
    #expect(forced?.kind == .unreadable)
    #expect(forced?.reason.contains("not a database") ?? false)
  }

  @Test(arguments: ["-wal", "-shm", "-journal"]) func aFileBesideTheDatabasePointsToIt(suffix: String) throws
  {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "e.sqlite" + suffix, [0x37, 0x7F, 0x06, 0x82] + [UInt8](repeating: 1, count: 99))
    let fault = #expect(throws: Fault.self) { try Format.open(path, ReadOptions(), Work()) }
    #expect(fault?.hint?.contains("open \(folder.path)/e.sqlite") ?? false, "\(fault?.description ?? "")")
  }

  @Test func aDatabaseWithoutEventsNamesItsTables() throws {
    for (sql, part) in [
      ("CREATE TABLE accounts(id TEXT, name TEXT); CREATE TABLE towns(x)", "accounts, towns"),
      ("PRAGMA user_version = 1", "no tables"),
    ] {
      let fault = #expect(throws: Fault.self) { try open(try SQLiteWriter.bytes(sql)) }
      #expect(fault?.kind == .nothingThere)
      #expect(fault?.description.contains(part) ?? false, "\(fault?.description ?? "")")
    }
  }

  // MARK: Hostile headers

  @Test func forgedHeaders() throws {
    let whole = try SQLiteWriter.bytes(
      "PRAGMA page_size = 512;" + SQLiteShapeTests.plain
        + (1...40).map { "INSERT INTO events VALUES(\($0), 's', \($0), 'T', '{\"n\":\($0)}');" }.joined())
    let folder = try TemporaryFolder()
    func read(_ change: (inout [UInt8]) -> Void) throws {
      var bytes = whole
      change(&bytes)
      let path = try folder.write("e.sqlite", bytes)
      guard let source = try? Format.open(path, ReadOptions(), Work()) else { return }
      _ = try? LogContent(source.log(.everything))
      _ = try? LogContent(source.log(.everything), .backward)
      _ = try? source.catalog(.count(limit: nil), Work())
    }
    // Page size, versions, reserved bytes, payload fractions, page count, freelist, schema, encoding.
    for index in 16..<100 {
      for value: UInt8 in [0x00, 0x01, 0x03, 0x7F, 0xFF] { try read { $0[index] = value } }
    }
    for page in 0..<whole.count / 512 {
      let header = page * 512 + (page == 0 ? 100 : 0)
      // Type, first free block, cell count, content area, fragments, right-most child, first cells.
      for index in header..<header + 24 where index < whole.count {
        for value: UInt8 in [0x00, 0x02, 0x05, 0x0A, 0x0D, 0xFF] { try read { $0[index] = value } }
      }
      // A child that is the page itself, the schema, or far beyond the end.
      for child: UInt8 in [UInt8(truncatingIfNeeded: page + 1), 1, 0xFF] {
        try read { $0.replaceSubrange(header + 8..<header + 12, with: [0, 0, 0, child]) }
      }
    }
  }

  /// An overflow chain that leads back to itself, and a payload that claims more than the file holds.
  @Test func overflowLoops() throws {
    let whole = try SQLiteWriter.bytes(
      "PRAGMA page_size = 512;" + SQLiteShapeTests.plain
        + "INSERT INTO events VALUES(1, 's', 1, 'T', '{}');"
        + "INSERT INTO events VALUES(2, 's', 2, 'Long', '\"' || printf('%.20000c', 'x') || '\"');"
        + "INSERT INTO events VALUES(3, 's', 3, 'T', '{}');")
    let folder = try TemporaryFolder()
    for page in 2..<whole.count / 512 where whole[page * 512 + 100] == UInt8(ascii: "x") {
      for next in [page + 1, 3, 2, 0xFFFF] {
        var bytes = whole
        bytes.replaceSubrange(
          page * 512..<page * 512 + 4, with: [0, 0, UInt8(next >> 8), UInt8(next & 0xFF)])
        let path = try folder.write("e.sqlite", bytes)
        let content = try LogContent(Format.open(path, ReadOptions(), Work()).log(.everything))
        let found = content.events.map(\.positionText)
        #expect(found.contains("1") && found.contains("3"), "page \(page) leads to \(next)")
        #expect(found.contains("2") || !content.damage.isEmpty)
      }
    }
  }

  @Test func damagedPayloadsOnRequest() throws {
    var bytes = try SQLiteWriter.bytes(
      "PRAGMA page_size = 512;" + SQLiteShapeTests.plain
        + "INSERT INTO events VALUES(1, 's', 1, 'T', '{}');"
        + "INSERT INTO events VALUES(2, 's', 2, 'Long', '\"' || printf('%.20000c', 'x') || '\"');")
    let page = try #require((2..<bytes.count / 512).first { bytes[$0 * 512 + 100] == UInt8(ascii: "x") })
    bytes.replaceSubrange(page * 512..<page * 512 + 4, with: [0xFF, 0xFF, 0xFF, 0xFF])
    var options = ReadOptions()
    for damaged in [false, true] {
      options.damaged = damaged
      let source = try open(bytes, options)
      let content = try LogContent(source.log(.everything))
      #expect(content.events.map(\.positionText) == (damaged ? ["1", "2"] : ["1"]))
      #expect(content.damage.count == 1)
      #expect(content.events.last?.marks.contains(.damaged) == damaged)
    }
  }
}
