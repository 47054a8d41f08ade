import Glibc
import WeirCore

/// Colours of the commands' output for people: the terminal's own sixteen, and never the only sign of
/// anything. JSON is never coloured.
struct Paint: Sendable {
  enum Role: Sendable {
    case heading, muted, type, added, removed, changed, bad, good

    fileprivate var code: String {
      switch self {
      case .heading: "1"
      case .muted: "2"
      case .type: "36"
      case .added, .good: "32"
      case .removed: "31"
      case .changed: "33"
      case .bad: "1;31"
      }
    }
  }

  let isOn: Bool
  /// Columns of the terminal that is written to; nil: no terminal, so lines may be of any length.
  let width: Int?

  static let plain = Paint(isOn: false, width: nil)

  init(isOn: Bool, width: Int?) { (self.isOn, self.width) = (isOn, width) }

  /// `--color` wins over `NO_COLOR`; without either, colours go to a terminal only.
  init(_ choice: String?) throws(Fault) {
    let isTerminal = isatty(1) == 1
    width = isTerminal ? Paint.terminalWidth() : nil
    switch choice {
    case "always": isOn = true
    case "never": isOn = false
    case nil, "auto":
      isOn =
        isTerminal && Configuration.environment("NO_COLOR") == nil
        && Configuration.environment("TERM").map { $0 != "dumb" } ?? false
    case let other?:
      throw Fault(.usage, "understand", "--color \(other)", "it is auto, always or never")
    }
  }

  private static func terminalWidth() -> Int? {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return nil }
    return Int(size.ws_col)
  }

  /// `text` must be harmless already (`Printable`).
  func callAsFunction(_ role: Role, _ text: String) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(role.code)m\(text)\u{1B}[0m" : text
  }
}
