/// A colour as themes write it; nil where one is expected means the terminal's own.
package struct Color: Hashable, Sendable, CustomStringConvertible {
  package var red: UInt8
  package var green: UInt8
  package var blue: UInt8

  package init(red: UInt8, green: UInt8, blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }

  /// Reads `#rrggbb`.
  package init?(_ text: some StringProtocol) {
    let digits = text.utf8.dropFirst()
    guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6 else { return nil }
    var value: UInt32 = 0
    for digit in digits {
      guard let number = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(number)
    }
    self.init(
      red: UInt8(value >> 16), green: UInt8(value >> 8 & 0xFF), blue: UInt8(value & 0xFF))
  }

  package var description: String {
    let digits = String(UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue), radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }
}

/// How one role looks.
package struct Style: Hashable, Sendable {
  package var foreground: Color?
  package var background: Color?
  package var flags: CellFlags

  package init(foreground: Color? = nil, background: Color? = nil, flags: CellFlags = []) {
    self.foreground = foreground
    self.background = background
    self.flags = flags
  }

  /// What a cell looks like: its role over its ground, with the cell's own attributes.
  package func over(_ ground: Style) -> Style {
    Style(
      foreground: ground.foreground ?? foreground, background: ground.background ?? background,
      flags: flags.union(ground.flags))
  }
}

/// A look for every role, read from a small text:
/// ```
/// # one line a role; a line beginning with # is a comment, so is the rest of a line after "# "
/// inherits = weir                     another theme for roles not named here; else they look like `text`
/// @water = #7fb4ca                    a name for a colour, to be used below
/// title = @water bold                 foreground, then attributes: bold underline reverse dim
/// selection = default on #2d4f67      `default` (or nothing) is the colour that `text` has, and for `text`
///                                     itself the terminal's own
/// ```
package struct Theme: Sendable, Equatable {
  package let name: String
  private var styles: [Style]
  /// Roles the text named itself or inherited; the others look like `text`.
  package private(set) var named: Set<Role>

  package subscript(role: Role) -> Style { styles[role.ordinal] }

  /// The cell's look: role, ground and its own attributes together.
  package func style(of cell: Cell) -> Style {
    var style = styles[cell.role.ordinal]
    if let ground = cell.ground { style = style.over(styles[ground.ordinal]) }
    // Where a role says nothing, plain text decides: so a theme with a background of its own names it once.
    style.foreground = style.foreground ?? styles[Role.text.ordinal].foreground
    style.background = style.background ?? styles[Role.text.ordinal].background
    style.flags.formUnion(cell.flags)
    return style
  }

  /// What is wrong in a theme's text.
  package struct Mistake: Error, Equatable, CustomStringConvertible {
    package var theme: String
    /// From 1; 0 when it concerns the file as a whole.
    package var line: Int
    package var reason: String

    package var description: String {
      line == 0 ? "theme \(theme): \(reason)" : "theme \(theme), line \(line): \(reason)"
    }
  }

  /// The one that is always there.
  package static let builtIn = Theme(fallback: builtInText)

  /// Reads a theme; a mistake does not stop it, the rest still counts. `inherited` gives the theme of a name,
  /// for `inherits`, or nil when there is none.
  package static func parse(
    _ text: some StringProtocol, name: String, inherited: (String) -> Theme? = { _ in nil }
  ) -> (theme: Theme, mistakes: [Mistake]) {
    var parser = ThemeParser(name: name)
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) { parser.read(line, inherited) }
    return (Theme(parser), parser.mistakes)
  }

  private init(_ parser: ThemeParser) {
    name = parser.name
    let plain = parser.styles[.text] ?? parser.parent?[.text] ?? Style()
    var named = Set(parser.styles.keys)
    if let parent = parser.parent { named.formUnion(parent.named) }
    self.named = named
    styles = Role.allCases.map { role in
      if let own = parser.styles[role] { return own }
      guard let parent = parser.parent, parent.named.contains(role) else { return plain }
      return parent[role]
    }
  }

  private init(fallback text: String) {
    var parser = ThemeParser(name: "weir")
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      parser.read(line) { _ in nil }
    }
    self.init(parser)
  }
}

/// Reads a theme's lines one by one.
struct ThemeParser {
  let name: String
  private(set) var styles: [Role: Style] = [:]
  private(set) var parent: Theme?
  private(set) var mistakes: [Theme.Mistake] = []
  private var colors: [Substring: Color] = [:]
  private var line = 0

  init(name: String) { self.name = name }

  mutating func read(_ text: some StringProtocol, _ inherited: (String) -> Theme?) {
    line += 1
    let words = ThemeParser.words(Substring(text))
    guard let first = words.first else { return }
    guard words.count >= 2, words[1] == "=" else { return fail("expected `role = colour …`") }
    let rest = words.dropFirst(2)
    if first == "inherits" {
      guard rest.count == 1, let parentName = rest.first else { return fail("`inherits` takes one name") }
      parent = inherited(String(parentName))
      if parent == nil { fail("there is no theme \(parentName) to inherit from") }
    } else if first.first == "@" {
      guard rest.count == 1, let value = rest.first, let color = color(value) else {
        return fail("\(first) needs one colour, #rrggbb")
      }
      colors[first] = color
    } else if let role = Role(rawValue: String(first)) {
      if let style = style(rest) { styles[role] = style }
    } else {
      fail("there is no role \(first)")
    }
  }

  private mutating func fail(_ reason: String) {
    mistakes.append(Theme.Mistake(theme: name, line: line, reason: reason))
  }

  /// Words of the line without its comment; `=` is a word of its own.
  private static func words(_ text: Substring) -> [Substring] {
    var words: [Substring] = []
    for word in text.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" }) {
      // `#` alone or at the start of the line begins a comment; `#rrggbb` after that is a colour.
      if word == "#" || (words.isEmpty && word.first == "#") { break }
      if words.count == 0, let equals = word.firstIndex(of: "="), word.count > 1 {
        words.append(word[..<equals])
        words.append("=")
        let after = word[word.index(after: equals)...]
        if !after.isEmpty { words.append(after) }
      } else if words.count == 1, word.first == "=", word.count > 1 {
        words += ["=", word.dropFirst()]
      } else {
        words.append(word)
      }
    }
    return words
  }

  private func color(_ word: Substring) -> Color? {
    word.first == "@" ? colors[word] : Color(word)
  }

  private mutating func style(_ words: ArraySlice<Substring>) -> Style? {
    var style = Style()
    var background = false
    for word in words {
      switch word {
      case "on": background = true
      case "bold": style.flags.insert(.bold)
      case "underline": style.flags.insert(.underline)
      case "reverse": style.flags.insert(.reversed)
      case "dim": style.flags.insert(.dim)
      case "default": continue
      default:
        guard let color = color(word) else {
          fail("\(word) is neither a colour (#rrggbb, @name, default) nor an attribute")
          return nil
        }
        if background { style.background = color } else { style.foreground = color }
      }
    }
    return style
  }
}
