extension CellGrid {
  /// Gives the role to every occurrence of a text within one row of the rectangle, in any case as long as the
  /// text is written in lower case (ASCII). Marks that combine with a letter do not hinder a match.
  package mutating func highlight(_ text: String, in rect: Rect, role: Role) {
    let part = rect.intersection(bounds)
    let ignoresCase = text == text.lowercased()
    var wanted: [UInt32] = []
    TextWidth.forEachGlyph(in: text) { glyph in
      wanted.append(glyph.base)
      return wanted.count < part.width
    }
    guard !wanted.isEmpty, wanted.count <= part.width else { return }
    for y in part.y..<part.maxY {
      let columns = (part.x..<part.maxX).filter { !self[$0, y].isFiller }
      let shown = columns.map {
        ignoresCase ? CellGrid.lower(self[$0, y].glyph.base) : self[$0, y].glyph.base
      }
      var start = 0
      while start + wanted.count <= shown.count {
        guard shown[start] == wanted[0], shown[start..<start + wanted.count].elementsEqual(wanted) else {
          start += 1
          continue
        }
        let last = columns[start + wanted.count - 1]
        for x in columns[start]..<last + max(1, self[last, y].width) { setRole(role, x: x, y: y) }
        start += wanted.count
      }
    }
  }

  private static func lower(_ scalar: UInt32) -> UInt32 {
    scalar >= 0x41 && scalar <= 0x5A ? scalar + 0x20 : scalar
  }
}
