/// Cuts the text of an expression into tokens, one ahead.
///
/// A `/` is a division except where the parser asks for a regular expression, so the regex token is made on
/// demand by `regex()`.
struct ExpressionLexer {
  enum Token: Equatable {
    case name(String)
    /// The number's digits, as written.
    case number(String)
    case string(String)
    /// An operator or bracket.
    case symbol(String)
    case end
  }

  /// One scalar each: a combining mark after a quote must not make another character of the quote.
  private let characters: [Character]
  private var index = 0
  private(set) var next: Token = .end
  /// Column of `next`, from 1, in Unicode scalars.
  private(set) var column = 1
  /// What is wrong with the token ahead; thrown when it is taken.
  private var mistake: Expression.Mistake?

  /// Two characters first, so that `<=` is not `<` and `=`.
  private static let symbols = [
    "==", "!=", "<=", ">=", "&&", "||", "=~", "<", ">", "!", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/",
  ]

  init(_ text: String) {
    characters = text.unicodeScalars.map(Character.init)
    scan()
  }

  mutating func take() throws(Expression.Mistake) -> Token {
    if let mistake { throw mistake }
    let token = next
    scan()
    return token
  }

  mutating func takeSymbol(_ symbol: String) throws(Expression.Mistake) -> Bool {
    if let mistake { throw mistake }
    guard next == .symbol(symbol) else { return false }
    scan()
    return true
  }

  mutating func expect(_ symbol: String) throws(Expression.Mistake) {
    guard try takeSymbol(symbol) else {
      throw Expression.Mistake(column: column, reason: "expected `\(symbol)`")
    }
  }

  mutating func name(_ what: String) throws(Expression.Mistake) -> String {
    guard mistake == nil, case .name(let name) = next else {
      throw mistake ?? Expression.Mistake(column: column, reason: "expected \(what)")
    }
    scan()
    return name
  }

  /// `.name`, `[0]` and `["name"]`, as many as follow.
  mutating func steps(into steps: inout [PathStep]) throws(Expression.Mistake) {
    while true {
      if try takeSymbol(".") {
        steps.append(.member(try name("a member's name after the point")))
      } else if try takeSymbol("[") {
        let column = column
        switch try take() {
        case .string(let name): steps.append(.member(name))
        case .number(let digits) where Int(digits) != nil: steps.append(.index(Int(digits) ?? 0))
        default:
          throw Expression.Mistake(column: column, reason: "expected an index or a quoted name after `[`")
        }
        try expect("]")
      } else {
        return
      }
    }
  }

  private mutating func scan() {
    while index < characters.count, characters[index].isWhitespace { index += 1 }
    column = index + 1
    mistake = nil
    guard index < characters.count else {
      next = .end
      return
    }
    let character = characters[index]
    if character == "\"" || character == "'" {
      scanString(character)
    } else if character.isASCII, character.isNumber {
      scanNumber()
    } else if character.unicodeScalars.first.map(PathText.isStart) ?? false {
      scanName()
    } else {
      scanSymbol(character)
    }
  }

  private mutating func scanName() {
    let start = index
    while index < characters.count, characters[index].unicodeScalars.allSatisfy(PathText.isPart) {
      index += 1
    }
    // A first character that only begins like a name (a flag, a keycap) still is one token.
    if index == start { index += 1 }
    next = .name(String(characters[start..<index]))
  }

  private mutating func scanNumber() {
    let start = index
    digits()
    if index + 1 < characters.count, characters[index] == ".", characters[index + 1].isNumber {
      index += 1
      digits()
    }
    if index < characters.count, characters[index] == "e" || characters[index] == "E" {
      var after = index + 1
      if after < characters.count, characters[after] == "+" || characters[after] == "-" { after += 1 }
      if after < characters.count, characters[after].isNumber {
        index = after
        digits()
      }
    }
    next = .number(String(characters[start..<index]))
    if index < characters.count, characters[index].isLetter {
      mistake = Expression.Mistake(column: index + 1, reason: "a letter inside a number")
    }
  }

  private mutating func digits() {
    while index < characters.count, characters[index].isASCII, characters[index].isNumber { index += 1 }
  }

  private mutating func scanString(_ quote: Character) {
    index += 1
    var text = ""
    while index < characters.count, characters[index] != quote {
      if characters[index] == "\\", index + 1 < characters.count {
        index += 1
        text.append(contentsOf: escape())
      } else {
        text.append(characters[index])
      }
      index += 1
    }
    next = .string(text)
    if index < characters.count {
      index += 1
    } else {
      mistake = Expression.Mistake(column: column, reason: "this quote has no end")
    }
  }

  /// What the escape whose letter stands at `index` means; leaves `index` on its last character.
  private mutating func escape() -> String {
    switch characters[index] {
    case "n": return "\n"
    case "t": return "\t"
    case "r": return "\r"
    case "b": return "\u{08}"
    case "f": return "\u{0C}"
    case "u":
      guard let high = codeUnit(at: index + 1) else { return "u" }
      index += 4
      if let scalar = Unicode.Scalar(high) { return String(Character(scalar)) }
      // The second half of a pair may follow; a half alone is no character.
      guard index + 2 < characters.count, characters[index + 1] == "\\", characters[index + 2] == "u",
        let low = codeUnit(at: index + 3), UTF16.isLeadSurrogate(high), UTF16.isTrailSurrogate(low)
      else { return "\u{FFFD}" }
      index += 6
      return String(decoding: [high, low], as: UTF16.self)
    default: return String(characters[index])
    }
  }

  /// The four hexadecimal digits from `start` on; nil where there are no four.
  private func codeUnit(at start: Int) -> UInt16? {
    guard start + 4 <= characters.count else { return nil }
    let digits = characters[start..<start + 4]
    return digits.allSatisfy(\.isHexDigit) ? UInt16(String(digits), radix: 16) : nil
  }

  private mutating func scanSymbol(_ character: Character) {
    for symbol in ExpressionLexer.symbols where symbol.count <= characters.count - index {
      guard symbol == String(characters[index..<index + symbol.count]) else { continue }
      index += symbol.count
      next = .symbol(symbol)
      // `===` is JavaScript's habit and means the same here.
      if symbol == "==" || symbol == "!=", index < characters.count, characters[index] == "=" { index += 1 }
      return
    }
    index += 1
    next = .symbol(String(character))
    mistake = Expression.Mistake(column: column, reason: ExpressionLexer.advice(character))
  }

  private static func advice(_ character: Character) -> String {
    switch character {
    case "=": "`=` alone is no comparison: write `==`"
    case "&": "write `&&` for and"
    case "|": "write `||` for or"
    case "~": "write `=~ /…/` to match a regular expression"
    default: "`\(character)` has no meaning here"
    }
  }

  /// The regular expression that begins at the token ahead, a `/`: its pattern and flags.
  mutating func regex() throws(Expression.Mistake) -> (pattern: String, flags: String) {
    let start = column
    index = column
    var pattern = ""
    var inClass = false
    while index < characters.count, inClass || characters[index] != "/" {
      if characters[index] == "\\", index + 1 < characters.count {
        pattern.append(characters[index])
        index += 1
      } else if characters[index] == "[" {
        inClass = true
      } else if characters[index] == "]" {
        inClass = false
      }
      pattern.append(characters[index])
      index += 1
    }
    guard index < characters.count else {
      throw Expression.Mistake(column: start, reason: "this regular expression has no closing `/`")
    }
    index += 1
    let flags = index
    while index < characters.count, characters[index].isLetter { index += 1 }
    let found = (pattern, String(characters[flags..<index]))
    scan()
    return found
  }
}
