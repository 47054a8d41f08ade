package import WeirCells

/// Reads the escape sequences that terminals send and curses does not know: keys with modifiers, the mouse in
/// SGR coordinates (mode 1006), bracketed paste (mode 2004). Fed scalar by scalar from after the ESC; pure,
/// so that it can be tested without a terminal.
package struct EscapeSequence {
  /// What a scalar led to.
  package enum Step: Equatable {
    /// The sequence goes on.
    case more
    case event(InputEvent)
    case pasteBegins
    case pasteEnds
    /// A complete sequence that means nothing to us: dropped, never taken for keys.
    case unknown
  }

  private enum State { case introducer, control, single }
  private var state = State.introducer
  private var parameters: [UInt8] = []
  /// Real sequences are shorter; a longer one is garbage and ends here.
  private static let maximumLength = 32

  package init() {}

  /// Nothing came after the ESC yet.
  package var isAtStart: Bool { state == .introducer }

  package mutating func next(_ scalar: Unicode.Scalar) -> Step {
    switch state {
    case .introducer:
      switch scalar {
      case "[": state = .control
      case "O": state = .single
      default: return EscapeSequence.alt(scalar)
      }
      return .more
    case .single: return EscapeSequence.function(scalar, modifier: 1).map { .event(.key($0)) } ?? .unknown
    case .control:
      guard scalar.isASCII, scalar.value >= 0x20 else { return .unknown }
      if scalar.value < 0x40 {
        parameters.append(UInt8(scalar.value))
        return parameters.count > EscapeSequence.maximumLength ? .unknown : .more
      }
      return finish(scalar)
    }
  }

  /// What it means when nothing followed: Alt with the introducer, or Escape alone.
  package func cutShort() -> InputEvent? {
    switch state {
    case .introducer: .key(.escape)
    case .control: parameters.isEmpty ? .key(.alt("[")) : nil
    case .single: .key(.alt("O"))
    }
  }

  private static func alt(_ scalar: Unicode.Scalar) -> Step {
    switch scalar.value {
    case 0x0D, 0x0A: .event(.key(.enter))
    case 0x20..<0x7F, 0xA0...: .event(.key(.alt(Character(scalar))))
    default: .unknown
    }
  }

  private func finish(_ final: Unicode.Scalar) -> Step {
    if parameters.first == UInt8(ascii: "<"), final == "M" || final == "m" { return mouse(final) }
    let numbers = EscapeSequence.numbers(parameters[...])
    let modifier = numbers.count > 1 ? numbers[1] : 1
    if final == "~" {
      switch numbers.first ?? 0 {
      case 200: return .pasteBegins
      case 201: return .pasteEnds
      case 1, 7: return .event(.key(.home))
      case 2: return .event(.key(.insert))
      case 3: return .event(.key(.delete))
      case 4, 8: return .event(.key(.end))
      case 5: return .event(.key(.pageUp))
      case 6: return .event(.key(.pageDown))
      case let code: return EscapeSequence.numbered(code).map { .event(.key(.function($0))) } ?? .unknown
      }
    }
    return EscapeSequence.function(final, modifier: modifier).map { .event(.key($0)) } ?? .unknown
  }

  /// F1 to F12 as `ESC [ 11 ~` and on, with the holes that DEC left.
  private static func numbered(_ code: Int) -> Int? {
    switch code {
    case 11...15: code - 10
    case 17...21: code - 11
    case 23, 24: code - 12
    default: nil
    }
  }

  /// A key by its final letter. The modifier is 1 + shift 1 + alt 2 + control 4; with control or alt alone an
  /// arrow is the plain arrow, and with shift the ten-step one.
  private static func function(_ final: Unicode.Scalar, modifier: Int) -> Key? {
    let shifted = (modifier - 1) & 1 == 1
    switch final {
    case "A": return shifted ? .shiftUp : .up
    case "B": return shifted ? .shiftDown : .down
    case "C": return shifted ? .shiftRight : .right
    case "D": return shifted ? .shiftLeft : .left
    case "F": return .end
    case "H": return .home
    case "Z": return .backtab
    case "M": return .enter
    case "P": return .function(1)
    case "Q": return .function(2)
    case "R": return .function(3)
    case "S": return .function(4)
    default: return nil
    }
  }

  /// `ESC [ < button ; column ; row M` (or `m` for a release), columns and rows from 1.
  private func mouse(_ final: Unicode.Scalar) -> Step {
    let numbers = EscapeSequence.numbers(parameters.dropFirst())
    guard numbers.count == 3, numbers[1] > 0, numbers[2] > 0 else { return .unknown }
    let code = numbers[0]
    var modifiers: MouseEvent.Modifiers = []
    if code & 4 != 0 { modifiers.insert(.shift) }
    if code & 8 != 0 { modifiers.insert(.alt) }
    if code & 16 != 0 { modifiers.insert(.control) }
    let buttons: [MouseEvent.Button] = [.left, .middle, .right, .none]
    var kind: MouseEvent.Kind = final == "m" ? .release : .press
    var button = buttons[code & 3]
    if code & 64 != 0 {
      guard code & 3 < 2, final == "M" else { return .unknown }
      kind = code & 1 == 0 ? .wheelUp : .wheelDown
      button = .none
    } else if code & 32 != 0 {
      // Movement without a button is not asked for (mode 1002) and of no use.
      guard button != .none else { return .unknown }
      kind = .drag
    }
    let point = Point(x: numbers[1] - 1, y: numbers[2] - 1)
    return .event(.mouse(MouseEvent(point: point, kind: kind, button: button, modifiers: modifiers)))
  }

  /// Numbers between semicolons; an empty one is 1, a monstrous one 0.
  private static func numbers(_ bytes: ArraySlice<UInt8>) -> [Int] {
    bytes.split(separator: UInt8(ascii: ";"), omittingEmptySubsequences: false).map { digits in
      if digits.isEmpty { return 1 }
      guard digits.count <= 6 else { return 0 }
      return Int(String(decoding: digits, as: UTF8.self)) ?? 0
    }
  }
}
