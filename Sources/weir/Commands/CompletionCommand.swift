import WeirCore

extension Commands {
  static let completion = CommandSpec(
    name: "completion", operands: "bash|zsh|fish", summary: "completions for a shell",
    examples: [("weir completion bash > ~/.local/share/bash-completion/completions/weir", "for bash")]
  ) { invocation throws(Fault) in
    let shell = try invocation.operand(0, "a shell")
    let text: String
    switch shell {
    case "bash": text = Completion.bash
    case "zsh": text = Completion.zsh
    case "fish": text = Completion.fish
    default: throw Fault(.usage, "complete for", shell, "it is bash, zsh or fish")
    }
    var output = Output()
    output.line(text)
    output.flush()
    return ExitStatus.done
  }
}

/// Completion scripts, from the same tables that parse.
enum Completion {
  private static var visible: [CommandSpec] { Commands.all.filter { !$0.isHidden } }

  private static func flags(_ options: [OptionSpec]) -> String {
    options.map { "--\($0.name)" }.joined(separator: " ")
  }

  private static func words(_ option: OptionSpec) -> String { option.choices.joined(separator: " ") }

  static var bash: String {
    let cases = visible.filter { !$0.options.isEmpty }
      .map { "    \($0.name)) flags=\"$flags \(flags($0.options))\" ;;" }.joined(separator: "\n")
    let values = (CommonOptions.all + ExplorerOptions.all).filter { !$0.choices.isEmpty }
      .map {
        "    --\($0.name)) COMPREPLY=($(compgen -W \"\(words($0))\" -- \"$word\")); return ;;"
      }
      .joined(separator: "\n")
    return """
      # bash completion for weir
      _weir() {
        local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]}
        local commands="\(visible.map(\.name).joined(separator: " "))"
        local flags="\(flags(CommonOptions.all))"
        case $previous in
      \(values)
        esac
        case ${COMP_WORDS[1]} in
      \(cases)
        esac
        if [[ $word == -* ]]; then
          COMPREPLY=($(compgen -W "$flags" -- "$word"))
        elif [[ $COMP_CWORD -eq 1 ]]; then
          COMPREPLY=($(compgen -W "$commands" -f -- "$word"))
        else
          COMPREPLY=($(compgen -f -- "$word"))
        fi
      }
      complete -o filenames -F _weir weir
      """
  }

  static var zsh: String {
    let commands = visible.map { "    '\($0.name):\(quoted($0.summary))'" }.joined(separator: "\n")
    let flags = (CommonOptions.all + ExplorerOptions.all).map { option in
      let choices = option.choices.isEmpty ? "" : "(\(option.choices.joined(separator: " ")))"
      return "    '--\(option.name)[\(quoted(option.help))]"
        + (option.value.map { ":\($0):\(choices)" } ?? "") + "'"
    }.joined(separator: " \\\n")
    return """
      #compdef weir
      _weir() {
        local -a commands
        commands=(
      \(commands)
        )
        _arguments -C \\
      \(flags) \\
          '1: :{ _describe command commands; _files }' '*:file:_files'
      }
      _weir "$@"
      """
  }

  private static func quoted(_ text: String) -> String {
    var out = ""
    for character in text {
      switch character {
      case "'": out += "'\\''"
      case "[", "]", ":": out += "\\\(character)"
      default: out.append(character)
      }
    }
    return out
  }

  static var fish: String {
    var lines = ["# fish completion for weir"]
    func escaped(_ text: String) -> String {
      text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "\\'")
    }
    for command in visible {
      lines.append(
        "complete -c weir -n __fish_use_subcommand -a \(command.name) -d '\(escaped(command.summary))'")
      for option in command.options {
        lines.append(
          "complete -c weir -n '__fish_seen_subcommand_from \(command.name)' -l \(option.name)"
            + (option.value == nil ? "" : " -r") + " -d '\(escaped(option.help))'")
      }
    }
    for option in CommonOptions.all {
      lines.append(
        "complete -c weir -l \(option.name)" + (option.short.map { " -s \($0)" } ?? "")
          + (option.value == nil ? "" : " -r")
          + (option.choices.isEmpty ? "" : " -a '\(option.choices.joined(separator: " "))'")
          + " -d '\(escaped(option.help))'")
    }
    return lines.joined(separator: "\n")
  }
}
