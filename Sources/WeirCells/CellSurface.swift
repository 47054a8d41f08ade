/// Where a grid goes: a terminal, or a text for tests and bug reports.
package protocol CellSurface: ~Copyable {
  mutating func present(_ grid: borrowing CellGrid)
}

/// Keeps what is presented as text that reads well in review: each row between `┋` bars and, under a row that
/// carries style, one with the names of its roles where they begin. Roles and not colours, so that a theme
/// does not change a saved screen. A role's run is filled with `·`; a name longer than its run is cut;
/// attributes that the screen adds by itself follow the name (`/b` bold, `/u` underline, `/r` reversed, `/d`
/// dim). Rows without anything are left out.
/// ```
/// size 60x8  theme weir
/// S0  ┋ orders.log ▸ order-17                          7 events    ┋
/// A0  ┋ title·····  path····                           muted···    ┋
/// ```
package struct TextSurface: CellSurface {
  /// Words after the size in the first line.
  package var heading: String
  package private(set) var text = ""

  package init(heading: String = "") { self.heading = heading }

  package mutating func present(_ grid: borrowing CellGrid) {
    text = TextSurface.render(grid, heading: heading)
  }

  package static func render(_ grid: borrowing CellGrid, heading: String = "") -> String {
    var lines = ["size \(grid.size)" + (heading.isEmpty ? "" : "  " + heading)]
    if let cursor = grid.cursor { lines[0] += "  cursor \(cursor.x),\(cursor.y)" }
    for y in 0..<grid.size.rows {
      let words = grid.rowText(y)
      let style = attributes(grid, row: y)
      if words.contains(where: { $0 != " " }) || style != nil { lines.append(label("S", y) + words + "┋") }
      if let style { lines.append(label("A", y) + style + "┋") }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func label(_ letter: String, _ row: Int) -> String {
    let number = letter + String(row)
    return number + String(repeating: " ", count: max(0, 4 - number.count)) + "┋"
  }

  /// Nil where all cells are plain text.
  private static func attributes(_ grid: borrowing CellGrid, row: Int) -> String? {
    var line = ""
    var styled = false
    var x = 0
    while x < grid.size.columns {
      let first = grid[x, row]
      var end = x + 1
      while end < grid.size.columns, sameStyle(grid[end, row], first) { end += 1 }
      let name = self.name(of: first)
      if !name.isEmpty { styled = true }
      let filler: Character = name.isEmpty ? " " : "·"
      line += name.prefix(end - x)
      line += String(repeating: filler, count: max(0, end - x - name.count))
      x = end
    }
    return styled ? line : nil
  }

  private static func sameStyle(_ left: Cell, _ right: Cell) -> Bool {
    left.role == right.role && left.ground == right.ground && left.flags == right.flags
  }

  private static func name(of cell: Cell) -> String {
    var name = cell.role == .text ? "" : cell.role.rawValue
    if let ground = cell.ground { name = ground.rawValue + (name.isEmpty ? "" : "+" + name) }
    let letters: [(CellFlags, String)] = [(.bold, "b"), (.underline, "u"), (.reversed, "r"), (.dim, "d")]
    let flags = letters.filter { cell.flags.contains($0.0) }.map(\.1).joined()
    return flags.isEmpty ? name : name + "/" + flags
  }
}
