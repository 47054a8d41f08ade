import WeirCells
import WeirCore

/// Draws one event in full: payload, metadata and headers, bytes, place.
extension AppState {
  /// The tabs stand in the frame's top side.
  func drawInspectorTabs(_ layout: Layout, _ grid: inout CellGrid) {
    guard let rect = layout.panes[.browse(.inspector)], rect.height > 1 else { return }
    var pen = Pen(rect.row(0).inset(horizontal: 2, vertical: 0))
    for (index, tab) in InspectorState.Tab.allCases.enumerated() {
      if index > 0 { pen.put("·", .border, &grid) }
      let isOpen = tab == browse.inspector.tab
      pen.put(" \(tab.title) ", isOpen ? .title : .muted, &grid, flags: isOpen ? [.bold, .underline] : [])
    }
  }

  func drawInspector(_ rect: Rect, _ grid: inout CellGrid) {
    guard !rect.isEmpty else { return }
    let inspector = browse.inspector
    let isAbout = inspector.tab == .about || (inspector.wanted == nil && browse.events?.count == 0)
    guard isAbout || inspector.inspection != nil else {
      let text = inspector.wanted == nil ? "no event selected" : "reading…"
      grid.put(text, at: rect.origin, role: .muted, limit: rect.width)
      return
    }
    if !isAbout, inspector.tab == .payload, let inspection = inspector.inspection {
      drawPayload(inspection, rect, &grid)
    } else {
      drawLines(inspectorLines(width: rect.width) ?? [], rect, &grid)
    }
    if inspector.isStale, !isAbout { grid.addFlags(rect, .dim) }
  }

  private func drawPayload(_ inspection: Inspection, _ rect: Rect, _ grid: inout CellGrid) {
    let (left, right) = rect.split(left: AppState.payloadWidth(rect.width))
    if let lines = bodyLines(inspection.data, width: left.width) {
      drawLines(lines, left, &grid)
    } else {
      drawTree(
        browse.inspector.payload, in: left, focused: browse.focus == .inspector, changes: [:],
        marksSelection: false, into: &grid)
    }
    guard right.width > 0 else { return }
    for line in 0..<right.height {
      grid.put(
        String(environment.borders.vertical), at: Point(x: right.x, y: right.y + line), role: .border)
    }
    let beside = right.inset(horizontal: 2, vertical: 0)
    let place = PlaceLines.lines(inspection, clock, isBrief: true)
    let (upper, lower) = beside.split(bottom: min(place.count + 1, beside.height / 2))
    draw(metadataLines(inspection, width: upper.width), from: 0, upper, &grid)
    let (_, below) = lower.split(top: min(1, lower.height))
    draw(place, from: 0, below, &grid)
  }

  private func drawLines(_ lines: [TextLine], _ rect: Rect, _ grid: inout CellGrid) {
    let top = max(0, min(browse.inspector.top, lines.count - rect.height))
    draw(lines, from: top, rect, &grid)
    guard let found = browse.inspector.foundLine, (top..<top + rect.height).contains(found) else { return }
    grid.underlay(rect.row(found - top), role: .selection)
  }

  private func draw(_ lines: [TextLine], from top: Int, _ rect: Rect, _ grid: inout CellGrid) {
    for line in 0..<rect.height where lines.indices.contains(top + line) {
      var pen = Pen(rect.row(line))
      for piece in lines[top + line].pieces { pen.put(piece.text, piece.role, &grid) }
    }
  }
}

/// One line of text with its roles.
struct TextLine: Equatable, Sendable {
  var pieces: [(text: String, role: Role)]

  init(_ text: String, _ role: Role = .text) { pieces = [(text, role)] }

  init(pieces: [(text: String, role: Role)]) { self.pieces = pieces }

  static func == (a: TextLine, b: TextLine) -> Bool {
    a.pieces.map(\.text) == b.pieces.map(\.text) && a.pieces.map(\.role) == b.pieces.map(\.role)
  }

  /// Text broken at its own line ends and at `width` columns; at most 2,000 lines.
  static func wrapped(_ text: String, width: Int, role: Role) -> [TextLine] {
    var lines: [TextLine] = []
    for line in text.prefix(200_000).split(separator: "\n", omittingEmptySubsequences: false) {
      var rest = line
      repeat {
        guard lines.count < 2_000 else { return lines }
        let part = rest.prefix(max(1, width))
        lines.append(TextLine(String(part), role))
        rest = rest.dropFirst(part.count)
      } while !rest.isEmpty
    }
    return lines
  }
}

/// The hex view: the frame's fields with their bytes, else the payload's bytes.
enum HexLines {
  static func lines(_ inspector: InspectorState, _ inspection: Inspection, width: Int) -> [TextLine] {
    if let frame = inspector.frame {
      return lines(frame, width: width)
    }
    var lines: [TextLine] = []
    if let fault = inspector.frameFault { lines.append(TextLine(fault.description, .warning)) }
    guard let raw = inspection.event.rawValue else { return lines + [TextLine("null", .null)] }
    return lines + [TextLine("the payload, \(NumberText.bytes(raw.count))", .muted)] + dump(raw, width: width)
  }

  private static func lines(_ frame: FrameBytes, width: Int) -> [TextLine] {
    let detail = frame.detail
    let size = NumberText.bytes(Int(clamping: detail.length))
    var lines = [TextLine("\(frame.place.file) @\(detail.offset), \(size)", .muted)]
    lines += fields(detail.fields, detail.bytes, width: width)
    if let content = detail.content {
      lines.append(TextLine("undone, \(NumberText.bytes(content.bytes.count)); counted in these:", .muted))
      lines += fields(content.fields, content.bytes, width: width)
    }
    lines += [TextLine("")] + dump(detail.bytes, width: width)
    guard let content = detail.content else { return lines }
    return lines + [TextLine(""), TextLine("undone", .muted)] + dump(content.bytes, width: width)
  }

  /// Where a field begins, its first bytes, its name, what they mean. Narrow panes show fewer bytes: the dump
  /// below has them all.
  private static func fields(_ fields: [FrameField], _ bytes: [UInt8], width: Int) -> [TextLine] {
    let most = width >= 90 ? 8 : 4
    let listed = fields.prefix(2_000)
    let names = min(24, listed.map { TextWidth.width(of: $0.name) }.max() ?? 0)
    return listed.map { field in
      let shown = bytes[field.range.clamped(to: 0..<bytes.count)].prefix(most)
      let hex = shown.map(pair).joined(separator: " ") + (field.range.count > most ? " …" : "")
      return TextLine(pieces: [
        (TextWidth.pad(String(field.range.lowerBound), to: 6, alignment: .right) + "  ", .position),
        (TextWidth.pad(hex, to: most * 3 + 1) + " ", .number),
        (TextWidth.pad(field.name, to: names) + "  ", .member), (field.value, .text),
      ])
    }
  }

  static func pair(_ byte: UInt8) -> String { (byte < 16 ? "0" : "") + String(byte, radix: 16) }

  static func short(_ bytes: [UInt8]) -> String {
    "0x" + bytes.prefix(24).map(pair).joined() + (bytes.count > 24 ? "…" : "")
  }

  /// Offset, hexadecimal, text: 16 bytes a line where there is room, else 8. At most 64 KiB.
  static func dump(_ bytes: [UInt8], width: Int) -> [TextLine] {
    let columns = width >= 76 ? 16 : 8
    return stride(from: 0, to: min(bytes.count, 65_536), by: columns).map { start in
      let part = bytes[start..<min(start + columns, bytes.count)]
      let hex = part.map(pair).joined(separator: " ")
      let text = String(part.map { $0 >= 0x20 && $0 < 0x7F ? Character(UnicodeScalar($0)) : "·" })
      let offset = String(start, radix: 16)
      return TextLine(pieces: [
        (String(repeating: "0", count: max(0, 6 - offset.count)) + offset + "  ", .position),
        (TextWidth.pad(hex, to: columns * 3) + " ", .number), (text, .string),
      ])
    }
  }
}

/// Where an event lies and what it is, one fact a line. Brief, beside a payload: of absolute paths the last
/// part alone.
enum PlaceLines {
  static func lines(_ inspection: Inspection, _ clock: ClockText, isBrief: Bool = false) -> [TextLine] {
    let event = inspection.event
    var lines: [TextLine] = []
    func add(_ name: String, _ value: String?, _ role: Role = .text) {
      guard let value else { return }
      lines.append(TextLine(pieces: [(TextWidth.pad(name, to: 12) + "  ", .member), (value, role)]))
    }
    add("source", event.source)
    add("stream", event.stream)
    add("partition", event.partition?.description)
    add("position", event.positionText, .position)
    add("version", event.version, .position)
    add("key", event.key.map(StoredEvent.keyText))
    add("type", event.type, .type)
    add("id", event.id)
    add("time", event.time.map { clock.full($0) }, .time)
    add("event time", event.eventTime.map { clock.full($0) + " (found in headers or payload)" }, .guess)
    add("size", "\(NumberText.grouped(event.size)) bytes", .size)
    add("marks", event.marks.isEmpty ? nil : event.marks.names.joined(separator: ", "), .mark)
    switch event.provenance {
    case .bytes(let file, let range):
      add("file", isBrief && file.hasPrefix("/") ? FileName.last(file) : file)
      add(
        "bytes", "\(NumberText.grouped(range.lowerBound)) ..< \(NumberText.grouped(range.upperBound))",
        .position)
      add("record", event.indexInFrame.map { "\($0) of its batch" })
    case .row(let file, let table, let row):
      add("file", isBrief && file.hasPrefix("/") ? FileName.last(file) : file)
      add("table", table)
      add("row", String(row), .position)
    case .remote(let endpoint, let position):
      add("endpoint", endpoint)
      add("place", position)
    case nil: break
    }
    return lines
  }
}
