import Support
import Testing
import WeirCore

@testable import weir

/// The command line taken apart: flags, addresses, configuration.
@Suite struct ArgumentsTests {
  private func parse(_ words: String...) throws(Fault) -> Invocation {
    try Invocation(words, commands: Commands.all, common: CommonOptions.all)
  }

  @Test func flagsAndOperands() throws {
    let invocation = try parse(
      "cat", "a", "--limit", "3", "--json", "--where=x == 1", "-qv", "b", "--", "--c")
    #expect(invocation.command?.name == "cat")
    #expect(invocation.operands == ["a", "b", "--c"])
    #expect(try invocation.number("limit") == 3)
    #expect(invocation.value("where") == "x == 1")
    #expect(invocation.has("quiet") && invocation.has("verbose") && invocation.has("json"))
  }

  @Test func aCommandWinsOverAFileButNotOverAPath() throws {
    #expect(try parse("ls").command?.name == "ls")
    #expect(try parse("./ls").command == nil)
    #expect(try parse("--theme", "ls", "cat", "x").command?.name == "cat")
    #expect(try parse("-").operands == ["-"])
  }

  @Test(arguments: [
    (["cat", "--limt", "3"], "did you mean --limit?"), (["cat", "--limit"], "a value must follow"),
    (["ls", "--json=1"], "takes no value"), (["ls", "-Z"], "no such flag"),
  ])
  func mistakesAreExplained(_ words: [String], _ part: String) throws {
    let fault = #expect(throws: Fault.self) {
      try Invocation(words, commands: Commands.all, common: CommonOptions.all)
    }
    #expect(fault?.kind == .usage)
    #expect(fault.map { $0.description.contains(part) } ?? false, "\(fault?.description ?? "")")
  }

  @Test func numbersAreChecked() throws {
    let invocation = try parse("cat", "--limit", "-3")
    #expect(throws: Fault.self) { try invocation.number("limit") }
  }

  @Test func addresses() throws {
    let folder = try TemporaryFolder()
    let logs = try folder.write("logs", "x")
    let odd = try folder.write("a#b@c", "x")
    func parsed(_ text: String) -> Address { Address.parse(text) }
    #expect(parsed(logs) == Address(path: logs))
    #expect(parsed(odd) == Address(path: odd), "an existing path wins")
    #expect(parsed(odd + "#s") == Address(path: odd, stream: "s"))
    #expect(parsed(logs + "#bank.accounts") == Address(path: logs, stream: "bank.accounts"))
    #expect(parsed(logs + "#t/2@1403") == Address(path: logs, stream: "t", partition: .number(2), at: "1403"))
    #expect(parsed(logs + "#t~K@-2h") == Address(path: logs, stream: "t", key: "K", at: "-2h"))
    #expect(parsed(logs + "#t@2025-09-03 15:00") == Address(path: logs, stream: "t", at: "2025-09-03 15:00"))
    #expect(parsed(logs + "@2025-09-03") == Address(path: logs, at: "2025-09-03"))
    #expect(parsed(logs + "#a%2Fb%23%40%7E") == Address(path: logs, stream: "a/b#@~"))
    #expect(parsed("-") == Address(path: "-"))
    #expect(parsed("/nope#x").path == "/nope#x")
    for name in ["a/b#@~%", "plain", "ü#"] {
      #expect(Address.decode(Substring(Address.encode(name))) == name)
    }
  }

  @Test func mappingRules() throws {
    let rules = try Context.mapping([
      "type=header:kind", "key=data:/account/id", "version=column:rev", "meta=meta:/m",
    ])
    #expect(rules.places[.type] == .header("kind"))
    #expect(rules.places[.key] == .data("/account/id"))
    #expect(rules.places[.version] == .column("rev"))
    for wrong in ["type", "typ=header:x", "type=x", "type=data:no-slash"] {
      #expect(throws: Fault.self) { try Context.mapping([wrong]) }
    }
  }

  @Test func theConfigurationTellsItsMistakes() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "config.toml",
      "theme = \"paper\"\nmose = true\nmouse = 3\n[keys.replay]\nnext-change = [\"]\", \".\"]\n"
        + "[fold.\"bank.*\"]\nfile = \"b.fold.js\"\n[map.\"*/orders*\"]\ntype = \"header:kind\"\n")
    let configuration = try Configuration(explicit: path)
    #expect(configuration.theme.value == "paper")
    #expect(configuration.keys["replay.next-change"] == ["]", "."])
    #expect(configuration.fold(source: "logs", stream: "bank.accounts") == folder.path + "/b.fold.js")
    #expect(configuration.fold(source: "logs", stream: "other") == nil)
    #expect(configuration.mapping(source: "/x/orders.sqlite") == ["type=header:kind"])
    #expect(configuration.mistakes.map(\.line) == [2, 3])
    #expect(configuration.mistakes[0].text.contains("did you mean 'mouse'"))
    let broken = try Configuration(explicit: try folder.write("broken.toml", "theme = \n"))
    #expect(broken.mistakes.map(\.line) == [1])
  }

  @Test func everyCommandHasHelpWithAnExample() {
    for command in Commands.all where !command.isHidden {
      #expect(!command.summary.isEmpty)
      #expect(!command.examples.isEmpty, "\(command.name)")
      #expect(Help.lines(command).count > 4)
      #expect(Manual.roff.contains(command.name))
    }
    for script in [Completion.bash, Completion.zsh, Completion.fish] {
      for command in Commands.all where !command.isHidden { #expect(script.contains(command.name)) }
    }
  }

  @Test func printedTextIsHarmless() {
    #expect(Printable.text("a\u{1B}[31m\u{9B}\u{202E}b\nc") == "a\\e[31m\\u{9b}\\u{202e}b\\nc")
    #expect(Printable.text("山田 é 👩‍👩‍👧") == "山田 é 👩‍👩‍👧")
  }

  @Test func groupedNumbersAndSizes() {
    #expect(Columns.grouped(1_234_567) == "1 234 567")
    #expect(Columns.grouped(-12) == "-12")
    #expect(Columns.size(1023) == "1023 B")
    #expect(Columns.size(1536) == "1.5 KiB")
    #expect(Columns.size(10 << 30) == "10.0 GiB")
  }
}
