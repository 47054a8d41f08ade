/// The escape sequence that asks a terminal to put text into the clipboard: OSC 52, `ESC ] 52 ; c ; BASE64
/// BEL`.
package enum Clipboard {
  /// Multiplexers keep unknown sequences to themselves unless they are wrapped.
  package enum Wrapping: Sendable { case none, tmux, screen }

  /// Bytes of text. Terminals cut what is longer than 100,000 characters of base64 (xterm), some earlier.
  package static let limit = 74_000
  /// GNU screen cuts device control strings at 768 bytes: they are sent in pieces.
  private static let screenPiece = 256

  /// nil when the text is too long.
  package static func sequence(_ text: String, wrapping: Wrapping) -> String? {
    let bytes = Array(text.utf8)
    guard bytes.count <= limit else { return nil }
    let plain = "\u{1B}]52;c;" + base64(bytes) + "\u{07}"
    switch wrapping {
    case .none: return plain
    case .tmux:
      // With `set-clipboard on` tmux takes the plain sequence; with `allow-passthrough` the wrapped one. One
      // of both gets through, and the same text twice does no harm.
      let doubled = plain.replacing("\u{1B}", with: "\u{1B}\u{1B}")
      return plain + "\u{1B}Ptmux;" + doubled + "\u{1B}\\"
    case .screen:
      var wrapped = ""
      var rest = plain[...]
      while !rest.isEmpty {
        wrapped += "\u{1B}P" + rest.prefix(screenPiece) + "\u{1B}\\"
        rest = rest.dropFirst(screenPiece)
      }
      return wrapped
    }
  }

  /// RFC 4648, with padding.
  static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let value = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
      for position in 0..<4 {
        let digit = digits[Int(value >> (18 - 6 * UInt32(position)) & 63)]
        text.append(position <= group.count ? digit : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
