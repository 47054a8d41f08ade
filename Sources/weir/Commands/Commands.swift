// tidy: table
import WeirCore

/// Every command, in the order help lists them.
enum Commands {
  static let all: [CommandSpec] = [
    ls, cat, aggregates, groups, frames, formats, config, completion, man, help,
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
        output.line(Help.pad("", 12) + "  " + format.summary)
      }
    }
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
