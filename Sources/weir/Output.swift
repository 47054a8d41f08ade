import Glibc

/// Buffered standard output. A closed pipe ends the program quietly.
struct Output {
  private var buffer: [UInt8] = []
  private let descriptor: Int32
  private static let flushSize = 65_536

  init(descriptor: Int32 = 1) { self.descriptor = descriptor }

  mutating func line(_ text: String) {
    buffer.append(contentsOf: text.utf8)
    endLine()
  }

  mutating func line(_ bytes: [UInt8]) {
    buffer.append(contentsOf: bytes)
    endLine()
  }

  private mutating func endLine() {
    buffer.append(0x0A)
    if buffer.count >= Output.flushSize { flush() }
  }

  mutating func flush() {
    var done = 0
    while done < buffer.count {
      let count = buffer.withUnsafeBytes {
        write(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { exit(errno == EPIPE ? 0 : 3) }
      done += count
    }
    buffer.removeAll(keepingCapacity: true)
  }
}

/// What the signals that end a command do.
enum Endings {
  /// A closed pipe is told by `write`, so that the program can end as one that is done; Ctrl-C ends it with
  /// status 130 whatever it is doing.
  static func prepare() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGINT) { _ in _exit(130) }
  }
}

/// Everything that is not data goes to standard error.
func complain(_ text: String) {
  var output = Output(descriptor: 2)
  let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  output.line("weir: " + lines.map { Printable.text($0) }.joined(separator: "\n"))
  output.flush()
}

/// Text from outside made safe for a terminal.
enum Printable {
  /// Control characters, C1 controls, DEL and direction overrides become visible escapes; everything else
  /// stays.
  static func text(_ text: some StringProtocol) -> String {
    guard text.unicodeScalars.contains(where: isDangerous) else { return String(text) }
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "\u{1B}": out += "\\e"
      default:
        if isDangerous(scalar) {
          out += "\\u{" + String(scalar.value, radix: 16) + "}"
        } else {
          out.unicodeScalars.append(scalar)
        }
      }
    }
    return out
  }

  private static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0..<0x20, 0x7F...0x9F, 0x202A...0x202E, 0x2066...0x2069, 0x200E, 0x200F, 0x061C, 0x2028, 0x2029: true
    default: false
    }
  }
}
