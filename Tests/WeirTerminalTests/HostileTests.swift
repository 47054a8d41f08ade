import Glibc
import Support
import Testing
import WeirCells

@testable import WeirTerminal

/// Payloads that would like to drive the terminal.
enum Hostile {
  static let payloads: [(name: String, text: String)] = [
    ("clears the screen", "\u{1B}[2J\u{1B}[H"), ("retitles the window", "\u{1B}]0;owned\u{07}"),
    ("writes the clipboard", "\u{1B}]52;c;ZXZpbA==\u{07}"), ("device control", "\u{1B}P$qm\u{1B}\\"),
    ("C1 introducer", "\u{9B}2J\u{9D}0;owned\u{9C}"), ("asks for a report", "\u{1B}[6n\u{1B}[c\u{05}"),
    ("switches screens", "\u{1B}[?1049l\u{1B}c"),
    ("all C0", String(String.UnicodeScalarView((0..<32).compactMap(Unicode.Scalar.init)))),
    ("delete and C1", String(String.UnicodeScalarView((127..<160).compactMap(Unicode.Scalar.init)))),
    ("overrides direction", "\u{202E}evil\u{202C} \u{2066}a\u{2069} \u{200F}\u{061C}"),
    ("hides itself", "a\u{200B}b\u{2060}c\u{FEFF}d\u{00AD}e\u{180E}f"),
    (
      "broken UTF-8",
      String(decoding: [0x61, 0xC3, 0x28, 0xFF, 0xED, 0xA0, 0x80, 0x62] as [UInt8], as: UTF8.self)
    ),
    ("a family", "👩‍👩‍👧‍👦 👨🏿‍🚀 🏴󠁧󠁢󠁥󠁮󠁧󠁿 🇪🇸 ❤️"),
    ("a thousand marks", "a" + String(repeating: "\u{301}", count: 1_000) + "b"),
    ("very wide", "\u{FDFD}\u{12031}\u{A9C5}\u{2E3B}"),
    ("line and page breaks", "a\r\nb\u{0B}c\u{0C}d\u{85}e\u{2028}f\u{2029}g"),
    ("shifts the character set", "\u{0E}lqqk\u{0F}\u{1B}(0lqqk\u{1B}(B"),
    ("tags and private", "\u{E0041}\u{E0001}\u{F0000}\u{10FFFF}\u{E000}\u{FFFE}"),
    ("Hangul pieces", "\u{1100}\u{1161}\u{11A8}\u{1160}\u{115F}\u{3164}"),
  ]

  /// What no payload may bring to the terminal.
  static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F..<0xA0, 0xAD, 0x61C, 0x180E, 0x200B, 0x200E, 0x200F, 0x2028...0x202E,
      0x2060...0x206F, 0xFEFF, 0xE0000...0xE0FFF:
      true
    default: false
    }
  }
}

extension CursesTests {
  /// The bytes that really go to a terminal.
  @Suite struct HostileBytes {
    @Test(arguments: Hostile.payloads.map(\.name)) func neverReachTheTerminal(name: String) throws {
      let payload = try #require(Hostile.payloads.first { $0.name == name }?.text)
      let device = try Pseudoterminal()
      do {
        var terminal = try Terminal(
          TerminalOptions(color: .always, borders: .unicode, device: device.path, type: "xterm-256color"))
        var grid = CellGrid(terminal.size)
        for y in 0..<24 {
          grid.put(
            payload, at: Point(x: y, y: y), role: y % 2 == 0 ? .string : .damage, limit: 40, ellipsis: true)
          grid.put("|", at: Point(x: 79, y: y))
        }
        terminal.present(grid)
        for y in 0..<24 { #expect(terminal.painted(79, y).text == "|", "row \(y) has lost its end") }
      }
      let bytes = device.written()
      let rest = withoutCurses(bytes)
      #expect(!rest.isEmpty)
      for scalar in rest where Hostile.isHarmful(scalar) && ![0x08, 0x09, 0x0A, 0x0D].contains(scalar.value) {
        Issue.record("U+\(String(scalar.value, radix: 16)) reached the terminal")
      }
      // Tabs and line breaks are curses' own way of moving; titles, reports and resets are nobody's.
      let text = String(decoding: bytes, as: UTF8.self)
      for sequence in ["\u{1B}]", "\u{1B}P", "\u{1B}c", "\u{1B}[6n", "\u{1B}[c", "\u{1B}#"] {
        #expect(!text.contains(sequence))
      }
    }

    /// Scalars outside of the sequences that curses and we ourselves write.
    private func withoutCurses(_ bytes: [UInt8]) -> [Unicode.Scalar] {
      var rest: [Unicode.Scalar] = []
      let scalars = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
      var at = 0
      while at < scalars.count {
        guard scalars[at] == "\u{1B}", at + 1 < scalars.count else {
          rest.append(scalars[at])
          at += 1
          continue
        }
        switch scalars[at + 1] {
        case "[":
          at += 2
          while at < scalars.count, scalars[at].value < 0x40 { at += 1 }
          at += 1
        case "(", ")": at += 3
        case "=", ">", "M", "7", "8": at += 2
        default:
          Issue.record("ESC \(scalars[at + 1]) reached the terminal")
          at += 2
        }
      }
      return rest
    }
  }

  /// The terminal as it was found, on the ordinary way out.
  @Suite struct GivingBack {
    @Test func modesScreenAndCursorComeBack() throws {
      let device = try Pseudoterminal()
      do {
        var terminal = try Terminal(TerminalOptions(mouse: true, device: device.path, type: "xterm-256color"))
        terminal.present(CellGrid(terminal.size))
        #expect(terminal.size == Size(columns: 80, rows: 24))
        let open = String(decoding: device.written(), as: UTF8.self)
        for mode in ["\u{1B}[?1049h", "\u{1B}[?25l", "\u{1B}[?2004h", "\u{1B}[?1002h", "\u{1B}[?1006h"] {
          #expect(open.contains(mode))
        }
      }
      let text = String(decoding: device.written(), as: UTF8.self)
      for mode in ["\u{1B}[?1049l", "\u{1B}[?2004l", "\u{1B}[?1002l", "\u{1B}[?1006l"] {
        #expect(text.contains(mode), "\(mode.dropFirst()) was not sent")
      }
      let off = text.ranges(of: "\u{1B}[?25l").last?.lowerBound
      let on = text.ranges(of: "\u{1B}[?25h").last?.lowerBound
      #expect(on != nil && off.map { off in on.map { $0 > off } ?? false } ?? true, "the cursor is on again")
    }

    @Test func leavesAndComesBack() throws {
      let device = try Pseudoterminal()
      var terminal = try Terminal(TerminalOptions(device: device.path, type: "xterm-256color"))
      var grid = CellGrid(terminal.size)
      grid.put("here", at: .zero)
      terminal.present(grid)
      terminal.leave()
      #expect(String(decoding: device.written(), as: UTF8.self).contains("\u{1B}[?1049l"))
      terminal.present(grid)
      #expect(terminal.comeBack() == Size(columns: 80, rows: 24))
      terminal.present(grid)
      #expect(terminal.row(0).hasPrefix("here"))
    }
  }

  /// What is typed on a real device arrives as events.
  @Suite struct Typing {
    /// Esc and a key that no terminal sends with Alt, in one piece, as slow lines deliver them.
    @Test func escapeAndTabAreTwoKeys() throws {
      let device = try Pseudoterminal()
      var terminal = try Terminal(TerminalOptions(device: device.path, type: "xterm-256color"))
      terminal.present(CellGrid(terminal.size))
      device.type(Array("\u{1B}\t\u{1B}\u{7F}\u{1B}\u{03}\u{1B}xq".utf8))
      var events: [InputEvent] = []
      for _ in 0..<2_000 where events.last != .key(.character("q")) {
        events += terminal.readEvents()
        usleep(1_000)
      }
      let keys: [Key] = [
        .escape, .tab, .escape, .backspace, .escape, .control("c"), .alt("x"), .character("q"),
      ]
      #expect(events == keys.map { .key($0) })
    }

    @Test func keysSequencesMouseAndPaste() throws {
      let device = try Pseudoterminal()
      var terminal = try Terminal(TerminalOptions(device: device.path, type: "xterm-256color"))
      terminal.present(CellGrid(terminal.size))
      let typed =
        "jé\u{1B}[A\u{1B}OB\u{1B}[1;2C\t\r\u{03}\u{1B}[<0;11;6M\u{1B}[<65;1;1M\u{1B}[15~"
        + "\u{1B}[200~q\u{1B}[31m\nq\u{1B}[201~x"
      device.type(Array(typed.utf8))
      var events: [InputEvent] = []
      for _ in 0..<2_000 where events.count < 12 {
        events += terminal.readEvents()
        usleep(1_000)
      }
      let expected: [InputEvent] = [
        .key(.character("j")), .key(.character("é")), .key(.up), .key(.down), .key(.shiftRight), .key(.tab),
        .key(.enter), .key(.control("c")), .mouse(MouseEvent(point: Point(x: 10, y: 5), kind: .press)),
        .mouse(MouseEvent(point: .zero, kind: .wheelDown, button: .none)), .key(.function(5)),
      ]
      #expect(Array(events.prefix(expected.count)) == expected)
      #expect(events.count == 13 && events.last == .key(.character("x")))
      guard events.count > 11, case .paste(let text) = events[11] else {
        Issue.record("no paste arrived: \(events)")
        return
      }
      #expect(text.hasPrefix("q") && text.hasSuffix("q") && !text.contains("\u{1B}"))
    }
  }
}
