import WeirCells
import WeirReplay

/// A sign in front of a line of a tree: what the last event did to it.
struct TreeMark: Sendable, Equatable {
  var glyph: Character
  var role: Role
}

/// Draws a JSON tree into a rectangle: as JSON with quotes and brackets, or plainly as names and values.
/// Without `marksSelection` the selected line is marked only while the tree has the focus.
/// `changes` are signs by path; a folded container shows one for anything below it.
func drawTree(
  _ tree: JSONTree, in rect: Rect, focused: Bool, changes: [StatePath: TreeMark], marksSelection: Bool = true,
  into grid: inout CellGrid
) {
  for row in 0..<rect.height {
    let index = tree.position.top + row
    guard tree.lines.indices.contains(index) else { return }
    let line = tree.lines[index]
    var pen = Pen(rect.row(row))
    if !changes.isEmpty {
      let mark = mark(of: line, changes)
      pen.put(mark.map { String($0.glyph) } ?? " ", mark?.role ?? .text, &grid)
      pen.skip(1)
    }
    pen.skip(line.depth * 2)
    if tree.style == .json { drawJSON(line, &pen, &grid) } else { drawPlain(line, &pen, &grid) }
    if index == tree.position.selected, focused || marksSelection {
      grid.underlay(rect.row(row), role: focused ? .selection : .selectionInactive)
    }
  }
}

private func mark(of line: JSONTree.Line, _ changes: [StatePath: TreeMark]) -> TreeMark? {
  if let exact = changes[line.path] { return exact }
  // A leaf inside a container that came as a whole; a folded container with a change inside.
  if let (_, above) = changes.first(where: { $0.key.contains(line.path) }) { return above }
  guard case .folded = line.kind else { return nil }
  return changes.keys.contains { line.path.contains($0) } ? TreeMark(glyph: "~", role: .changed) : nil
}

private func drawJSON(_ line: JSONTree.Line, _ pen: inout Pen, _ grid: inout CellGrid) {
  if let label = line.label {
    pen.put("\"" + label + "\"", .member, &grid)
    pen.put(": ", .punctuation, &grid)
  }
  pen.put(line.text, line.role, &grid)
  if case .folded(let count) = line.kind {
    pen.put(" … \(NumberText.grouped(count)) ", .muted, &grid)
    pen.put(line.text == "[" ? "]" : "}", .punctuation, &grid)
  }
  if line.hasComma { pen.put(",", .punctuation, &grid) }
}

private func drawPlain(_ line: JSONTree.Line, _ pen: inout Pen, _ grid: inout CellGrid) {
  if let label = line.label {
    let isContainer = line.isContainer
    let width = isContainer ? TextWidth.width(of: label) : max(line.labelWidth, TextWidth.width(of: label))
    pen.put(TextWidth.pad(label, to: min(width, JSONTree.labelLimit)), .member, &grid)
    pen.skip(2)
  }
  switch line.kind {
  case .open: break
  case .folded(let count): pen.put("▸ \(NumberText.grouped(count))", .muted, &grid)
  default: pen.put(line.text, line.role, &grid)
  }
}

/// Writes pieces of one row from left to right and cuts at its end.
struct Pen {
  private let rect: Rect
  private(set) var x: Int

  init(_ rect: Rect) {
    self.rect = rect
    x = rect.x
  }

  var room: Int { max(0, rect.maxX - x) }

  mutating func skip(_ columns: Int) { x = min(rect.maxX, x + max(0, columns)) }

  /// Moves to a column counted from the row's start, never back.
  mutating func tab(to column: Int) { x = max(x, min(rect.maxX, rect.x + column)) }

  mutating func put(
    _ text: some StringProtocol, _ role: Role = .text, _ grid: inout CellGrid, flags: CellFlags = []
  ) {
    guard room > 0 else { return }
    x += grid.put(
      text, at: Point(x: x, y: rect.y), role: role, flags: flags, limit: room, ellipsis: true)
  }

  /// Text that ends at the row's right end; nothing when there is no room left for it and a blank before it.
  func putRight(_ text: some StringProtocol, _ role: Role = .text, _ grid: inout CellGrid) {
    let width = TextWidth.width(of: text)
    guard width > 0, width < room else { return }
    grid.put(text, at: Point(x: rect.maxX - width, y: rect.y), role: role)
  }
}
