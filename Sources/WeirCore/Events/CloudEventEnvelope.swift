/// A CloudEvent in structured mode (cloudevents.io, specification 1.0, "JSON Event Format"): one JSON object
/// whose members are the attributes, with the payload in `data` or, as base64, in `data_base64`.
///
/// | member | required | becomes |
/// |---|---|---|
/// | `specversion` | yes | recognises the envelope; metadata |
/// | `id` | yes | id |
/// | `source` | yes | stream where `subject` is missing; metadata |
/// | `type` | yes | type |
/// | `subject` | no | stream; metadata |
/// | `time` | no | time |
/// | `data`, `data_base64` | no | data |
/// | anything else | no | metadata |
struct CloudEventEnvelope {
  private let members: JSONMembers
  private let bytes: [UInt8]

  init?(_ members: JSONMembers, _ bytes: [UInt8]) {
    guard ["specversion", "id", "source", "type"].allSatisfy({ members.first([$0]) != nil }) else {
      return nil
    }
    self.members = members
    self.bytes = bytes
  }

  private func text(_ name: String) -> String? {
    members.first([name]).flatMap { EventMapper.scalar(bytes[$0.value]) }
  }

  func apply(to event: inout StoredEvent, keepStream: Bool) {
    if !keepStream, let stream = text("subject") ?? text("source") { event.stream = stream }
    event.type = event.type ?? text("type")
    event.id = event.id ?? text("id")
    event.version = event.version ?? text("sequence").flatMap { Int($0).map(String.init) }
    event.eventTime = event.eventTime ?? text("time").flatMap(TimeText.parse)
    if event.key == nil, !keepStream { event.key = text("partitionkey").map { Array($0.utf8) } }
    if text("datacontentencoding") == "base64", let decoded = text("data").flatMap({ Base64.decode($0) }) {
      // Version 0.3 of the specification.
      event.data = Payload(sniffing: decoded)
    } else if let entry = members.first(["data"]) {
      event.data = Payload(member: Array(bytes[entry.value]))
    } else if let encoded = text("data_base64"), let decoded = Base64.decode(encoded) {
      event.data = Payload(sniffing: decoded)
    } else {
      event.data = .absent
    }
    var meta: [UInt8] = [UInt8(ascii: "{")]
    for entry in members.entries where !["type", "id", "time", "data", "data_base64"].contains(entry.name) {
      if meta.count > 1 { meta.append(UInt8(ascii: ",")) }
      JSONText.appendString(entry.name, to: &meta)
      meta.append(UInt8(ascii: ":"))
      meta.append(contentsOf: bytes[entry.value])
    }
    meta.append(UInt8(ascii: "}"))
    event.meta = .json(JSONText.oneLine(meta))
  }
}
