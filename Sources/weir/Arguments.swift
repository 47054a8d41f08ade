import WeirCore

/// One flag of the command line. Help, completions and the manual are made from these tables.
struct OptionSpec: Sendable {
  var name: String
  var short: Character?
  /// What follows the flag, in capitals; nil for a switch.
  var value: String?
  var help: String
  /// Words a shell may complete the value with.
  var choices: [String] = []

  init(
    _ name: String, short: Character? = nil, value: String? = nil, _ help: String, choices: [String] = []
  ) {
    (self.name, self.short, self.value, self.help, self.choices) = (name, short, value, help, choices)
  }
}

/// One command.
struct CommandSpec: Sendable {
  var name: String
  /// `SOURCE AGGREGATE`, as usage prints it.
  var operands: String
  var summary: String
  /// What else there is to know, a paragraph each.
  var notes: [String] = []
  var options: [OptionSpec] = []
  /// Command lines that work, each with what it shows.
  var examples: [(line: String, shows: String)] = []
  /// Not listed in help (`man`).
  var isHidden = false
  var run: @Sendable (Invocation) throws(Fault) -> Int32
}

/// Exit statuses (cli.md, "Exit status").
enum ExitStatus {
  static let done: Int32 = 0
  static let found: Int32 = 1
  static let usage: Int32 = 2
  static let nothingThere: Int32 = 3
  static let foldFailed: Int32 = 4
  static let interrupted: Int32 = 130

  static func of(_ fault: Fault) -> Int32 {
    switch fault.kind {
    case .usage: usage
    case .nothingThere, .unreadable: nothingThere
    case .foldFailed: foldFailed
    case .cancelled: interrupted
    }
  }
}

/// A command line taken apart.
struct Invocation: Sendable {
  /// nil: the explorer.
  var command: CommandSpec?
  var operands: [String] = []
  private var values: [String: [String]] = [:]

  /// Takes the arguments apart (without the program's name). The first word that is a command's name is the
  /// command.
  init(_ arguments: [String], commands: [CommandSpec], common: [OptionSpec]) throws(Fault) {
    var rest = arguments[...]
    if let index = Invocation.commandIndex(rest, common + ExplorerOptions.all + commands.flatMap(\.options)),
      let command = commands.first(where: { $0.name == rest[index] })
    {
      self.command = command
      rest.remove(at: index)
    }
    let known = (command?.options ?? ExplorerOptions.all) + common
    var onlyOperands = false
    while let word = rest.popFirst() {
      if onlyOperands || !Invocation.isFlag(word) {
        operands.append(word)
      } else if word == "--" {
        onlyOperands = true
      } else if word.hasPrefix("--") {
        try long(word.dropFirst(2), known, &rest)
      } else {
        try short(word.dropFirst(), known, &rest)
      }
    }
  }

  /// `-` is standard input, and so are `-#STREAM` and `-@TIME`.
  private static func isFlag(_ word: String) -> Bool {
    word.hasPrefix("-") && word != "-" && !word.hasPrefix("-#") && !word.hasPrefix("-@")
  }

  /// Where the first operand stands, skipping flags and their values.
  private static func commandIndex(_ words: ArraySlice<String>, _ known: [OptionSpec]) -> Int? {
    var index = words.startIndex
    while index < words.endIndex {
      let word = words[index]
      guard isFlag(word) else { return index }
      if word == "--" { return nil }
      let spec = known.first { "--" + $0.name == word }
      index += spec?.value != nil ? 2 : 1
    }
    return nil
  }

  private mutating func long(_ word: Substring, _ known: [OptionSpec], _ rest: inout ArraySlice<String>)
    throws(Fault)
  {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard let spec = known.first(where: { $0.name == name }) else {
      throw Fault(.usage, "understand", "--\(name)", "no such flag", hint: hint(name, known))
    }
    if spec.value == nil {
      guard parts.count == 1 else { throw Fault(.usage, "understand", "--\(name)", "it takes no value") }
      values[name, default: []].append("")
    } else if parts.count == 2 {
      values[name, default: []].append(String(parts[1]))
    } else if let value = rest.popFirst() {
      values[name, default: []].append(value)
    } else {
      throw Fault(.usage, "understand", "--\(name)", "a value must follow: \(spec.value ?? "")")
    }
  }

  /// What an unknown flag was probably meant to be, or which commands have it.
  private func hint(_ name: String, _ known: [OptionSpec]) -> String? {
    let owners = Commands.all.filter { command in command.options.contains { $0.name == name } }.map(\.name)
    if !owners.isEmpty { return "it is a flag of weir \(owners.joined(separator: ", "))" }
    if ExplorerOptions.all.contains(where: { $0.name == name }) { return "it is a flag of the explorer" }
    let near = known.map(\.name).min { distance($0, name) < distance($1, name) }
    return near.flatMap { distance($0, name) <= 2 ? "did you mean --\($0)?" : nil }
  }

  private mutating func short(_ word: Substring, _ known: [OptionSpec], _ rest: inout ArraySlice<String>)
    throws(Fault)
  {
    var letters = word
    while let letter = letters.popFirst() {
      guard let spec = known.first(where: { $0.short == letter }) else {
        throw Fault(.usage, "understand", "-\(word)", "no such flag: -\(letter)")
      }
      try long(
        Substring(spec.name + (spec.value != nil && !letters.isEmpty ? "=" + letters : "")), known, &rest)
      if spec.value != nil { return }
    }
  }

  func has(_ name: String) -> Bool { values[name] != nil }
  func value(_ name: String) -> String? { values[name]?.last }
  func all(_ name: String) -> [String] { values[name] ?? [] }

  /// A whole number >= 0; a mistake names the flag.
  func number(_ name: String) throws(Fault) -> Int? {
    guard let text = value(name) else { return nil }
    guard let number = Int(text), number >= 0 else {
      throw Fault(.usage, "understand", "--\(name) \(text)", "a whole number is needed")
    }
    return number
  }

  /// The operand at `index`; usage when it is missing.
  func operand(_ index: Int, _ what: String) throws(Fault) -> String {
    guard operands.indices.contains(index) else {
      let usage = command.map { "weir \($0.name) \($0.operands)" } ?? "weir SOURCE…"
      throw Fault(.usage, "go on without", what, "usage: \(usage)")
    }
    return operands[index]
  }
}

/// How many letters two words are apart (Levenshtein), for "did you mean".
func distance(_ a: String, _ b: String) -> Int {
  let (a, b) = (Array(a.utf8), Array(b.utf8))
  var row = Array(0...b.count)
  for i in a.indices {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let above = row[j + 1]
      row[j + 1] = min(above + 1, row[j] + 1, diagonal + (a[i] == b[j] ? 0 : 1))
      diagonal = above
    }
  }
  return row[b.count]
}
