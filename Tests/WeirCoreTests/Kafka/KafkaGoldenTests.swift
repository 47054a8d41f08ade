import Support
import Testing

@testable import WeirCore

/// Files that real brokers wrote, against what Kafka's own client read from the same brokers.
@Suite struct KafkaGoldenTests {
  struct Corpus: CustomTestStringConvertible, Sendable {
    var testDescription: String { expected }
    var path: String
    var expected: String
    /// Only these are compared; empty: every topic.
    var topics: Set<String> = []
    /// Positions that the client read; with none, all are.
    var partition: Int32?
  }

  static let corpora = [
    Corpus(path: Kafka.logs, expected: "kafka/expected.logs.ndjson.gz"),
    Corpus(path: Kafka.legacy, expected: "kafka/expected.legacy.ndjson.gz"),
    Corpus(path: Kafka.demo, expected: "kafka/expected.demo.ndjson.gz", topics: ["bank.transfers"]),
    Corpus(
      path: Kafka.demo, expected: "kafka/expected.demo.ndjson.gz", topics: ["bank.accounts"], partition: 0),
  ]

  @Test(arguments: corpora) func everyEventIsWhatTheClientRead(corpus: Corpus) throws {
    let source = try Kafka.open(corpus.path)
    var found: [String: StoredEvent] = [:]
    let topics = Set(source.visible.map(\.id.topic))
    for topic in topics where corpus.topics.isEmpty || corpus.topics.contains(topic) {
      let content = try Kafka.read(source, topic, corpus.partition)
      #expect(content.damage.filter { $0.kind == .corrupt } == [])
      for event in content.events { found[place(event)] = event }
    }
    var compared = 0
    for wanted in try jsonLines(Fixtures.path(corpus.expected)) {
      let topic = wanted["topic"]?.string ?? ""
      guard corpus.topics.isEmpty || corpus.topics.contains(topic) else { continue }
      let place = place(wanted)
      let match = found.removeValue(forKey: place)
      let event = try #require(match, "\(place) is missing")
      #expect(event.key == blob(wanted["key"]), "key of \(place)")
      #expect(event.rawValue == blob(wanted["value"]), "value of \(place)")
      #expect(headers(event) == headers(wanted), "headers of \(place)")
      #expect(event.time?.milliseconds ?? -1 == number(wanted["timestamp"]), "time of \(place)")
      compared += 1
    }
    #expect(found.isEmpty, "events that the client did not read")
    #expect(compared > 200)
  }

  private func place(_ event: StoredEvent) -> String {
    "\(event.stream) \(event.partition?.description ?? "") \(event.positionText)"
  }

  private func place(_ json: JSONValue) -> String {
    "\(json["topic"]?.string ?? "") \(number(json["partition"])) \(number(json["offset"]))"
  }

  private func number(_ json: JSONValue?) -> Int64 {
    if case .number(let text)? = json { Int64(text) ?? .min } else { .min }
  }

  /// Text, or bytes as `{"base64":…}`.
  private func blob(_ json: JSONValue?) -> [UInt8]? {
    if let text = json?.string { return Array(text.utf8) }
    return json?["base64"]?.string.flatMap { Base64.decode($0) }
  }

  private func headers(_ event: StoredEvent) -> [[[UInt8]?]] { event.headers.map { [$0.name, $0.value] } }

  private func headers(_ json: JSONValue) -> [[[UInt8]?]] {
    json["headers"]?.elements?.map { pair in (pair.elements ?? []).map { blob($0) } } ?? []
  }

  @Test func theOtherPartitionsHoldTheBank() throws {
    var values: [String: JSONValue] = [:]
    for line in try jsonLines(Fixtures.path("bank/bank.ndjson.gz")) {
      if let id = line["id"]?.string { values[id] = line }
    }
    let source = try Kafka.open(Kafka.demo)
    var compared = 0
    for partition: Int32 in 1...5 {
      for event in try Kafka.read(source, "bank.accounts", partition, count: 1000).events {
        guard let wanted = values[event.id ?? ""] else { continue }
        compared += 1
        #expect(event.type == wanted["type"]?.string)
        #expect(event.key.map(StoredEvent.keyText) == wanted["stream"]?.string)
        #expect(try event.rawValue.map { try JSONParser.parse($0) } == wanted["data"])
      }
    }
    #expect(compared > 1000)
  }

  @Test func allCodecsAreAmongThem() throws {
    var kinds: Set<String> = []
    for path in [Kafka.demo, Kafka.legacy] {
      try Kafka.open(path).frames(of: .everything, Work()) { _, frame in
        kinds.insert(frame.kind)
        #expect(frame.crcOK == true)
        #expect(frame.damage == nil)
      }
    }
    for wanted in [
      "batch v2 none", "batch v2 gzip", "batch v2 snappy", "batch v2 lz4", "batch v2 zstd", "message v0 none",
      "message set v0 gzip", "message set v0 snappy", "message set v0 lz4", "message v1 none",
      "message set v1 gzip", "message set v1 snappy", "message set v1 lz4",
      "batch v2 none transactional control COMMIT", "batch v2 none transactional control ABORT",
    ] { #expect(kinds.contains(wanted), "\(wanted)") }
  }

  @Test func readCommittedIsWhatItsConsumerGot() throws {
    let wanted = try jsonLines(Fixtures.path("kafka/expected.committed.ndjson.gz")).map(place)
    let committed = try Kafka.read(Kafka.open(Kafka.demo) { $0.committed = true }, "bank.transfers")
    #expect(Set(committed.events.map(place)) == Set(wanted))
    #expect(committed.events.count == wanted.count)
    let all = try Kafka.read(Kafka.open(Kafka.demo), "bank.transfers")
    let others = all.events.filter { !$0.marks.isDisjoint(with: [.aborted, .open]) }
    #expect(Set(others.map(place)).union(wanted).count == all.events.count)
    #expect(others.filter { $0.marks.contains(.open) }.count == 10)
  }

  @Test func nullAndEmptyAreNotTheSame() throws {
    let events = try Kafka.read(Kafka.open(Kafka.logs), "odd").events
    #expect(events[0].key == nil && events[0].rawValue == nil && events[0].marks == .tombstone)
    #expect(events[1].key == [] && events[1].rawValue == [] && events[1].marks == [])
    #expect(events[0].headers.map { String(decoding: $0.name, as: UTF8.self) }.prefix(3) == ["h", "h", ""])
    #expect(events[0].headers[0].value == nil)
    #expect(events[0].headers[1].value == Array("again".utf8))
  }

  @Test func aDeepOrBrokenPayloadIsStillAnEvent() throws {
    let events = try Kafka.read(Kafka.open(Kafka.logs), "odd").events
    for event in events where event.rawValue != nil { #expect(event.data != .null) }
    #expect(events.last?.data == .text(#"{"a":[1,2"#))
  }

  @Test func theGroupsAreThoseOfTheBroker() throws {
    let groups = try Kafka.open(Kafka.demo).groups(Work())
    let words = groups.map {
      "\($0.group) \($0.stream)-\($0.partition) \($0.committed ?? "") \($0.lag ?? -1)"
    }
    #expect(
      words == [
        "ledger bank.accounts-0 734 623", "ledger bank.accounts-1 730 828", "ledger bank.accounts-2 0 1621",
        "ledger bank.accounts-3 0 1906", "ledger bank.accounts-4 0 1286", "ledger bank.accounts-5 36 2236",
        "mailer bank.accounts-0 0 1357", "mailer bank.accounts-1 37 1521", "mailer bank.accounts-2 0 1621",
        "mailer bank.accounts-3 0 1906", "mailer bank.accounts-4 0 1286", "mailer bank.accounts-5 0 2272",
        "table bank.balances-0 2577 -1", "table bank.balances-1 2233 -1", "table bank.balances-2 3190 -1",
      ])
  }
}
