package import WeirCore

extension FoldedTimeline {
  package func rows(_ range: Range<Int>) throws(Fault) -> [ReplayRow] {
    try locked { () throws(Fault) in
      var rows: [ReplayRow] = []
      // Signs cost folding; a long list (a script's) goes without those that nobody asked about yet.
      let shown = range.clamped(to: 0..<folded)
      let wantsSigns = shown.count <= FoldedTimeline.stepLimit / 2
      if wantsSigns { try prepareSteps(shown) }
      for ordinal in shown { rows.append(try row(ordinal)) }
      return rows
    }
  }

  private func row(_ ordinal: Int) throws(Fault) -> ReplayRow {
    let event = try pages.event(ordinal, Work())
    var row = ReplayRow(
      ordinal: ordinal, positionText: event.positionText, version: event.version, time: pages.time(ordinal),
      type: pages.type(ordinal), partition: event.partition, sign: sign(ordinal))
    row.timeIsGuess = event.time == nil && event.eventTime != nil
    row.changes = Array((steps[ordinal + 1]?.changes ?? []).prefix(FoldedTimeline.changesOfRow))
    return row
  }

  /// Changes that a row of the list carries: one of them is shown.
  private static let changesOfRow = 6

  private func sign(_ ordinal: Int) -> ReplayRow.Sign {
    if failures[ordinal] != nil { return .failed }
    if broken[ordinal] != nil { return .broken }
    return steps[ordinal + 1].map { StateDiff.sign(of: $0.changes) } ?? .none
  }

  package func event(_ ordinal: Int) throws(Fault) -> StoredEvent {
    try locked { () throws(Fault) in
      guard (0..<pages.count).contains(ordinal) else { throw outside(ordinal) }
      return try pages.event(ordinal, Work())
    }
  }

  package func step(at moment: Int) throws(Fault) -> ReplayStep {
    try locked { () throws(Fault) in
      guard (0...folded).contains(moment) else { throw outside(moment) }
      if moment == 0 {
        try wander(to: 0, Work())
        return step(0, before: nil, try scratch())
      }
      if steps[moment] == nil { try prepareSteps(moment - 1..<moment) }
      guard let step = steps[moment] else { throw outside(moment) }
      return step
    }
  }

  private func outside(_ moment: Int) -> Fault {
    Fault(.usage, "go to", "#\(moment)", "the timeline has \(folded) events")
  }

  /// The content of the scratch slot.
  private func scratch() throws(Fault) -> FoldedState {
    let states = try calling { () throws(FoldStop) in try engine.states(of: [Slot.scratch]) }
    return states.first ?? FoldedState(.null)
  }

  /// Folds event by event over `range`, so that each step's state and changes are at hand.
  private func prepareSteps(_ range: Range<Int>) throws(Fault) {
    let missing = range.filter { steps[$0 + 1] == nil }
    guard let first = missing.first, let last = missing.last else { return }
    if steps.count + missing.count > FoldedTimeline.stepLimit { steps = [:] }
    let work = Work()
    while true {
      try wander(to: first, work)
      var before = try scratch()
      var isWhole = true
      for ordinal in first...last {
        let done = try fold(from: ordinal, to: ordinal + 1, slot: Slot.scratch, watching: [], work) {
          _, _, _ in
        }
        guard done else {
          isWhole = false
          break
        }
        let after = try scratch()
        let made = step(ordinal + 1, before: before, after)
        keep(made)
        before = after
      }
      if isWhole { return }
    }
  }

  /// Steps of large states are few: all that are kept share one budget.
  private func keep(_ step: ReplayStep) {
    if steps.count * step.state.weight > FoldedTimeline.stepBudget { steps = [:] }
    steps[step.moment] = step
  }

  private func step(_ moment: Int, before: FoldedState?, _ after: FoldedState) -> ReplayStep {
    var step = ReplayStep(moment: moment, state: after.state, digest: after.digest)
    if let before { step.changes = StateDiff.between(before.state, after.state) }
    let names = engine.about.invariants
    step.brokenInvariants = after.broken.filter(names.indices.contains).map { names[$0] }
    step.inexact = after.inexact
    step.failure = moment > 0 ? failures[moment - 1] : nil
    return step
  }

  package func diff(from: Int, to: Int) throws(Fault) -> [StateChange] {
    let a = try step(at: from).state
    let b = try step(at: to).state
    return StateDiff.between(a, b)
  }

  package func moment(at time: Instant) throws(Fault) -> Int {
    try locked { () throws(Fault) in
      for ordinal in stride(from: folded - 1, through: 0, by: -1) {
        if let found = pages.time(ordinal), found <= time { return ordinal + 1 }
      }
      return 0
    }
  }

  package func moment(version: Int64, _ work: Work) throws(Fault) -> Int? {
    try locked { () throws(Fault) in try pages.moment(version: version, work).map { min($0, folded) } }
  }

  package func moment(position: String, _ work: Work) throws(Fault) -> Int? {
    try locked { () throws(Fault) in
      if let exact = try pages.moment(at: position, work) { return min(exact, folded) }
      guard log.partitions.count == 1, let cursor = try? log.seek(.position(position), work) else {
        return nil
      }
      switch cursor.places.first {
      case .before(let end)?: return min(try pages.moment(before: end, work), folded)
      case .after(let last)?: return min(try pages.moment(before: last, work), folded)
      case .end?: return folded
      default: return 0
      }
    }
  }

  package func findings() throws(Fault) -> [ReplayFinding] {
    try locked { () throws(Fault) in
      var findings: [ReplayFinding] = []
      for (ordinal, failure) in failures {
        findings.append(ReplayFinding(ordinal: ordinal, text: failure.description, isFailure: true))
      }
      for (ordinal, invariants) in broken {
        let names = invariants.filter(engine.about.invariants.indices.contains).map {
          engine.about.invariants[$0]
        }
        findings.append(
          ReplayFinding(ordinal: ordinal, text: names.joined(separator: ", "), isFailure: false))
      }
      return findings.sorted { ($0.ordinal, $0.text) < ($1.ordinal, $1.text) }
    }
  }
}
