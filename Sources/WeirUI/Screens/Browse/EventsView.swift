import WeirCells
import WeirCore

/// Where the columns of the events pane stand, by what the log has and the width there is.
struct EventColumns: Equatable {
  var position = 10
  var time = 0
  var type = 16
  var key = 0
  var size = 0
  var partition = 0

  init(width: Int, isMerged: Bool, hasKey: Bool) {
    partition = isMerged ? 4 : 0
    time = width >= 76 ? 23 : width >= 56 ? 19 : width >= 40 ? 14 : 0
    size = width >= 64 ? 9 : 0
    let rest = width - 2 - partition - position - 2 - (time > 0 ? time + 2 : 0) - (size > 0 ? size + 1 : 0)
    key = hasKey && rest >= 24 ? max(10, rest - max(12, min(24, rest * 9 / 20)) - 2) : 0
    type = max(6, rest - (key > 0 ? key + 2 : 0))
  }
}

/// Draws the list of events.
extension AppState {
  func drawEvents(_ rect: Rect, _ grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    guard let window = browse.events else {
      let text = sources.contains { $0.isReading } ? "reading…" : "select a stream: Enter shows its events"
      grid.put(text, at: rect.origin, role: .muted, limit: rect.width, ellipsis: true)
      return
    }
    let isMerged = window.log.stream.partition == nil && firstEvent(window)?.partition != nil
    let columns = EventColumns(width: rect.width, isMerged: isMerged, hasKey: showsKey(window))
    let (header, body) = rect.split(top: 1)
    drawHeader(columns, header, window, &grid)
    if window.count == 0 {
      let text = window.fault?.description ?? (window.isOpening ? "reading…" : "no events")
      grid.put(
        text, at: body.origin, role: window.fault == nil ? .muted : .statusError, limit: body.width,
        ellipsis: true)
      return
    }
    for line in 0..<body.height {
      let index = window.position.top + line
      guard let item = window[index] else { break }
      let row = body.row(line)
      draw(item, isSelected: index == window.position.selected, columns, row, window, &grid)
      if index == window.position.selected {
        grid.underlay(row, role: browse.focus == .events ? .selection : .selectionInactive)
      }
    }
    if window.isOpening { grid.addFlags(body, .dim) }
  }

  private func firstEvent(_ window: EventWindow) -> EventSummary? {
    for index in window.position.top..<window.position.top + 64 {
      if let event = window[index]?.event { return event }
    }
    return window[0]?.event
  }

  /// A topic shows the record's key, a store the stream where several are listed.
  private func showsKey(_ window: EventWindow) -> Bool {
    guard let event = firstEvent(window) else { return true }
    return event.key != nil ? window.log.stream.key == nil : window.log.stream.name.isEmpty
  }

  private func drawHeader(_ columns: EventColumns, _ row: Rect, _ window: EventWindow, _ grid: inout CellGrid)
  {
    var pen = Pen(row)
    let isStore = firstEvent(window)?.key == nil
    let position = isStore && window.log.stream.name.isEmpty == false ? "version" : "position"
    pen.skip(2)
    if columns.partition > 0 {
      pen.put(TextWidth.pad("part", to: columns.partition, alignment: .right), .header, &grid)
    }
    pen.put(
      TextWidth.pad(isStore ? position : "offset", to: columns.position, alignment: .right), .header, &grid)
    pen.skip(2)
    if columns.time > 0 {
      pen.put(TextWidth.pad("time", to: columns.time), .header, &grid)
      pen.skip(2)
    }
    pen.put(TextWidth.pad("type", to: columns.type), .header, &grid)
    if columns.key > 0 {
      pen.skip(2)
      pen.put(TextWidth.pad(isStore ? "stream" : "key", to: columns.key), .header, &grid)
    }
    if columns.size > 0 { pen.putRight("size", .header, &grid) }
  }

  private func draw(
    _ item: EventRow, isSelected: Bool, _ columns: EventColumns, _ row: Rect, _ window: EventWindow,
    _ grid: inout CellGrid
  ) {
    var pen = Pen(row)
    pen.put(isSelected ? "▶ " : "  ", .playhead, &grid)
    switch item.content {
    case .damage(let damage):
      let size = NumberText.bytes(damage.range.upperBound - damage.range.lowerBound)
      let word =
        damage.kind == .tornTail ? "torn tail" : damage.kind == .staleSidecar ? "not trusted" : "damage"
      pen.put("✗ \(word): \(size), \(damage.reason), from byte \(damage.range.lowerBound)", .damage, &grid)
    case .gap(let count):
      pen.put("┄ \(NumberText.count(count, "position")) not in the log ┄", .muted, &grid)
    case .event(let event): draw(event, columns, &pen, window, &grid)
    }
  }

  private func draw(
    _ event: EventSummary, _ columns: EventColumns, _ pen: inout Pen, _ window: EventWindow,
    _ grid: inout CellGrid
  ) {
    let isStore = event.key == nil
    if columns.partition > 0 {
      let text = event.partition?.description ?? ""
      pen.put(TextWidth.pad(text, to: columns.partition, alignment: .right), .muted, &grid)
    }
    let place =
      isStore && !window.log.stream.name.isEmpty ? event.version ?? event.positionText : event.positionText
    pen.put(
      TextWidth.pad(NumberText.position(place), to: columns.position, alignment: .right), .position, &grid)
    pen.skip(2)
    if columns.time > 0 {
      let text =
        event.time.map { columns.time >= 19 ? clock.full($0, digits: columns.time - 20) : shortTime($0) }
        ?? "-"
      pen.put(TextWidth.pad(text, to: columns.time), .time, &grid)
      pen.skip(2)
    }
    let marks = EventSigns.text(event.marks)
    let type = event.type ?? "-"
    let isQuiet = !event.marks.isDisjoint(with: [.aborted, .deleted, .superseded, .archived, .control])
    pen.put(TextWidth.pad(marks + type, to: columns.type), isQuiet ? .tombstone : .type, &grid)
    if columns.key > 0 {
      pen.skip(2)
      let name = isStore ? event.stream : event.key ?? ""
      pen.put(TextWidth.pad(name, to: columns.key), .text, &grid)
    }
    if columns.size > 0 { pen.putRight(NumberText.bytes(event.size), .size, &grid) }
  }

  private func shortTime(_ time: Instant) -> String { clock.monthDay(time) + " " + clock.seconds(time) }
}

/// Marks as signs before the type: each its own, so that none is told by its colour.
enum EventSigns {
  private static let signs: [(Marks, String)] = [
    (.tombstone, "∅"), (.aborted, "✗"), (.open, "…"), (.control, "⊙"), (.deleted, "⌫"), (.superseded, "⌫"),
    (.archived, "▣"), (.redacted, "█"), (.duplicate, "="), (.damaged, "!"), (.snapshot, "◆"), (.link, "↗"),
    (.command, "›"),
  ]

  static func text(_ marks: Marks) -> String {
    let found = signs.filter { marks.contains($0.0) }.map(\.1).joined()
    return found.isEmpty ? "" : found + " "
  }
}
