import WeirCore
import WeirUI

extension Commands {
  static let config = CommandSpec(
    name: "config", operands: "path|show|check|keys",
    summary: "the configuration: where it is, what counts, what is wrong",
    examples: [
      ("weir config show", "every value with where it came from"),
      ("weir config check", "mistakes with line and column"),
      ("weir config keys", "the actions that [keys] can bind"),
    ]
  ) { invocation throws(Fault) in
    var configuration = try Configuration(explicit: invocation.value("config"))
    configuration.applyFlags(invocation)
    var output = Output()
    defer { output.flush() }
    switch invocation.operands.first ?? "show" {
    case "path":
      output.line(configuration.path ?? Configuration.defaultPath() + "  (no such file)")
      return ExitStatus.done
    case "show":
      ConfigOutput.show(configuration, &output)
      return ExitStatus.done
    case "check":
      for mistake in configuration.mistakes {
        output.line(
          "\(configuration.path ?? ""):\(mistake.line):\(mistake.column): \(Printable.text(mistake.text))")
      }
      if configuration.mistakes.isEmpty { output.line("nothing wrong") }
      return configuration.mistakes.isEmpty ? ExitStatus.done : ExitStatus.found
    case "keys":
      for action in Action.allCases { output.line(action.rawValue) }
      return ExitStatus.done
    case let other: throw Fault(.usage, "understand", "config \(other)", "it is path, show, check or keys")
    }
  }
}

private enum ConfigOutput {
  static func show(_ configuration: Configuration, _ output: inout Output) {
    var columns = Columns([("key", .left), ("value", .left), ("from", .left)])
    columns.add(["theme", configuration.theme.value, configuration.theme.origin])
    columns.add(["mouse", String(configuration.mouse.value), configuration.mouse.origin])
    columns.add(["zone", configuration.zone.value, configuration.zone.origin])
    columns.add(["borders", configuration.borders.value, configuration.borders.origin])
    for (action, keys) in configuration.keys.sorted(by: { $0.key < $1.key }) {
      columns.add(["keys.\(action)", keys.joined(separator: " "), "file"])
    }
    for fold in configuration.folds { columns.add(["fold.\"\(fold.glob)\"", fold.value, fold.origin]) }
    for map in configuration.maps { columns.add(["map.\"\(map.glob)\"", map.value, map.origin]) }
    columns.print(to: &output)
  }
}
