import WeirCore

/// The part of a log that is in memory: a few runs of rows around the screen, growing and shrinking at both
/// ends. No total is needed and nothing grows with the log.
struct EventWindow: Sendable {
  var log: LogRef
  var filter = ""
  /// Adjacent runs, oldest first.
  private(set) var chunks: [EventChunk] = []
  var position = ListPosition()
  /// A new window has been asked for and is not here yet.
  var isOpening = true
  /// Reading goes on at that end.
  var isLoadingLow = false
  var isLoadingHigh = false
  /// Answers of other generations are stale.
  var generation = 0
  var fault: Fault?
  /// Rows kept in memory; more are dropped at the far end. Three screens of the tallest usual terminal.
  static let limit = 600
  /// With a filter: empty runs in a row before reading waits for the user, so that it cannot run away.
  static let emptyRunLimit = 50
  private(set) var emptyRuns = 0
  /// Rows still to go, when a move led beyond what is in memory: gone as they come.
  private(set) var owed = 0
  /// Of all runs that were here: columns grow as one scrolls, and never jump back.
  private(set) var widths = EventWidths()

  init(log: LogRef) { self.log = log }

  var count: Int { chunks.reduce(0) { $0 + $1.rows.count } }
  var hidden: Int { chunks.reduce(0) { $0 + $1.hidden } }
  var low: Cursor? { chunks.first?.low }
  var high: Cursor? { chunks.last?.high }
  var beginsHere: Bool { !chunks.isEmpty && low == nil }
  var endsHere: Bool { !chunks.isEmpty && high == nil }

  subscript(index: Int) -> EventRow? {
    var rest = index
    guard rest >= 0 else { return nil }
    for chunk in chunks {
      if rest < chunk.rows.count { return chunk.rows[rest] }
      rest -= chunk.rows.count
    }
    return nil
  }

  var selectedRow: EventRow? { self[position.selected] }

  /// The selected event, or the nearest one to a selected damage or gap row.
  var selectedEvent: EventSummary? { nearestEvent?.event }

  var nearestEvent: EventRow? {
    if let row = selectedRow, row.ref != nil { return row }
    for distance in 1..<8 {
      if let row = self[position.selected + distance], row.ref != nil { return row }
      if let row = self[position.selected - distance], row.ref != nil { return row }
    }
    return nil
  }

  /// Starts anew with two runs; the selection goes to the first row of `after`, or to the last row of all.
  mutating func open(before: EventChunk, after: EventChunk, visible: Int) {
    var first = before
    var second = after
    EventWindow.drop(damageOf: first, from: &second)
    // Nothing lies between the two, so the outer edges alone remain.
    if first.rows.isEmpty, first.hidden == 0 { second.low = first.low }
    if second.rows.isEmpty, second.hidden == 0 { first.high = second.high }
    chunks =
      first.rows.isEmpty && first.hidden == 0 ? [second] : second.rows.isEmpty ? [first] : [first, second]
    widths.widen(before.widths)
    widths.widen(after.widths)
    isOpening = false
    isLoadingLow = false
    isLoadingHigh = false
    fault = nil
    emptyRuns = 0
    owed = 0
    let target = second.rows.isEmpty ? count - 1 : first.rows.count
    let event = second.rows.firstIndex { $0.ref != nil } ?? 0
    position.selected = max(0, target + (second.rows.isEmpty ? 0 : event))
    position.center(count: count, visible: visible)
    position.reveal(count: count, visible: visible)
  }

  /// Moves the selection by so many rows, beyond the window as well, up to the log's ends.
  mutating func move(by delta: Int, visible: Int) {
    let (target, overflow) = position.selected.addingReportingOverflow(delta)
    position.move(by: delta, count: count, visible: visible)
    let isOver = delta < 0 ? beginsHere : endsHere
    owed = overflow || isOver ? 0 : target - position.selected
  }

  mutating func forgetWhatIsOwed() { owed = 0 }

  /// A run further on, at the end it was asked for.
  mutating func extend(_ chunk: EventChunk, _ direction: Direction, visible: Int) {
    emptyRuns = chunk.rows.isEmpty ? emptyRuns + 1 : 0
    var fresh = chunk
    widths.widen(chunk.widths)
    switch direction {
    case .forward:
      isLoadingHigh = false
      if let last = chunks.last { EventWindow.drop(damageOf: last, from: &fresh) }
      chunks.append(fresh)
      while count > EventWindow.limit, chunks.count > 1, position.top > chunks[0].rows.count {
        let gone = chunks.removeFirst().rows.count
        position.top -= gone
        position.selected -= gone
      }
    case .backward:
      isLoadingLow = false
      if let first = chunks.first { EventWindow.drop(damageOf: first, from: &fresh) }
      chunks.insert(fresh, at: 0)
      position.top += fresh.rows.count
      position.selected += fresh.rows.count
      while count > EventWindow.limit, chunks.count > 1,
        position.top + visible < count - chunks[chunks.count - 1].rows.count
      {
        chunks.removeLast()
      }
    }
    joinEmpty()
    position.select(position.selected, count: count, visible: visible)
    if owed != 0, (owed > 0) == (direction == .forward) { move(by: owed, visible: visible) }
  }

  /// Runs that a filter emptied are joined to their neighbour: what they hide still counts.
  private mutating func joinEmpty() {
    guard chunks.count > 1 else { return }
    for index in chunks.indices.dropFirst().reversed()
    where chunks[index].rows.isEmpty || chunks[index - 1].rows.isEmpty {
      let gone = chunks.remove(at: index)
      chunks[index - 1].rows += gone.rows
      chunks[index - 1].high = gone.high
      chunks[index - 1].hidden += gone.hidden
    }
  }

  /// A frame on the border of two runs is damaged for both; it is shown once.
  private static func drop(damageOf neighbour: EventChunk, from chunk: inout EventChunk) {
    let seen = Set(
      neighbour.rows.compactMap { row in if case .damage(let damage) = row.content { damage } else { nil } })
    guard !seen.isEmpty else { return }
    chunk.rows.removeAll { row in
      if case .damage(let damage) = row.content { seen.contains(damage) } else { false }
    }
  }

  /// The events on the screen, for the filter's preview.
  func visibleRefs(height: Int) -> [EventRef] {
    (position.top..<min(position.top + max(0, height), count)).compactMap { self[$0]?.ref }
  }
}
