// tidy: table
import WeirCore
import WeirReplay

/// Every command, in the order help lists them.
enum Commands {
  static let all: [CommandSpec] = [
    ls, cat, aggregates, state, replay, diff, history, blame, bisect, groups, frames, formats, folds, themes,
    fold, config, demo, completion, man, help,
  ]

  static let formats = CommandSpec(
    name: "formats", operands: "", summary: "what weir can open",
    examples: [("weir formats", "every format, how it is recognised, and its limits")]
  ) { invocation throws(Fault) in
    var output = Output()
    for format in Format.all {
      if invocation.has("json") {
        let members = [
          JSONMember("name", .string(format.name)), JSONMember("title", .string(format.title)),
          JSONMember("summary", .string(format.summary)),
        ]
        output.line(JSONValue.object(members).compact)
      } else {
        output.line(Help.pad(format.name, 12) + "  " + format.title)
        for line in Help.wrapped(format.summary, indent: 14) { output.line(line) }
      }
    }
    output.flush()
    return ExitStatus.done
  }

  static let folds = CommandSpec(
    name: "folds", operands: "", summary: "the folds that need no file",
    examples: [("weir folds", "names for --fold, and what each does")]
  ) { invocation throws(Fault) in
    var output = Output()
    for fold in BuiltInFold.allCases {
      if invocation.has("json") {
        let members = [
          JSONMember("name", .string(fold.rawValue)), JSONMember("summary", .string(fold.summary)),
        ]
        output.line(JSONValue.object(members).compact)
      } else {
        output.line(Help.pad(fold.rawValue, 12) + "  " + fold.summary)
      }
    }
    if !invocation.has("json") { output.line("and any JavaScript file: --fold bank.fold.js") }
    output.flush()
    return ExitStatus.done
  }

  static let help = CommandSpec(
    name: "help", operands: "[COMMAND]", summary: "help for a command", isHidden: true
  ) { invocation throws(Fault) in
    let name = invocation.operands.first
    let command = all.first { $0.name == name }
    if let name, command == nil { throw Fault(.usage, "help with", name, "no such command") }
    Help.print(command)
    return ExitStatus.done
  }
}
