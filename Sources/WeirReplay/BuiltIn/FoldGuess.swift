package import WeirCore

extension BuiltInFold {
  /// What the first events of an aggregate look like, when nobody chose a fold.
  ///
  /// | payloads (more than half of them) | fold |
  /// |---|---|
  /// | change envelopes: `op` with `before`, `after` or `source`, with or without their schema | `debezium` |
  /// | lists of operations, each with an `op` of RFC 6902 and a `path` | `patch` |
  /// | objects without a type anywhere, that share members from event to event | `merge` |
  /// | anything else | `by-type` |
  ///
  /// Events that have types are domain events, whatever their payloads look like; only envelopes and
  /// operations, which nothing else looks like, are believed all the same.
  package static func guess(_ events: [StoredEvent]) -> BuiltInFold {
    var votes: [BuiltInFold: Int] = [:]
    var seen: Set<String> = []
    for event in events {
      guard case .json = event.data else { continue }
      let data = event.data.value
      if DebeziumFold.envelope(data) != nil {
        votes[.debezium, default: 0] += 1
      } else if isPatch(data) {
        votes[.patch, default: 0] += 1
      } else if event.type == nil, let members = data.members, !members.isEmpty {
        // The first document shares nothing with those before it, and shows nothing.
        if seen.isEmpty || members.contains(where: { seen.contains($0.name) }) {
          votes[.merge, default: 0] += 1
        }
        seen.formUnion(members.map(\.name))
      }
    }
    let payloads = events.count { if case .null = $0.data { false } else { true } }
    guard let best = votes.max(by: { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }),
      best.value * 2 > payloads
    else { return .byType }
    return best.key
  }

  private static let operations: Set<String> = ["add", "remove", "replace", "move", "copy", "test"]

  private static func isPatch(_ data: JSONValue) -> Bool {
    guard let elements = data.elements, !elements.isEmpty else { return false }
    return elements.allSatisfy { element in
      operations.contains(element["op"]?.string ?? "") && element["path"]?.string != nil
    }
  }
}
