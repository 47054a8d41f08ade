/// `--help`, from the same tables that parse.
enum Help {
  static func print(_ command: CommandSpec?) {
    var output = Output()
    for line in lines(command) { output.line(line) }
    output.flush()
  }

  static func lines(_ command: CommandSpec?) -> [String] {
    guard let command else { return overview }
    var lines = ["weir \(command.name) \(command.operands)", "", command.summary, ""]
    if !command.options.isEmpty { lines += ["Flags"] + command.options.map(option) + [""] }
    if !command.examples.isEmpty {
      lines.append("Examples")
      for example in command.examples { lines += ["  \(example.line)", "      \(example.shows)"] }
      lines.append("")
    }
    return lines + ["Flags of every command: weir --help"]
  }

  private static var overview: [String] {
    var lines = [
      "weir: the terminal explorer for event stores and event streams", "",
      "  weir SOURCE…                    open the explorer on files or directories",
      "  weir COMMAND …                  the same, without the screen", "",
      "Addresses",
      "  logs#bank.accounts/2@1403       a topic, its partition 2, at position 1403",
      "  logs#bank.accounts~KEY          an aggregate of a topic: opens in Replay",
      "  bank.sqlite#Account-1@17        an aggregate of a store, at version 17",
      "  'bank.sqlite@2025-09-03 15:00'  at a time; last tuesday 3pm, -2h and epochs work too",
      "  -                               NDJSON or CloudEvents from standard input", "", "Commands",
    ]
    for command in Commands.all where !command.isHidden {
      lines.append("  " + pad("\(command.name) \(command.operands)", 30) + "  " + command.summary)
    }
    lines += ["", "Flags of every command"] + CommonOptions.all.map(option)
    lines += ["", "Flags of the explorer"] + ExplorerOptions.all.map(option)
    return lines + ["", exitStatus]
  }

  static let exitStatus = """
    Exit status
      0 done · 1 done, and something was found (damage, a difference, a condition met) · 2 wrong usage
      3 nothing readable there · 4 the fold failed · 130 interrupted
    """

  private static func option(_ option: OptionSpec) -> String {
    let flag =
      (option.short.map { "-\($0), " } ?? "    ") + "--\(option.name)" + (option.value.map { " \($0)" } ?? "")
    return "  " + pad(flag, 26) + "  " + option.help
  }

  static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
