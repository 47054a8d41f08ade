import WeirCore

/// One event as `--json` prints it (cli.md, "One event as JSON"). Keys that the source does not have are left
/// out.
struct EventJSON {
  var includesRaw = false
  private(set) var bytes: [UInt8] = []

  init(includesRaw: Bool = false) { self.includesRaw = includesRaw }

  /// The whole event as one object.
  static func object(_ event: StoredEvent, raw: Bool = false) -> [UInt8] {
    var writer = EventJSON(includesRaw: raw)
    writer.begin()
    writer.event(event)
    return writer.end()
  }

  mutating func begin() { bytes = [UInt8(ascii: "{")] }

  mutating func end() -> [UInt8] {
    bytes.append(UInt8(ascii: "}"))
    return bytes
  }

  mutating func event(_ event: StoredEvent) {
    text("source", event.source)
    text("stream", event.stream)
    partition(event.partition)
    text("position", event.positionText)
    if let version = event.version { text("version", version) }
    if let key = event.key {
      name("key")
      blob(key)
    }
    if let type = event.type { text("type", type) }
    if let id = event.id { text("id", id) }
    if let time = event.time { text("time", TimeText.rfc3339(time)) }
    if let time = event.eventTime, time != event.time { text("eventTime", TimeText.rfc3339(time)) }
    headers(event)
    for extra in event.extras { value(extra.name, extra.value) }
    payload("meta", event.meta)
    payload("data", event.data)
    if let encoding = event.encoding ?? event.data.encoding { text("encoding", encoding) }
    integer("size", event.size)
    provenance(event)
    if !event.marks.isEmpty { value("marks", .array(event.marks.names.map { .string($0) })) }
    if includesRaw { raw(event) }
  }

  /// What a line of `replay`, `bisect` … says of its event: where it stands and what it is.
  mutating func reference(_ event: StoredEvent, aggregate: String) {
    if event.stream != aggregate { text("stream", event.stream) }
    partition(event.partition)
    text("position", event.positionText)
    if let version = event.version { text("version", version) }
    if let id = event.id { text("id", id) }
    if let type = event.type { text("type", type) }
    if let time = event.time { text("time", TimeText.rfc3339(time)) }
    if let time = event.eventTime, time != event.time { text("eventTime", TimeText.rfc3339(time)) }
  }

  mutating func name(_ name: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    JSONText.appendString(name, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
  }

  mutating func text(_ name: String, _ text: String) {
    self.name(name)
    JSONText.appendString(text, to: &bytes)
  }

  mutating func integer(_ name: String, _ value: some BinaryInteger) {
    self.name(name)
    bytes.append(contentsOf: String(value).utf8)
  }

  mutating func value(_ name: String, _ value: JSONValue) {
    self.name(name)
    value.append(to: &bytes)
  }

  mutating func partition(_ partition: PartitionID?) {
    switch partition {
    case .number(let number)?: integer("partition", number)
    case .name(let text)?: self.text("partition", text)
    case nil: break
    }
  }

  private mutating func headers(_ event: StoredEvent) {
    guard !event.headers.isEmpty else { return }
    name("headers")
    bytes.append(UInt8(ascii: "["))
    for (index, header) in event.headers.enumerated() {
      bytes.append(contentsOf: Array((index > 0 ? ",[" : "[").utf8))
      blob(header.name)
      bytes.append(UInt8(ascii: ","))
      if let value = header.value { blob(value) } else { bytes.append(contentsOf: Array("null".utf8)) }
      bytes.append(UInt8(ascii: "]"))
    }
    bytes.append(UInt8(ascii: "]"))
  }

  private mutating func payload(_ name: String, _ payload: Payload) {
    switch payload {
    case .absent: break
    case .null: value(name, .null)
    case .json(let json):
      self.name(name)
      bytes.append(contentsOf: json)
    case .text(let text): self.text(name, text)
    case .bytes(let content):
      self.name(name)
      base64(content)
    }
  }

  private mutating func provenance(_ event: StoredEvent) {
    guard let provenance = event.provenance else { return }
    var members: [JSONMember]
    switch provenance {
    case .bytes(let file, let range):
      members = [
        JSONMember("file", .string(file)), JSONMember("offset", .int(range.lowerBound)),
        JSONMember("length", .int(range.upperBound - range.lowerBound)),
      ]
    case .row(let file, let table, let row):
      members = [
        JSONMember("file", .string(file)), JSONMember("table", .string(table)), JSONMember("row", .int(row)),
      ]
    case .remote(let endpoint, let position):
      members = [JSONMember("endpoint", .string(endpoint)), JSONMember("position", .string(position))]
    }
    if let index = event.indexInFrame { members.append(JSONMember("record", .int(index))) }
    value("where", .object(members))
  }

  private mutating func raw(_ event: StoredEvent) {
    for (name, content) in [("rawKey", event.key), ("rawValue", event.rawValue)] {
      if let content { text(name, Base64.encode(content)) } else { value(name, .null) }
    }
  }

  /// Text as a string, bytes that are not UTF-8 as `{"base64":…}`.
  private mutating func blob(_ content: [UInt8]) {
    if let text = String(validating: content, as: UTF8.self) {
      JSONText.appendString(text, to: &bytes)
    } else {
      base64(content)
    }
  }

  private mutating func base64(_ content: [UInt8]) {
    bytes.append(contentsOf: Array("{\"base64\":\"".utf8))
    Base64.append(content, to: &bytes)
    bytes.append(contentsOf: Array("\"}".utf8))
  }
}

extension JSONValue {
  /// The value as one line of JSON.
  var text: String { String(decoding: compact, as: UTF8.self) }
}
