/// One Swift file, with its code told apart from its comments and strings.
struct SwiftSource: CustomStringConvertible {
  let path: String
  /// The file's lines as they stand.
  let lines: [Substring]
  /// The same lines as bytes, with every byte of a comment, string or regular expression replaced by a blank.
  /// Braces and words found here are code.
  let code: [[UInt8]]

  var description: String { path }

  /// Marked in its first five lines as a table of data, which may be as long as the data is.
  var isTable: Bool { lines.prefix(5).contains { $0.hasPrefix("// tidy: table") } }

  /// The target a file belongs to: the folder below Sources or Tests.
  var target: Substring { path.split(separator: "/").dropFirst().first ?? "" }

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var lexer = Lexer(Array(text.utf8))
    code = lexer.codeOnly().split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map(Array.init)
  }

  /// The words of one line of code: runs of letters, digits and `_`.
  static func words(_ line: [UInt8]) -> [Substring] {
    String(decoding: line, as: UTF8.self).split { !($0.isLetter || $0.isNumber || $0 == "_") }
  }
}

/// Blanks comments, strings and regular expressions. It knows what this repository's Swift uses: line and
/// block comments, plain, multi-line and raw strings with interpolation, `/…/`.
private struct Lexer {
  private let bytes: [UInt8]
  private var output: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) {
    self.bytes = bytes
    output = bytes
  }

  mutating func codeOnly() -> [UInt8] {
    while at < bytes.count { step() }
    return output
  }

  private mutating func step() {
    if follows("//") {
      while at < bytes.count, bytes[at] != UInt8(ascii: "\n") { blank() }
    } else if follows("/*") {
      while at < bytes.count, !follows("*/") { blank() }
      blank(2)
    } else if let hashes = openingHashes() {
      string(hashes: hashes)
    } else if bytes[at] == UInt8(ascii: "/"), beginsPattern() {
      blank()
      while at < bytes.count, bytes[at] != UInt8(ascii: "/"), bytes[at] != UInt8(ascii: "\n") {
        blank(bytes[at] == UInt8(ascii: "\\") ? 2 : 1)
      }
      blank()
    } else {
      at += 1
    }
  }

  /// The number of `#` before a quotation mark that begins here, or nil when no string begins.
  private func openingHashes() -> Int? {
    var end = at
    while end < bytes.count, bytes[end] == UInt8(ascii: "#") { end += 1 }
    return end < bytes.count && bytes[end] == UInt8(ascii: "\"") ? end - at : nil
  }

  private mutating func string(hashes: Int) {
    blank(hashes)
    let guardMarks = String(repeating: "#", count: hashes)
    let quotes = follows("\"\"\"") ? "\"\"\"" : "\""
    blank(quotes.utf8.count)
    while at < bytes.count, !follows(quotes + guardMarks) {
      if follows("\\" + guardMarks + "(") {
        blank(hashes + 2)
        interpolation()
      } else if follows("\\" + guardMarks) {
        blank(hashes + 2)
      } else if quotes.utf8.count == 1, bytes[at] == UInt8(ascii: "\n") {
        return
      } else {
        blank()
      }
    }
    blank(quotes.utf8.count + hashes)
  }

  /// Blanks up to the parenthesis that ends an interpolation, through strings inside it.
  private mutating func interpolation() {
    var depth = 1
    while at < bytes.count, depth > 0 {
      if let hashes = openingHashes() {
        string(hashes: hashes)
        continue
      }
      if bytes[at] == UInt8(ascii: "(") { depth += 1 }
      if bytes[at] == UInt8(ascii: ")") { depth -= 1 }
      blank()
    }
  }

  /// A slash opens a regular expression where an operand may begin and it is closed on its line.
  private func beginsPattern() -> Bool {
    let next = at + 1 < bytes.count ? bytes[at + 1] : UInt8(ascii: " ")
    guard next != UInt8(ascii: " "), next != UInt8(ascii: "\n"), next != UInt8(ascii: "=") else {
      return false
    }
    let before = bytes[..<at].last { $0 != UInt8(ascii: " ") } ?? UInt8(ascii: "\n")
    guard "(,=:[{&|!?;\n~".utf8.contains(before) else { return false }
    return bytes[(at + 1)...].prefix { $0 != UInt8(ascii: "\n") }.contains(UInt8(ascii: "/"))
  }

  private func follows(_ text: String) -> Bool { bytes[at...].starts(with: text.utf8) }

  private mutating func blank(_ count: Int = 1) {
    for _ in 0..<count where at < bytes.count {
      if bytes[at] != UInt8(ascii: "\n") { output[at] = UInt8(ascii: " ") }
      at += 1
    }
  }
}
