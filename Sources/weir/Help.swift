/// `--help`, from the same tables that parse.
enum Help {
  /// A terminal of this width shows every line whole.
  static let width = 80

  static func print(_ command: CommandSpec?, descriptor: Int32 = 1) {
    var output = Output(descriptor: descriptor)
    for line in lines(command) { output.line(line) }
    output.flush()
  }

  static func lines(_ command: CommandSpec?) -> [String] {
    guard let command else { return overview }
    var lines = ["weir \(command.name) \(command.operands)", ""]
    lines += wrapped(command.summary.prefix(1).uppercased() + command.summary.dropFirst() + ".") + [""]
    for note in command.notes { lines += wrapped(note) + [""] }
    if !command.options.isEmpty { lines += ["Flags"] + command.options.flatMap(option) + [""] }
    if !command.examples.isEmpty {
      lines.append("Examples")
      for example in command.examples {
        lines += ["  \(example.line)"] + wrapped(example.shows, indent: 6)
      }
      lines.append("")
    }
    return lines + ["Flags of every command, addresses, exit status: weir --help"]
  }

  /// Text in lines of at most `width` columns; those after the first begin at `indent`, too, unless told.
  static func wrapped(_ text: String, indent: Int = 0, first: String? = nil) -> [String] {
    let blanks = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = first ?? blanks
    var isEmpty = true
    for word in text.split(separator: " ") {
      if !isEmpty, line.count + 1 + word.count > width {
        lines.append(line)
        line = blanks
        isEmpty = true
      }
      line += (isEmpty ? "" : " ") + word
      isEmpty = false
    }
    return lines + [line]
  }

  /// A term and what it means: in two columns, the meaning on lines of its own where the term is long.
  private static func entry(_ term: String, _ meaning: String, column: Int) -> [String] {
    let head = "  " + term
    if head.count + 2 > column { return [head] + wrapped(meaning, indent: column) }
    return wrapped(meaning, indent: column, first: pad(head, column))
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
      "  'bank.sqlite@2025-09-03 15:00'  at a time; also last tuesday 3pm, -2h, epochs",
      "  -                               NDJSON or CloudEvents from standard input",
      "  In a name write %23 %40 %7E %2F %25 for # @ ~ / %, or use --stream --key --at",
      "", "Commands",
    ]
    for command in Commands.all where !command.isHidden {
      lines += entry("\(command.name) \(command.operands)", command.summary, column: 34)
    }
    lines += ["", "Flags of every command"] + CommonOptions.all.flatMap(option)
    lines += ["", "Flags of the explorer"] + ExplorerOptions.all.flatMap(option)
    return lines + ["", exitStatus, "", "weir COMMAND --help has a command's own flags, and examples."]
  }

  static let exitStatus = """
    Exit status
      0    done
      1    done, and something was found: damage, a difference (diff), a condition
           ever met (bisect), a broken invariant (replay)
      2    wrong usage
      3    nothing readable there: no such path, no format recognised, an empty
           file, an aggregate that occurs nowhere
      4    the fold failed
      130  interrupted
    """

  private static func option(_ option: OptionSpec) -> [String] {
    let flag =
      (option.short.map { "-\($0), " } ?? "    ") + "--\(option.name)" + (option.value.map { " \($0)" } ?? "")
    return entry(flag, option.help, column: 28)
  }

  static func pad(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }
}
