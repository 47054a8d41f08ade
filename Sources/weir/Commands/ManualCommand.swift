import WeirCore

extension Commands {
  static let man = CommandSpec(
    name: "man", operands: "", summary: "the manual page, in roff", isHidden: true
  ) { _ throws(Fault) in
    var output = Output()
    output.line(Manual.roff)
    output.flush()
    return ExitStatus.done
  }
}

/// The manual page `weir(1)`, from the same tables that parse.
enum Manual {
  static var roff: String {
    var lines = [
      ".TH WEIR 1 \"\" \"weir \(Weir.version)\" \"User Commands\"", ".SH NAME",
      "weir \\- the terminal explorer for event stores and event streams", ".SH SYNOPSIS", ".B weir",
      "[\\fIflags\\fR] \\fISOURCE\\fR...", ".br", ".B weir",
      "\\fICOMMAND\\fR [\\fIflags\\fR] [\\fIoperands\\fR]",
      ".SH DESCRIPTION",
      "weir opens what event stores and brokers leave on disk, walks through it event by event, forwards "
        + "and back, shows what each event did to the state, and says whether the log can be trusted. "
        + "Nothing is ever written into a source.",
      ".SH ADDRESSES",
    ]
    for (address, meaning) in addresses { lines += [".TP", ".B \(escape(address))", escape(meaning)] }
    lines.append(".SH COMMANDS")
    for command in Commands.all where !command.isHidden {
      lines += [".SS \(escape("weir \(command.name) \(command.operands)"))", escape(command.summary) + "."]
      for note in command.notes { lines += [".PP", escape(note)] }
      lines += command.options.flatMap(option)
      for example in command.examples {
        lines +=
          [".PP", escape(example.shows) + ":", ".PP", ".RS", ".nf"] + [escape(example.line), ".fi", ".RE"]
      }
    }
    lines += [".SH FLAGS OF EVERY COMMAND"] + CommonOptions.all.flatMap(option)
    lines += [".SH FLAGS OF THE EXPLORER"] + ExplorerOptions.all.flatMap(option)
    lines += [".SH EXIT STATUS"] + exitStatus.flatMap { [".TP", ".B \($0.0)", escape($0.1)] }
    lines += [
      ".SH FILES", ".TP", ".I ~/.config/weir/config.toml",
      "The configuration; weir config show prints what counts.",
      ".SH ENVIRONMENT", ".TP", ".B NO_COLOR", "No colours.", ".TP", ".B WEIR_THEME, WEIR_CONFIG, WEIR_SHARE",
      "The theme, the configuration file, the folder of themes and demo data.",
    ]
    return lines.joined(separator: "\n")
  }

  private static let addresses = [
    ("logs#bank.accounts", "a stream or topic"), ("logs#bank.accounts/2@1403", "partition 2, position 1403"),
    ("bank.sqlite#Account-19b6554d@17", "an aggregate of a store, at version 17"),
    ("logs#bank.accounts~Account-19b6554d", "an aggregate of a topic: its key"),
    ("logs#bank.accounts@2025-09-03 15:00", "at a time"), ("-", "NDJSON or CloudEvents from standard input"),
  ]

  private static let exitStatus = [
    ("0", "done"), ("1", "done, and something was found: damage, a difference, a condition met"),
    ("2", "wrong usage"),
    ("3", "nothing readable there"), ("4", "the fold failed"), ("130", "interrupted"),
  ]

  private static func option(_ option: OptionSpec) -> [String] {
    let flag =
      (option.short.map { "-\($0), " } ?? "") + "--\(option.name)" + (option.value.map { " \($0)" } ?? "")
    return [".TP", ".B \(escape(flag))", escape(option.help)]
  }

  /// roff takes `\` and `-` for its own, and a point at the start of a line; what is not ASCII has a name.
  private static func escape(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\": out += "\\e"
      case "-": out += "\\-"
      case "…": out += "..."
      case _ where scalar.isASCII: out.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        out += "\\[u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits + "]"
      }
    }
    return out.hasPrefix(".") || out.hasPrefix("'") ? "\\&" + out : out
  }
}
