internal import CCrashGuard
internal import CNcurses
internal import Glibc
internal import WeirCells

/// The terminal's device: two streams for curses, a descriptor for ourselves, and the modes it had before.
struct Device {
  let descriptor: Int32
  let input: UnsafeMutablePointer<FILE>
  let output: UnsafeMutablePointer<FILE>
  /// nil when it is no terminal (the null device of a test).
  let modes: termios?

  /// Standard input and output where both are the terminal; else the controlling terminal, so that data may
  /// come in or go out by the standard streams.
  init(path: String?) throws(TerminalFault) {
    let device = path ?? (isatty(0) == 1 && isatty(1) == 1 ? nil : "/dev/tty")
    let opened: (Int32, Int32)
    if let device {
      let file = open(device, O_RDWR | O_CLOEXEC | O_NOCTTY)
      opened = (file, file < 0 ? -1 : fcntl(file, F_DUPFD_CLOEXEC, 3))
    } else {
      opened = (fcntl(0, F_DUPFD_CLOEXEC, 3), fcntl(1, F_DUPFD_CLOEXEC, 3))
    }
    guard opened.0 >= 0, opened.1 >= 0, let input = fdopen(opened.0, "r"), let output = fdopen(opened.1, "w")
    else {
      if opened.0 >= 0 { Glibc.close(opened.0) }
      if opened.1 >= 0 { Glibc.close(opened.1) }
      throw TerminalFault(
        reason: "there is no terminal to show the explorer on",
        hint: "run it in one, or use the commands: weir --help")
    }
    self.input = input
    self.output = output
    descriptor = opened.0
    var modes = termios()
    self.modes = tcgetattr(opened.0, &modes) == 0 ? modes : nil
  }

  func close() {
    fclose(input)
    fclose(output)
  }

  /// What the window system says it measures; nil where nobody knows.
  func size() -> Size? {
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0, size.ws_row > 0 else {
      return nil
    }
    return Size(columns: Int(size.ws_col), rows: Int(size.ws_row))
  }

  /// Writes past curses, between its updates: modes and the clipboard.
  func write(_ text: String) {
    guard modes != nil else { return }
    var bytes = ArraySlice(text.utf8)
    while !bytes.isEmpty {
      let done = bytes.withUnsafeBytes { Glibc.write(fileno(output), $0.baseAddress, $0.count) }
      if done < 0, errno == EINTR { continue }
      guard done > 0 else { return }
      bytes = bytes.dropFirst(done)
    }
  }
}

/// Modes that curses does not know. All of them are switched off again on every way out.
enum Mode {
  static let pasteOn = "\u{1B}[?2004h"
  static let pasteOff = "\u{1B}[?2004l"
  /// Clicks, wheel and drags (1002), coordinates beyond column 223 (1006).
  static let mouseOn = "\u{1B}[?1002h\u{1B}[?1006h"
  static let mouseOff = "\u{1B}[?1006l\u{1B}[?1002l\u{1B}[?1000l"

  /// What the crash guard writes, from the current terminfo entry without its padding: everything off, the
  /// cursor on, the first screen back.
  static func restoring() -> String {
    let parts = ["sgr0", "cnorm", "rmkx", "rmcup"].map { (name: String) -> String in
      weir_capability(name).map { withoutPadding(String(cString: $0)) } ?? ""
    }
    return mouseOff + pasteOff + parts.joined()
  }

  /// Terminfo writes delays as `$<5>`.
  private static func withoutPadding(_ text: String) -> String {
    var kept = ""
    var rest = Substring(text)
    while let start = rest.firstRange(of: "$<")?.lowerBound {
      kept += rest[..<start]
      guard let end = rest[start...].firstIndex(of: ">") else { return kept }
      rest = rest[rest.index(after: end)...]
    }
    return kept + rest
  }
}

/// Arms and disarms the C handlers that give the terminal back after a crash.
package enum CrashGuard {
  static func arm(_ device: Device) {
    guard var modes = device.modes else { return }
    let bytes = Array(Mode.restoring().utf8)
    _ = bytes.withUnsafeBytes { buffer in
      weir_crash_guard_arm(device.descriptor, &modes, buffer.baseAddress, buffer.count)
    }
  }

  static func disarm() { weir_crash_guard_disarm() }

  /// Gives the calling thread a stack for the handlers, so that a thread that ran out of its own still gets
  /// to give the terminal back. For threads that live as long as the program.
  package static func protectThisThread() { weir_crash_guard_thread() }
}
