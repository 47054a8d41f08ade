import Testing
import WeirCells

@testable import WeirTerminal

/// 24-bit colours on terminals with fewer.
@Suite struct ColorTests {
  private func color(_ value: UInt32) -> Color {
    Color(red: UInt8(value >> 16 & 0xFF), green: UInt8(value >> 8 & 0xFF), blue: UInt8(value & 0xFF))
  }

  /// Entries with `RGB` keep 0 to 7 for the ANSI palette: near-black must not become yellow.
  @Test func directColoursAreThemselvesButForTheFirstEight() {
    #expect(ColorDepth.direct.number(for: color(0x6CB6E0)) == 0x6CB6E0)
    #expect(ColorDepth.direct.number(for: color(0xFFFFFF)) == 0xFFFFFF)
    for value in UInt32(0)..<8 { #expect(ColorDepth.direct.number(for: color(value)) == 8) }
    #expect(ColorDepth.direct.number(for: color(8)) == 8)
  }

  /// What a 256-colour terminal has is taken as it is; the first sixteen are the user's and never used.
  @Test func theCubeAndTheGreysAreExact() {
    for number in Int32(16)..<256 {
      guard let known = ColorDepth.color(of: number) else {
        Issue.record("\(number) is no colour")
        continue
      }
      let taken = ColorDepth.indexed256.number(for: known)
      #expect(taken >= 16 && ColorDepth.color(of: taken) == known, "\(number)")
    }
    #expect(ColorDepth.color(of: 256) == nil && ColorDepth.color(of: -1) == nil)
  }

  @Test(arguments: [
    (0xFF0000, 9, 1), (0x00CD00, 2, 2), (0x0000EE, 4, 4), (0xFFFFFF, 15, 7), (0x000000, 0, 0),
    (0x808080, 8, 7), (0xFFFF00, 11, 3),
  ])
  func sixteenAndEight(value: UInt32, sixteen: Int32, eight: Int32) {
    #expect(ColorDepth.indexed16.number(for: color(value)) == sixteen)
    #expect(ColorDepth.indexed8.number(for: color(value)) == eight)
  }

  @Test func inMonoABackgroundBecomesReversal() {
    let plain = ColorDepth.mono.rendition(of: Style(foreground: color(0xFF0000), flags: .bold))
    #expect(plain == Rendition(foreground: -1, background: -1, flags: .bold))
    let ground = ColorDepth.mono.rendition(of: Style(background: color(0x123456)))
    #expect(ground.flags == .reversed)
    // Reversed twice is not reversed: a theme that reverses a coloured background means it so.
    #expect(ColorDepth.mono.rendition(of: Style(background: color(0x123456), flags: .reversed)).flags == [])
  }

  /// On few colours text never takes the colour of its ground.
  @Test func textIsReadableOnItsGround() {
    for depth in [ColorDepth.indexed16, .indexed8] {
      for front in stride(from: UInt32(0), to: 0xFFFFFF, by: 0x123457) {
        for back in stride(from: UInt32(0), to: 0xFFFFFF, by: 0x2468AF) {
          let seen = depth.rendition(of: Style(foreground: color(front), background: color(back)))
          #expect(seen.foreground != seen.background || seen.foreground == -1)
          #expect((-1..<16).contains(seen.foreground) && (-1..<16).contains(seen.background))
        }
      }
    }
  }

  @Test func colourIsRefusedByFlagAndByName() {
    #expect(TerminalOptions(color: .always).colorAllowed)
    #expect(!TerminalOptions(color: .never).colorAllowed)
    #expect(TerminalOptions(color: .never, type: "xterm-256color").types() == ["xterm-256color"])
  }
}

/// What is sent to the clipboard.
@Suite struct ClipboardTests {
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy"), ("山\u{1B}", "5bGxGw=="),
  ])
  func base64(text: String, encoded: String) {
    #expect(Clipboard.base64(Array(text.utf8)) == encoded)
    #expect(Clipboard.sequence(text, wrapping: .none) == "\u{1B}]52;c;\(encoded)\u{07}")
  }

  @Test func multiplexersGetItWrapped() throws {
    let tmux = try #require(Clipboard.sequence("foo", wrapping: .tmux))
    #expect(tmux.hasPrefix("\u{1B}]52;c;Zm9v\u{07}"))
    #expect(tmux.hasSuffix("\u{1B}Ptmux;\u{1B}\u{1B}]52;c;Zm9v\u{07}\u{1B}\\"))
    let screen = try #require(Clipboard.sequence(String(repeating: "x", count: 2_000), wrapping: .screen))
    for piece in screen.split(separator: "\u{1B}\\") { #expect(piece.utf8.count <= 768) }
  }

  @Test func whatIsTooLongIsRefused() {
    #expect(Clipboard.sequence(String(repeating: "x", count: Clipboard.limit), wrapping: .none) != nil)
    #expect(Clipboard.sequence(String(repeating: "x", count: Clipboard.limit + 1), wrapping: .none) == nil)
  }
}

/// Sequences of terminals, scalar by scalar.
@Suite struct EscapeSequenceTests {
  private func step(_ text: String) -> EscapeSequence.Step? {
    var sequence = EscapeSequence()
    var last: EscapeSequence.Step?
    for scalar in text.unicodeScalars { last = sequence.next(scalar) }
    return last
  }

  @Test(arguments: [
    ("[A", Key.up), ("OA", .up), ("[1;2A", .shiftUp), ("[1;5D", .left), ("[1;2D", .shiftLeft),
    ("[Z", .backtab),
    ("[H", .home), ("[1~", .home), ("[4~", .end), ("[5~", .pageUp), ("[3~", .delete), ("[15~", .function(5)),
    ("[24~", .function(12)), ("OP", .function(1)), ("x", .alt("x")), ("é", .alt("é")),
  ])
  func keys(text: String, key: Key) { #expect(step(text) == .event(.key(key))) }

  @Test func pasteAndUnknown() {
    #expect(step("[200~") == .pasteBegins && step("[201~") == .pasteEnds)
    for text in ["[99999~", "[?1;2c", "[\u{7}", "[<1;2M", "[<0;0;0M", "[<300;1;1X", "[;;;;;;;;q"] {
      #expect(step(text) == .unknown, "\(text)")
    }
    #expect(step("[" + String(repeating: "1", count: 100)) != .more, "garbage ends somewhere")
    #expect(step("[") == .more && step("[1;") == .more)
  }

  @Test(arguments: [
    ("[<0;11;6M", MouseEvent(point: Point(x: 10, y: 5), kind: .press)),
    ("[<0;11;6m", MouseEvent(point: Point(x: 10, y: 5), kind: .release)),
    ("[<32;3;4M", MouseEvent(point: Point(x: 2, y: 3), kind: .drag)),
    ("[<64;1;1M", MouseEvent(point: .zero, kind: .wheelUp, button: .none)),
    ("[<22;1;1M", MouseEvent(point: .zero, kind: .press, button: .right, modifiers: [.shift, .control])),
  ])
  func mouse(text: String, event: MouseEvent) { #expect(step(text) == .event(.mouse(event))) }

  @Test func cutShort() {
    var sequence = EscapeSequence()
    #expect(sequence.cutShort() == .key(.escape))
    _ = sequence.next("[")
    #expect(sequence.cutShort() == .key(.alt("[")))
    _ = sequence.next("1")
    #expect(sequence.cutShort() == nil)
  }

  /// Whatever follows an ESC, reading it ends, and nothing of it is taken for two keys.
  @Test func anythingEnds() {
    var seed: UInt64 = 42
    for _ in 0..<5_000 {
      var sequence = EscapeSequence()
      for _ in 0..<64 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        guard let scalar = Unicode.Scalar(UInt32(seed >> 33) % 0x100) else { continue }
        if sequence.next(scalar) != .more { break }
      }
      #expect(sequence.next("~") != .more)
    }
  }
}
