import Support
import Testing
import WeirCore

@testable import weir

/// Command lines over `CommandLineTests.lines` on standard input: exit status; what the message says.
private let statusesOfCommandLines: [([String], Int32)] = [
  (["cat", "-"], 0), (["state", "-", "A-1"], 0), (["--help"], 0), (["--version"], 0), (["cat", "--help"], 0),
  (["diff", "-", "A-1", "--fold", "merge"], 1), (["diff", "-", "A-1", "--from", "2", "--to", "2"], 0),
  (["bisect", "-", "A-1", "--fold", "merge", "--when", "state.n == 2"], 1),
  (["bisect", "-", "A-1", "--fold", "merge", "--when", "state.n == 9"], 0),
  ([], 2), (["cat"], 2), (["cat", "-", "--nope"], 2), (["cat", "-", "--limit", "x"], 2),
  (["cat", "-", "--where", "data."], 2), (["state", "-"], 2), (["state", "-", "A-1", "--at", "someday"], 2),
  (["state", "-", "A-1", "--version", "two"], 2), (["state", "-", "A-1", "--fold", "conut"], 2),
  (["cat", "-", "--clock", "sun"], 2), (["cat", "-", "--zone", "Mars/Base"], 2),
  (["cat", "-", "--color", "some"], 2), (["completion", "csh"], 2), (["bisect", "-", "A-1"], 2),
  (["cat", "/nowhere"], 3), (["/nowhere"], 3), (["state", "-", "C-1"], 3), (["cat", "-#C-1"], 3),
  (["replay", "-", "C-1"], 3), (["groups", "-"], 3), (["frames", "-"], 3),
  (["state", "-", "A-1", "--fold", "patch"], 4), (["replay", "-", "A-1", "--fold", "patch"], 4),
  (["diff", "-", "A-1", "--fold", "patch"], 4),
  (["bisect", "-", "A-1", "--fold", "patch", "--when", "true"], 4),
]

private let mistakesOfCommandLines: [([String], String)] = [
  (["cat", "-", "--limt", "3"], "did you mean --limit?"), (["cat", "-", "--full"], "weir replay"),
  (["sate"], "weir state"), (["state", "-", "A-1", "--fold", "conut"], "did you mean count?"),
  (["lanes", "-", "A-1"], "does not have the command yet"), (["what-if", "-", "A-1", "--skip", "2"], "yet"),
  (["audit", "-"], "yet"), (["trace", "-", "x"], "yet"), (["reconcile", "-", "x"], "yet"),
  (["schema", "-"], "yet"), (["export", "-"], "yet"), (["tail", "-"], "yet"),
  (["cat", "-", "--schemas", "x"], "yet"), (["cat", "-", "--decode", "a=b"], "yet"),
  (["cat", "-", "--where", "data.n >"], "       ^"), (["cat", "-", "--map", "typ=header:x"], "fields: "),
  (["cat", "-", "--from", "nowhere"], "nowhere"),
]

/// The built program as scripts meet it: statuses, standard output and error, what is refused and how.
@Suite struct CommandLineTests {
  static let bank = Fixtures.path("bank/bank.ndjson.gz")
  static let store = Fixtures.path("demo/emmett.sqlite")
  static let logs = Fixtures.path("demo/kafka")
  static let account = "Account-19b6554d"

  /// Five events of two aggregates, times out of order, a payload that would like to reach the terminal.
  static let lines = #"""
    {"stream":"A-1","version":1,"type":"Opened","time":"2025-01-01T10:00:00Z","data":{"n":1}}
    {"stream":"B-1","version":1,"type":"Opened","time":"2025-01-01T09:00:00Z","data":{"n":10}}
    {"stream":"A-1","version":2,"type":"Changed","time":"2025-01-01T12:00:00Z","data":{"n":2,"s":"\u001b[31m"}}
    {"stream":"A-1","version":3,"type":"Changed","time":"2025-01-01T11:00:00Z","data":{"n":3}}
    {"stream":"B-1","version":2,"type":"Closed","time":"2025-01-01T13:00:00Z","data":null}

    """#

  private func run(_ words: String..., under: [String] = [], input: String = lines) throws -> Program.Outcome
  {
    try Program.run(words, under: under, input: Array(input.utf8))
  }

  // MARK: Statuses

  @Test(arguments: statusesOfCommandLines)
  func statuses(_ words: [String], _ status: Int32) throws {
    let outcome = try Program.run(words, input: Array(CommandLineTests.lines.utf8))
    #expect(outcome.status == status, "\(outcome.errors)")
    // A mistake leaves nothing that a script could take for data.
    if status == 2 || status == 3 { #expect(outcome.output.isEmpty) }
    if status >= 2 { #expect(!outcome.errors.isEmpty) }
  }

  @Test func nothingReadableThere() throws {
    let folder = try TemporaryFolder()
    for (name, content) in [("empty", ""), ("letter.txt", "Dear all,\nhello\n")] {
      let outcome = try Program.run(["cat", try folder.write(name, content)])
      #expect(outcome.status == 3, "\(name)")
    }
  }

  @Test func damageIsFoundAndTheRestIsRead() throws {
    let outcome = try run("cat", "-", "--json", input: CommandLineTests.lines + "{\"broken\": \n{\"n\":6}\n")
    #expect(outcome.status == 1)
    #expect(outcome.lines.count == 6)
    #expect(outcome.errors.contains("damage"))
  }

  @Test func aClosedPipeEndsQuietly() throws {
    let shell = ["bash", "-c", #"set -o pipefail; "$0" "$@" | head -1"#]
    let outcome = try Program.run(["cat", Fixtures.path("bank/year.ndjson.gz"), "--json"], under: shell)
    #expect(outcome.status == 0)
    #expect(outcome.lines.count == 1)
    #expect(outcome.errors == "")
  }

  @Test func ctrlCIsStatus130() throws {
    // The program waits for the rest of its input; the shell interrupts it once it has read the first part.
    let script = #"""
      mkfifo "$HOME/in"; exec 3<>"$HOME/in"
      "$0" "$@" <"$HOME/in" >/dev/null & child=$!
      until grep -q "State:.S" /proc/$child/status && [ "$(cat /proc/$child/comm)" = weir ]; do :; done
      kill -INT $child; wait $child
      """#
    #expect(try Program.run(["cat", "-"], under: ["bash", "-mc", script]).status == 130)
  }

  // MARK: What is said, and where

  @Test(arguments: mistakesOfCommandLines)
  func mistakesAreExplained(_ words: [String], _ part: String) throws {
    let outcome = try Program.run(words, input: Array(CommandLineTests.lines.utf8))
    #expect(outcome.status == (words == ["sate"] ? 3 : 2))
    #expect(outcome.errors.contains(part), "\(outcome.errors)")
  }

  @Test func whatIsNotBuiltIsNotAdvertised() throws {
    let help = try run("--help").text
    for name in ["what-if", "lanes", "trace", "audit", "reconcile", "schema", "export", "--decode"] {
      #expect(!help.split(separator: "\n").contains { $0.hasPrefix("  \(name)") || $0.contains("--\(name)") })
    }
  }

  @Test func helpFitsAnOldTerminal() throws {
    for words in [["--help"]] + Commands.all.map({ [$0.name, "--help"] }) {
      let outcome = try Program.run(words)
      #expect(outcome.status == 0)
      for line in outcome.lines where !line.hasPrefix("  weir ") && !line.hasPrefix("  kcat ") {
        #expect(line.count <= 80, "\(words): \(line)")
      }
    }
  }

  @Test(.enabled(if: isInPath("groff"))) func theManualPageIsSound() throws {
    let groff = ["bash", "-c", #""$0" man | groff -man -ww -Tascii 2>&1 >/dev/null"#]
    #expect(try Program.run([], under: groff).text == "")
    #expect(try run("man").output.allSatisfy { $0 < 0x80 })
  }

  @Test(arguments: ["bash", "zsh", "fish"]) func completionsKnowEveryCommand(_ shell: String) throws {
    let script = try run("completion", shell).text
    for command in Commands.all where !command.isHidden { #expect(script.contains(command.name)) }
    guard shell == "bash" else { return }
    let checked = try Program.run(["completion", "bash"], under: ["bash", "-c", #""$0" "$@" | bash -n"#])
    #expect(checked.status == 0 && checked.errors == "")
  }

  @Test func weirAloneShowsHowItIsUsed() throws {
    let outcome = try run()
    #expect(outcome.status == 2)
    #expect(outcome.errors.contains("weir SOURCE…"))
  }

  @Test func resolvedTimesAreEchoed() throws {
    let madrid = try run("state", "-", "A-1", "--at", "2025-01-01 12:30", "--zone", "Europe/Madrid", "--json")
    #expect(madrid.errors.contains("2025-01-01T11:30:00Z"))
    #expect(madrid.errors.contains("Europe/Madrid"))
    #expect(madrid.text.contains(#""events":2"#))
    let plain = try run("state", "-", "A-1", "--at", "2025-01-01", "--json")
    #expect(plain.errors.contains("2025-01-01T00:00:00Z (UTC)"))
    let quiet = try run("state", "-", "A-1", "--at", "2025-01-01", "--json", "--quiet")
    #expect(quiet.errors == "")
    #expect(try run("cat", "-", "--from", "1735725600").errors.contains("2025-01-01T10:00:00Z"))
  }

  @Test func controlCharactersNeverReachTheTerminal() throws {
    for words in [
      ["cat", "-"], ["replay", "-", "A-1", "--fold", "latest"], ["state", "-", "A-1", "--version", "2"],
    ] {
      let outcome = try Program.run(words, input: Array(CommandLineTests.lines.utf8))
      #expect(!outcome.output.contains(0x1B), "\(words)")
      #expect(outcome.text.contains("[31m"))
    }
  }

  @Test func coloursOnlyWhereAsked() throws {
    #expect(!(try run("cat", "-")).output.contains(0x1B))
    #expect(try run("cat", "-", "--color", "always").output.contains(0x1B))
    #expect(!(try run("cat", "-", "--color", "always", "--json")).output.contains(0x1B))
  }

  @Test(.enabled(if: isInPath("script"))) func aTerminalGetsColoursAndTablesThatFit() throws {
    func shown(_ environment: String) throws -> Program.Outcome {
      let line = "stty cols 80; \(environment) \(Program.path) ls \(CommandLineTests.logs)"
      return try Program.run([], under: ["bash", "-c", "script -qec '\(line)' /dev/null"])
    }
    let colored = try shown("env TERM=xterm")
    #expect(colored.output.contains(0x1B))
    let plain = try shown("env NO_COLOR=1")
    #expect(!plain.output.contains(0x1B))
    let lines = plain.text.split(whereSeparator: \.isNewline)
    for line in lines { #expect(line.count <= 80, "\(line)") }
    #expect(lines.count == 9)
  }

  // MARK: Names

  @Test func namesThatLookLikeAddressesOrCommands() throws {
    let folder = try TemporaryFolder()
    let odd = try folder.write("a#b@c.ndjson", CommandLineTests.lines)
    #expect(try run("cat", odd).lines.count == 5)
    #expect(try run("cat", odd + "#A-1").lines.count == 3)
    try folder.write("ls", CommandLineTests.lines)
    let inside = ["bash", "-c", "cd \(folder.path); \"$0\" \"$@\""]
    #expect(try run("cat", "./ls", under: inside).lines.count == 5)
    #expect(try run("ls", "./ls", under: inside).status == 0)
    #expect(try run("cat", "ls", under: inside).lines.count == 5)
    let strange = #"{"stream":"a/b#c@d~e%f","type":"T","data":{}}"# + "\n"
    #expect(try run("cat", "-#a%2Fb%23c%40d%7Ee%25f", input: strange).lines.count == 1)
    #expect(try run("cat", "-", "--stream", "a/b#c@d~e%f", input: strange).lines.count == 1)
  }
}
