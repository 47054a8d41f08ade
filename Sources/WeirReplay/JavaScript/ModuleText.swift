import WeirCore

/// A fold's source as a plain script: `export` is taken out without moving a line or a column, TypeScript and
/// imports are refused in a sentence that says what to do.
struct ModuleText {
  /// The source, every kept character where it was.
  private(set) var script: [UInt8]
  /// Names that were exported: the local name and the name outside.
  private(set) var exports: [(local: String, name: String)] = []

  /// Why a file is not run as it is.
  struct Refusal: Error {
    var reason: String
    /// From 1.
    var line: Int
  }

  private var index = 0
  /// Open brackets, so that only statements of the top level are looked at.
  private var depth = 0
  /// The last byte that was no blank and no comment: tells a division from a regular expression.
  private var last: UInt8 = UInt8(ascii: ";")
  /// Depths at which a `${` of a template was opened.
  private var templates: [Int] = []

  init(_ source: String, file: String) throws(Refusal) {
    script = Array(source.utf8)
    for ending in [".ts", ".tsx", ".mts", ".cts"] where file.hasSuffix(ending) {
      throw Refusal(reason: ModuleText.typeScript, line: 1)
    }
    while index < script.count { try step() }
  }

  static let typeScript =
    "this is TypeScript: compile it first (npx tsc, or npx esbuild FILE --bundle --format=cjs)"
  private static let imports =
    "a fold stands alone: bundle what it imports into one file first (npx esbuild FILE --bundle --format=cjs)"

  /// True when a script that does not parse looks like TypeScript.
  static func looksLikeTypeScript(_ source: String) -> Bool {
    let text = Array(source.utf8)
    return ["interface ", ": string", ": number", ": boolean", " as const", "readonly ", ": Array<", "enum "]
      .contains { sign in
        let sign = Array(sign.utf8)
        return text.indices.contains { text[$0...].starts(with: sign) }
      }
  }

  private func byte(_ at: Int) -> UInt8 { at < script.count ? script[at] : 0 }

  private mutating func step() throws(Refusal) {
    let current = script[index]
    switch current {
    case UInt8(ascii: "/") where byte(index + 1) == UInt8(ascii: "/"): skip(to: "\n", 1)
    case UInt8(ascii: "/") where byte(index + 1) == UInt8(ascii: "*"): skip(to: "*/", 2)
    case UInt8(ascii: "/") where regexMayStand: skipRegex()
    case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString(current)
    case UInt8(ascii: "`"):
      index += 1
      skipTemplate()
    case UInt8(ascii: "{"), UInt8(ascii: "("), UInt8(ascii: "["):
      depth += 1
      advance(current)
    case UInt8(ascii: "}") where templates.last == depth:
      templates.removeLast()
      index += 1
      skipTemplate()
    case UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: "]"):
      depth = max(0, depth - 1)
      advance(current)
    case _ where ModuleText.isName(current): try word()
    case 0x20, 0x09, 0x0A, 0x0D: index += 1
    default: advance(current)
    }
  }

  private mutating func advance(_ byte: UInt8) {
    last = byte
    index += 1
  }

  private static func isName(_ byte: UInt8) -> Bool {
    byte >= 0x80 || byte == 0x5F || byte == 0x24 || (byte >= 0x30 && byte <= 0x39)
      || (byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
  }

  /// After a value a `/` divides; after anything else it begins a regular expression.
  private var regexMayStand: Bool {
    !(ModuleText.isName(last) || last == UInt8(ascii: ")") || last == UInt8(ascii: "]")
      || last == UInt8(ascii: "}")
      || last == UInt8(ascii: "\"") || last == UInt8(ascii: "`"))
  }

  private mutating func skip(to end: StaticString, _ length: Int) {
    index += 2
    while index < script.count {
      if byte(index) == end.utf8Start[0], length == 1 || byte(index + 1) == end.utf8Start[1] { break }
      index += 1
    }
    index += length
  }

  private mutating func skipString(_ quote: UInt8) {
    index += 1
    while index < script.count, script[index] != quote, script[index] != 0x0A {
      index += script[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    index += 1
    last = UInt8(ascii: "\"")
  }

  private mutating func skipTemplate() {
    while index < script.count, script[index] != UInt8(ascii: "`") {
      if script[index] == UInt8(ascii: "$"), byte(index + 1) == UInt8(ascii: "{") {
        templates.append(depth)
        index += 2
        last = UInt8(ascii: "{")
        return
      }
      index += script[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    index += 1
    last = UInt8(ascii: "`")
  }

  private mutating func skipRegex() {
    index += 1
    var inClass = false
    while index < script.count, script[index] != 0x0A {
      let current = script[index]
      if current == UInt8(ascii: "/"), !inClass { break }
      if current == UInt8(ascii: "[") { inClass = true }
      if current == UInt8(ascii: "]") { inClass = false }
      index += current == UInt8(ascii: "\\") ? 2 : 1
    }
    index += 1
    last = UInt8(ascii: ")")
  }

  private mutating func name() -> String {
    let start = index
    while index < script.count, ModuleText.isName(script[index]) { index += 1 }
    return String(decoding: script[start..<index], as: UTF8.self)
  }

  private mutating func skipBlanks() {
    while index < script.count, [0x20, 0x09, 0x0A, 0x0D].contains(script[index]) { index += 1 }
  }

  private func refusal(_ reason: String, at place: Int) -> Refusal {
    Refusal(reason: reason, line: script[..<min(place, script.count)].count { $0 == 0x0A } + 1)
  }

  private mutating func word() throws(Refusal) {
    let start = index
    let isStatement = depth == 0 && last != UInt8(ascii: ".")
    let word = name()
    defer { last = word.utf8.last ?? last }
    guard isStatement, word == "export" || word == "import" else {
      // A keyword before a regular expression is no value.
      if ["return", "typeof", "case", "in", "of", "void"].contains(word) { last = UInt8(ascii: ";") }
      return
    }
    let next = byte(index)
    guard [0x20, 0x09, 0x0A, 0x0D, 0x7B, 0x2A, 0x22, 0x27].contains(next) else { return }
    skipBlanks()
    if word == "import" { throw refusal(ModuleText.imports, at: start) }
    try export(from: start)
  }

  /// Blanks, in place; line breaks stay.
  private mutating func blank(_ range: Range<Int>) {
    for at in range where script[at] != 0x0A { script[at] = 0x20 }
  }

  private mutating func export(from start: Int) throws(Refusal) {
    let after = index
    switch byte(index) {
    case UInt8(ascii: "*"): throw refusal(ModuleText.imports, at: start)
    case UInt8(ascii: "{"):
      try exportList()
      blank(start..<min(index, script.count))
    default:
      let keyword = name()
      switch keyword {
      case "default":
        blank(start..<index)
        // As long as `export default` itself, so that columns stay.
        let words = Array("var $default =".utf8)
        for (offset, byte) in words.enumerated() where start + offset < script.count {
          script[start + offset] = byte
        }
        exports.append(("$default", "default"))
      case "const", "let", "var", "function", "class", "async":
        blank(start..<after)
        skipBlanks()
        if keyword == "async" { _ = name(); skipBlanks() }
        if byte(index) == UInt8(ascii: "*") { index += 1; skipBlanks() }
        let local = name()
        if !local.isEmpty { exports.append((local, local)) }
      default: throw refusal(ModuleText.typeScript, at: start)
      }
    }
  }

  /// `{ a, b as c }`, without `from`.
  private mutating func exportList() throws(Refusal) {
    let start = index
    index += 1
    while index < script.count, script[index] != UInt8(ascii: "}") {
      skipBlanks()
      let local = name()
      skipBlanks()
      var outside = local
      let mark = index
      if name() == "as" {
        skipBlanks()
        outside = name()
      } else {
        index = mark
      }
      guard !local.isEmpty else { throw refusal("this list of exports cannot be read", at: start) }
      exports.append((local, outside))
      skipBlanks()
      if byte(index) == UInt8(ascii: ",") { index += 1 }
      skipBlanks()
    }
    index += 1
    let end = index
    skipBlanks()
    let mark = index
    if name() == "from" { throw refusal(ModuleText.imports, at: start) }
    index = byte(mark) == UInt8(ascii: ";") ? mark + 1 : end
  }

  /// A script that hands the exported names, and those that need no export, to the driver.
  var collector: String {
    func members(_ names: [(local: String, name: String)]) -> String {
      names.map {
        "\(JSONText.quoted($0.name)): typeof \($0.local) === 'undefined' ? undefined : \($0.local)"
      }
      .joined(separator: ", ")
    }
    let loose = ["evolve", "initialState", "initial"].map { (local: $0, name: $0) }
    return "__weirExported({ \(members(exports)) }, { \(members(loose)) })"
  }
}
