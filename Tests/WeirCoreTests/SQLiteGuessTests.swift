import Support
import Testing

@testable import WeirCore

/// Tables known, or guessed, by their columns: the schemas as each system writes them.
@Suite struct SQLiteGuessTests {
  struct Schema: Sendable, CustomTestStringConvertible {
    var name: String
    var format: String
    var sql: String
    /// stream, version, position, type, id, time, data, meta of the first event; "" for what it has not.
    var first: [String]

    var testDescription: String { name }
  }

  private static let uuid = "11223344-5566-7788-99aa-bbccddeeff00"
  private static let blob = "X'112233445566778899AABBCCDDEEFF00'"

  static let known: [Schema] = [
    Schema(
      name: "message-db", format: "message-db",
      sql: """
        CREATE TABLE messages(global_position INTEGER PRIMARY KEY, position BIGINT, time TEXT,
          stream_name TEXT,
          type TEXT, data TEXT, metadata TEXT, id TEXT);
        CREATE UNIQUE INDEX messages_stream ON messages(stream_name, position);
        INSERT INTO messages VALUES(7, 0, '2025-01-02 09:02:34.632', 'account-1', 'Opened', '{"n":1}', '{"m":2}', '\(uuid)');
        """,
      first: ["account-1", "0", "7", "Opened", uuid, "2025-01-02T09:02:34.632Z", #"{"n":1}"#, #"{"m":2}"#]),
    Schema(
      name: "axon snake", format: "axon",
      sql: """
        CREATE TABLE domain_event_entry(global_index BIGINT PRIMARY KEY, event_identifier TEXT,
          aggregate_identifier TEXT,
          sequence_number BIGINT, type TEXT, time_stamp TEXT, payload_type TEXT, payload_revision TEXT,
            payload BLOB,
          meta_data BLOB);
        INSERT INTO domain_event_entry VALUES(3, '\(uuid)', 'a-1', 0, 'Account', '2025-01-02T09:02:34.632Z',
          'bank.Opened', NULL, X'7B7D', X'7B7D');
        """,
      first: ["a-1", "0", "3", "bank.Opened", uuid, "2025-01-02T09:02:34.632Z", "{}", "{}"]),
    Schema(
      name: "axon camel", format: "axon",
      sql: """
        CREATE TABLE DomainEventEntry(globalIndex INTEGER PRIMARY KEY, aggregateIdentifier TEXT,
          sequenceNumber BIGINT,
          type TEXT, eventIdentifier TEXT, metaData BLOB, payload BLOB, payloadRevision TEXT,
            payloadType TEXT,
          timeStamp TEXT);
        INSERT INTO DomainEventEntry VALUES(3, 'a-1', 0, 'Account', '\(uuid)', NULL, '<x/>', '1',
          'bank.Opened',
          '2025-01-02T09:02:34Z');
        """,
      first: ["a-1", "0", "3", "bank.Opened", uuid, "2025-01-02T09:02:34Z", "<x/>", ""]),
    Schema(
      name: "pekko", format: "akka",
      sql: """
        CREATE TABLE event_journal(ordering INTEGER PRIMARY KEY, persistence_id TEXT, sequence_number BIGINT,
          deleted BOOLEAN, writer TEXT, write_timestamp BIGINT, adapter_manifest TEXT, event_ser_id INT,
          event_ser_manifest TEXT, event_payload BLOB, meta_ser_id INT, meta_ser_manifest TEXT,
            meta_payload BLOB);
        INSERT INTO event_journal VALUES(1, 'Account|0', 1, 1, 'w', 1, '', 31, 'gone', '{}', NULL, NULL,
          NULL);
        INSERT INTO event_journal VALUES(2, 'Account|1', 1, 0, 'w', 1735808554632, '', 31, 'bank.Opened', '{"n":1}',
          NULL, NULL, NULL);
        """,
      first: ["Account|1", "1", "2", "bank.Opened", "", "2025-01-02T09:02:34.632Z", #"{"n":1}"#, ""]),
    Schema(
      name: "akka legacy", format: "akka",
      sql: """
        CREATE TABLE journal(ordering INTEGER PRIMARY KEY, persistence_id TEXT, sequence_number BIGINT,
          deleted BOOLEAN DEFAULT 0, tags TEXT, message BLOB);
        INSERT INTO journal VALUES(1, 'a', 1, 0, NULL, X'0A00FF');
        """,
      first: ["a", "1", "1", "", "", "", "base64", ""]),
    Schema(
      name: "marten", format: "marten",
      sql: """
        CREATE TABLE mt_events(seq_id INTEGER PRIMARY KEY, id TEXT, stream_id TEXT, version BIGINT,
          data TEXT, type TEXT,
          timestamp TEXT, tenant_id TEXT, mt_dotnet_type TEXT, headers TEXT, is_archived BOOLEAN DEFAULT 0);
        INSERT INTO mt_events VALUES(9, '\(uuid)', 's-1', 1, '{"Amount":1.10}', 'opened',
          '2025-01-02 09:02:34.632+00', '*', 'X', '{}', 0);
        """,
      first: ["s-1", "1", "9", "opened", uuid, "2025-01-02T09:02:34.632Z", #"{"Amount":1.10}"#, "{}"]),
    Schema(
      name: "sequent", format: "sequent",
      sql: """
        CREATE TABLE event_records(id INTEGER PRIMARY KEY, aggregate_id TEXT, sequence_number INT,
          created_at TEXT,
          event_type TEXT, event_json TEXT, command_record_id INT);
        INSERT INTO event_records VALUES(1, 'a', 1, '2025-01-02 09:02:34 UTC', 'Opened', '{}', 2);
        """,
      first: ["a", "1", "1", "Opened", "", "2025-01-02T09:02:34Z", "{}", ""]),
    Schema(
      name: "spatie", format: "spatie",
      sql: """
        CREATE TABLE stored_events(id INTEGER PRIMARY KEY, aggregate_uuid TEXT, aggregate_version BIGINT,
          event_version INT, event_class TEXT, event_properties TEXT, meta_data TEXT, created_at TEXT);
        INSERT INTO stored_events VALUES(1, '\(uuid)', 1, 1, 'App\\Opened', '{"a":1}', '{"b":2}', '2025-01-02 09:02:34');
        """,
      first: [uuid, "1", "1", "App\\Opened", "", "2025-01-02T09:02:34Z", #"{"a":1}"#, #"{"b":2}"#]),
    Schema(
      name: "broadway", format: "broadway",
      sql: """
        CREATE TABLE events(id INTEGER PRIMARY KEY, uuid BLOB, playhead INT, payload TEXT, metadata TEXT,
          recorded_on TEXT, type TEXT, UNIQUE(uuid, playhead));
        INSERT INTO events VALUES(1, \(blob), 0, '{"class":"X","payload":{}}', '{}', '2025-01-02T09:02:34.632000+00:00',
          'Bank.Opened');
        """,
      first: [
        uuid, "0", "1", "Bank.Opened", "", "2025-01-02T09:02:34.632000Z", #"{"class":"X","payload":{}}"#,
        "{}",
      ]),
    Schema(
      name: "eventsauce", format: "eventsauce",
      sql: """
        CREATE TABLE bank_messages(id INTEGER PRIMARY KEY, event_id BLOB, aggregate_root_id BLOB,
          version INT, payload TEXT);
        INSERT INTO bank_messages VALUES(1, \(blob), \(blob), 1, '{"payload":{"n":1}}');
        """,
      first: [uuid, "1", "1", "", uuid, "", #"{"payload":{"n":1}}"#, ""]),
    Schema(
      name: "patchlevel", format: "patchlevel",
      sql: """
        CREATE TABLE event_store(id INTEGER PRIMARY KEY, stream TEXT, playhead INT, event_id TEXT,
          event_name TEXT,
          event_payload TEXT, recorded_on TEXT, archived BOOLEAN, custom_headers TEXT);
        INSERT INTO event_store VALUES(1, 'p-1', 1, '\(uuid)', 'visited', '{}', '2025-01-02 09:02:34', 0,
          '[]');
        """,
      first: ["p-1", "1", "1", "visited", uuid, "2025-01-02T09:02:34Z", "{}", "[]"]),
    Schema(
      name: "cqrs-es", format: "cqrs-es",
      sql: """
        CREATE TABLE events(aggregate_type TEXT, aggregate_id TEXT, sequence BIGINT, event_type TEXT,
          event_version TEXT,
          payload TEXT, metadata TEXT, PRIMARY KEY(aggregate_type, aggregate_id, sequence));
        INSERT INTO events VALUES('Account', 'a-b', 1, 'Opened', '1.0', '{"Opened":{}}', '{"time":"2025-01-02T09:02:34Z"}');
        """,
      first: [
        "Account-a-b", "1", "1", "Opened", "", "2025-01-02T09:02:34Z", #"{"Opened":{}}"#,
        #"{"time":"2025-01-02T09:02:34Z"}"#,
      ]),
    Schema(
      name: "outbox", format: "outbox",
      sql: """
        CREATE TABLE outbox(id TEXT PRIMARY KEY, aggregatetype TEXT, aggregateid TEXT, type TEXT,
          payload TEXT,
          created_at TEXT);
        INSERT INTO outbox VALUES('\(uuid)', 'Account', '19b6554d', 'Opened', '{}',
          '2025-01-02T09:02:34.632Z');
        """,
      first: ["Account-19b6554d", "", "1", "Opened", uuid, "2025-01-02T09:02:34.632Z", "{}", ""]),
  ]

  static let guessed: [Schema] = [
    Schema(
      name: "generic", format: "sqlite",
      sql: """
        CREATE TABLE events(id INTEGER PRIMARY KEY, aggregate_id TEXT, version INT, type TEXT, data TEXT,
          created_at TEXT);
        INSERT INTO events VALUES(4, 'a', 1, 'Opened', '{"n":1}', '2025-01-02 09:02:34');
        """,
      first: ["a", "1", "4", "Opened", "", "2025-01-02T09:02:34Z", #"{"n":1}"#, ""]),
    Schema(
      name: "camelCase with uuids", format: "sqlite",
      sql: """
        CREATE TABLE EventStore(eventId TEXT PRIMARY KEY, aggregateId BLOB, aggregateVersion INT,
          eventType TEXT,
          payload BLOB, metaData TEXT, occurredAt INT);
        INSERT INTO EventStore VALUES('\(uuid)', \(blob), 1, 'Opened', X'7B7D', '{"u":1}', 1735808554632);
        """,
      first: [uuid, "1", "1", "Opened", uuid, "2025-01-02T09:02:34.632Z", "{}", #"{"u":1}"#]),
    Schema(
      name: "SqlStreamStore", format: "sqlite",
      sql: """
        CREATE TABLE messages(stream_id_internal INT, stream_version INT, position INTEGER PRIMARY KEY,
          message_id TEXT,
          created_utc TEXT, type TEXT, json_data TEXT, json_metadata TEXT, UNIQUE(stream_id_internal,
            stream_version));
        INSERT INTO messages VALUES(17, 0, 5, '\(uuid)', '2025-01-02 09:02:34.632', 'Opened', '{"n":1}', '{"m":1}');
        """,
      first: ["17", "0", "5", "Opened", uuid, "2025-01-02T09:02:34.632Z", #"{"n":1}"#, #"{"m":1}"#]),
    Schema(
      name: "Eventuous", format: "sqlite",
      sql: """
        CREATE TABLE eventuous_messages(message_id TEXT, message_type TEXT, stream_id INT,
          stream_position INT,
          global_position INTEGER PRIMARY KEY, json_data TEXT, json_metadata TEXT, created TEXT);
        INSERT INTO eventuous_messages VALUES('\(uuid)', 'V1.Opened', 3, 0, 8, '{}', '{}',
          '2025-01-02T09:02:34');
        """,
      first: ["3", "0", "8", "V1.Opened", uuid, "2025-01-02T09:02:34Z", "{}", "{}"]),
    Schema(
      name: "home-made with seconds", format: "sqlite",
      sql: """
        CREATE TABLE events(id TEXT PRIMARY KEY, aggregate_id TEXT, event_type TEXT, payload TEXT,
          version INT,
          timestamp REAL, UNIQUE(aggregate_id, version));
        INSERT INTO events VALUES('e1', 'a', 'Indexed', '{}', 1, 1735808554.5);
        """,
      first: ["a", "1", "1", "Indexed", "e1", "2025-01-02T09:02:34.500000Z", "{}", ""]),
    Schema(
      name: "Commanded events, whose streams stand in another table", format: "sqlite",
      sql: """
        CREATE TABLE streams(stream_id INTEGER PRIMARY KEY, stream_uuid TEXT, stream_version BIGINT);
        CREATE TABLE events(event_id TEXT PRIMARY KEY, event_type TEXT, causation_id TEXT,
          correlation_id TEXT, data BLOB,
          metadata BLOB, created_at TEXT);
        CREATE TABLE stream_events(event_id TEXT, stream_id BIGINT, stream_version BIGINT,
          original_stream_id BIGINT,
          original_stream_version BIGINT, PRIMARY KEY(event_id, stream_id));
        INSERT INTO events VALUES('\(uuid)', 'Elixir.Opened', NULL, NULL, '{"n":1}', '{}', '2025-01-02T09:02:34Z');
        """,
      first: ["events", "", "1", "Elixir.Opened", uuid, "2025-01-02T09:02:34Z", #"{"n":1}"#, "{}"]),
    Schema(
      name: "Rails Event Store events", format: "sqlite",
      sql: """
        CREATE TABLE event_store_events(id INTEGER PRIMARY KEY, event_id TEXT, event_type TEXT,
          metadata BLOB, data BLOB,
          created_at TEXT, valid_at TEXT);
        INSERT INTO event_store_events VALUES(6, '\(uuid)', 'Orders::Placed', '{}', '{"n":1}', '2025-01-02 09:02:34.1', NULL);
        """,
      first: [
        "event_store_events", "", "6", "Orders::Placed", uuid, "2025-01-02T09:02:34.1Z", #"{"n":1}"#, "{}",
      ]),
  ]

  private func text(_ payload: Payload) -> String {
    switch payload {
    case .absent, .null: ""
    case .json(let bytes): String(decoding: bytes, as: UTF8.self)
    case .text(let text): text
    case .bytes: "base64"
    }
  }

  private func check(_ schema: Schema) throws -> MadeSource {
    let made = try MadeSource("e.sqlite", try SQLiteWriter.bytes(schema.sql))
    #expect(made.about.format == schema.format)
    let event = try #require(try made.content().events.first)
    let found = [
      event.stream, event.version ?? "", event.positionText, event.type ?? "", event.id ?? "",
      event.time.map(TimeText.rfc3339) ?? "", text(event.data), text(event.meta),
    ]
    #expect(found == schema.first)
    #expect(try made.content(StreamID(event.stream)).events.first?.position == event.position)
    #expect(try made.source.aggregates(.everything, Work()).map(\.name) == [event.stream])
    return made
  }

  @Test(arguments: known) func knownByTheirColumns(schema: Schema) throws {
    let made = try check(schema)
    #expect(made.about.notes.contains { $0.contains("by its columns (a guess)") })
  }

  @Test(arguments: guessed) func guessedByTheNamesOfTheirColumns(schema: Schema) throws {
    let made = try check(schema)
    #expect(made.about.notes.contains { $0.contains("a guess by the names of its columns: ") })
    if schema.first[1].isEmpty {
      #expect(made.about.notes.contains { $0.contains("no column names a stream") })
    }
  }

  @Test(arguments: [
    ("'2025-01-02T10:02:34.632+01:00'", "2025-01-02T09:02:34.632Z"), ("'2025-01-02'", "2025-01-02T00:00:00Z"),
    ("'2025-01-02 09:02:34.632 +0000'", "2025-01-02T09:02:34.632Z"), ("1735808554", "2025-01-02T09:02:34Z"),
    ("1735808554632", "2025-01-02T09:02:34.632Z"), ("1735808554632123", "2025-01-02T09:02:34.632123Z"),
    ("1735808554632123456", "2025-01-02T09:02:34.632123456Z"),
    ("1735808554.632", "2025-01-02T09:02:34.632000Z"),
    ("638714053546320000", "2025-01-02T09:02:34.6320000Z"), ("2460677.8767897", "2025-01-02T09:02:34.630Z"),
    ("'1735808554632'", "2025-01-02T09:02:34.632Z"), ("-86400", "1969-12-31T00:00:00Z"),
    ("'1735808554.5'", "2025-01-02T09:02:34.500000Z"), ("1e300", ""), ("9e999", ""), ("-9e999", ""),
    ("NULL", ""),
    ("'soon'", ""), ("X'00'", ""), ("9223372036854775807", "2262-04-11T23:47:16.854775807Z"),
  ])
  func timesOfEveryKind(value: String, time: String) throws {
    let made = try MadeSource(
      "e.sqlite",
      try SQLiteWriter.bytes(
        "CREATE TABLE events(id INTEGER PRIMARY KEY, stream_id TEXT, version INT, type TEXT, data TEXT, created_at);"
          + "INSERT INTO events VALUES(1, 's', 1, 'T', '{}', \(value))"))
    let event = try #require(try made.content().events.first)
    #expect((event.time.map(TimeText.rfc3339) ?? "") == time)
  }

  private static let twoTables = """
    CREATE TABLE shop_events(id INTEGER PRIMARY KEY, stream_id TEXT, version INT, type TEXT, data TEXT,
      who TEXT,
      at TEXT, other TEXT);
    CREATE TABLE bank_events(id INTEGER PRIMARY KEY, stream_id TEXT, version INT, type TEXT, data TEXT);
    INSERT INTO shop_events VALUES(1, 's', 1, 'Sold', '{"n":1}', 'anna', '2025-01-02', '{"o":1}');
    INSERT INTO bank_events VALUES(1, 'b', 1, 'Paid', '{"n":2}'), (2, 's', 1, 'Paid', '{"n":3}');
    """

  @Test func severalTablesAreShownOneAfterTheOther() throws {
    let made = try MadeSource("e.sqlite", try SQLiteWriter.bytes(SQLiteGuessTests.twoTables))
    #expect(made.about.notes.contains { $0.contains("2 tables, one after another (--table picks one)") })
    let log = try made.log(.everything)
    let events = try LogContent(log).events
    #expect(events.map(\.partition) == [.name("shop_events"), .name("bank_events"), .name("bank_events")])
    #expect(try LogContent(log, .backward, count: 1).events.map(\.id).count == 3)
    #expect(
      try made.content(StreamID("s")).events.map { $0.partition?.description ?? "" }
        == ["shop_events", "bank_events"])
    #expect(try made.content(StreamID("s", partition: .name("bank_events"))).events.count == 1)
    #expect(throws: Fault.self) { try made.log(StreamID("s", partition: .name("x"))) }
    #expect(try made.source.catalog(.glance, Work()).entries.map(\.stream.name) == ["b", "s", "s"])
    var batch = EventBatch()
    for (target, count) in [
      (Target.fraction(0), 1), (.fraction(0.9), 1), (.end, 0), (.time(Instant(seconds: 1)), 0),
      (.position("2"), 1),
    ] {
      _ = try log.read(try log.seek(target, Work()), .forward, count: 1, into: &batch, Work())
      #expect(batch.records.count == count, "\(target)")
    }
    _ = try log.read(log.cursor(.after, events[0]), .forward, count: 1, into: &batch, Work())
    #expect(log.event(0, of: batch).stream == "b")
    _ = try log.read(log.cursor(.before, events[1]), .backward, count: 1, into: &batch, Work())
    #expect(log.event(0, of: batch).type == "Sold")
  }

  @Test func aKnownStoreLeavesGuessesOutAndSaysSo() throws {
    let made = try MadeSource(
      "e.sqlite",
      try SQLiteWriter.bytes(
        SQLiteGuessTests.twoTables
          + "CREATE TABLE stored_events(originator_id TEXT, originator_version INT, topic TEXT, state BLOB);"
          + "INSERT INTO stored_events VALUES('o', 1, 'm:T', '{}')"))
    #expect(try made.content().events.map(\.stream) == ["o"])
    #expect(made.about.notes.contains { $0.contains("left out") && $0.contains("shop_events, bank_events") })
  }

  @Test func tableAndMapOverride() throws {
    var options = ReadOptions()
    options.table = "Shop_Events"
    options.mapping.places = [
      .stream: .column("who"), .type: .column("other"), .time: .column("at"), .key: .column("type"),
      .id: .column("stream_id"), .meta: .column("other"), .version: .column("nope"),
    ]
    let made = try MadeSource("e.sqlite", try SQLiteWriter.bytes(SQLiteGuessTests.twoTables), options)
    let event = try #require(try made.content().events.first)
    #expect(event.stream == "anna")
    #expect(event.type == #"{"o":1}"#)
    #expect(event.id == "s")
    #expect(event.key == Array("Sold".utf8))
    #expect(event.time == TimeText.parse("2025-01-02"))
    #expect(event.meta == .json(Array(#"{"o":1}"#.utf8)))
    #expect(event.version == "1", "what was guessed stays where the mapping is wrong")
    #expect(made.about.notes.contains { $0.contains("stream: column who, as --map says") })
    #expect(made.about.notes.contains { $0.contains("no such column") })

    options.mapping.places = [.data: .column("other"), .type: .data("/o"), .stream: .meta("/m")]
    let mapped = try MadeSource("e.sqlite", try SQLiteWriter.bytes(SQLiteGuessTests.twoTables), options)
    let other = try #require(try mapped.content().events.first)
    #expect(other.data == .json(Array(#"{"o":1}"#.utf8)))
    #expect(other.type == "1", "a place inside the payload wins over the column")
  }

  @Test func whatCannotBeShownSaysWhatWasSeen() throws {
    var options = ReadOptions()
    options.table = "nope"
    var fault = #expect(throws: Fault.self) {
      try MadeSource("e.sqlite", try SQLiteWriter.bytes(SQLiteGuessTests.twoTables), options)
    }
    #expect(fault?.hint?.contains("shop_events, bank_events") ?? false)
    options.table = "k"
    fault = #expect(throws: Fault.self) {
      try MadeSource(
        "e.sqlite", try SQLiteWriter.bytes("CREATE TABLE k(a TEXT PRIMARY KEY, b) WITHOUT ROWID"), options)
    }
    #expect(fault?.hint?.contains("order") ?? false)
    fault = #expect(throws: Fault.self) {
      try MadeSource(
        "e.sqlite",
        try SQLiteWriter.bytes(
          "CREATE TABLE Commits(BucketId, StreamId, StreamIdOriginal, StreamRevision, Items, CommitId, CommitSequence,"
            + "CommitStamp, CheckpointNumber INTEGER PRIMARY KEY, Headers, Payload)"))
    }
    #expect(fault?.reason.contains("Commits is a NEventStore") ?? false, "\(fault?.description ?? "")")
    options = ReadOptions()
    options.snapshots = true
    fault = #expect(throws: Fault.self) {
      try MadeSource("e.sqlite", try SQLiteWriter.bytes(SQLiteGuessTests.twoTables), options)
    }
    #expect(fault?.reason.contains("snapshots") ?? false)
  }
}
