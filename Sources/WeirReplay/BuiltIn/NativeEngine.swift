package import WeirCore

/// The engine of the built-in folds.
///
/// `@unchecked Sendable`: confined to one worker at a time by its owner (`FoldEngine`).
package final class NativeEngine: FoldEngine, @unchecked Sendable {
  package let about: FoldAbout
  private let rule: BuiltInFold
  private var events: [StoredEvent] = []
  private var slots: [Int: JSONValue] = [:]

  package init(_ rule: BuiltInFold) {
    self.rule = rule
    about = FoldAbout(name: rule.rawValue, dialect: .builtIn)
  }

  package func stage(_ events: [StoredEvent]) { self.events = events }

  package func keys() -> [String?] { events.map(\.aggregate) }

  package func fold(_ range: Range<Int>, into slots: FoldSlots, watching: [Watch]) -> FoldReport {
    var report = FoldReport()
    var seen: [JSONValue?] = []
    if case .one(let slot) = slots { seen = first(watching, slot, &report) }
    for index in range.clamped(to: events.indices) {
      let slot: Int
      switch slots {
      case .one(let one): slot = one
      case .each(let each): slot = Int(each[index - range.lowerBound])
      }
      guard slot >= 0 else { continue }
      do throws(FoldFailure) {
        try rule.fold(&self.slots[slot, default: rule.initial], events[index])
      } catch {
        report.failures.append((index, error))
        continue
      }
      guard !seen.isEmpty else { continue }
      let state = self.slots[slot] ?? rule.initial
      for (number, watch) in watching.enumerated() {
        let value = state.value(at: watch.path)
        guard value != seen[number] else { continue }
        seen[number] = value
        report.changes.append(.init(index: index, watch: number, value: watch.wantsValue ? value : nil))
      }
    }
    return report
  }

  /// The watched values before the first event.
  private func first(_ watches: [Watch], _ slot: Int, _ report: inout FoldReport) -> [JSONValue?] {
    let state = slots[slot] ?? rule.initial
    return watches.enumerated().map { number, watch in
      let value = state.value(at: watch.path)
      report.changes.append(.init(index: -1, watch: number, value: watch.wantsValue ? value : nil))
      return value
    }
  }

  package func states(of slots: [Int]) -> [FoldedState] {
    slots.map { FoldedState(self.slots[$0] ?? rule.initial) }
  }

  @discardableResult package func copy(_ from: Int, to: Int) -> Int {
    slots[to] = slots[from]
    return slots[from]?.weight ?? 16
  }

  package func drop(_ slots: [Int]) {
    for slot in slots { self.slots[slot] = nil }
  }

  package func restart() {
    events = []
    slots = [:]
  }
}

extension JSONValue {
  /// About how many bytes the value takes in memory. Parts that a copy shares with its original count again,
  /// so this is a bound.
  var weight: Int {
    switch self {
    case .null, .bool: 16
    case .number(let text), .string(let text): 16 + (text.utf8.count > 15 ? text.utf8.count + 32 : 0)
    case .array(let elements): elements.reduce(48) { $0 + $1.weight }
    case .object(let members):
      members.reduce(48) {
        $0 + 16 + ($1.name.utf8.count > 15 ? $1.name.utf8.count + 32 : 0) + $1.value.weight
      }
    }
  }
}
