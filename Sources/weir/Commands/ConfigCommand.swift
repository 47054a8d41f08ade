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
      output.line(configuration.path ?? Configuration.defaultPath())
      if configuration.path == nil { complain("there is no such file yet") }
      return ExitStatus.done
    case "show":
      ConfigOutput.show(configuration, invocation, try Paint(invocation.value("color")), &output)
      return ExitStatus.done
    case "check":
      let mistakes = configuration.allMistakes
      for mistake in mistakes {
        output.line(
          "\(configuration.path ?? ""):\(mistake.line):\(mistake.column): \(Printable.text(mistake.text))")
      }
      if mistakes.isEmpty { output.line("nothing wrong") }
      return mistakes.isEmpty ? ExitStatus.done : ExitStatus.found
    case "keys":
      ConfigOutput.keys(configuration, try Paint(invocation.value("color")), &output)
      return ExitStatus.done
    case let other: throw Fault(.usage, "understand", "config \(other)", "it is path, show, check or keys")
    }
  }
}

private enum ConfigOutput {
  static func show(
    _ configuration: Configuration, _ invocation: Invocation, _ paint: Paint, _ output: inout Output
  ) {
    var rows: [(key: String, value: String, from: String)] = [
      ("theme", configuration.theme.value, configuration.theme.origin),
      ("mouse", String(configuration.mouse.value), configuration.mouse.origin),
      ("zone", configuration.zone.value, configuration.zone.origin),
      ("borders", configuration.borders.value, configuration.borders.origin),
    ]
    for (action, setting) in configuration.keySettings.sorted(by: { $0.key < $1.key }) {
      rows.append(("keys.\(action)", setting.value.joined(separator: " "), setting.origin))
    }
    for fold in configuration.folds { rows.append(("fold.\"\(fold.glob)\"", fold.value, fold.origin)) }
    for map in configuration.maps { rows.append(("map.\"\(map.glob)\"", map.value, map.origin)) }
    if invocation.has("json") {
      for row in rows {
        let members = [
          JSONMember("key", .string(row.key)), JSONMember("value", .string(row.value)),
          JSONMember("from", .string(row.from)),
        ]
        output.line(JSONValue.object(members).compact)
      }
      return
    }
    var columns = Columns([("key", .left), ("value", .left), ("from", .left)])
    for row in rows { columns.add(cells: [.init(row.key), .init(row.value), .init(row.from, .muted)]) }
    columns.print(to: &output, paint)
  }

  /// Every action with its table, its keys as they count now, and what it does.
  static func keys(_ configuration: Configuration, _ paint: Paint, _ output: inout Output) {
    var mistakes: [String] = []
    let keymap = Keymap(overrides: configuration.keys, mistakes: &mistakes)
    for mistake in mistakes { complain(mistake) }
    var columns = Columns([("table", .left), ("action", .left), ("keys", .left), ("what it does", .left)])
    for line in keymap.documented {
      columns.add(cells: [
        .init("keys." + line.table, .muted), .init(line.action),
        .init(line.keys.joined(separator: " "), .type),
        .init(line.help),
      ])
    }
    columns.print(to: &output, paint)
  }
}
