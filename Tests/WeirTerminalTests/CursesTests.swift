import CNcurses
import Support
import Testing
import WeirCells

@testable import WeirTerminal

/// Everything that opens a curses screen: one at a time, because there is one per process.
@Suite(.serialized) enum CursesTests {}

/// What curses holds of one place.
struct Painted: Equatable {
  var text: String
  var flags: CellFlags
  /// Colour numbers; -1: the terminal's own.
  var foreground: Int32
  var background: Int32
}

/// A screen on the null device: curses does all its work, and nothing is shown.
func onNullDevice(
  type: String = "xterm-256color", theme: Theme = .builtIn, color: TerminalOptions.ColorChoice = .always,
  borders: TerminalOptions.Borders = .unicode, _ body: (inout Terminal) throws -> Void
) throws {
  var terminal = try Terminal(
    TerminalOptions(theme: theme, color: color, borders: borders, device: "/dev/null", type: type))
  try body(&terminal)
}

extension Terminal {
  /// Reads a place back from the window.
  func painted(_ x: Int, _ y: Int) -> Painted {
    var cell = cchar_t()
    mvwin_wch(window, Int32(y), Int32(x), &cell)
    var scalars = [wchar_t](repeating: 0, count: Int(CCHARW_MAX) + 1)
    var attributes: attr_t = 0
    var short: Int16 = 0
    var pair: Int32 = 0
    getcchar(&cell, &scalars, &attributes, &short, &pair)
    var foreground: Int32 = -1
    var background: Int32 = -1
    if pair > 0 { extended_pair_content(pair, &foreground, &background) }
    var text = String.UnicodeScalarView()
    for scalar in scalars.prefix(while: { $0 != 0 }) {
      if let known = Unicode.Scalar(UInt32(bitPattern: scalar)) { text.append(known) }
    }
    var flags: CellFlags = []
    if attributes & weir_bold() != 0 { flags.insert(.bold) }
    if attributes & weir_underline() != 0 { flags.insert(.underline) }
    if attributes & weir_reverse() != 0 { flags.insert(.reversed) }
    if attributes & weir_dim() != 0 { flags.insert(.dim) }
    return Painted(text: String(text), flags: flags, foreground: foreground, background: background)
  }

  /// A row's text, as curses holds it: the second half of a wide cell reads as what stands before it.
  func row(_ y: Int) -> String { (0..<size.columns).map { painted($0, y).text }.joined() }
}

extension CursesTests {
  @Suite struct ReadBack {
    @Test func textAttributesAndPairs() throws {
      let (theme, mistakes) = Theme.parse(
        """
        text = default
        title = #ff0000 on #0000ff bold
        damage = #00ff00 underline
        guess = dim
        tombstone = reverse
        """, name: "test")
      #expect(mistakes.isEmpty)
      try onNullDevice(theme: theme) { terminal in
        var grid = CellGrid(terminal.size)
        grid.put("plain", at: Point(x: 0, y: 0))
        grid.put("title", at: Point(x: 10, y: 0), role: .title)
        grid.put("damage", at: Point(x: 20, y: 0), role: .damage, flags: .bold)
        grid.put("guess", at: Point(x: 30, y: 0), role: .guess)
        grid.put("gone", at: Point(x: 40, y: 0), role: .tombstone)
        terminal.present(grid)
        #expect(terminal.painted(0, 0) == Painted(text: "p", flags: [], foreground: -1, background: -1))
        let red = ColorDepth.indexed256.number(for: Color(red: 255, green: 0, blue: 0))
        let blue = ColorDepth.indexed256.number(for: Color(red: 0, green: 0, blue: 255))
        let green = ColorDepth.indexed256.number(for: Color(red: 0, green: 255, blue: 0))
        #expect(
          terminal.painted(10, 0) == Painted(text: "t", flags: .bold, foreground: red, background: blue))
        #expect(
          terminal.painted(20, 0)
            == Painted(text: "d", flags: [.bold, .underline], foreground: green, background: -1))
        #expect(terminal.painted(30, 0).flags == .dim && terminal.painted(40, 0).flags == .reversed)
      }
    }

    @Test func aSelectedRowKeepsTheColoursOfItsText() throws {
      let (theme, _) = Theme.parse(
        "text = default\nnumber = #00ff00\nselection = default on #0000ff bold\n", name: "test")
      try onNullDevice(theme: theme) { terminal in
        var grid = CellGrid(terminal.size)
        grid.put("12", at: .zero, role: .number)
        grid.underlay(Rect(x: 0, y: 0, width: 80, height: 1), role: .selection)
        terminal.present(grid)
        let cell = terminal.painted(0, 0)
        #expect(cell.flags == .bold && cell.foreground == 46 && cell.background == 21)
        #expect(terminal.painted(79, 0).background == 21)
      }
    }

    @Test func wideCellsTakeTwoColumnsAndAreNeverHalved() throws {
      try onNullDevice { terminal in
        var grid = CellGrid(terminal.size)
        grid.put("a山b", at: .zero)
        grid.put("山", at: Point(x: 79, y: 1))
        grid.put("山田", at: Point(x: 10, y: 2))
        grid.put("x", at: Point(x: 11, y: 2))
        grid.put("e\u{301}", at: Point(x: 0, y: 3))
        terminal.present(grid)
        #expect(terminal.painted(0, 0).text == "a" && terminal.painted(1, 0).text == "山")
        #expect(terminal.painted(3, 0).text == "b")
        #expect(terminal.painted(79, 1).text == " ", "no room: a blank")
        #expect(terminal.painted(10, 2).text == " " && terminal.painted(11, 2).text == "x")
        #expect(terminal.painted(12, 2).text == "田")
        #expect(terminal.painted(0, 3).text == "e\u{301}" && terminal.painted(1, 3).text == " ")
      }
    }

    /// What the next frame does not draw is gone.
    @Test func everyFrameIsWhole() throws {
      try onNullDevice { terminal in
        var grid = CellGrid(terminal.size)
        for y in 0..<24 { grid.put(String(repeating: "山", count: 40), at: Point(x: 0, y: y), role: .damage) }
        terminal.present(grid)
        #expect(terminal.painted(78, 23).text == "山")
        terminal.present(CellGrid(terminal.size))
        for y in 0..<24 { #expect(terminal.row(y).allSatisfy { $0 == " " }) }
        // A grid of another size than the screen: what does not fit is left out.
        terminal.present(CellGrid(Size(columns: 500, rows: 100)))
        terminal.present(CellGrid(Size(columns: 0, rows: 0)))
      }
    }

    /// The whole demo screen comes out of curses as it went in.
    @Test func aWholeScreenReadsBack() throws {
      try onNullDevice { terminal in
        var grid = CellGrid(terminal.size)
        grid.box(Rect(x: 0, y: 0, width: 80, height: 23), title: "Streams", focused: true)
        grid.put("▶ 1 403  2025-09-03 11:05:40.007  TransferSent  ▁▂▃▅▇█", at: Point(x: 1, y: 1))
        terminal.present(grid)
        for y in 0..<24 { #expect(terminal.row(y) == grid.rowText(y)) }
      }
    }

    @Test(arguments: [
      ("xterm-256color", ColorDepth.indexed256), ("tmux-256color", .indexed256), ("xterm", .indexed8),
      ("linux", .indexed8), ("vt100", .mono), ("vt220", .mono),
    ])
    func depthIsWhatTheTerminalCan(type: String, depth: ColorDepth) throws {
      try onNullDevice(type: type) { terminal in
        #expect(terminal.depth == depth)
        var grid = CellGrid(terminal.size)
        for (index, role) in Role.allCases.enumerated() {
          grid.put("role", at: Point(x: index % 10 * 8, y: index / 10), role: role)
        }
        terminal.present(grid)
        for index in Role.allCases.indices {
          let cell = terminal.painted(index % 10 * 8, index / 10)
          #expect(cell.text == "r")
          #expect(cell.foreground < (depth == .indexed256 ? 256 : 8))
          if depth == .mono { #expect(cell.foreground == -1 && cell.background == -1) }
        }
      }
    }

    @Test func withoutColourAttributesRemain() throws {
      try onNullDevice(color: .never) { terminal in
        #expect(terminal.depth == .mono)
        var grid = CellGrid(terminal.size)
        grid.put("x", at: .zero, role: .damage)
        terminal.present(grid)
        let cell = terminal.painted(0, 0)
        #expect(cell.foreground == -1 && cell.background == -1 && !cell.flags.isEmpty)
      }
    }

    @Test func withoutUnicodeEverythingIsASCII() throws {
      try onNullDevice(borders: .ascii) { terminal in
        #expect(terminal.isASCII == true)
        var grid = CellGrid(terminal.size)
        grid.box(Rect(x: 0, y: 0, width: 80, height: 5), title: "Streams", set: .ascii)
        grid.put("│─┌ ▸ ▁█ ✗ 山田 é …", at: Point(x: 1, y: 1))
        terminal.present(grid)
        for y in 0..<24 {
          #expect(terminal.row(y).unicodeScalars.allSatisfy { (0x20..<0x7F).contains($0.value) })
        }
        #expect(terminal.painted(0, 0).text == "+" && terminal.painted(0, 2).text == "|")
        #expect(terminal.row(1).hasPrefix("||-+ > .@ x ? ?  ? . "))
      }
    }

    @Test func anUnknownTerminalIsToldInWords() {
      let fault = #expect(throws: TerminalFault.self) { try onNullDevice(type: "no-such-terminal") { _ in } }
      #expect(fault?.reason.contains("no-such-terminal") == true)
      #expect(fault?.hint.contains("TERM=") == true)
    }

    /// Thousands of different looks: the pool gives up old pairs, text stays readable.
    @Test func pairsNeverRunOut() throws {
      try onNullDevice { terminal in
        for step in 0..<300 {
          let text = "text = #\(hex(step * 50_000)) on #\(hex(16_000_000 - step * 40_000))"
          terminal.theme = Theme.parse(text, name: "many").theme
          var grid = CellGrid(terminal.size)
          grid.put("readable", at: .zero)
          terminal.present(grid)
          #expect(terminal.row(0).hasPrefix("readable"))
        }
      }
    }

    private func hex(_ value: Int) -> String {
      let digits = String(value & 0xFFFFFF, radix: 16)
      return String(repeating: "0", count: 6 - digits.count) + digits
    }
  }
}
