package import WeirCore

extension FoldedTimeline {
  package func nextChange(
    of path: StatePath, from moment: Int, _ direction: Direction, _ work: Work
  ) throws(Fault) -> Int? {
    switch direction {
    case .forward:
      var from = moment
      while from < progress.events {
        let end = min(from - from % TimelinePages.pageSize + TimelinePages.pageSize, progress.events)
        if let found = try changes(of: path, from..<end, work).first { return found + 1 }
        from = end
      }
    case .backward:
      // A change at `moment` itself is where we stand, not where we go.
      var to = moment - 1
      while to > 0 {
        let start = (to - 1) - (to - 1) % TimelinePages.pageSize
        if let found = try changes(of: path, start..<to, work).last { return found + 1 }
        to = start
      }
    }
    return nil
  }

  /// Ordinals within `range` whose event changed the value at `path` or below it.
  private func changes(of path: StatePath, _ range: Range<Int>, _ work: Work) throws(Fault) -> [Int] {
    let watch = Watch(path, wantsValue: false)
    return try locked { () throws(Fault) in
      while true {
        var found: [Int] = []
        try wander(to: range.lowerBound, work)
        let done = try fold(
          from: range.lowerBound, to: range.upperBound, slot: Slot.scratch, watching: [watch], work
        ) {
          base, _, report in
          found += report.changes.filter { $0.index >= 0 }.map { base + $0.index }
        }
        if done { return found.sorted() }
      }
    }
  }

  package func history(
    of path: StatePath, _ work: Work, _ body: ([FieldChange]) throws(Fault) -> Void
  ) throws(Fault) {
    work.expect(progress.events)
    var value: JSONValue?
    var moment = 0
    while moment < progress.events {
      try work.check()
      let end = min(moment + TimelinePages.pageSize, progress.events)
      let found = try values(of: [path], moment..<end, work)
      var changes: [FieldChange] = []
      for change in found.sorted(by: { $0.ordinal < $1.ordinal }) {
        if change.ordinal >= 0 {
          changes.append(FieldChange(ordinal: change.ordinal, from: value, to: change.value))
        }
        value = change.value
      }
      if !changes.isEmpty { try body(changes) }
      work.advance(by: end - moment)
      moment = end
    }
  }

  /// What the values at some paths became within one page, and (ordinal -1) what they were before it.
  private func values(
    of paths: [StatePath], _ range: Range<Int>, _ work: Work
  ) throws(Fault) -> [(ordinal: Int, path: Int, value: JSONValue?)] {
    let watches = paths.map { Watch($0) }
    return try locked { () throws(Fault) in
      while true {
        var found: [(ordinal: Int, path: Int, value: JSONValue?)] = []
        try wander(to: range.lowerBound, work)
        let done = try fold(
          from: range.lowerBound, to: range.upperBound, slot: Slot.scratch, watching: watches, work
        ) { base, _, report in
          for change in report.changes {
            found.append((change.index < 0 ? -1 : base + change.index, change.watch, change.value))
          }
        }
        if done { return found }
      }
    }
  }

  package func lastChanges(of paths: [StatePath], _ work: Work) throws(Fault) -> [Int?] {
    var answer = [Int?](repeating: nil, count: paths.count)
    var start = 0
    while start < paths.count {
      let group = start..<min(start + FoldLimits.watches, paths.count)
      var left = Set(group)
      var to = progress.events
      while to > 0, !left.isEmpty {
        try work.check()
        let from = (to - 1) - (to - 1) % TimelinePages.pageSize
        let asked = left.sorted()
        let found = try values(of: asked.map { paths[$0] }, from..<to, work)
        for change in found where change.ordinal >= 0 {
          let path = asked[change.path]
          answer[path] = max(answer[path] ?? -1, change.ordinal)
          left.remove(path)
        }
        to = from
      }
      start = group.upperBound
    }
    return answer
  }

  package func bisect(_ expression: Expression, _ work: Work) throws(Fault) -> [Turn] {
    let stateSteps = expression.paths(of: .state)
    let beforeSteps = expression.paths(of: .before)
    let all = stateSteps + beforeSteps.filter { !stateSteps.contains($0) }
    guard all.count <= FoldLimits.watches else {
      throw Fault(.usage, "bisect", expression.source, "more than \(FoldLimits.watches) paths of the state")
    }
    work.expect(progress.events)
    var condition = Condition(expression, paths: all)
    var moment = 0
    while moment < progress.events {
      try work.check()
      let end = min(moment + TimelinePages.pageSize, progress.events)
      let watches = all.map { Watch(StatePath($0)) }
      try locked { () throws(Fault) in
        while true {
          var attempt = condition
          try wander(to: moment, work)
          let done = try fold(from: moment, to: end, slot: Slot.scratch, watching: watches, work) {
            base, events, report in
            attempt.take(report, events, moment..<end, base: base)
          }
          if done {
            condition = attempt
            return
          }
        }
      }
      work.advance(by: end - moment)
      moment = end
    }
    return condition.turns
  }
}

/// An expression followed along the timeline by the values of the paths it reads.
private struct Condition {
  private(set) var turns: [Turn] = []
  private let expression: Expression
  private let paths: [[PathStep]]
  private var values: [JSONValue?]
  private var isTrue = false

  init(_ expression: Expression, paths: [[PathStep]]) {
    self.expression = expression
    self.paths = paths
    values = paths.map { _ in nil }
  }

  mutating func take(_ report: FoldReport, _ events: [StoredEvent], _ range: Range<Int>, base: Int) {
    var changes = report.changes.sorted { $0.index < $1.index }[...]
    func apply(_ change: FoldReport.Change, _ values: inout [JSONValue?]) {
      if values.indices.contains(change.watch) { values[change.watch] = change.value }
    }
    while let first = changes.first, first.index < 0 { apply(changes.removeFirst(), &values) }
    let pageRange = range.clamped(to: base..<base + events.count)
    for ordinal in pageRange {
      let before = values
      while let first = changes.first, first.index == ordinal - base { apply(changes.removeFirst(), &values) }
      let now = values
      let paths = paths
      let scope = ExpressionScope(event: events[ordinal - base]) { root, steps in
        paths.firstIndex(of: steps).flatMap { root == .before ? before[$0] : now[$0] }
      }
      let holds = expression.holds(in: scope)
      if holds != isTrue { turns.append(Turn(ordinal: ordinal, now: holds)) }
      isTrue = holds
    }
  }
}
