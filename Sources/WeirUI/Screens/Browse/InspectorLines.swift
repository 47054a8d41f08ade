import WeirCells
import WeirCore
import WeirReplay

/// The inspector's tabs that are plain lines: made in one place for drawing, scrolling and searching, so that
/// the three cannot disagree.
extension AppState {
  /// Wide panes show headers, metadata and place beside the payload.
  static let besideFrom = 100

  /// Columns of the inspector that the payload takes.
  static func payloadWidth(_ width: Int) -> Int { width >= besideFrom ? width * 11 / 20 : width }

  /// The open tab's lines; nil where it shows a tree, or nothing yet.
  func inspectorLines(width: Int) -> [TextLine]? {
    let inspector = browse.inspector
    if inspector.tab == .about || (inspector.wanted == nil && browse.events?.count == 0) {
      return aboutLines(width: width)
    }
    guard let inspection = inspector.inspection else { return nil }
    switch inspector.tab {
    case .payload: return bodyLines(inspection.data, width: AppState.payloadWidth(width))
    case .metadata: return metadataLines(inspection, width: width)
    case .hex: return HexLines.lines(inspector, inspection, width: width)
    case .place: return PlaceLines.lines(inspection, clock)
    case .about: return nil
    }
  }

  /// nil for JSON, which is shown as a tree.
  func bodyLines(_ body: Inspection.Body, width: Int) -> [TextLine]? {
    switch body {
    case .json: nil
    case .null: [TextLine("null: a tombstone", .tombstone)]
    case .absent: [TextLine("none", .muted)]
    case .text(let text, let note):
      (note.map { [TextLine($0, .warning)] } ?? []) + TextLine.wrapped(text, width: width, role: .string)
    case .bytes(let bytes): HexLines.dump(bytes, width: width)
    }
  }

  /// Headers, one a line, then the metadata.
  func metadataLines(_ inspection: Inspection, width: Int) -> [TextLine] {
    let headers = inspection.event.headers
    let names = headers.map { String(decoding: $0.name, as: UTF8.self) }
    let widest = min(24, names.map { TextWidth.width(of: $0) }.max() ?? 0)
    var lines = zip(headers, names).map { header, name in
      let text = header.value.map { String(validating: $0, as: UTF8.self) ?? HexLines.short($0) }
      return TextLine(pieces: [
        (TextWidth.pad(name, to: widest) + "  ", .member),
        (text ?? "null", text == nil ? .null : .string),
      ])
    }
    switch inspection.meta {
    case .absent: if headers.isEmpty { lines.append(TextLine("no headers, no metadata", .muted)) }
    case .json: lines += browse.inspector.meta.lines.map(TextLine.init)
    default: lines += bodyLines(inspection.meta, width: width) ?? []
    }
    return lines
  }

  /// Scrolls plain lines, no further than there are any.
  mutating func scrollInspector(by delta: Int) {
    let rect = Layout(self).inner(.inspector)
    guard let lines = inspectorLines(width: rect.width) else { return }
    let (wanted, overflow) = browse.inspector.top.addingReportingOverflow(delta)
    browse.inspector.top = max(0, min(overflow ? 0 : wanted, lines.count - rect.height))
  }

  /// Goes to the next line of a plain tab that holds the text; nil when the tab shows a tree.
  mutating func searchInspectorLines(_ text: String, forward: Bool) -> Bool? {
    let rect = Layout(self).inner(.inspector)
    guard let lines = inspectorLines(width: rect.width) else { return nil }
    let needle = Needle(text)
    let start = browse.inspector.foundLine ?? (forward ? -1 : lines.count)
    for distance in 1...max(1, lines.count) {
      let index = (start + (forward ? distance : -distance) + 2 * lines.count) % max(1, lines.count)
      guard lines.indices.contains(index), needle.isIn(lines[index].text.utf8) else { continue }
      browse.inspector.foundLine = index
      let top = browse.inspector.top
      if index < top || index >= top + rect.height {
        browse.inspector.top = max(0, min(index - rect.height / 2, lines.count - rect.height))
      }
      return true
    }
    return false
  }
}

extension TextLine {
  /// A line of a JSON tree, as it is drawn.
  init(_ line: JSONTree.Line) {
    pieces = [(String(repeating: " ", count: line.depth * 2), .text)]
    if let label = line.label { pieces += [("\"" + label + "\"", .member), (": ", .punctuation)] }
    pieces.append((line.text, line.role))
    if case .folded(let count) = line.kind {
      pieces.append((" … \(NumberText.grouped(count)) ", .muted))
      pieces.append((line.text == "[" ? "]" : "}", .punctuation))
    }
    if line.hasComma { pieces.append((",", .punctuation)) }
  }

  var text: String { pieces.map(\.text).joined() }
}
