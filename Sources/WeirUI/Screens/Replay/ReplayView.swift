import WeirCells
import WeirCore
import WeirReplay

/// Draws the panes of the Replay screen.
extension AppState {
  func drawReplay(_ replay: ReplayState, _ layout: Layout, into grid: inout CellGrid) {
    frame(.timeline, timelineTitle(replay), replay, layout, &grid)
    frame(.state, stateTitle(replay), replay, layout, &grid)
    frame(.changes, changesTitle(replay), replay, layout, &grid)
    frame(.lanes, lanesTitle(replay), replay, layout, &grid)
    drawTimeline(replay, layout.inner(.timeline), &grid)
    drawState(replay, layout.inner(.state), &grid)
    drawChanges(replay, layout.inner(.changes), &grid)
    drawLanes(replay, layout.inner(.lanes), &grid)
  }

  private func frame(
    _ pane: ReplayState.Pane, _ title: String, _ replay: ReplayState, _ layout: Layout, _ grid: inout CellGrid
  ) {
    guard let rect = layout.panes[.replay(pane)] else { return }
    grid.box(rect, title: title, focused: replay.focus == pane, set: environment.borders)
  }

  // MARK: Titles

  private func timelineTitle(_ replay: ReplayState) -> String {
    let count = NumberText.grouped(replay.events) + (replay.isComplete ? "" : "…")
    return "Events \(NumberText.grouped(replay.moment))/\(count)"
  }

  private func stateTitle(_ replay: ReplayState) -> String {
    replay.moment == 0 ? "State before the first event" : "State after #\(NumberText.grouped(replay.moment))"
  }

  private func changesTitle(_ replay: ReplayState) -> String {
    if let from = replay.diffFrom {
      return "From #\(NumberText.grouped(from)) to #\(NumberText.grouped(replay.moment))"
    }
    return replay.moment == 0
      ? "Nothing has happened yet" : "What #\(NumberText.grouped(replay.moment)) changed"
  }

  private func lanesTitle(_ replay: ReplayState) -> String {
    let count = replay.findings.count
    return count == 0 ? "Lanes" : "Lanes · " + NumberText.count(count, "finding")
  }

  // MARK: The list of events

  private func drawTimeline(_ replay: ReplayState, _ rect: Rect, _ grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    if let fault = replay.fault {
      let lines = TextLine.wrapped(fault.description, width: rect.width, role: .warning)
      for (line, text) in lines.prefix(rect.height).enumerated() {
        grid.put(text.text, at: Point(x: rect.x, y: rect.y + line), role: .warning, limit: rect.width)
      }
      return
    }
    let columns = TimelineColumns(replay, width: rect.width)
    for line in 0..<rect.height {
      let index = replay.list.top + line
      guard index < replay.listCount else { break }
      let row = rect.row(line)
      drawTimelineRow(replay, index, columns, row, &grid)
      if index == replay.moment {
        grid.underlay(row, role: replay.focus == .timeline ? .selection : .cursorRow)
      }
    }
  }

  private func drawTimelineRow(
    _ replay: ReplayState, _ index: Int, _ columns: TimelineColumns, _ row: Rect, _ grid: inout CellGrid
  ) {
    var pen = Pen(row)
    let mark = replay.marks.first { $0.value == index }?.key
    pen.put(
      index == replay.moment ? "▶" : mark.map(String.init) ?? " ", index == replay.moment ? .playhead : .mark,
      &grid)
    guard index > 0 else {
      pen.tab(to: columns.time)
      pen.put("before the first event", .muted, &grid)
      return
    }
    let number = NumberText.grouped(index)
    pen.put(TextWidth.pad(number, to: columns.number, alignment: .right), .position, &grid)
    pen.tab(to: columns.time)
    guard let event = replay.row(index) else {
      pen.put("…", .muted, &grid)
      return
    }
    if columns.timeWidth > 0 {
      let role: Role = event.timeIsGuess ? .guess : .time
      pen.put(event.time.map { columns.text($0, clock) } ?? "", role, &grid)
      pen.tab(to: columns.type)
    }
    let room = max(0, row.width - columns.type - 3)
    pen.put(TextWidth.clip(event.type, to: min(room, columns.typeWidth), ellipsis: true), .type, &grid)
    let (glyph, role) = ReplaySigns.sign(event.sign)
    if columns.change > 0, let change = shownChange(event, replay) {
      pen.tab(to: columns.change)
      ChangeLine.short(change, width: row.width - columns.change - 3).forEach {
        pen.put($0.text, $0.role, &grid)
      }
    }
    grid.put(String(glyph), at: Point(x: row.maxX - 2, y: row.y), role: role)
  }

  /// Of all that an event changed the selected field, else the first lane that it touched, else the first
  /// change.
  private func shownChange(_ event: ReplayRow, _ replay: ReplayState) -> StateChange? {
    let wanted = [replay.focus == .timeline ? nil : replay.selectedPath] + replay.lanes.map(\.path)
    for path in wanted.compactMap({ $0 }) {
      if let found = event.changes.first(where: { $0.path == path }) { return found }
    }
    return event.changes.first
  }

  // MARK: The state

  private func drawState(_ replay: ReplayState, _ rect: Rect, _ grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    guard let step = replay.step else {
      grid.put(
        replay.fault == nil ? "folding…" : "no state", at: rect.origin, role: .muted, limit: rect.width)
      return
    }
    if replay.tree.lines.isEmpty {
      grid.put("empty", at: rect.origin, role: .muted, limit: rect.width)
    }
    let marks = ReplaySigns.marks(step.changes)
    drawTree(replay.tree, in: rect, focused: replay.focus == .state, changes: marks, into: &grid)
    // The state of another moment stays readable until the right one is here, but says that it is old.
    if replay.isStale { grid.addFlags(rect, .dim) }
  }

  // MARK: What changed

  private func drawChanges(_ replay: ReplayState, _ rect: Rect, _ grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    let lines = ChangeLine.lines(replay, width: rect.width, clock: clock)
    let hidden = lines.count - replay.changesTop - rect.height
    let badge = hidden > 0 ? "+\(NumberText.grouped(hidden))" : ""
    for line in 0..<rect.height where lines.indices.contains(replay.changesTop + line) {
      let isLast = line == rect.height - 1
      let row =
        isLast && !badge.isEmpty ? rect.row(line).split(right: badge.utf8.count + 1).rest : rect.row(line)
      var pen = Pen(row)
      for piece in lines[replay.changesTop + line].pieces {
        pen.put(piece.text, piece.role, &grid, flags: piece.flags)
      }
    }
    if !badge.isEmpty {
      grid.put(badge, at: Point(x: rect.maxX - badge.utf8.count, y: rect.maxY - 1), role: .badge)
    }
    if replay.isStale { grid.addFlags(rect, .dim) }
  }
}

/// Where the columns of the event list stand, by the width there is.
private struct TimelineColumns {
  let number: Int
  let time: Int
  let timeWidth: Int
  let type: Int
  let typeWidth: Int
  /// 0: no room for what each event changed.
  let change: Int

  init(_ replay: ReplayState, width: Int) {
    number = max(3, NumberText.grouped(replay.events).count) + 1
    time = number + 3
    // Full seconds where there is room, else day and minute, else no time at all.
    timeWidth = width >= 58 ? 19 : width >= 34 ? 11 : 0
    type = time + (timeWidth > 0 ? timeWidth + 2 : 0)
    let known = replay.rows.map { TextWidth.width(of: $0.type) }.max() ?? 0
    let rest = width - type - 3
    typeWidth = rest >= 44 ? min(max(12, known), rest - 30) : rest
    change = rest >= 44 ? type + typeWidth + 2 : 0
  }

  func text(_ instant: Instant, _ clock: ClockText) -> String {
    timeWidth >= 19 ? clock.full(instant, digits: 0) : clock.monthDay(instant) + " " + clock.minutes(instant)
  }
}

/// Signs for what an event did: each has its own glyph, so that none is told by its hue alone.
enum ReplaySigns {
  static func sign(_ sign: ReplayRow.Sign) -> (Character, Role) {
    switch sign {
    case .none: (" ", .muted)
    case .added: ("+", .added)
    case .changed: ("~", .changed)
    case .removed: ("-", .removed)
    case .broken: ("✗", .damage)
    case .failed: ("!", .damage)
    }
  }

  /// Numbers that grew or shrank, and what came, went or became something else.
  static func marks(_ changes: [StateChange]) -> [StatePath: TreeMark] {
    var marks: [StatePath: TreeMark] = [:]
    for change in changes { marks[change.path] = mark(change) }
    return marks
  }

  static func mark(_ change: StateChange) -> TreeMark {
    switch (change.from, change.to) {
    case (nil, _): TreeMark(glyph: "+", role: .added)
    case (_, nil): TreeMark(glyph: "-", role: .removed)
    case (.number(let a)?, .number(let b)?):
      if let from = Double(a), let to = Double(b), from != to {
        TreeMark(glyph: to > from ? "▲" : "▼", role: .changed)
      } else {
        TreeMark(glyph: "~", role: .changed)
      }
    default: TreeMark(glyph: "~", role: .changed)
    }
  }
}

/// One line of the pane that tells what an event changed; made from the state alone, so that scrolling knows
/// their number.
struct ChangeLine: Equatable, Sendable {
  struct Piece: Equatable, Sendable {
    var text: String
    var role: Role
    var flags: CellFlags = []
  }

  var pieces: [Piece]

  init(_ pieces: Piece...) { self.pieces = pieces }

  static func lines(_ replay: ReplayState, width: Int, clock: ClockText) -> [ChangeLine] {
    if replay.diffFrom != nil {
      return replay.diff.isEmpty
        ? [note("the two states are equal")] : replay.diff.flatMap { change($0, width) }
    }
    guard let step = replay.step else { return [] }
    guard step.moment > 0 else { return [note("this is the initial state")] }
    var lines: [ChangeLine] = []
    if let failure = step.failure {
      lines.append(ChangeLine(Piece(text: "! the fold failed here", role: .damage, flags: .bold)))
      lines += wrapped(failure.description, width, .damage)
      lines.append(note("the state is as it was before"))
    }
    lines += step.changes.flatMap { change($0, width) }
    if step.changes.isEmpty, step.failure == nil { lines.append(note("it left the state as it was")) }
    for name in step.brokenInvariants {
      lines.append(
        ChangeLine(Piece(text: "✗ broken: ", role: .damage, flags: .bold), Piece(text: name, role: .damage)))
    }
    for path in step.inexact.prefix(8) {
      lines.append(ChangeLine(Piece(text: "! digits may be lost: \(path)", role: .warning)))
    }
    if let event = replay.stepEvent { lines += about(event, clock) }
    return lines
  }

  private static func note(_ text: String) -> ChangeLine { ChangeLine(Piece(text: text, role: .muted)) }

  /// The path with its sign, and below it the value before and after.
  private static func change(_ change: StateChange, _ width: Int) -> [ChangeLine] {
    let mark = ReplaySigns.mark(change)
    let head = Piece(text: "\(mark.glyph) ", role: mark.role)
    let path = Piece(text: change.path.steps.isEmpty ? "the state" : change.path.text, role: .member)
    var values: [Piece] = []
    if let from = change.from { values.append(piece(from)) }
    if change.from != nil, change.to != nil { values.append(Piece(text: " → ", role: .punctuation)) }
    if let to = change.to {
      var after = piece(to)
      after.flags = .bold
      values.append(after)
    }
    if let by = difference(change) { values.append(Piece(text: "  (\(by))", role: .muted)) }
    let length = values.reduce(path.text.count + 4) { $0 + $1.text.count }
    if length <= width {
      var line = ChangeLine(head, path, Piece(text: "  ", role: .text))
      line.pieces += values
      return [line]
    }
    var second = ChangeLine(Piece(text: "    ", role: .text))
    second.pieces += values
    return [ChangeLine(head, path), second]
  }

  /// `balance  29 742 → -55 812`, cut where it does not fit: for lists.
  static func short(_ change: StateChange, width: Int) -> [Piece] {
    var pieces = [
      Piece(text: (change.path.steps.isEmpty ? "the state" : change.path.text) + "  ", role: .muted)
    ]
    if let from = change.from, change.to != nil {
      pieces += [piece(from), Piece(text: " → ", role: .punctuation)]
    }
    if let to = change.to { pieces.append(piece(to)) }
    if change.to == nil { pieces.append(Piece(text: "removed", role: .muted)) }
    var rest = width
    return pieces.map { piece in
      var cut = piece
      cut.text = TextWidth.clip(piece.text, to: max(0, rest), ellipsis: true)
      rest -= TextWidth.width(of: cut.text)
      return cut
    }
  }

  /// By how much a number changed, where both are whole: `+412`.
  private static func difference(_ change: StateChange) -> String? {
    guard case .number(let a)? = change.from, case .number(let b)? = change.to, let from = Int64(a),
      let to = Int64(b)
    else { return nil }
    let (by, overflow) = to.subtractingReportingOverflow(from)
    return overflow ? nil : (by > 0 ? "+" : "") + NumberText.grouped(by)
  }

  private static func piece(_ value: JSONValue) -> Piece {
    let (text, role) = JSONLines.leafText(value, plain: true)
    guard value.childCount > 0 else { return Piece(text: text, role: role) }
    let compact = String(decoding: value.compact.prefix(400), as: UTF8.self)
    return Piece(text: compact, role: .text)
  }

  private static func wrapped(_ text: String, _ width: Int, _ role: Role) -> [ChangeLine] {
    var lines: [ChangeLine] = []
    var rest = text[...]
    while !rest.isEmpty, lines.count < 6 {
      let part = rest.prefix(max(8, width))
      lines.append(ChangeLine(Piece(text: String(part), role: role)))
      rest = rest.dropFirst(part.count)
    }
    return lines
  }

  /// The event itself: what it is, and its payload.
  private static func about(_ event: ReplayEvent, _ clock: ClockText) -> [ChangeLine] {
    var lines = [ChangeLine(Piece(text: "", role: .text))]
    lines.append(ChangeLine(Piece(text: event.summary.type ?? "event", role: .type, flags: .bold)))
    if let time = event.summary.time {
      let isGuess = event.summary.timeIsGuess
      let text = (isGuess ? "~" : "") + clock.full(time)
      lines.append(ChangeLine(Piece(text: text, role: isGuess ? .guess : .time)))
    }
    switch event.data {
    case .json(let value):
      var tree = JSONTree(style: .plain)
      tree.show(value, visible: 1, fresh: true)
      for line in tree.lines.prefix(200) { lines.append(payload(line)) }
    case .text(let text, _): lines.append(ChangeLine(Piece(text: text, role: .string)))
    case .bytes(let bytes): lines.append(note("\(NumberText.grouped(bytes.count)) bytes"))
    case .null: lines.append(note("null"))
    case .absent: break
    }
    return lines
  }

  private static func payload(_ line: JSONTree.Line) -> ChangeLine {
    let indent = String(repeating: " ", count: line.depth * 2)
    let label =
      line.label.map { TextWidth.pad($0, to: min(max(line.labelWidth, 1), JSONTree.labelLimit)) + "  " } ?? ""
    var made = ChangeLine(Piece(text: indent + label, role: .member))
    if case .folded(let count) = line.kind {
      made.pieces.append(Piece(text: "▸ \(NumberText.grouped(count))", role: .muted))
    } else if !line.isContainer {
      made.pieces.append(Piece(text: line.text, role: line.role))
    }
    return made
  }
}
