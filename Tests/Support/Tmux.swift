package import Glibc
package import WeirCore

/// A real terminal: tmux on a socket of its own, with one window of a known size, in which a shell runs.
///
/// Nothing is ever slept over: what a test waits for is looked for again and again, up to a deadline that is
/// long because the machine may be busy, and told with the screen when it does not come.
package final class Tmux {
  /// A folder of the session's own: socket, configuration, caches, what programs write.
  package let folder: TemporaryFolder
  private let socket: String
  /// Seconds after which what was waited for is missing.
  private static let patience = 60

  /// `environment`: variables on top of those that the session has (`PATH LANG=C.UTF-8 TZ=UTC`, `HOME` in
  /// its folder, `TERM=tmux-256color`); an empty value unsets one.
  package init(
    columns: Int = 80, rows: Int = 24, environment: [String: String] = [:]
  ) throws {
    folder = try TemporaryFolder()
    socket = folder.path + "/socket"
    let configuration = """
      set -g default-terminal tmux-256color
      set -g set-clipboard on
      set -g allow-passthrough on
      set -g status off
      set -g escape-time 0
      set -g exit-empty on
      set -g remain-on-exit on

      """
    try folder.write("tmux.conf", configuration)
    // The shell: no history, no start-up files, a prompt that can be waited for.
    let script = "PS1='ready$ '\nunset PROMPT_COMMAND HISTFILE TMOUT\n"
    try folder.write("rc", script)
    let size = ["-x", String(columns), "-y", String(rows)]
    let shell = ["bash", "--noprofile", "--rcfile", folder.path + "/rc", "-i"]
    try tmux(["new-session", "-d", "-s", "t"] + size + shell, environment)
    try wait(for: "ready$")
  }

  deinit { _ = try? tmux(["kill-server"]) }

  @discardableResult
  private func tmux(_ words: [String], _ environment: [String: String] = [:]) throws(Fault) -> String {
    let outcome = try Program.run(
      command: ["tmux", "-S", socket, "-f", folder.path + "/tmux.conf"] + words,
      environment: [
        "HOME": folder.path, "XDG_CONFIG_HOME": folder.path, "XDG_CACHE_HOME": folder.path,
        "SHELL": "/bin/sh",
      ].merging(environment) { $1 })
    guard outcome.status == 0 else {
      throw Fault(.unreadable, "run", "tmux \(words.first ?? "")", outcome.errors)
    }
    return outcome.text
  }

  // MARK: What a person does

  /// Keys by tmux's names (`Enter`, `C-z`, `Escape`, `Right`); letters as they are.
  package func keys(_ words: String...) throws(Fault) { try tmux(["send-keys", "-t", "t"] + words) }

  /// Text, letter by letter, whatever it says.
  package func type(_ text: String) throws(Fault) { try tmux(["send-keys", "-t", "t", "-l", text]) }

  /// A command line in the shell, with `weir` standing for the program under test.
  package func run(_ line: String) throws(Fault) {
    try type(line.replacing("weir ", with: Program.path + " "))
    try keys("Enter")
  }

  package func resize(_ columns: Int, _ rows: Int) throws(Fault) {
    try tmux(["resize-window", "-t", "t", "-x", String(columns), "-y", String(rows)])
  }

  // MARK: What is seen

  /// The screen's rows, without blanks at their ends; `styled` with the escape sequences of their styles.
  package func screen(styled: Bool = false) throws(Fault) -> [Substring] {
    try tmux(["capture-pane", "-p", "-t", "t"] + (styled ? ["-e"] : []))
      .split(separator: "\n", omittingEmptySubsequences: false)
  }

  package func text() throws(Fault) -> String { try screen().joined(separator: "\n") }

  /// A tmux format of the pane: `#{alternate_on}`, `#{cursor_flag}`, `#{pane_pid}`.
  package func value(_ format: String) throws(Fault) -> String {
    String(try tmux(["display-message", "-p", "-t", "t", format]).prefix { $0 != "\n" })
  }

  /// What is in tmux's paste buffer: where OSC 52 leads.
  package func clipboard() -> String { (try? tmux(["show-buffer"])) ?? "" }

  /// The process in the foreground that is called `weir`; nil when there is none.
  package func program() throws(Fault) -> pid_t? {
    let shell = try value("#{pane_pid}")
    let children = try Program.run(
      command: ["cat", "/proc/\(shell)/task/\(shell)/children"], environment: [:]
    ).text
    for word in children.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
      let name = try Program.run(command: ["cat", "/proc/\(word)/comm"], environment: [:]).text
      if name == "weir\n", let number = pid_t(word) { return number }
    }
    return nil
  }

  // MARK: Waiting

  /// Waits until the screen holds the text.
  package func wait(for text: String) throws {
    try wait("“\(text)” to be shown") { try self.text().contains(text) }
  }

  package func wait(forAll texts: String...) throws {
    for text in texts { try wait(for: text) }
  }

  /// Waits until a condition holds; a fault with the screen when it does not within the deadline.
  package func wait(_ what: String, until condition: () throws -> Bool) throws {
    let end = Tmux.now() + Tmux.patience
    while Tmux.now() < end {
      if try condition() { return }
      usleep(20_000)
    }
    throw Fault(.unreadable, "wait for", what, "it did not happen; the screen is\n" + (try text()))
  }

  private static func now() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec
  }
}
