import Testing
import WeirCore

@Suite struct EventMapperTests {
  private func record(_ value: String?, headers: [(String, String?)] = []) -> StoredEvent {
    var event = StoredEvent(source: "s", stream: "t", position: Position(0), positionText: "0")
    event.partition = .number(0)
    event.rawValue = value.map { Array($0.utf8) }
    event.headers = headers.map { (Array($0.0.utf8), $0.1.map { Array($0.utf8) }) }
    event.time = Instant(milliseconds: 1000)
    EventMapper(rules: MappingRules(), kind: .record).map(&event)
    return event
  }

  @Test func headersAreLookedAtFirst() {
    let event = record(
      #"{"type":"inner","data":{"x":1}}"#,
      headers: [("type", "Outer"), ("id", "7"), ("version", "3"), ("correlationId", "c"), ("other", nil)])
    #expect(event.type == "Outer")
    #expect(event.id == "7")
    #expect(event.version == "3")
    #expect(
      event.data == .json(Array(#"{"type":"inner","data":{"x":1}}"#.utf8)),
      "a typed header leaves the payload whole")
    #expect(event.meta == .json(Array(#"{"correlationId":"c"}"#.utf8)))
  }

  @Test func thenTheTopOfThePayload() {
    let event = record(
      #"{"eventType":"Placed","eventId":"9","occurredAt":"2025-01-02T03:04:05Z","payload":{"x":1}}"#)
    #expect(event.type == "Placed")
    #expect(event.id == "9")
    #expect(event.data == .json(Array(#"{"x":1}"#.utf8)))
    #expect(event.eventTime == TimeText.parse("2025-01-02T03:04:05Z"))
    #expect(event.time == Instant(milliseconds: 1000), "the log's own time stays")
  }

  @Test func aDocumentWithoutATypeKeepsItsOwnId() {
    let event = record(#"{"id":5,"name":"x"}"#)
    #expect(event.id == nil)
    #expect(event.type == nil)
  }

  @Test func cloudEventsInHeaders() {
    let event = record(
      #"{"x":1}"#, headers: [("ce_type", "a.B"), ("ce_id", "1"), ("ce_time", "2025-01-02T03:04:05Z")])
    #expect(event.type == "a.B")
    #expect(event.shortType == "B")
    #expect(event.id == "1")
    #expect(event.eventTime != nil)
  }

  @Test func nullsAndBytes() {
    #expect(record(nil).marks.contains(.tombstone))
    #expect(record(nil).data == .null)
    #expect(record("").data == .text(""))
    #expect(record("plain").data == .text("plain"))
    var event = record("x")
    event.rawValue = [0xFF]
    event.data = .absent
    EventMapper(rules: MappingRules(), kind: .record).map(&event)
    #expect(event.data == .bytes([0xFF]))
  }

  @Test func shortTypes() {
    var event = record("{}")
    for (full, short) in [
      ("bank.model:Account.Opened", "Opened"), ("Bank.Deposited, Bank, Version=1.0", "Deposited"),
      ("com.x.Outer$Inner", "Inner"),
      ("Plain", "Plain"), ("List`1[[X]]", "List`1"), ("", ""),
    ] {
      event.type = full
      #expect(event.shortType == short)
    }
  }

  @Test func explainsWhatItFound() {
    let event = record(#"{"x":1}"#, headers: [("type", "T")])
    var raw = event
    (raw.type, raw.data) = (nil, .absent)
    #expect(EventMapper(rules: MappingRules(), kind: .record).explain(raw).contains { $0.contains("header") })
  }
}
