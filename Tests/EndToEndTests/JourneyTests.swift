import Glibc
import Support
import Testing
import WeirCore

/// What people do with the program, in a real terminal.
@Suite(.serialized) struct JourneyTests {
  private let demo = Fixtures.path("demo")
  private let account = "Account-19b6554d"

  /// A session with the explorer on the bundled bank, in Browse.
  private func browse(_ tmux: Tmux) throws {
    try tmux.run("weir \(demo)/kafka \(demo)/emmett.sqlite")
    try tmux.wait(forAll: "bank.accounts", "10 000 events", "Account-00fc94ca")
  }

  /// The shell is back, and it echoes: what it is told is seen and done.
  private func expectShell(_ tmux: Tmux, status: Int? = nil) throws {
    try tmux.wait("the shell to be back") {
      try tmux.value("#{alternate_on}") == "0" && (try tmux.program()) == nil
    }
    #expect(try tmux.value("#{cursor_flag}") == "1", "the cursor is shown")
    #expect(try tmux.value("#{mouse_any_flag}") == "0", "the mouse is the terminal's")
    try tmux.type("echo status-$?-of")
    try tmux.wait(for: "echo status-$?-of")
    try tmux.keys("Enter")
    try tmux.wait("the shell to answer") {
      try tmux.screen().contains { $0.hasPrefix("status-") && $0.hasSuffix("-of") }
    }
    if let status { try tmux.wait(for: "status-\(status)-of") }
  }

  // MARK: The first walk

  /// The demo opens an account's replay: `{` leads to the event after which the balance was below the
  /// overdraft, and the screen says by how much.
  @Test(.needs("tmux"), .needsLibrary("libjavascriptcoregtk-4.1.so.0"))
  func findsTheEventThatMadeTheBalanceNegative() throws {
    let tmux = try Tmux(columns: 120, rows: 40)
    try tmux.run("weir demo")
    try tmux.wait(forAll: "360/360", "State after #360", "balance", "transfers.out")
    try tmux.keys("{")
    try tmux.wait(forAll: "11/360", "within the overdraft", "-55 812", "Withdrawn")
    try tmux.keys("Left")
    try tmux.wait(forAll: "10/360", "29 742")
    try tmux.keys("Right")
    try tmux.wait(for: "11/360")
    try tmux.keys("B")
    try tmux.wait(for: "where did this turn")
    try tmux.type("state.balance < -state.overdraft")
    try tmux.keys("Enter")
    try tmux.wait(for: "true  after #")
    try tmux.keys("Escape")
    try tmux.keys("Escape")
    try tmux.wait(forAll: "bank.transfers", "emmett.sqlite")
    try tmux.keys("q")
    try expectShell(tmux, status: 0)
  }

  @Test(.needs("tmux")) func searchesFiltersAndGoes() throws {
    let tmux = try Tmux(columns: 120, rows: 30)
    try browse(tmux)
    try tmux.keys("Enter", "Down", "Tab", "g")
    try tmux.wait(forAll: "partition 0", "AccountOpened")
    try tmux.keys("/")
    try tmux.type("NoteAdded")
    try tmux.keys("Enter")
    try tmux.wait("the match to be selected") {
      try tmux.screen().contains { $0.contains("▶") && $0.contains("NoteAdded") }
    }
    try tmux.keys("f")
    try tmux.type("type == \"MonthlyFeeCharged\"")
    try tmux.wait(for: "on the screen")
    try tmux.keys("Enter")
    try tmux.wait(for: "hides ")
    try tmux.wait("only fees to be left") {
      try !tmux.text().contains("Deposited") && tmux.text().contains("MonthlyFeeCharged")
    }
    try tmux.keys("Escape")
    try tmux.wait(for: "Deposited")
    try tmux.keys("t")
    try tmux.type("2025-09-03 15:00")
    try tmux.wait(for: "2025-09-03 15:00:00 UTC")
    try tmux.keys("Enter")
    try tmux.wait(for: "2025-09-0")
    try tmux.keys("i")
    try tmux.type(account)
    try tmux.keys("Enter")
    try tmux.wait(for: "emmett.sqlite ▸ \(account)")
  }

  // MARK: The terminal's own doings

  @Test(.needs("tmux")) func resizes() throws {
    let tmux = try Tmux()
    try tmux.run("weir '\(demo)/kafka#bank.accounts~\(account)'")
    try tmux.wait(forAll: "360/360", "Lanes")
    for (columns, rows) in [(40, 12), (200, 60), (20, 4), (80, 24)] {
      try tmux.resize(columns, rows)
      try tmux.wait("a screen of \(columns)x\(rows)") {
        let screen = try tmux.screen()
        return screen.count >= rows && screen.allSatisfy { $0.count <= columns }
          && (rows < 12 || screen.contains { $0.contains("360/360") })
          && (columns < 200 || screen.contains { $0.hasPrefix("┌ Lanes") && $0.count == columns })
      }
    }
    try tmux.wait(forAll: "360/360", "┌ Lanes", "? help")
  }

  @Test(.needs("tmux")) func copiesToTheClipboard() throws {
    let tmux = try Tmux()
    try tmux.run("weir '\(demo)/emmett.sqlite#\(account)@17'")
    // Keys that take the event away are refused until it is here.
    try tmux.wait("the state after #17") {
      let screen = try tmux.screen().joined()
      return screen.contains("17/360") && !screen.contains("folding…")
    }
    try tmux.keys("y", "k")
    try tmux.wait("the clipboard to hold the key") { tmux.clipboard() == account }
    try tmux.keys("Y")
    try tmux.wait("the clipboard to hold the command") {
      tmux.clipboard().hasPrefix("weir ") && tmux.clipboard().contains("#\(account)@")
    }
  }

  @Test(.needs("tmux")) func writesToAFile() throws {
    let tmux = try Tmux()
    try tmux.run("weir '\(demo)/emmett.sqlite#\(account)@17'")
    // Keys that take the event away are refused until it is here.
    try tmux.wait("the state after #17") {
      let screen = try tmux.screen().joined()
      return screen.contains("17/360") && !screen.contains("folding…")
    }
    let path = tmux.folder.path + "/event.json"
    try tmux.keys("w", "C-u")
    try tmux.type(path)
    try tmux.keys("Enter")
    try tmux.wait(for: "wrote")
    let event = try JSONParser.parse(Array((Golden.read(path) ?? "").utf8))
    #expect(event["version"] == .string("17") && event["stream"] == .string(account))
  }

  @Test(.needs("tmux")) func suspendsAndComesBack() throws {
    let tmux = try Tmux()
    try browse(tmux)
    try tmux.keys("C-z")
    try tmux.wait(for: "Stopped")
    #expect(try tmux.value("#{alternate_on}") == "0" && tmux.value("#{cursor_flag}") == "1")
    try tmux.type("echo still-here")
    try tmux.wait(for: "echo still-here")
    try tmux.keys("Enter")
    try tmux.resize(100, 30)
    try tmux.run("fg")
    try tmux.wait("the screen to be back, of the new size") {
      try tmux.value("#{alternate_on}") == "1" && tmux.screen().contains { $0.count == 100 }
    }
    try tmux.wait(forAll: "bank.accounts", "Account-00fc94ca")
    try tmux.keys("q")
    try expectShell(tmux, status: 0)
  }

  // MARK: Ways out

  /// However it ends, the terminal is given back.
  @Test(
    .needs("tmux"),
    arguments: [
      (SIGTERM, 143), (SIGHUP, 129), (SIGINT, 130), (SIGQUIT, 131), (SIGILL, 132), (SIGTRAP, 133),
      (SIGSEGV, 139), (SIGBUS, 135), (SIGABRT, 134),
    ])
  func aSignalGivesTheTerminalBack(signal: Int32, status: Int) throws {
    let tmux = try Tmux(columns: 120)
    try browse(tmux)
    try tmux.keys("F2")
    try tmux.wait(for: "mouse on")
    let program = try #require(try tmux.program())
    #expect(kill(program, signal) == 0)
    try expectShell(tmux, status: status)
    if [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGABRT].contains(signal) {
      try tmux.wait(for: "the terminal has been given back")
    }
  }

  @Test(.needs("tmux"), arguments: ["C-c", "F10", "q"]) func aKeyGivesTheTerminalBack(key: String) throws {
    let tmux = try Tmux()
    try browse(tmux)
    try tmux.keys(key)
    try expectShell(tmux, status: 0)
  }

  /// Leaving does not wait for work under way: a search over everything that never ends.
  @Test(.needs("tmux")) func leavesInTheMiddleOfWork() throws {
    let tmux = try Tmux()
    try browse(tmux)
    try tmux.keys("i")
    try tmux.type("e")
    try tmux.keys("Enter", "C-c")
    try expectShell(tmux, status: 0)
  }

  /// One source does not answer at all (a pipe that nobody writes to): the others do, and so do the keys.
  @Test(.needs("tmux")) func keysNeverWaitForASource() throws {
    let tmux = try Tmux()
    let pipe = tmux.folder.path + "/pipe"
    #expect(mkfifo(pipe, 0o600) == 0)
    try tmux.run("weir \(pipe) \(demo)/emmett.sqlite")
    try tmux.wait(forAll: "Account-00fc94ca", "opening…")
    try tmux.keys("?")
    try tmux.wait(for: "Esc closes")
    try tmux.keys("Escape")
    try tmux.keys("Tab")
    try tmux.wait(for: "replay this aggregate")
    try tmux.keys("q")
    try expectShell(tmux, status: 0)
  }

  // MARK: Pipes

  @Test(.needs("tmux")) func aClosedPipeEndsQuietly() throws {
    let tmux = try Tmux()
    try tmux.run("set -o pipefail; weir cat \(demo)/kafka | head -1")
    try tmux.wait(for: "ready$ ")
    try expectShell(tmux, status: 0)
    #expect(try !tmux.text().lowercased().contains("broken pipe") && !tmux.text().contains("cannot"))
  }

  /// Events come from standard input, keys from the terminal.
  @Test(.needs("tmux")) func readsStandardInput() throws {
    let tmux = try Tmux()
    try tmux.run("weir cat --json \(demo)/emmett.sqlite --limit 50 | weir -")
    try tmux.wait(forAll: "50 events", "position")
    try tmux.keys("g")
    try tmux.wait("the first event to be selected") {
      try tmux.screen().contains { $0.contains("▶") && $0.contains("  1 ") }
    }
    try tmux.keys("q")
    try expectShell(tmux)
  }

  /// What a command prints, without a file: `<(…)` is a pipe, and read as standard input is.
  @Test(.needs("tmux")) func readsWhatACommandPrints() throws {
    let tmux = try Tmux(columns: 120)
    try tmux.run("weir ls <(weir cat --json \(demo)/emmett.sqlite --limit 50) | tail -1")
    try tmux.wait("the streams to be printed") {
      try tmux.screen().contains { $0.hasPrefix("Account-") && $0.contains("ndjson") }
    }
  }

  @Test(.needs("tmux")) func withoutATerminalItSaysSo() throws {
    let tmux = try Tmux()
    try tmux.run("weir \(demo)/emmett.sqlite | cat")
    try tmux.wait("the explorer to open on the controlling terminal") {
      try tmux.text().contains("audit") || tmux.text().contains("Account-")
    }
    try tmux.keys("q")
    try expectShell(tmux)
    let outcome = try Program.run(
      command: ["setsid", "-w", Program.path, demo + "/emmett.sqlite"], environment: [:])
    #expect(outcome.status == 3 && outcome.output.isEmpty)
    #expect(outcome.errors.contains("no terminal") && outcome.errors.contains("weir --help"))
  }

  // MARK: Looks

  @Test(.needs("tmux")) func coloursAreUsedUnlessRefused() throws {
    for (environment, colours) in [([:], true), (["NO_COLOR": "1"], false)] {
      let tmux = try Tmux(environment: environment)
      try browse(tmux)
      let text = try tmux.screen(styled: true).joined()
      #expect(text.contains("\u{1B}[38;5;") == colours && text.contains("\u{1B}[1m"))
      let numbers = text.split(separator: "\u{1B}[").flatMap { $0.prefix { $0 != "m" }.split(separator: ";") }
      let painted = numbers.compactMap { Int($0) }.contains {
        (30...38).contains($0) || (40...48).contains($0)
      }
      #expect(painted == colours)
    }
  }

  /// A locale without Unicode: borders, charts and signs in ASCII, other scripts as question marks.
  @Test(.needs("tmux")) func bordersAreASCIIWhereTheLocaleNeedsThem() throws {
    let tmux = try Tmux(environment: ["LANG": "C", "LC_ALL": "POSIX"])
    try tmux.run("weir \(demo)/kafka \(demo)/emmett.sqlite")
    try tmux.wait(forAll: "bank.accounts", "+ Streams ", "10 000")
    #expect(try tmux.text().unicodeScalars.allSatisfy { $0.isASCII })
  }

  /// Payloads that would like to drive the terminal leave it as it is.
  @Test(.needs("tmux")) func hostilePayloadsTouchNothing() throws {
    let tmux = try Tmux()
    let evil = [
      #"\u001b[2J\u001b[H"#, #"\u001b]0;owned\u0007"#, #"\u001b]52;c;b3duZWQ=\u0007"#, #"\u001b[?1049l"#,
      #"\u009b2J"#, #"\u202eevil\u2066"#, #"\r\n\b\b\b"#, #"\u001bPtmux;\u001b\u001b]52;c;b3duZWQ=\u0007"#,
    ]
    let lines = evil.enumerated().map { index, text in
      #"{"stream":"S-1\#(text)","type":"T\#(text)","id":"\#(index)","data":{"k\#(text)":"v\#(text)"}}"#
    }
    let path = try tmux.folder.write("evil.ndjson", lines.joined(separator: "\n") + "\n")
    try tmux.run("weir \(path)")
    try tmux.wait(forAll: "evil.ndjson", "8 events")
    let title = try tmux.value("#{pane_title}")
    for keys in ["g", "j", "Tab", "]", "]", "]", "Tab", "r"] {
      try tmux.keys(keys)
      #expect(try tmux.value("#{alternate_on}") == "1")
    }
    try tmux.wait(for: "State after")
    #expect(try tmux.value("#{pane_title}") == title && tmux.clipboard() != "owned")
    #expect(try tmux.screen().allSatisfy { $0.count <= 80 } && tmux.screen()[0].contains("weir"))
    try tmux.keys("q")
    try tmux.keys("q")
    try expectShell(tmux, status: 0)
  }

  // MARK: At rest

  /// Nothing happens, nothing wakes up: over two seconds of clock the threads are not scheduled once.
  @Test(.needs("tmux")) func sleepsWhileNothingHappens() throws {
    let tmux = try Tmux()
    try browse(tmux)
    let program = try #require(try tmux.program())
    try tmux.wait("two seconds without a wake-up") {
      let before = JourneyTests.switches(of: program)
      usleep(2_000_000)
      return !before.isEmpty && JourneyTests.switches(of: program) == before
    }
  }

  /// Voluntary context switches of each thread, which each wake-up is followed by.
  private static func switches(of program: pid_t) -> [String] {
    let folder = "/proc/\(program)/task"
    return ((try? Probe.names(in: folder)) ?? []).sorted().map { thread in
      let status = Golden.read(folder + "/\(thread)/status") ?? ""
      return status.split(separator: "\n").first { $0.hasPrefix("voluntary") }.map { "\(thread) \($0)" } ?? ""
    }
  }
}
