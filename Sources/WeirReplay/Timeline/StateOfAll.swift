package import WeirCore

/// Every aggregate's state after one pass over its logs (`weir state`, one aggregate or `--all`).
package struct AggregateState: Sendable {
  package var aggregate: String
  /// Events folded; 0 where the aggregate is only named.
  package var events = 0
  package var position: String?
  package var version: String?
  package var folded = FoldedState(.null)
  package var brokenInvariants: [String] = []
  /// The first event at which the fold threw.
  package var failure: FoldFailure?
  /// Its events came from several partitions, merged by their times.
  package var orderIsByTime = false
}

/// Folds whole logs, one slot an aggregate.
package struct StateOfAll {
  private struct Entry {
    var name: String
    var events = 0
    var position = ""
    var version: String?
    var failure: FoldFailure?
    var partition: PartitionID?
    var isSpread = false
  }

  private let engine: any FoldEngine
  private let includes: (StoredEvent) -> Bool
  private var entries: [Entry] = []
  private var slots: [String: Int32] = [:]
  /// Events that killed the engine, by their place in the walk.
  private var fatal: [Int: FoldFailure] = [:]
  private var place = 0
  package private(set) var damage: [Damage] = []

  /// `includes` says which events count (`--at`: those whose time has come).
  package init(_ engine: any FoldEngine, including includes: @escaping (StoredEvent) -> Bool) {
    self.engine = engine
    self.includes = includes
  }

  /// Folds the logs one after the other; sorted by aggregate. `only`: that aggregate alone, which is in the
  /// answer even without an event.
  package mutating func states(
    of logs: [any EventLog], only: String? = nil, _ work: Work
  ) throws(Fault) -> [AggregateState] {
    for _ in 0...FoldedTimeline.lossLimit {
      if try walk(logs, only, work) { return try collect(only) }
    }
    throw fault(FoldFailure(message: "the fold was stopped too often", file: engine.about.name))
  }

  /// False: an event killed the engine; it is remembered, and the walk begins anew without it.
  private mutating func walk(_ logs: [any EventLog], _ only: String?, _ work: Work) throws(Fault) -> Bool {
    (entries, slots, damage, place) = ([], [:], [], 0)
    var batch = EventBatch()
    for log in logs {
      var next: Cursor? = Cursor(log.partitions.map { _ in .start })
      while let cursor = next {
        next = try log.read(cursor, .forward, count: FoldLimits.batch, into: &batch, work)
        damage += batch.damage.map(\.damage)
        var events: [StoredEvent] = []
        for index in batch.records.indices {
          let event = log.event(index, of: batch)
          if includes(event) { events.append(event) }
        }
        do throws(FoldStop) {
          try fold(events, only)
        } catch {
          try recover(from: error)
          return false
        }
        place += events.count
      }
    }
    return true
  }

  private mutating func recover(from stop: FoldStop) throws(Fault) {
    guard case .lost(let index?, let failure) = stop else { throw fault(stop.failure) }
    fatal[place + index] = failure
    do throws(FoldStop) { try engine.restart() } catch { throw fault(error.failure) }
  }

  private mutating func fold(_ events: [StoredEvent], _ only: String?) throws(FoldStop) {
    var start = 0
    while start < events.count {
      let part = Array(events[start..<min(start + FoldLimits.batch, events.count)])
      try engine.stage(part)
      let names: [String?]
      switch engine.about.keys {
      case .aggregate: names = part.map(\.aggregate)
      case .asked: names = try engine.keys()
      case .one(let name): names = part.map { _ in name }
      }
      var each: [Int32] = []
      for (index, event) in part.enumerated() {
        each.append(slot(of: event, name: names[index], at: place + start + index, only))
      }
      let report = try engine.fold(0..<part.count, into: .each(each), watching: [])
      for (index, failure) in report.failures where each.indices.contains(index) && each[index] >= 0 {
        let entry = Int(each[index])
        if entries[entry].failure == nil { entries[entry].failure = failure }
      }
      start += part.count
    }
  }

  /// The slot an event is folded into; -1 leaves it out.
  private mutating func slot(of event: StoredEvent, name: String?, at place: Int, _ only: String?) -> Int32 {
    guard let name, only == nil || name == only else { return -1 }
    if let selection = engine.about.selection, !selection.contains(event.aggregate) { return -1 }
    let slot = slots[name] ?? Int32(entries.count)
    if Int(slot) == entries.count {
      slots[name] = slot
      entries.append(Entry(name: name, partition: event.partition))
    }
    let index = Int(slot)
    entries[index].events += 1
    entries[index].position = event.positionText
    entries[index].version = event.version
    if entries[index].partition != event.partition { entries[index].isSpread = true }
    if let failure = fatal[place] {
      entries[index].failure = entries[index].failure ?? failure
      return -1
    }
    return slot
  }

  private func collect(_ only: String?) throws(Fault) -> [AggregateState] {
    var entries = entries
    if let only, slots[only] == nil { entries.append(Entry(name: only)) }
    var answer: [AggregateState] = []
    let names = engine.about.invariants
    var start = 0
    while start < entries.count {
      let range = start..<min(start + 256, entries.count)
      let states: [FoldedState]
      do throws(FoldStop) { states = try engine.states(of: Array(range)) } catch {
        throw fault(error.failure)
      }
      for (entry, folded) in zip(entries[range], states) {
        var state = AggregateState(aggregate: entry.name)
        state.events = entry.events
        if entry.events > 0 { (state.position, state.version) = (entry.position, entry.version) }
        state.folded = folded
        state.brokenInvariants = folded.broken.filter(names.indices.contains).map { names[$0] }
        state.failure = entry.failure
        state.orderIsByTime = entry.isSpread
        answer.append(state)
      }
      start = range.upperBound
    }
    return answer.sorted { $0.aggregate < $1.aggregate }
  }

  private func fault(_ failure: FoldFailure) -> Fault { Fault(.foldFailed, "fold", "", failure.description) }
}
