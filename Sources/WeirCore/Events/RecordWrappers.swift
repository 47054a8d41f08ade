/// What tools put around a payload: a broker's record written out as a line, Kafka Connect's schema beside
/// the value, Debezium's change envelope.
///
/// | wrapper | recognised by | becomes |
/// |---|---|---|
/// | a record as a line (kcat) | `topic` and `value` or `payload` | stream, key, headers, time |
/// | Kafka Connect's JSON converter | exactly `schema` and `payload` | the payload |
/// | Debezium's envelope (debezium.io, "Change events") | `op`, `source`, and `before` or `after` | type `accounts.updated`, time `source.ts_ms`; the data stays whole |
enum RecordWrappers {
  private static let recordParts: Set<String> = [
    "topic", "partition", "offset", "key", "value", "payload", "headers", "ts", "timestamp", "tstype",
    "timestampType", "broker", "leaderEpoch", "keySize", "valueSize",
  ]

  /// Takes a line that is a broker's record apart; false when it is none.
  static func unwrapRecord(_ members: JSONMembers, _ bytes: [UInt8], _ event: inout StoredEvent) -> Bool {
    guard members.entries.allSatisfy({ recordParts.contains($0.name) }),
      let topic = members.first(["topic"]).flatMap({ EventMapper.scalar(bytes[$0.value]) }),
      let value = members.first(["value", "payload"])
    else { return false }
    event.stream = topic
    event.key = members.first(["key"]).flatMap { key(Array(bytes[$0.value])) }
    if let headers = members.first(["headers"]), let tree = try? JSONParser.parse(bytes[headers.value]) {
      event.headers = self.headers(tree)
    }
    if let time = members.first(["ts", "timestamp"]) {
      event.eventTime = (try? JSONParser.parse(bytes[time.value])).flatMap(EventMapper.time)
    }
    let content = Array(bytes[value.value])
    event.data = content.elementsEqual("null".utf8) ? .null : Payload(member: content)
    if event.data == .null { event.marks.insert(.tombstone) }
    return true
  }

  private static func key(_ value: [UInt8]) -> [UInt8]? {
    if value.elementsEqual("null".utf8) { return nil }
    let inner = connect(value) ?? value
    if let text = EventMapper.scalar(inner[...]) { return Array(text.utf8) }
    return JSONText.oneLine(inner)
  }

  /// An object of names and values, a list of pairs, or names and values in turn.
  private static func headers(_ tree: JSONValue) -> [(name: [UInt8], value: [UInt8]?)] {
    var pairs: [(JSONValue, JSONValue)] = []
    if let members = tree.members {
      pairs = members.map { (.string($0.name), $0.value) }
    } else if let elements = tree.elements {
      if elements.allSatisfy({ $0.elements?.count == 2 }) {
        pairs = elements.compactMap { $0.elements.map { ($0[0], $0[1]) } }
      } else if elements.count % 2 == 0 {
        pairs = stride(from: 0, to: elements.count, by: 2).map { (elements[$0], elements[$0 + 1]) }
      }
    }
    return pairs.compactMap { name, value in
      guard let name = name.string else { return nil }
      return (Array(name.utf8), text(value))
    }
  }

  private static func text(_ value: JSONValue) -> [UInt8]? {
    if case .null = value { return nil }
    let inner = value.members?.count == 2 && value["schema"] != nil ? value["payload"] ?? value : value
    if case .null = inner { return nil }
    return inner.string.map { Array($0.utf8) } ?? inner.compact
  }

  /// The payload beside Kafka Connect's schema; nil when the bytes are no such pair.
  static func connect(_ bytes: [UInt8]) -> [UInt8]? {
    guard let members = JSONMembers(bytes), members.entries.count == 2,
      let schema = members.first(["schema"]), let payload = members.first(["payload"]),
      let first = bytes[schema.value].first, first == UInt8(ascii: "{") || first == UInt8(ascii: "n")
    else { return nil }
    return Array(bytes[payload.value])
  }

  /// Type and time of a Debezium envelope; false when it is none.
  static func change(_ members: JSONMembers, _ bytes: [UInt8], _ event: inout StoredEvent) -> Bool {
    guard let code = members.first(["op"]).flatMap({ EventMapper.scalar(bytes[$0.value]) }),
      let word = operations[code], members.first(["before", "after"]) != nil,
      let place = members.first(["source"]), let source = JSONMembers(Array(bytes[place.value]))
    else { return false }
    let inner = Array(bytes[place.value])
    if event.type == nil {
      let table = source.first(["table", "collection"]).flatMap { EventMapper.scalar(inner[$0.value]) }
      event.type = table.map { "\($0).\(word)" } ?? word
    }
    if event.eventTime == nil, let time = source.first(["ts_ms"]) {
      event.eventTime = (try? JSONParser.parse(inner[time.value])).flatMap(EventMapper.time)
    }
    return true
  }

  private static let operations = [
    "c": "created", "u": "updated", "d": "deleted", "r": "read", "t": "truncated", "m": "message",
  ]
}
