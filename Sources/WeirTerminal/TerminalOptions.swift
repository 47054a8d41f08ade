internal import Glibc
package import WeirCells

/// How a terminal is to be used.
package struct TerminalOptions: Sendable {
  /// `--color`. With `auto`, a `NO_COLOR` that is not empty means attributes only.
  package enum ColorChoice: String, Sendable { case auto, always, never }
  /// `borders` of the configuration. With `auto`, ASCII where the locale's characters are not UTF-8.
  package enum Borders: String, Sendable { case auto, unicode, ascii }

  package var theme: Theme
  package var color: ColorChoice
  package var borders: Borders
  package var mouse: Bool
  /// A device instead of the controlling terminal, for tests: no modes are changed on it.
  package var device: String?
  /// `$TERM` if nil.
  package var type: String?

  package init(
    theme: Theme = .builtIn, color: ColorChoice = .auto, borders: Borders = .auto, mouse: Bool = false,
    device: String? = nil, type: String? = nil
  ) {
    self.theme = theme
    self.color = color
    self.borders = borders
    self.mouse = mouse
    self.device = device
    self.type = type
  }

  var colorAllowed: Bool {
    switch color {
    case .always: true
    case .never: false
    case .auto: (environment("NO_COLOR") ?? "").isEmpty
    }
  }

  /// Terminal types to try, best first. `COLORTERM` promises 24 bits, but curses believes terminfo alone, and
  /// the entries that say so come with another package: the terminal's own `-direct` one, else the one of its
  /// family.
  func types() -> [String] {
    let own = type ?? environment("TERM") ?? "dumb"
    guard colorAllowed, ["truecolor", "24bit"].contains(environment("COLORTERM") ?? "") else { return [own] }
    if own.hasSuffix("-direct") { return [own] }
    let stem = own.hasSuffix("-256color") ? String(own.dropLast(9)) : own
    var list = [stem + "-direct"]
    // Of the same family, so that the keys are the same as well.
    if stem.hasPrefix("xterm") { list.append("xterm-direct") }
    return list + [own]
  }

  /// Chooses the character set, for this process, and says whether the screen must do with ASCII.
  ///
  /// Where nothing at all is set (a bare container) the terminal is still a modern one, and UTF-8 is assumed;
  /// a locale that somebody did choose is kept to.
  func chooseCharacters() -> Bool {
    setlocale(LC_ALL, "")
    let codeset = nl_langinfo(Int32(CODESET)).map { String(cString: $0) } ?? ""
    let isUTF8 = codeset == "UTF-8"
    switch borders {
    case .ascii: return true
    case .unicode: return !(isUTF8 || setlocale(LC_CTYPE, "C.UTF-8") != nil)
    case .auto:
      if isUTF8 { return false }
      let unset = ["LC_ALL", "LC_CTYPE", "LANG"].allSatisfy { (environment($0) ?? "").isEmpty }
      let old = ["linux", "vt", "dumb", "ansi"].contains { (type ?? environment("TERM") ?? "").hasPrefix($0) }
      return !(unset && !old && setlocale(LC_CTYPE, "C.UTF-8") != nil)
    }
  }
}

/// Why no screen can be had.
package struct TerminalFault: Error, CustomStringConvertible {
  package var reason: String
  package var hint: String

  package var description: String { "\(reason) (\(hint))" }
}

func environment(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
