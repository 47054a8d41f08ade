import Support
import Testing

@testable import WeirCore

/// Where stream, type, id, version, time, key, metadata and data come from: every name, and which goes first.
@Suite struct MappingTests {
  private func record(
    _ value: String?, _ headers: [(String, String?)] = [],
    _ places: [MappingRules.Field: MappingRules.Place] = [:]
  ) -> StoredEvent {
    var event = StoredEvent(source: "s", stream: "topic", position: Position(0), positionText: "0")
    event.partition = .number(0)
    event.rawValue = value.map { Array($0.utf8) }
    event.headers = headers.map { (Array($0.0.utf8), $0.1.map { Array($0.utf8) }) }
    event.time = Instant(milliseconds: 1000)
    var rules = MappingRules()
    rules.places = places
    EventMapper(rules: rules, kind: .record).map(&event)
    return event
  }

  private func line(_ text: String, _ places: [MappingRules.Field: MappingRules.Place] = [:]) throws
    -> StoredEvent
  {
    var options = ReadOptions()
    options.mapping.places = places
    return try #require(
      try MadeSource("e.ndjson", Array((text + "\n").utf8), options).content().events.first)
  }

  // MARK: Every name

  @Test(arguments: [
    "type", "eventType", "event_type", "event-type", "messageType", "__TypeId__", "ce_type", "ce-type",
    "cloudEvents:type", "cloudEvents_type",
  ])
  func typeHeaders(name: String) { #expect(record("{}", [("x", "y"), (name, "T")]).type == "T") }

  @Test(arguments: ["id", "eventId", "event_id", "messageId", "Nats-Msg-Id", "ce_id"])
  func idHeaders(name: String) { #expect(record("{}", [(name, "7")]).id == "7") }

  @Test(arguments: ["version", "sequence", "ce_sequence"])
  func versionHeaders(name: String) { #expect(record("{}", [(name, "7")]).version == "7") }

  @Test(arguments: ["ce_time", "time", "timestamp", "occurredAt", "occurred_at", "created", "createdAt"])
  func timeHeaders(name: String) {
    let event = record("{}", [(name, "2025-01-02T03:04:05Z")])
    #expect(event.eventTime == TimeText.parse("2025-01-02T03:04:05Z"))
    #expect(event.time == Instant(milliseconds: 1000))
  }

  @Test(arguments: ["correlationId", "correlation_id", "causationId", "traceparent", "ce_source"])
  func causationHeadersAreMetadata(name: String) {
    #expect(record("{}", [(name, "c"), ("other", "o")]).meta == .json(Array("{\"\(name)\":\"c\"}".utf8)))
  }

  @Test(arguments: ["type", "eventType", "event_type", "event-type", "messageType", "__TypeId__"])
  func typesOfLines(name: String) throws { #expect(try line("{\"\(name)\":\"T\"}").type == "T") }

  @Test(arguments: ["id", "eventId", "event_id", "messageId", "Nats-Msg-Id"])
  func idsOfLines(name: String) throws {
    #expect(try line("{\"\(name)\":\"i\"}").id == "i")
    #expect(record("{\"type\":\"T\",\"\(name)\":17}").id == "17")
  }

  @Test(arguments: ["version", "sequence"]) func versionsOfLines(name: String) throws {
    #expect(try line("{\"\(name)\":12345678901234567890}").version == "12345678901234567890")
  }

  @Test(arguments: ["stream", "streamId", "stream_id", "streamName", "aggregateId", "aggregate_id"])
  func streamsOfLines(name: String) throws {
    #expect(try line("{\"\(name)\":\"s-1\",\"type\":\"T\"}").stream == "s-1")
    #expect(record("{\"\(name)\":\"s-1\",\"type\":\"T\"}").stream == "topic", "a record belongs to its topic")
  }

  @Test(arguments: ["time", "timestamp", "occurredAt", "occurred_at", "created", "createdAt"])
  func timesOfLines(name: String) throws {
    for (value, time) in [
      ("\"2025-01-02T09:02:34.632Z\"", "2025-01-02T09:02:34.632Z"),
      ("1735808554632", "2025-01-02T09:02:34.632Z"),
      ("1735808554.5", "2025-01-02T09:02:34.500000Z"), ("\"2025-01-02\"", "2025-01-02T00:00:00Z"),
    ] {
      #expect(try line("{\"\(name)\":\(value)}").time.map(TimeText.rfc3339) == time)
    }
    for nonsense in ["5", "\"soon\"", "null", "[]", "1e308", "true"] {
      #expect(try line("{\"\(name)\":\(nonsense)}").time == nil)
    }
  }

  @Test(arguments: ["meta", "metadata", "headers"], ["data", "payload"])
  func envelopes(meta: String, data: String) throws {
    let text = "{\"type\":\"T\",\"\(meta)\":{\"occurredAt\":\"2025-01-02\"},\"\(data)\":{\"x\":1}}"
    for event in [try line(text), record(text)] {
      #expect(event.meta == .json(Array("{\"occurredAt\":\"2025-01-02\"}".utf8)))
      #expect(event.data == .json(Array("{\"x\":1}".utf8)))
    }
    #expect(
      try line(text).time == TimeText.parse("2025-01-02"), "the metadata's time, where there is no other")
  }

  @Test func theFirstNameOfAListWins() throws {
    let event = try line(
      #"{"aggregateId":"b","streamId":"a","eventType":"U","type":"T","createdAt":"2020-01-01","time":"2025-01-02"}"#
    )
    #expect(event.stream == "a" && event.type == "T")
    #expect(event.time == TimeText.parse("2025-01-02"))
  }

  // MARK: Precedence

  private static let structured =
    #"{"specversion":"1.0","type":"ce.T","source":"/s","id":"ce","time":"2025-01-02T00:00:00Z","data":{"x":1}}"#

  @Test func ownMappingThenCloudEventsThenHeadersThenThePayload() {
    let headers: [(String, String?)] = [("type", "header.T"), ("id", "h"), ("kind", "mapped")]
    #expect(record(MappingTests.structured, headers).type == "ce.T")
    #expect(record(MappingTests.structured, headers).id == "ce")
    #expect(record(MappingTests.structured, headers).stream == "topic")
    #expect(record(MappingTests.structured, headers, [.type: .header("kind")]).type == "mapped")
    #expect(record(#"{"type":"payload.T","id":"p","data":{"x":1}}"#, headers).type == "header.T")
    #expect(
      record(#"{"type":"payload.T","id":"p","data":{"x":1}}"#, [("ce_type", "c"), ("type", "t")]).type == "c")
    #expect(record(#"{"type":"payload.T","id":"p","data":{"x":1}}"#, [("kind", "k")]).type == "payload.T")
  }

  /// `--map` for each field, from each place a stream has.
  @Test(arguments: MappingRules.Field.allCases) func mapFromEveryPlace(field: MappingRules.Field) throws {
    let value = field == .time ? "2025-03-04T00:00:00Z" : "wanted"
    let payload = #"{"type":"T","deep":[{"a/b":"\#(value)"}],"meta":{"in":{"m":"\#(value)"}},"data":{}}"#
    func found(_ event: StoredEvent) -> String? {
      switch field {
      case .stream: event.stream
      case .type: event.type
      case .id: event.id
      case .version: event.version
      case .time: event.eventTime.map(TimeText.rfc3339)
      case .key: event.key.map { String(decoding: $0, as: UTF8.self) }
      case .meta: event.meta.value.string
      case .data: event.data.value.string
      }
    }
    #expect(found(record(payload, [("h", value)], [field: .header("h")])) == value)
    #expect(found(record(payload, [], [field: .data("/deep/0/a~1b")])) == value)
    for place in [MappingRules.Place.header("no"), .data("/no"), .meta("/no"), .data("/deep/7")] {
      let event = record(payload, [], [field: place])
      #expect(event.rawValue == Array(payload.utf8) && found(event) != value, "\(place)")
    }
  }

  @Test func mapFromTheMetadata() throws {
    let text = #"{"type":"T","meta":{"aggregate":"m-1","n":7},"data":{"x":1}}"#
    let event = try line(text, [.stream: .meta("/aggregate"), .version: .meta("/n")])
    #expect(event.stream == "m-1")
    #expect(event.version == "7")
    #expect(event.data == .json(Array(#"{"x":1}"#.utf8)))
  }

  // MARK: Wrappers

  @Test func debeziumEnvelopes() throws {
    let change =
      #"{"before":null,"after":{"id":1},"source":{"schema":"public","table":"accounts","ts_ms":1735808554632},"op":"c","ts_ms":1}"#
    for text in [change, #"{"schema":{"type":"struct"},"payload":\#(change)}"#] {
      for event in [record(text), try line(text)] {
        #expect(event.type == "accounts.created")
        #expect(event.eventTime ?? event.time == Instant(milliseconds: 1_735_808_554_632))
        #expect(event.data == .json(Array(change.utf8)))
      }
    }
    for (code, word) in [
      ("u", "updated"), ("d", "deleted"), ("r", "read"), ("t", "truncated"), ("m", "message"),
    ] {
      #expect(record(#"{"op":"\#(code)","before":{},"source":{}}"#).type == word)
    }
    #expect(record(#"{"op":"x","before":{},"source":{}}"#).type == nil)
    #expect(record(change, [("type", "T")]).type == "T")
  }

  @Test func outboxRouterHeaders() {
    let event = record(
      #"{"schema":null,"payload":"{\"x\": 1}"}"#,
      [("id", "93bd"), ("eventType", "Opened"), ("createdAt", "2025-01-02T09:59:07.186000Z")])
    #expect(event.type == "Opened" && event.id == "93bd")
    #expect(event.data == .json(Array(#"{"x": 1}"#.utf8)))
    #expect(event.eventTime == TimeText.parse("2025-01-02T09:59:07.186Z"))
  }

  @Test(arguments: [
    #"{"topic":"t","key":"k","value":{"x":1},"headers":{"type":"T","id":"7"},"ts":1735808554632}"#,
    #"{"topic":"t","partition":1,"offset":5,"key":"k","payload":"{\"x\":1}","headers":["type","T","id","7"],"ts":1735808554632,"tstype":"create","broker":0}"#,
    #"{"topic":"t","key":{"schema":{},"payload":"k"},"value":{"schema":{},"payload":{"x":1}},"headers":[["type","T"],["id","7"]],"timestamp":1735808554632}"#,
    #"{"topic":"t","key":"k","value":{"x":1},"headers":{"type":{"schema":{},"payload":"T"},"id":{"schema":{},"payload":7},"n":null},"timestamp":"2025-01-02T09:02:34.632Z"}"#,
  ])
  func recordsWrittenOutAsLines(text: String) throws {
    let event = try line(text)
    #expect(event.stream == "t")
    #expect(event.key == Array("k".utf8))
    #expect(event.type == "T" && event.id == "7")
    #expect(event.data == .json(Array(#"{"x":1}"#.utf8)))
    #expect(event.time == Instant(milliseconds: 1_735_808_554_632))
  }

  @Test func recordLinesWithoutTheirParts() throws {
    let empty = try line(#"{"topic":"t","key":null,"value":null}"#)
    #expect(empty.key == nil && empty.data == .null && empty.marks == [.tombstone])
    let object = try line(#"{"topic":"t","key":{"id": 1},"value":"x","headers":7}"#)
    #expect(object.key == Array(#"{"id": 1}"#.utf8) && object.headers.isEmpty)
    let own = try line(#"{"topic":"t","type":"Published","payload":{"x":1}}"#)
    #expect(own.stream == "e.ndjson" && own.type == "Published", "an event that only has a member `topic`")
  }

  @Test func cloudEventsOfEveryShape() throws {
    let batch = try MadeSource(
      "b.json",
      Array(
        (#"[{"specversion":"1.0","type":"a","source":"/s","id":"1","subject":"x","sequence":"12","partitionkey":"p","data":"text"},"#
          + #"{"specversion":"0.3","type":"b","source":"/s","id":"2","datacontentencoding":"base64","data":"AQI="},"#
          + #"{"specversion":"1.0","type":"c","source":"/s","id":"3"},"#
          + #"{"specversion":"1.0","type":"d","source":"/s","id":"4","sequence":"0012x","data_base64":"%%"},"#
          + #"{"type":"e","source":"/s","id":"5"}]"#).utf8))
    let events = try batch.content().events
    #expect(batch.about.format == "cloudevents")
    #expect(events.map(\.stream) == ["x", "/s", "/s", "/s", "b.json"])
    #expect(events[0].version == "12" && events[0].key == Array("p".utf8))
    #expect(events[0].data == .text("text"))
    #expect(events[1].data == .bytes([1, 2]) || events[1].data == .text("\u{1}\u{2}"))
    #expect(events[2].data == .absent)
    #expect(events[3].version == nil && events[3].data == .absent)
    #expect(events[4].id == "5")
  }

  @Test func whatWasFoundWhereIsSaid() throws {
    let rules = MappingRules()
    func said(_ text: String, _ headers: [(String, String?)] = []) -> [String] {
      var event = StoredEvent(source: "s", stream: "t", position: Position(0), positionText: "0")
      event.partition = .number(0)
      event.rawValue = Array(text.utf8)
      event.headers = headers.map { (Array($0.0.utf8), $0.1.map { Array($0.utf8) }) }
      return EventMapper(rules: rules, kind: .record).explain(event)
    }
    #expect(
      said("{}", [("type", "T"), ("id", "1"), ("time", "2025-01-02")])
        == ["type, id, time: headers with well-known names (a guess)"])
    #expect(
      said(#"{"type":"T","id":1,"created":"2025-01-02","data":{}}"#)
        == ["time, type, id, data: members at the top of the payload (a guess by their names)"])
    #expect(
      said(MappingTests.structured) == ["stream, type, id, time, data: a CloudEvent in structured mode"])
    #expect(said(#"{"x":1}"#).isEmpty)
    let source = try MadeSource("e.ndjson", Array(#"{"topic":"t","value":{"type":"T"}}"#.utf8))
    #expect(source.about.notes.contains { $0.contains("a line that is a broker's record") })
  }
}
