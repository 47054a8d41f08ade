import CNcurses
import Glibc
import Testing

@testable import WeirCells

/// Text to glyphs: widths that the C library agrees with, and nothing that moves the cursor.
@Suite struct TextWidthTests {
  @Test(arguments: [
    ("abc", 3), ("山田", 4), ("é", 1), ("e\u{301}", 1), ("👩‍👩‍👧", 2), ("🇪🇸", 2), ("❤️", 1), ("👍🏿", 2),
    ("\u{1B}[31m", 5), ("a\u{200B}b", 3), ("\t", 1), ("नमस्ते", 4), ("ﷺ", 1), ("", 0), ("각", 2),
  ])
  func widths(text: String, width: Int) { #expect(TextWidth.width(of: text) == width, "\(text)") }

  @Test(arguments: [
    ("\u{1B}", "␛"), ("\n", "␊"), ("\u{7F}", "␡"), ("\u{9B}", "·"), ("\u{202E}", "·"), ("\u{200B}", "·"),
    ("\u{E000}", "\u{FFFD}"), ("\u{FFFD}", "\u{FFFD}"), ("\u{2028}", "·"), ("\u{301}", "·"), ("🇪🇸", "ES"),
    ("👩‍👩‍👧", "👩"), ("a\u{200D}b", "a·b"), ("क्‍ष", "क्ष"),
  ])
  func reductions(text: String, shown: String) {
    #expect(TextWidth.clip(text, to: 100).unicodeScalars.elementsEqual(shown.unicodeScalars), "\(text)")
  }

  /// The one law: a cell's base is a scalar that the C library gives exactly the cell's width, and its marks
  /// are scalars of width 0. Otherwise curses would move everything behind it.
  @Test func everyScalarHasTheWidthThatTheLibraryGives() throws {
    let unicode = try #require(newlocale(LC_CTYPE_MASK, "C.UTF-8", nil))
    let before = uselocale(unicode)
    defer {
      uselocale(before)
      freelocale(unicode)
    }
    var wrong: [String] = []
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      TextWidth.forEachGlyph(in: "a" + String(Character(scalar))) { glyph in
        var isBase = true
        glyph.forEachScalar { part in
          let width = weir_wcwidth(wchar_t(bitPattern: part))
          // -1: a scalar newer than the library's tables. The terminal shows a dot of the cell's width.
          if width != -1, width != (isBase ? Int32(glyph.width) : 0) {
            wrong.append(String(value, radix: 16))
          }
          isBase = false
        }
        return true
      }
    }
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(40))")
  }

  /// Any scalar, alone, doubled, after a letter and between two: no glyph holds anything harmful.
  @Test func noScalarIsHarmful() {
    for value in UInt32(0)...0x10FFFF {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let text = String(String.UnicodeScalarView([scalar, "a", scalar, scalar, "b"]))
      TextWidth.forEachGlyph(in: text) { glyph in
        glyph.forEachScalar { part in
          guard let known = Unicode.Scalar(part) else { return }
          // Joiners are spelling inside a script that uses them, and curses counts them as nothing.
          if Hostile.isHarmful(known), part != 0x200C, part != 0x200D {
            Issue.record("U+\(String(value, radix: 16)) gives U+\(String(part, radix: 16))")
          }
        }
        return glyph.width == 1 || glyph.width == 2
      }
    }
  }

  @Test func clippingAndPadding() {
    #expect(TextWidth.clip("山田太郎", to: 5) == "山田")
    #expect(TextWidth.clip("山田太郎", to: 5, ellipsis: true) == "山田…")
    #expect(TextWidth.clip("abc", to: 3, ellipsis: true) == "abc" && TextWidth.clip("abc", to: 0) == "")
    #expect(TextWidth.pad("山", to: 5) == "山   " && TextWidth.pad("7", to: 3, alignment: .right) == "  7")
    #expect(
      TextWidth.pad("ab", to: 5, alignment: .center) == " ab  " && TextWidth.pad("abcdef", to: 4) == "abc…")
    for text in Hostile.payloads.map(\.text) {
      for width in 0..<12 { #expect(TextWidth.width(of: TextWidth.pad(text, to: width)) == width) }
    }
  }
}

/// The grid keeps its cells whole.
@Suite struct CellGridTests {
  /// The tags of the roles are their places in the list: the compiler is held to it.
  @Test func rolesAreNumberedInOrder() {
    for (index, role) in Role.allCases.enumerated() { #expect(role.ordinal == index) }
  }

  @Test func nothingIsDrawnOutside() {
    var grid = CellGrid(Size(columns: 4, rows: 2))
    grid.put("abc", at: Point(x: -1, y: 0))
    grid.put("xyz", at: Point(x: 2, y: 1))
    grid.put("no", at: Point(x: 0, y: 2))
    grid.put("no", at: Point(x: 0, y: -1))
    grid[9, 9] = Cell("x")
    grid.fill(Rect(x: -5, y: -5, width: 2, height: 2), character: "#")
    grid.box(Rect(x: 10, y: 10, width: 5, height: 5), title: "no")
    #expect(grid.rowText(0) == "bc  " && grid.rowText(1) == "  xy")
    #expect(grid[9, 9] == .blank && CellGrid(Size(columns: -3, rows: 5)).cells.isEmpty)
  }

  @Test func wideCellsAreNeverHalved() {
    var grid = CellGrid(Size(columns: 5, rows: 3))
    grid.put("山田", at: Point(x: -1, y: 0))
    #expect(grid.rowText(0) == " 田  ")
    grid.put("山田", at: Point(x: 2, y: 1))
    #expect(grid.rowText(1) == "  山 ")
    grid.put("山田", at: Point(x: 0, y: 2))
    grid.put("x", at: Point(x: 1, y: 2))
    #expect(grid.rowText(2) == " x田 ")
    grid.put("y", at: Point(x: 2, y: 2))
    #expect(grid.rowText(2) == " xy  ")
  }

  /// Whatever is written where: rows keep their width, fillers stand behind wide cells and nowhere else.
  @Test func anyWritesKeepTheGridWhole() {
    var grid = CellGrid(Size(columns: 17, rows: 4))
    var seed: UInt64 = 7
    func random(_ count: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % count
    }
    for _ in 0..<3_000 {
      let text = Hostile.payloads[random(Hostile.payloads.count)].text
      let at = Point(x: random(25) - 4, y: random(6) - 1)
      switch random(4) {
      case 0: grid.put(text, at: at, limit: random(20), ellipsis: true)
      case 1: grid.put("山a田", at: at)
      case 2: grid.fill(Rect(x: at.x, y: at.y, width: random(9), height: 2), character: "山")
      default: grid.box(Rect(x: at.x, y: at.y, width: random(12), height: random(5)), title: text)
      }
      for y in 0..<4 {
        var x = 0
        while x < 17 {
          let cell = grid[x, y]
          #expect(!cell.isFiller)
          if cell.width == 2 { #expect(x + 1 < 17 && grid[x + 1, y].isFiller) }
          x += max(1, cell.width)
        }
      }
    }
  }

  @Test func savedScreensNameTheirRoles() {
    var grid = CellGrid(Size(columns: 12, rows: 3))
    grid.put("title", at: .zero, role: .title, flags: .bold)
    grid.put("x", at: Point(x: 6, y: 0))
    grid.underlay(Rect(x: 0, y: 2, width: 12, height: 1), role: .selection)
    let text = TextSurface.render(grid, heading: "test")
    #expect(
      text == """
        size 12x3  test
        S0  ┋title x     ┋
        A0  ┋title       ┋
        S2  ┋            ┋
        A2  ┋selection···┋

        """)
  }
}

/// Keys by their names.
@Suite struct KeyTests {
  @Test(arguments: [
    ("j", Key.character("j")), ("G", .character("G")), ("ctrl-p", .control("p")), ("C-p", .control("p")),
    ("shift-left", .shiftLeft), ("PgDn", .pageDown), ("f10", .function(10)), ("space", .character(" ")),
    ("alt-x", .alt("x")), ("esc", .escape), ("[", .character("[")), ("é", .character("é")),
  ])
  func names(name: String, key: Key) {
    #expect(Key(name) == key && Key(key.name) == key)
  }

  @Test(arguments: ["", "xx", "ctrl-", "ctrl-1", "f0", "f64", "hyper-x", "ctrl-é", " "])
  func noNames(name: String) { #expect(Key(name) == nil) }
}
