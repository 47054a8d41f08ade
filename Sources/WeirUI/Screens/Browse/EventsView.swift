import WeirCells
import WeirCore

/// Where the columns of the events pane stand, by what the log has and the width there is. A width of 0: the
/// column is not shown.
struct EventColumns: Equatable {
  var partition = 0
  var position = 10
  var time = 0
  var type = 0
  var name = 0
  var preview = 0
  var size = 0

  /// Where there is little room, what tells events apart comes first: position, type or key, time; the
  /// payload's beginning takes what is left.
  init(width: Int, isMerged: Bool, hasName: Bool, _ widths: EventWidths) {
    partition = isMerged ? 4 : 0
    position = min(max(widths.position, isMerged ? 6 : 8), max(10, width / 4)) + 1
    var rest = max(0, width - 2 - partition - position)
    func take(_ columns: Int) -> Int {
      guard columns > 0, rest >= columns + 2 else { return 0 }
      rest -= columns + 2
      return columns
    }
    time = take(EventColumns.timeWidth(width))
    if width >= 80 { size = take(8) }
    if widths.type > 0 { type = take(max(6, min(widths.type, width >= 100 ? 30 : 24, rest - 2))) }
    if hasName, rest >= 10 { name = take(max(4, min(widths.name, width >= 100 ? 40 : 18, rest - 2))) }
    rest = max(0, rest - 2)
    if widths.preview > 0, rest >= (type + name > 0 ? 12 : 4) {
      preview = rest
    } else if name > 0 {
      name += max(0, min(rest, widths.name - name))
    } else if type > 0 {
      type += max(0, rest)
    }
  }
}

extension EventColumns {
  /// Full to the millisecond, to the second, without the year, without seconds, not at all.
  private static func timeWidth(_ width: Int) -> Int {
    switch width {
    case 100...: 23
    case 80...: 19
    case 50...: 14
    case 40...: 11
    default: 0
    }
  }
}

/// Draws the list of events.
extension AppState {
  func drawEvents(_ rect: Rect, _ grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    guard let window = browse.events else {
      drawNothing(rect, &grid)
      return
    }
    let isMerged = window.log.stream.partition == nil && firstEvent(window)?.partition != nil
    let columns = EventColumns(
      width: rect.width, isMerged: isMerged, hasName: showsKey(window), window.widths)
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

  /// No stream is shown: why not.
  private func drawNothing(_ rect: Rect, _ grid: inout CellGrid) {
    if let row = browse.tree.selectedRow, let fault = sources[row.source].fault {
      let lines = TextLine.wrapped(fault.description, width: rect.width, role: .damage)
      for (line, text) in lines.prefix(rect.height).enumerated() {
        grid.put(text.pieces[0].text, at: rect.row(line).origin, role: .damage, limit: rect.width)
      }
      return
    }
    let text = sources.contains { $0.isReading } ? "reading…" : "select a stream: Enter shows its events"
    grid.put(text, at: rect.origin, role: .muted, limit: rect.width, ellipsis: true)
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
    let names = [
      ("time", columns.time), ("type", columns.type), (isStore ? "stream" : "key", columns.name),
      ("payload", columns.preview),
    ]
    for (name, width) in names where width > 0 {
      pen.skip(2)
      pen.put(TextWidth.pad(name, to: width), .header, &grid)
    }
    if columns.size > 0 { pen.putRight("size", .header, &grid) }
  }

  private func draw(
    _ item: EventRow, isSelected: Bool, _ columns: EventColumns, _ row: Rect, _ window: EventWindow,
    _ grid: inout CellGrid
  ) {
    var pen = Pen(row)
    let mark = item.event.flatMap { markLetter(of: $0, in: window) }
    if let mark, !isSelected {
      pen.put("\(mark) ", .mark, &grid)
    } else {
      pen.put(isSelected ? "▶ " : "  ", .playhead, &grid)
    }
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
    if columns.time > 0 {
      let text =
        event.time.map {
          columns.time >= 19 ? clock.full($0, digits: columns.time - 20) : shortTime($0, columns)
        }
        ?? "-"
      pen.put(event.timeIsGuess ? " ~" : "  ", .guess, &grid)
      pen.put(TextWidth.pad(text, to: columns.time), event.timeIsGuess ? .guess : .time, &grid)
    }
    let marks = EventSigns.text(event.marks)
    let isQuiet = !event.marks.isDisjoint(with: [.aborted, .deleted, .superseded, .archived, .control])
    if columns.type > 0 {
      pen.skip(2)
      let text = marks + (event.type ?? "-")
      pen.put(TextWidth.pad(text, to: columns.type), isQuiet ? .tombstone : .type, &grid)
    }
    if columns.name > 0 {
      pen.skip(2)
      let name = isStore ? event.stream : event.key ?? "null"
      let role: Role = isStore || event.key != nil ? .text : .null
      pen.put(TextWidth.pad((columns.type > 0 ? "" : marks) + name, to: columns.name), role, &grid)
    }
    if columns.preview > 0 {
      pen.skip(2)
      let marks = columns.type + columns.name > 0 ? "" : marks
      pen.put(TextWidth.pad(marks + event.preview, to: columns.preview), isQuiet ? .tombstone : .muted, &grid)
    }
    if columns.size > 0 { pen.putRight(NumberText.bytes(event.size), .size, &grid) }
  }

  /// The letter that the event is marked with.
  private func markLetter(of event: EventSummary, in window: EventWindow) -> Character? {
    browse.marks.first { $0.value.log.source == window.log.source && $0.value.marks(event) }?.key
  }

  private func shortTime(_ time: Instant, _ columns: EventColumns) -> String {
    clock.monthDay(time) + " " + (columns.time >= 14 ? clock.seconds(time) : clock.minutes(time))
  }
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
