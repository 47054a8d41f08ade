import WeirCore

/// Commands and flags that are promised and not built: refused in words, never taken for a file or a typo.
enum NotYet {
  private static let commands: [String: String] = [
    "tail": "weir cat --tail N prints the last events",
    "what-if": "weir replay and weir diff show what did happen",
    "lanes": "the explorer shows lanes below a replay",
    "trace": "weir cat --grep ID finds an id in every event of a source",
    "audit": "weir frames checks a file's checksums",
    "reconcile": "weir state --all --json prints every state to compare with",
    "schema": "weir ls -v tells where things were found",
    "export": "weir cat --json prints events as NDJSON",
  ]

  private static let flags: [String: String] = [
    "schemas": "payloads of a schema registry stay binary for now",
    "decode": "payloads that are not JSON or text stay binary for now",
    "mask": "weir export is not built yet",
    "report": "weir audit is not built yet",
    "skip": "weir what-if is not built yet",
    "edit": "weir what-if is not built yet",
  ]

  /// Refuses a command line that begins with such a command or uses such a flag.
  static func check(_ arguments: [String]) throws(Fault) {
    if let word = arguments.first, let instead = commands[word] {
      throw Fault(
        .usage, "run", "weir \(word)", "this version does not have the command yet",
        hint: "\(instead); ./\(word) opens a file of that name")
    }
    for argument in arguments {
      if argument == "--" { return }
      guard argument.hasPrefix("--") else { continue }
      let name = String(argument.dropFirst(2).prefix { $0 != "=" })
      if let why = flags[name] {
        throw Fault(.usage, "understand", "--\(name)", "this version does not have the flag yet", hint: why)
      }
    }
  }

  /// The command that a word which names no file was probably meant to be.
  static func command(like word: String) -> String? {
    let names = Commands.all.filter { !$0.isHidden }.map(\.name)
    let near = names.min { distance($0, word) < distance($1, word) }
    return near.flatMap { distance($0, word) <= (word.count > 3 ? 2 : 1) ? $0 : nil }
  }
}
