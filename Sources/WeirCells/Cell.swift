/// The narrow waist between what is shown and where: a grid of cells, widths, roles, themes, keys. The user
/// interface fills a `CellGrid`, a terminal (or a file) presents it, and neither knows the other. This module
/// sees utf8proc and nothing else of the project.

/// What one cell shows: a base scalar and up to four marks that combine with it. Reduced so that any terminal
/// and ncurses agree about its width and nothing in it can be a control (see `TextWidth`).
package struct Glyph: Hashable, Sendable {
  /// Zero in a filler.
  package private(set) var base: UInt32
  /// Columns: 1 or 2; 0 in a filler.
  package private(set) var width: UInt8
  private var markCount: UInt8 = 0
  private var marks: (UInt32, UInt32, UInt32, UInt32) = (0, 0, 0, 0)

  /// The most that `setcchar` takes without truncating silently.
  package static let maximumMarks = 4

  init(base: UInt32, width: UInt8) {
    self.base = base
    self.width = width
  }

  package static let blank = Glyph(base: 0x20, width: 1)
  /// The second column of a wide glyph: nothing is written there.
  package static let filler = Glyph(base: 0, width: 0)
  package static let ellipsis = Glyph(base: 0x2026, width: 1)

  package var isFiller: Bool { width == 0 }
  /// A base alone, without marks.
  package var isSingle: Bool { markCount == 0 }

  /// Adds a combining mark; a fifth one is left out.
  mutating func append(mark: UInt32) {
    switch markCount {
    case 0: marks.0 = mark
    case 1: marks.1 = mark
    case 2: marks.2 = mark
    case 3: marks.3 = mark
    default: return
    }
    markCount += 1
  }

  /// Calls `body` with the base and then each mark.
  @inline(__always)
  package func forEachScalar(_ body: (UInt32) -> Void) {
    body(base)
    guard markCount > 0 else { return }
    body(marks.0)
    if markCount > 1 { body(marks.1) }
    if markCount > 2 { body(marks.2) }
    if markCount > 3 { body(marks.3) }
  }

  package var scalars: [Unicode.Scalar] {
    var list: [Unicode.Scalar] = []
    forEachScalar { value in
      if let scalar = Unicode.Scalar(value), value != 0 { list.append(scalar) }
    }
    return list
  }

  package var text: String {
    var string = String.UnicodeScalarView()
    string.append(contentsOf: scalars)
    return String(string)
  }

  package static func == (left: Glyph, right: Glyph) -> Bool {
    left.base == right.base && left.width == right.width && left.markCount == right.markCount
      && left.marks == right.marks
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(base)
    hasher.combine(width)
    hasher.combine(marks.0)
  }
}

/// One place of the screen.
package struct Cell: Hashable, Sendable {
  package var glyph: Glyph
  package var role: Role
  /// Lies under the role: a selected row keeps the colours of its text on the selection's background.
  package var ground: Role?
  package var flags: CellFlags

  package init(_ glyph: Glyph = .blank, role: Role = .text, ground: Role? = nil, flags: CellFlags = []) {
    self.glyph = glyph
    self.role = role
    self.ground = ground
    self.flags = flags
  }

  /// Reduces the character; only its first glyph is kept (see `TextWidth.reduce`).
  package init(_ character: Character, role: Role = .text, flags: CellFlags = []) {
    self.init(TextWidth.glyph(character), role: role, flags: flags)
  }

  package static let blank = Cell()

  /// Columns: 1 or 2; 0 in the second column of a wide cell.
  package var width: Int { Int(glyph.width) }
  package var isFiller: Bool { glyph.isFiller }
}
