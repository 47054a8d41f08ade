import WeirCells
import WeirCore
import WeirReplay

extension Overlay {
  /// Lines above the list: what is typed.
  var headerRows: Int {
    switch self {
    case .palette, .help: 1
    case .prompt, .menu, .hits: 0
    }
  }
}

extension Layout {
  /// Where an overlay stands, frame included; a prompt takes the bottom lines.
  func overlayBox(_ overlay: Overlay?) -> Rect {
    switch overlay {
    case nil: return .zero
    case .prompt:
      let height = min(3, size.rows)
      return Rect(x: 0, y: size.rows - height, width: size.columns, height: height)
    default:
      let width = min(size.columns, max(min(size.columns, 40), min(size.columns - 8, 96)))
      let height = min(size.rows, max(min(size.rows, 8), min(size.rows - 4, 30)))
      return Rect(x: (size.columns - width) / 2, y: (size.rows - height) / 2, width: width, height: height)
    }
  }
}

/// Draws what lies over the screen.
extension AppState {
  func drawOverlay(_ layout: Layout, _ grid: inout CellGrid) {
    guard let overlay else { return }
    let rect = layout.overlayBox(overlay)
    if case .prompt(let prompt) = overlay {
      drawPrompt(prompt, rect, &grid)
      return
    }
    grid.fill(rect, role: .menu)
    switch overlay {
    case .palette(let palette): drawPalette(palette, rect, &grid)
    case .help(let help): drawHelp(help, rect, &grid)
    case .menu(let menu): drawMenu(menu, rect, &grid)
    case .hits(let list): drawHits(list, rect, &grid)
    case .prompt: break
    }
  }

  // MARK: Prompts

  private func drawPrompt(_ prompt: Prompt, _ rect: Rect, _ grid: inout CellGrid) {
    let (above, line) = rect.split(bottom: 1)
    grid.fill(line, role: .prompt)
    var pen = Pen(line)
    pen.skip(1)
    pen.put(prompt.kind.label + ": ", .prompt, &grid, flags: .bold)
    let start = pen.x
    if prompt.input.isEmpty { pen.put(prompt.kind.example, .muted, &grid) }
    // A text longer than the line shows its end.
    let room = max(1, line.maxX - start - 1)
    let before = String(prompt.input.characters.prefix(prompt.input.cursor))
    let shift = max(0, TextWidth.width(of: before) - room + 1)
    let shown = String(prompt.input.characters.drop { _ in false }.dropFirst(shift))
    grid.put(shown, at: Point(x: start, y: line.y), role: .prompt, limit: room)
    let cursor = start + min(room, TextWidth.width(of: before) - shift)
    grid.cursor = Point(x: cursor, y: line.y)
    grid.addFlags(Rect(x: cursor, y: line.y, width: 1, height: 1), .reversed)
    guard above.height > 0, prompt.mistake != nil || prompt.preview != nil else { return }
    let row = above.row(above.height - 1)
    grid.fill(row, role: .prompt)
    if let mistake = prompt.mistake {
      let column = start + max(0, (mistake.column ?? 1) - 1) - shift
      let text = (mistake.column == nil ? "" : "▼ ") + mistake.text
      let x = max(row.x + 1, min(column, row.maxX - TextWidth.width(of: text) - 1))
      grid.put(text, at: Point(x: x, y: row.y), role: .statusError, limit: row.maxX - x, ellipsis: true)
    } else if let preview = prompt.preview {
      grid.put(preview, at: Point(x: start, y: row.y), role: .hint, limit: row.maxX - start, ellipsis: true)
    }
  }

  private func drawInput(_ label: String, _ input: LineInput, _ row: Rect, _ grid: inout CellGrid) {
    var pen = Pen(row)
    pen.put(label, .prompt, &grid, flags: .bold)
    pen.put(input.text, .text, &grid)
    grid.cursor = Point(x: pen.x, y: row.y)
    grid.addFlags(Rect(x: pen.x, y: row.y, width: 1, height: 1), .reversed)
  }

  // MARK: Lists

  private func drawPalette(_ palette: Palette, _ rect: Rect, _ grid: inout CellGrid) {
    grid.box(rect, title: "Commands", focused: true, set: environment.borders)
    let (top, body) = rect.inset().split(top: 1)
    drawInput(": ", palette.input, top, &grid)
    if palette.entries.isEmpty { grid.put("nothing is called so", at: body.origin, role: .muted) }
    rows(body, palette.position, count: palette.entries.count, &grid) { index, row, grid in
      let entry = palette.entries[index]
      var pen = Pen(row)
      pen.put(TextWidth.pad(entry.action.rawValue, to: 18), entry.refusal == nil ? .text : .muted, &grid)
      pen.skip(2)
      pen.put(entry.refusal ?? entry.help, .muted, &grid)
      pen.putRight(entry.keys.prefix(3).joined(separator: " ") + " ", .key, &grid)
      for place in entry.matched where place < row.width {
        grid.addFlags(Rect(x: row.x + place, y: row.y, width: 1, height: 1), .underline)
      }
    }
  }

  private func drawHelp(_ help: Help, _ rect: Rect, _ grid: inout CellGrid) {
    grid.box(rect, title: "Keys · type to search · Esc closes", focused: true, set: environment.borders)
    let (top, body) = rect.inset().split(top: 1)
    drawInput("? ", help.input, top, &grid)
    for line in 0..<body.height where help.lines.indices.contains(help.position.top + line) {
      var pen = Pen(body.row(line))
      switch help.lines[help.position.top + line] {
      case .blank: break
      case .heading(let text): pen.put(text, .title, &grid, flags: .bold)
      case .key(let keys, let text, let name):
        pen.skip(1)
        pen.put(TextWidth.pad(keys, to: 20), .key, &grid)
        pen.skip(1)
        pen.put(text, .text, &grid)
        pen.putRight(" " + name + " ", .muted, &grid)
      }
    }
  }

  private func drawMenu(_ menu: Menu, _ rect: Rect, _ grid: inout CellGrid) {
    grid.box(rect, title: menu.title, focused: true, set: environment.borders)
    let body = rect.inset()
    if menu.items.isEmpty {
      grid.put(
        menu.isReading ? "reading…" : menu.emptyText, at: body.origin, role: .muted, limit: body.width,
        ellipsis: true)
    }
    rows(body, menu.position, count: menu.items.count, &grid) { index, row, grid in
      let item = menu.items[index]
      var pen = Pen(row)
      pen.skip(1)
      pen.put(item.title, item.role, &grid)
      pen.skip(2)
      pen.put(item.detail, .muted, &grid)
    }
  }

  private func drawHits(_ list: HitList, _ rect: Rect, _ grid: inout CellGrid) {
    // Streams are found by their names, without an event having been looked at.
    let found = list.total == 0 && list.count > 0 ? list.count : list.total
    let what = list.total == 0 && list.count > 0 ? "stream" : "event"
    let count = NumberText.count(found, what) + (list.isRunning ? " so far" : "")
    grid.box(rect, title: "“\(list.text)” anywhere · \(count)", focused: true, set: environment.borders)
    let body = rect.inset()
    if let fault = list.fault {
      grid.put(fault.description, at: body.origin, role: .statusError, limit: body.width, ellipsis: true)
    } else if list.isEmpty {
      let text = list.isRunning ? "looking…" : "nowhere in what is open"
      grid.put(text, at: body.origin, role: .muted, limit: body.width, ellipsis: true)
    }
    rows(body, list.position, count: list.count, &grid) { index, row, grid in
      if let hit = list[index] { drawHit(hit, row, &grid) }
    }
  }

  private func drawHit(_ hit: Hit, _ row: Rect, _ grid: inout CellGrid) {
    var pen = Pen(row)
    pen.skip(1)
    let source = sources.indices.contains(hit.source) ? sources[hit.source].label : ""
    switch hit.place {
    case .stream(let stream):
      pen.put("\(source) ▸ \(stream.name)", .path, &grid)
      pen.putRight("stream ", .muted, &grid)
    case .aggregate(let event, let count):
      pen.put("\(source) ▸ \(event.stream)\(event.key.map { " ▸ " + $0 } ?? "")", .path, &grid, flags: .bold)
      pen.putRight(" aggregate, \(NumberText.count(count, "event")) ", .muted, &grid)
    case .event(let event, let part):
      pen.put(event.time.map { clock.full($0, digits: 0) } ?? event.positionText, .time, &grid)
      pen.skip(2)
      pen.put(event.type ?? "-", .type, &grid)
      pen.skip(2)
      pen.put("\(source) ▸ \(event.stream)\(event.key.map { " ▸ " + $0 } ?? "")", .path, &grid)
      pen.putRight(" " + part + " ", .muted, &grid)
    }
  }

  private func rows(
    _ body: Rect, _ position: ListPosition, count: Int, _ grid: inout CellGrid,
    _ draw: (Int, Rect, inout CellGrid) -> Void
  ) {
    for line in 0..<body.height {
      let index = position.top + line
      guard index < count else { return }
      draw(index, body.row(line), &grid)
      if index == position.selected { grid.underlay(body.row(line), role: .menuSelected) }
    }
  }
}
