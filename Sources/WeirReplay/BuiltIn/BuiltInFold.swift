package import WeirCore

/// The folds that need no file (folds.md). All are exact: digits of numbers and the order of members stay as
/// they are in the payloads.
package enum BuiltInFold: String, Sendable, CaseIterable {
  case byType = "by-type"
  case merge
  case latest
  case patch
  case debezium
  case count

  /// One sentence for `weir folds`.
  package var summary: String {
    switch self {
    case .byType: "per event type: how many, the last data, the last position"
    case .merge: "each event's data is an RFC 7396 merge patch of the state"
    case .latest: "the last event's data; a null payload deletes"
    case .patch: "each event's data is a list of RFC 6902 operations"
    case .debezium: "change envelopes: the row after the change"
    case .count: "the number of events"
    }
  }

  package var initial: JSONValue {
    switch self {
    case .byType, .merge, .patch: .emptyObject
    case .latest, .debezium: .null
    case .count: .int(0)
    }
  }

  /// Folds one event. When it throws, `state` is as it was.
  func fold(_ state: inout JSONValue, _ event: StoredEvent) throws(FoldFailure) {
    switch self {
    case .byType: ByTypeFold.fold(&state, event)
    case .merge: MergePatch.apply(event.data.value, to: &state)
    case .latest: state = event.data.value
    case .patch:
      do throws(JSONPatch.Refusal) {
        state = try JSONPatch.apply(event.data.value, to: state)
      } catch { throw FoldFailure(message: error.description, file: rawValue, position: event.positionText) }
    case .debezium:
      do throws(DebeziumFold.Refusal) {
        try DebeziumFold.fold(&state, event.data.value)
      } catch { throw FoldFailure(message: error.reason, file: rawValue, position: event.positionText) }
    case .count:
      guard case .number(let text) = state, let count = Int(text) else { return }
      state = .int(count + 1)
    }
  }
}

/// `{"Deposited":{"count":3,"last":{…},"position":"17"}}`, types in the order of their first event.
enum ByTypeFold {
  static func fold(_ state: inout JSONValue, _ event: StoredEvent) {
    guard case .object(var members) = state else { return }
    state = .null  // Lets `members` be changed in place.
    let type = event.type ?? ""
    let index = members.firstIndex { $0.name == type } ?? members.count
    var count = 0
    if index == members.count {
      members.append(JSONMember(type, .null))
    } else if case .number(let text)? = members[index].value["count"] {
      count = Int(text) ?? 0
    }
    members[index].value = .object([
      JSONMember("count", .int(count + 1)), JSONMember("last", event.data.value),
      JSONMember("position", .string(event.positionText)),
    ])
    state = .object(members)
  }
}

/// RFC 7396: an object's members are set one by one, null removes, anything that is no object replaces.
enum MergePatch {
  static func apply(_ patch: JSONValue, to target: inout JSONValue) {
    guard case .object(let changes) = patch else {
      target = patch
      return
    }
    var members: [JSONMember] = []
    if case .object(let old) = target { members = old }
    target = .null
    for change in changes {
      let index = members.lastIndex { $0.name == change.name }
      if case .null = change.value {
        if let index { members.remove(at: index) }
        continue
      }
      if let index {
        apply(change.value, to: &members[index].value)
      } else {
        var value = JSONValue.null
        apply(change.value, to: &value)
        members.append(JSONMember(change.name, value))
      }
    }
    target = .object(members)
  }
}

/// Debezium's change events, bare (`{"before":…,"after":…,"op":"u"}`) or with their schema around them
/// (`{"schema":…,"payload":{…}}`). The state is the row after the change, null once it is deleted.
///
/// | `op` | meaning | state |
/// |---|---|---|
/// | `c`, `r`, `u` | created, read by the snapshot, updated | `after` |
/// | `d` | deleted | null |
/// | `t` | table truncated | null |
/// | `m` | a message in the log, no row | unchanged |
///
/// A tombstone (null payload) leaves the deletion as it is. Where a column's value was too large to be logged
/// and had not changed, Debezium writes a placeholder; the value that the state has is kept.
enum DebeziumFold {
  struct Refusal: Error { var reason: String }

  /// `unavailable.value.placeholder`'s default, as text and as bytes in base64.
  private static let placeholders: Set<String> = [
    "__debezium_unavailable_value", "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==",
  ]

  static func fold(_ state: inout JSONValue, _ data: JSONValue) throws(Refusal) {
    if case .null = data {
      state = .null
      return
    }
    guard let envelope = envelope(data) else {
      throw Refusal(reason: "the payload is no change envelope: it has no `op` with `before` or `after`")
    }
    switch envelope["op"]?.string {
    case "d"?, "t"?: state = .null
    case "m"?: break
    default: state = kept(envelope["after"] ?? .null, from: state)
    }
  }

  /// The envelope in a payload; nil when there is none.
  static func envelope(_ data: JSONValue) -> JSONValue? {
    if let payload = data["payload"], data["schema"] != nil { return envelope(payload) }
    guard data["op"]?.string != nil, data["before"] != nil || data["after"] != nil || data["source"] != nil
    else { return nil }
    return data
  }

  private static func kept(_ row: JSONValue, from state: JSONValue) -> JSONValue {
    guard case .object(let members) = row else { return row }
    return .object(
      members.map { member in
        guard let text = member.value.string, placeholders.contains(text), let old = state[member.name] else {
          return member
        }
        return JSONMember(member.name, old)
      })
  }
}
