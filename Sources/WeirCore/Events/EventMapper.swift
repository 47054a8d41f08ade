/// Finds type, id, version, time, metadata and data of an event whose source leaves them to its users
/// (cli.md, "Where stream, type, id, version, time, key and metadata come from"). Looked for in this order:
/// the rules given, CloudEvents (headers or structured), well-known headers, well-known names at the top of a
/// JSON payload.
package struct EventMapper: Sendable {
  /// What the caller has filled in already.
  package enum Kind: Sendable, Equatable {
    /// A broker's record: key, headers and rawValue stand; the log has a time of its own.
    case record
    /// A store's row: stream, version, type, id … stand; only what is still nil is looked for.
    case row
    /// A line or element of a text file: rawValue is the whole text; the stream comes from it as well.
    case line
  }

  package let rules: MappingRules
  package let kind: Kind

  package init(rules: MappingRules, kind: Kind) {
    self.rules = rules
    self.kind = kind
  }

  /// Fills what is missing in `event`. Total: whatever the bytes are, the event is good afterwards.
  package func map(_ event: inout StoredEvent) {
    var trace: [String]?
    map(&event, trace: &trace)
  }

  /// Where each field of this event was found, one sentence each; what was recognised by its name is called a
  /// guess.
  package func explain(_ event: StoredEvent) -> [String] {
    var copy = event
    if kind != .row { (copy.type, copy.id, copy.version, copy.eventTime) = (nil, nil, nil, nil) }
    if kind != .row { (copy.meta, copy.data) = (.absent, .absent) }
    var trace: [String]? = []
    map(&copy, trace: &trace)
    return trace ?? []
  }

  private func map(_ event: inout StoredEvent, trace: inout [String]?) {
    let recorded = event.time
    if event.data == .absent, rules.places[.data] == nil { event.data = Payload(sniffing: event.rawValue) }
    applyRules(&event, inMetadata: false, &trace)
    let isRecord = unwrap(&event, &trace)
    let members = topMembers(event)
    if let members, case .json(let bytes) = event.data, let envelope = CloudEventEnvelope(members, bytes) {
      envelope.apply(to: &event, keepStream: kind != .line || rules.places[.stream] != nil)
      trace?.append("stream, type, id, time, data: a CloudEvent in structured mode")
    } else {
      mapHeaders(&event, &trace)
      if let members, case .json(let bytes) = event.data {
        if kind != .row, RecordWrappers.change(members, bytes, &event) {
          trace?.append("type, time: a Debezium change envelope")
        } else {
          mapMembers(members, bytes, isLine: kind == .line && !isRecord, &event, &trace)
        }
      }
    }
    // The metadata is only known now.
    applyRules(&event, inMetadata: true, &trace)
    mapMetadataTime(&event)
    // A broker's record keeps the two apart: its log has times, though not in every format.
    if recorded == nil, kind != .record {
      event.time = event.time ?? event.eventTime
      event.eventTime = nil
    }
    if kind != .line, event.rawValue == nil, case .null = event.data { event.marks.insert(.tombstone) }
  }

  /// Takes off what tools put around a payload. True when a line was a broker's record.
  private func unwrap(_ event: inout StoredEvent, _ trace: inout [String]?) -> Bool {
    guard kind != .row, rules.places[.data] == nil, case .json(let bytes) = event.data else { return false }
    var isRecord = false
    if kind == .line, let members = JSONMembers(bytes) {
      isRecord = RecordWrappers.unwrapRecord(members, bytes, &event)
      if isRecord { trace?.append("stream, key, headers, time, data: a line that is a broker's record") }
    }
    if case .json(let inner) = event.data, let payload = RecordWrappers.connect(inner) {
      event.data = Payload(member: payload)
      trace?.append("data: the payload beside a Kafka Connect schema")
    }
    return isRecord
  }

  private func topMembers(_ event: StoredEvent) -> JSONMembers? {
    guard case .json(let bytes) = event.data else { return nil }
    // A store's row needs its payload only for a time that the store does not keep.
    if kind == .row, event.time != nil { return nil }
    return JSONMembers(bytes)
  }

  // MARK: Rules given by the user

  /// The rules whose places lie in the metadata, or all the others.
  private func applyRules(_ event: inout StoredEvent, inMetadata: Bool, _ trace: inout [String]?) {
    guard !rules.places.isEmpty else { return }
    var payload: JSONValue?
    if !inMetadata { payload = event.rawValue.flatMap { try? JSONParser.parse($0) } }
    var metadata: JSONValue?
    if inMetadata, case .json(let bytes) = event.meta { metadata = try? JSONParser.parse(bytes) }
    for (field, place) in rules.places {
      let value: JSONValue? =
        switch place {
        case .header(let name):
          inMetadata
            ? nil : header([name], event).map { .string(String(decoding: $0, as: UTF8.self)) }
        case .data(let pointer): payload.flatMap { EventMapper.value(at: pointer, of: $0) }
        case .meta(let pointer): metadata.flatMap { $0.at(pointer: pointer) }
        case .column: nil
        }
      guard let value else { continue }
      set(field, value, &event)
      trace?.append("\(field.rawValue): as --map says")
    }
    if event.data == .absent, !inMetadata { event.data = Payload(sniffing: event.rawValue) }
  }

  /// A place in the data is one in what `cat` prints as such: the member that holds it, where there is one;
  /// else one in the whole payload.
  private static func value(at pointer: String, of payload: JSONValue) -> JSONValue? {
    for name in ["data", "payload"] {
      if let found = payload[name]?.at(pointer: pointer) { return found }
    }
    return payload.at(pointer: pointer)
  }

  private func set(_ field: MappingRules.Field, _ value: JSONValue, _ event: inout StoredEvent) {
    let text = value.string ?? String(decoding: value.compact, as: UTF8.self)
    switch field {
    case .stream: event.stream = text
    case .type: event.type = text
    case .id: event.id = text
    case .version: event.version = text
    case .key: event.key = Array(text.utf8)
    case .time: event.eventTime = EventMapper.time(value)
    case .meta: event.meta = .json(value.compact)
    case .data: event.data = .json(value.compact)
    }
  }

  // MARK: Headers

  private func header(_ names: [String], _ event: StoredEvent) -> [UInt8]? {
    for name in names {
      for header in event.headers where header.name.elementsEqual(name.utf8) {
        if let value = header.value { return value }
      }
    }
    return nil
  }

  private func headerText(_ names: [String], _ event: StoredEvent) -> String? {
    header(names, event).flatMap { String(validating: $0, as: UTF8.self) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func mapHeaders(_ event: inout StoredEvent, _ trace: inout [String]?) {
    guard !event.headers.isEmpty else { return }
    var found: [String] = []
    func fill(_ field: String, _ value: String?, _ names: [String]) -> String? {
      if let value { return value }
      let text = headerText(names, event)
      if text != nil { found.append(field) }
      return text
    }
    event.type = fill("type", event.type, Names.typeHeaders)
    event.id = fill("id", event.id, Names.idHeaders)
    event.version = fill("version", event.version, Names.versionHeaders)
    if event.eventTime == nil, let text = headerText(Names.timeHeaders, event) {
      event.eventTime = EventMapper.time(.string(text))
      if event.eventTime != nil { found.append("time") }
    }
    if !found.isEmpty {
      trace?.append("\(found.joined(separator: ", ")): headers with well-known names (a guess)")
    }
    guard event.meta == .absent else { return }
    var members: [JSONMember] = []
    for header in event.headers {
      guard let value = header.value, let name = String(validating: header.name, as: UTF8.self),
        Names.causation.contains(name), let text = String(validating: value, as: UTF8.self)
      else { continue }
      members.append(JSONMember(name, .string(text)))
    }
    if !members.isEmpty { event.meta = .json(JSONValue.object(members).compact) }
  }

  // MARK: The top of a JSON payload

  private func mapMembers(
    _ members: JSONMembers, _ bytes: [UInt8], isLine: Bool, _ event: inout StoredEvent,
    _ trace: inout [String]?
  ) {
    func scalar(_ names: [String]) -> String? {
      members.first(names).flatMap { EventMapper.scalar(bytes[$0.value]) }
    }
    var found: [String] = []
    func fill(_ field: String, _ target: inout String?, _ names: [String]) {
      guard target == nil, let text = scalar(names) else { return }
      target = text
      found.append(field)
    }
    if event.eventTime == nil, let entry = members.first(Names.time),
      let time = (try? JSONParser.parse(bytes[entry.value])).flatMap(EventMapper.time)
    {
      event.eventTime = time
      found.append("time")
    }
    if kind != .row {
      if isLine, rules.places[.stream] == nil, let stream = scalar(Names.stream) {
        event.stream = stream
        found.append("stream")
      }
      let hadType = event.type != nil
      fill("type", &event.type, Names.type)
      // Without a type at its top, the payload is a document of its own and its `id` is not the event's.
      if isLine || (!hadType && event.type != nil) {
        fill("id", &event.id, Names.id)
        fill("version", &event.version, Names.version)
        found += mapParts(members, bytes, isLine: isLine, &event)
      }
    }
    if !found.isEmpty {
      trace?.append(
        "\(found.joined(separator: ", ")): members at the top of the payload (a guess by their names)")
    }
  }

  /// Key, metadata and data of a payload that is an envelope; returns what was found.
  private func mapParts(
    _ members: JSONMembers, _ bytes: [UInt8], isLine: Bool, _ event: inout StoredEvent
  ) -> [String] {
    var found: [String] = []
    if isLine, event.key == nil, rules.places[.key] == nil, let entry = members.first(["key"]),
      let key = EventMapper.scalar(bytes[entry.value])
    {
      event.key = Array(key.utf8)
      found.append("key")
    }
    if event.meta == .absent, let entry = members.first(Names.meta),
      bytes[entry.value].first == UInt8(ascii: "{")
    {
      event.meta = .json(JSONText.oneLine(Array(bytes[entry.value])))
      found.append("meta")
    }
    if rules.places[.data] == nil, let entry = members.first(Names.data) {
      event.data = Payload(member: Array(bytes[entry.value]))
      found.append("data")
    }
    return found
  }

  /// A time that the metadata carries (`occurredAt`), where nothing else gave one.
  private func mapMetadataTime(_ event: inout StoredEvent) {
    guard event.eventTime == nil, case .json(let bytes) = event.meta, let members = JSONMembers(bytes),
      let entry = members.first(Names.time)
    else { return }
    event.eventTime = (try? JSONParser.parse(bytes[entry.value])).flatMap(EventMapper.time)
  }

  /// The text of a JSON string or number; nil for anything else.
  static func scalar(_ value: ArraySlice<UInt8>) -> String? {
    switch try? JSONParser.parse(value) {
    case .string(let text)?, .number(let text)?: text.isEmpty ? nil : text
    default: nil
    }
  }

  /// A time from text, a count since the epoch, or Python's `{"_type_":"datetime_iso","_data_":…}`.
  package static func time(_ value: JSONValue) -> Instant? {
    switch value {
    case .string(let text):
      return TimeText.parse(text) ?? count(text)
    case .number(let text): return count(text)
    case .object:
      guard value["_type_"]?.string == "datetime_iso", let text = value["_data_"]?.string else { return nil }
      return TimeText.parse(text)
    default: return nil
    }
  }
}

extension EventMapper {
  /// A count since the epoch, whole or with a fraction of a second. Small numbers are none: they number
  /// something else.
  private static func count(_ text: String) -> Instant? {
    if let count = Int64(text) { return count.magnitude > 99_999_999 ? TimeText.epoch(count) : nil }
    guard let real = Double(text), real.magnitude > 99_999_999, real.magnitude < 1e11 else { return nil }
    let whole = real.rounded(.down)
    let microseconds = min(Int32(((real - whole) * 1e6).rounded()), 999_999)
    return Instant(seconds: Int64(whole), nanoseconds: microseconds * 1000, digits: 6)
  }
}

/// Names by which the field's tools call the same thing, most specific use first.
enum Names {
  static let type = ["type", "eventType", "event_type", "event-type", "messageType", "__TypeId__"]
  static let id = ["id", "eventId", "event_id", "messageId", "Nats-Msg-Id"]
  static let version = ["version", "sequence"]
  static let stream = ["stream", "streamId", "stream_id", "streamName", "aggregateId", "aggregate_id"]
  static let time = ["time", "timestamp", "occurredAt", "occurred_at", "created", "createdAt"]
  static let meta = ["meta", "metadata", "headers"]
  static let data = ["data", "payload"]
  static let typeHeaders = cloudEvents("type") + type
  static let idHeaders = cloudEvents("id") + id
  static let versionHeaders = cloudEvents("sequence") + version
  static let timeHeaders = cloudEvents("time") + time

  /// An attribute in binary mode: Kafka, HTTP and NATS, AMQP in its two spellings.
  private static func cloudEvents(_ name: String) -> [String] {
    ["ce_", "ce-", "cloudEvents:", "cloudEvents_"].map { $0 + name }
  }

  static let causation: Set<String> = [
    "correlationId", "correlation_id", "causationId", "causation_id", "traceparent", "tracestate", "traceId",
    "ce_correlationid", "ce_causationid", "ce_traceparent", "ce_source", "ce_subject", "ce_datacontenttype",
    "ce_dataschema", "ce_specversion", "ce_partitionkey",
  ]
}
