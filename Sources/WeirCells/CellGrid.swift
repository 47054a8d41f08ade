/// One screen as a plain value: rows of cells, all blank at first. Everything drawn outside of it is clipped,
/// and a wide cell is never left with only one of its halves.
package struct CellGrid: Equatable, Sendable {
  package let size: Size
  /// Row by row, `size.columns` cells each.
  package private(set) var cells: [Cell]
  /// Where the terminal's own cursor is shown (a prompt); nil hides it.
  package var cursor: Point?

  /// - Parameter size: clipped to `Size.sane`; zero columns or rows are an empty grid.
  package init(_ size: Size) {
    let columns = min(max(0, size.columns), Size.sane.upperBound)
    let rows = min(max(0, size.rows), Size.sane.upperBound)
    self.size = Size(columns: columns, rows: rows)
    cells = Array(repeating: .blank, count: columns * rows)
  }

  package init(size: Size) { self.init(size) }

  package var bounds: Rect { Rect(size) }

  /// Outside of the grid reading gives a blank and writing does nothing. Writing a wide glyph takes two
  /// columns.
  package subscript(point: Point) -> Cell {
    get { bounds.contains(point) ? cells[point.y * size.columns + point.x] : .blank }
    set {
      guard bounds.contains(point) else { return }
      write(newValue, x: point.x, y: point.y)
    }
  }

  package subscript(x: Int, y: Int) -> Cell {
    get { self[Point(x: x, y: y)] }
    set { self[Point(x: x, y: y)] = newValue }
  }

  /// Writes text from a point to the right, in one row, and returns the columns used from `point` on (0 in a
  /// row outside of the grid). It takes at most `limit` columns; without a limit, up to the right edge. A
  /// wide glyph that would cross the limit becomes a blank; with `ellipsis`, text that does not fit ends in
  /// `…`.
  @discardableResult
  package mutating func put(
    _ text: some StringProtocol, at point: Point, role: Role = .text, flags: CellFlags = [],
    limit: Int? = nil, ellipsis: Bool = false
  ) -> Int {
    guard point.y >= 0, point.y < size.rows, point.x < size.columns else { return 0 }
    let room = min(limit ?? Int.max, size.columns - point.x)
    guard room > 0 else { return 0 }
    var used = 0
    var cut = false
    TextWidth.forEachGlyph(in: text) { glyph in
      let width = Int(glyph.width)
      guard used + width <= room else {
        cut = true
        return false
      }
      place(Cell(glyph, role: role, flags: flags), x: point.x + used, y: point.y)
      used += width
      return true
    }
    guard cut else { return used }
    if used < room { place(Cell(role: role, flags: flags), x: point.x + used, y: point.y) }
    if ellipsis { place(Cell(.ellipsis, role: role, flags: flags), x: point.x + room - 1, y: point.y) }
    return room
  }

  /// Fills the part of the rectangle that lies inside with one character (a wide one every second column).
  package mutating func fill(_ rect: Rect, role: Role = .text, character: Character = " ") {
    let part = rect.intersection(bounds)
    let cell = Cell(character, role: role)
    for y in part.y..<part.maxY {
      var x = part.x
      while x + cell.width <= part.maxX {
        write(cell, x: x, y: y)
        x += cell.width
      }
      if x < part.maxX { write(Cell(role: role), x: x, y: y) }
    }
  }

  /// Draws a frame around the rectangle's edge with the title in its top side, cut with `…` where it is long.
  package mutating func box(
    _ rect: Rect, title: some StringProtocol = "", focused: Bool = false, set: BorderSet = .unicode
  ) {
    guard rect.width >= 2, rect.height >= 2 else { return }
    let role: Role = focused ? .borderFocused : .border
    let horizontal = Cell(set.horizontal, role: role)
    let vertical = Cell(set.vertical, role: role)
    for x in rect.x..<rect.maxX {
      self[x, rect.y] = horizontal
      self[x, rect.maxY - 1] = horizontal
    }
    for y in rect.y..<rect.maxY {
      self[rect.x, y] = vertical
      self[rect.maxX - 1, y] = vertical
    }
    self[rect.x, rect.y] = Cell(set.topLeft, role: role)
    self[rect.maxX - 1, rect.y] = Cell(set.topRight, role: role)
    self[rect.x, rect.maxY - 1] = Cell(set.bottomLeft, role: role)
    self[rect.maxX - 1, rect.maxY - 1] = Cell(set.bottomRight, role: role)
    guard !title.isEmpty, rect.width >= 6 else { return }
    let at = Point(x: rect.x + 2, y: rect.y)
    let used = put(
      title, at: at, role: .title, flags: focused ? .bold : [], limit: rect.width - 4, ellipsis: true)
    self[at.x - 1, at.y] = Cell(role: role)
    self[at.x + used, at.y] = Cell(role: role)
  }

  /// Gives all cells of the rectangle another role; the text stays.
  package mutating func restyle(_ rect: Rect, role: Role) {
    change(rect) { cell in
      cell.role = role
      cell.ground = nil
    }
  }

  package mutating func restyle(row: Int, role: Role) {
    restyle(Rect(x: 0, y: row, width: size.columns, height: 1), role: role)
  }

  /// Gives one cell another role; text and ground stay.
  mutating func setRole(_ role: Role, x: Int, y: Int) {
    change(Rect(x: x, y: y, width: 1, height: 1)) { $0.role = role }
  }

  /// Lays a role under the rectangle (a selected row): its background and attributes show through, the text
  /// keeps its own colours where the ground names none.
  package mutating func underlay(_ rect: Rect, role: Role) {
    change(rect) { cell in cell.ground = role }
  }

  /// Adds attributes to all cells of the rectangle (state that is being computed again is dimmed).
  package mutating func addFlags(_ rect: Rect, _ flags: CellFlags) {
    change(rect) { cell in cell.flags.formUnion(flags) }
  }

  /// Copies another grid with its top left corner at a point.
  package mutating func draw(_ other: CellGrid, at point: Point) {
    let part = Rect(x: point.x, y: point.y, width: other.size.columns, height: other.size.rows)
      .intersection(bounds)
    for y in part.y..<part.maxY {
      for x in part.x..<part.maxX {
        let cell = other[x - point.x, y - point.y]
        if !cell.isFiller { write(cell, x: x, y: y) } else if x == part.x { write(.blank, x: x, y: y) }
      }
    }
  }

  /// The row's text, all its columns, wide glyphs once.
  package func rowText(_ y: Int) -> String {
    guard y >= 0, y < size.rows else { return "" }
    var view = String.UnicodeScalarView()
    for cell in cells[y * size.columns..<(y + 1) * size.columns] where !cell.isFiller {
      if let only = Unicode.Scalar(cell.glyph.base), cell.glyph.isSingle {
        view.append(only)
      } else {
        view.append(contentsOf: cell.glyph.scalars)
      }
    }
    return String(view)
  }

  /// Lends the cells of a row inside the grid, fillers included.
  package func withRow(_ y: Int, _ body: (ArraySlice<Cell>) -> Void) {
    guard y >= 0, y < size.rows else { return }
    body(cells[y * size.columns..<(y + 1) * size.columns])
  }

  /// Whether a row of this grid is the same as that of another of the same size.
  package func hasRow(_ y: Int, of other: borrowing CellGrid) -> Bool {
    guard size == other.size, y >= 0, y < size.rows else { return false }
    let range = y * size.columns..<(y + 1) * size.columns
    return range.allSatisfy { cells[$0] == other.cells[$0] }
  }

  private mutating func change(_ rect: Rect, _ body: (inout Cell) -> Void) {
    let part = rect.intersection(bounds)
    for y in part.y..<part.maxY {
      for index in y * size.columns + part.x..<y * size.columns + part.maxX { body(&cells[index]) }
    }
  }

  /// `write`, for a place that may lie left of the grid: of a wide glyph half outside a blank is left.
  private mutating func place(_ cell: Cell, x: Int, y: Int) {
    if x >= 0 {
      write(cell, x: x, y: y)
    } else if x + cell.width > 0 {
      write(Cell(role: cell.role, flags: cell.flags), x: 0, y: y)
    }
  }

  /// Writes one cell at a place inside the grid and mends what it cuts in two.
  private mutating func write(_ cell: Cell, x: Int, y: Int) {
    let row = y * size.columns
    var cell = cell
    if cell.isFiller || x + cell.width > size.columns { cell.glyph = .blank }
    if cells[row + x].isFiller, x > 0 { cells[row + x - 1].glyph = .blank }
    let end = x + cell.width
    if end < size.columns, cells[row + end].isFiller { cells[row + end].glyph = .blank }
    cells[row + x] = cell
    if cell.width == 2 {
      cell.glyph = .filler
      cells[row + x + 1] = cell
    }
  }
}
