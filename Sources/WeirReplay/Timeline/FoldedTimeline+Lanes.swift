package import WeirCore

extension FoldedTimeline {
  /// Lanes that are worth drawing when the fold names none.
  private static let suggestionLimit = 8

  package func suggestedLanes() throws(Fault) -> [StatePath] {
    if !engine.about.lanes.isEmpty { return engine.about.lanes }
    let count = progress.events
    var seen: [StatePath: Set<JSONValue>] = [:]
    var order: [StatePath] = []
    // Eight moments tell which fields move at all.
    for moment in Set((0...8).map { count * $0 / 8 }).sorted() {
      FoldedTimeline.leaves(try step(at: moment).state, []) { path, value in
        if seen[path] == nil { order.append(path) }
        seen[path, default: []].insert(value)
      }
    }
    func rank(_ path: StatePath) -> Int {
      let values = seen[path] ?? []
      let isNumber = values.contains { if case .number = $0 { true } else { false } }
      return (values.count > 1 ? 0 : 2) + (isNumber ? 0 : 1)
    }
    let ranked = order.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
    return ranked.prefix(FoldedTimeline.suggestionLimit).map(\.element)
  }

  /// Numbers, flags and short words up to three members deep.
  private static func leaves(_ value: JSONValue, _ steps: [PathStep], _ body: (StatePath, JSONValue) -> Void)
  {
    switch value {
    case .object(let members) where steps.count < 3:
      for member in members { leaves(member.value, steps + [.member(member.name)], body) }
    case .number, .bool: if !steps.isEmpty { body(StatePath(steps), value) }
    case .string(let text) where text.utf8.count <= 24: if !steps.isEmpty { body(StatePath(steps), value) }
    default: break
    }
  }

  package func lanes(_ paths: [StatePath], width: Int, _ work: Work) throws(Fault) -> [Lane] {
    let count = progress.events
    let width = max(1, width)
    work.expect(count)
    var tracks = paths.prefix(FoldLimits.watches).map { LaneTrack($0, width: width, count: count) }
    let watches = tracks.map { Watch($0.path) }
    var moment = 0
    while moment < count, !tracks.isEmpty {
      try work.check()
      let end = min(moment + 16 * TimelinePages.pageSize, count)
      try locked { () throws(Fault) in
        while true {
          var attempt = tracks
          try wander(to: moment, work)
          let done = try fold(from: moment, to: end, slot: Slot.scratch, watching: watches, work) {
            base, _, report in
            for change in report.changes.sorted(by: { $0.index < $1.index })
            where attempt.indices.contains(change.watch) {
              // The value before a page's first event is the one before it, which the track knows unless it
              // begins.
              if change.index < 0 {
                attempt[change.watch].begin(change.value)
              } else {
                attempt[change.watch].take(change.value, at: base + change.index)
              }
            }
          }
          if done {
            tracks = attempt
            return
          }
        }
      }
      work.advance(by: end - moment)
      moment = end
    }
    return tracks.map { $0.lane() }
  }
}

/// One field as it goes along the timeline, reduced to columns.
private struct LaneTrack {
  let path: StatePath
  private let width: Int
  private let count: Int
  private var value: JSONValue?
  private var hasBegun = false
  /// First column that has not been filled.
  private var column = 0
  private var low: [Double?]
  private var high: [Double?]
  private var words: [JSONValue?]
  private var changed: [Bool]
  private var changeCount = 0
  private var isNumeric = true
  private var isWord = true
  private var bounds: (minimum: Double, maximum: Double)?
  /// The extremes inside the column under way.
  private var open: (low: Double, high: Double)?

  init(_ path: StatePath, width: Int, count: Int) {
    self.path = path
    self.width = width
    self.count = max(count, 1)
    low = Array(repeating: nil, count: width)
    high = low
    words = Array(repeating: nil, count: width)
    changed = Array(repeating: false, count: width)
  }

  mutating func begin(_ value: JSONValue?) {
    guard !hasBegun else { return }
    hasBegun = true
    self.value = value
    widen(value)
  }

  mutating func take(_ value: JSONValue?, at ordinal: Int) {
    let column = min(ordinal * width / count, width - 1)
    fill(to: column)
    self.value = value
    changeCount += 1
    changed[column] = true
    widen(value)
  }

  private mutating func widen(_ value: JSONValue?) {
    switch value {
    case .number(let text):
      isWord = false
      guard let number = Double(text), number.isFinite else { return }
      open = (min(open?.low ?? number, number), max(open?.high ?? number, number))
      bounds = (min(bounds?.minimum ?? number, number), max(bounds?.maximum ?? number, number))
    case .string, .bool: isNumeric = false
    case .null, nil: break
    case .array, .object: (isNumeric, isWord) = (false, false)
    }
  }

  /// Columns before `target` end with the value as it is.
  private mutating func fill(to target: Int) {
    while column < target {
      words[column] = value
      (low[column], high[column]) = (open?.low, open?.high)
      open = nil
      if case .number(let text)? = value, let number = Double(text), number.isFinite {
        open = (number, number)
      }
      column += 1
    }
  }

  func lane() -> Lane {
    var copy = self
    copy.fill(to: width)
    return Lane(path: path, shape: copy.shape(), changeCount: changeCount)
  }

  private func shape() -> Lane.Shape {
    if isNumeric, let bounds {
      return .chart(low: low, high: high, minimum: bounds.minimum, maximum: bounds.maximum)
    }
    guard isWord, words.contains(where: { $0 != nil }) else { return .changes(changed) }
    var names: [String] = []
    let columns: [Int?] = words.map { value in
      let name: String
      switch value {
      case .string(let text): name = text
      case .bool(let flag): name = flag ? "true" : "false"
      default: return nil
      }
      if let index = names.firstIndex(of: name) { return index }
      names.append(name)
      return names.count - 1
    }
    return .words(columns: columns, words: names)
  }
}
