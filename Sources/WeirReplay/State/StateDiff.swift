package import WeirCore

/// What differs between two states, as paths with both values.
///
/// - Members are compared by name, in the order of the newer state; what is gone comes after them, in the
///   order of the older. Arrays are compared index by index: an element put in front changes every index.
/// - A container (object or array) that was added, removed, or replaced by another kind of value is *one*
///   change at its own path. The state itself is never "added": from nothing (null or `{}`) every member at
///   the top is one change.
/// - Numbers differ when their digits do: 1 and 1.0 are two values. The order of members is no difference.
/// - An object that repeats a member's name is compared as a whole.
package enum StateDiff {
  package static func between(_ from: JSONValue, _ to: JSONValue) -> [StateChange] {
    var changes: [StateChange] = []
    if case .null = from, case .object(let members) = to, !members.isEmpty {
      compare(.emptyObject, to, at: [], into: &changes)
    } else {
      compare(from, to, at: [], into: &changes)
    }
    return changes
  }

  private static func compare(
    _ from: JSONValue, _ to: JSONValue, at path: [PathStep], into changes: inout [StateChange]
  ) {
    switch (from, to) {
    case (.object(let old), .object(let new)):
      guard hasUniqueNames(old), hasUniqueNames(new) else { break }
      members(old, new, at: path, into: &changes)
      return
    case (.array(let old), .array(let new)):
      for index in 0..<max(old.count, new.count) {
        let place = path + [.index(index)]
        switch (index < old.count, index < new.count) {
        case (true, true): compare(old[index], new[index], at: place, into: &changes)
        case (true, false): changes.append(StateChange(path: StatePath(place), from: old[index], to: nil))
        default: changes.append(StateChange(path: StatePath(place), from: nil, to: new[index]))
        }
      }
      return
    default: break
    }
    if from != to { changes.append(StateChange(path: StatePath(path), from: from, to: to)) }
  }

  private static func members(
    _ old: [JSONMember], _ new: [JSONMember], at path: [PathStep], into changes: inout [StateChange]
  ) {
    // States keep their members' order from event to event, so the same place is the first guess.
    let byName = old.count > 16 ? Dictionary(old.map { ($0.name, $0.value) }) { $1 } : nil
    func find(_ name: String, near index: Int) -> JSONValue? {
      if index < old.count, old[index].name == name { return old[index].value }
      if let byName { return byName[name] }
      return old.first { $0.name == name }?.value
    }
    for (index, member) in new.enumerated() {
      let place = path + [.member(member.name)]
      if let value = find(member.name, near: index) {
        if value != member.value { compare(value, member.value, at: place, into: &changes) }
      } else {
        changes.append(StateChange(path: StatePath(place), from: nil, to: member.value))
      }
    }
    let names = Set(new.map(\.name))
    for member in old where !names.contains(member.name) {
      changes.append(StateChange(path: StatePath(path + [.member(member.name)]), from: member.value, to: nil))
    }
  }

  private static func hasUniqueNames(_ members: [JSONMember]) -> Bool {
    guard members.count > 8 else {
      for index in members.indices {
        for other in members[..<index] where other.name == members[index].name { return false }
      }
      return true
    }
    return Set(members.map(\.name)).count == members.count
  }

  /// Makes the changes in a state: `apply(between(a, b), to: a)` has the values of `b` (new members stand at
  /// the end of their object). Changes whose path leads nowhere are left out.
  package static func apply(_ changes: [StateChange], to state: JSONValue) -> JSONValue {
    var state = state
    for change in changes {
      if let value = change.to { state.set(value, at: change.path.steps[...]) }
    }
    // From the last to the first, so that the indexes of an array stay right.
    for change in changes.reversed() where change.to == nil { state.remove(at: change.path.steps[...]) }
    return state
  }

  /// What the timeline's list shows of an event.
  package static func sign(of changes: [StateChange]) -> ReplayRow.Sign {
    if changes.isEmpty { return .none }
    if changes.allSatisfy({ $0.from == nil }) { return .added }
    return changes.contains { $0.to != nil } ? .changed : .removed
  }
}
