/// A key as the terminal told it. Terminals cannot tell all keys apart: Ctrl-I is `tab`, Ctrl-M `enter`,
/// Ctrl-[ `escape`.
package enum Key: Hashable, Sendable {
  case character(Character)
  /// A lower-case letter or one of `space \ ] ^ _`, with the control key.
  case control(Character)
  case alt(Character)
  case enter, escape, tab, backtab, backspace, delete, insert
  case up, down, left, right
  case shiftUp, shiftDown, shiftLeft, shiftRight
  case home, end, pageUp, pageDown
  case function(Int)

  /// Keys that have a fixed name, in the spelling that is printed.
  private static let named: [(name: String, key: Key)] = [
    ("enter", .enter), ("escape", .escape), ("tab", .tab), ("shift-tab", .backtab),
    ("backspace", .backspace), ("delete", .delete), ("insert", .insert), ("up", .up), ("down", .down),
    ("left", .left), ("right", .right), ("shift-up", .shiftUp), ("shift-down", .shiftDown),
    ("shift-left", .shiftLeft), ("shift-right", .shiftRight), ("home", .home), ("end", .end),
    ("pageup", .pageUp), ("pagedown", .pageDown), ("space", .character(" ")),
  ]

  /// Other spellings that are understood.
  private static let aliases: [String: Key] = [
    "esc": .escape, "return": .enter, "backtab": .backtab, "del": .delete, "ins": .insert,
    "page-up": .pageUp, "pgup": .pageUp, "page-down": .pageDown, "pgdn": .pageDown,
  ]

  /// The word for a keymap, a configuration or a script: `ctrl-p`, `shift-left`, `f5`, `]`, `space`.
  package var name: String {
    if let known = Key.named.first(where: { $0.key == self }) { return known.name }
    switch self {
    case .character(let character): return String(character)
    case .control(let character): return "ctrl-" + (character == " " ? "space" : String(character))
    case .alt(let character): return "alt-" + (character == " " ? "space" : String(character))
    case .function(let number): return "f\(number)"
    default: return "?"
    }
  }

  /// Reads a name; nil when no key is called so. Case matters in single characters only (`G` is Shift-g).
  package init?(_ name: String) {
    if name.count == 1, let character = name.first {
      guard character != " ", character.asciiValue.map({ $0 > 0x20 && $0 < 0x7F }) ?? true else { return nil }
      self = .character(character)
      return
    }
    let word = name.lowercased()
    if let known = Key.named.first(where: { $0.name == word })?.key ?? Key.aliases[word] {
      self = known
    } else if word.hasPrefix("ctrl-") || word.hasPrefix("c-") {
      guard let character = Key.modified(word.drop { $0 != "-" }.dropFirst()) else { return nil }
      guard ("a"..."z").contains(character) || " \\]^_".contains(character) else { return nil }
      self = .control(character)
    } else if word.hasPrefix("alt-") {
      guard let character = Key.modified(name.dropFirst(4)) else { return nil }
      self = .alt(character)
    } else if word.first == "f", let number = Int(word.dropFirst()), (1...63).contains(number) {
      self = .function(number)
    } else {
      return nil
    }
  }

  private static func modified(_ rest: Substring) -> Character? {
    if rest == "space" { return " " }
    return rest.count == 1 ? rest.first : nil
  }
}

/// What the mouse did, with the cell it did it on.
package struct MouseEvent: Hashable, Sendable {
  package enum Kind: Hashable, Sendable { case press, release, drag, wheelUp, wheelDown }
  package enum Button: Hashable, Sendable { case none, left, middle, right }

  /// Keys held meanwhile, as far as the terminal says.
  package struct Modifiers: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package static let shift = Modifiers(rawValue: 1)
    package static let alt = Modifiers(rawValue: 2)
    package static let control = Modifiers(rawValue: 4)
  }

  package var point: Point
  package var kind: Kind
  package var button: Button
  package var modifiers: Modifiers

  package init(point: Point, kind: Kind, button: Button = .left, modifiers: Modifiers = []) {
    self.point = point
    self.kind = kind
    self.button = button
    self.modifiers = modifiers
  }
}

/// Everything a user can do to the program.
package enum InputEvent: Hashable, Sendable {
  case key(Key)
  case mouse(MouseEvent)
  /// Text pasted in one piece (bracketed paste): never read as keys, so that pasting cannot run commands.
  /// At most `pasteLimit` bytes; line ends are U+000A.
  case paste(String)
  case resize(Size)

  /// More than anybody means to paste into a prompt; the rest is dropped.
  package static let pasteLimit = 1 << 20
}
