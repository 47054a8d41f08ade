/// The tokens of JSON over borrowed bytes; the buffer must outlive it.
package struct JSONReader {
  let bytes: UnsafeBufferPointer<UInt8>
  package var index = 0

  package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

  package var isAtEnd: Bool { index >= bytes.count }
  package var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  package mutating func skipBlanks() {
    while index < bytes.count, JSONReader.isBlank(bytes[index]) { index += 1 }
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }

  package mutating func take(_ byte: UInt8) -> Bool {
    guard index < bytes.count, bytes[index] == byte else { return false }
    index += 1
    return true
  }

  package mutating func expect(_ byte: UInt8) throws(JSONError) {
    guard take(byte) else {
      throw JSONError(at: index, reason: "expected '\(Character(UnicodeScalar(byte)))'")
    }
  }

  package func starts(with word: StaticString) -> Bool {
    guard bytes.count - index >= word.utf8CodeUnitCount else { return false }
    for i in 0..<word.utf8CodeUnitCount where bytes[index + i] != word.utf8Start[i] { return false }
    return true
  }

  package mutating func word<T>(_ word: StaticString, _ value: T) throws(JSONError) -> T {
    guard starts(with: word) else { throw JSONError(at: index, reason: "not a JSON value") }
    index += word.utf8CodeUnitCount
    return value
  }

  package func text(_ range: Range<Int>) -> String {
    String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
  }

  /// The range of a number in RFC 8259's grammar.
  package mutating func number() throws(JSONError) -> Range<Int> {
    let start = index
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits(or: "not a JSON value", at: start) }
    if take(UInt8(ascii: ".")) { try digits(or: "digits missing after the point", at: index) }
    if let next = peek, next | 0x20 == UInt8(ascii: "e") {
      index += 1
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits(or: "digits missing in the exponent", at: index)
    }
    return start..<index
  }

  private mutating func digits(or reason: String, at position: Int) throws(JSONError) {
    let start = index
    while let byte = peek, byte >= 0x30, byte <= 0x39 { index += 1 }
    guard index > start else { throw JSONError(at: position, reason: reason) }
  }

  /// The range between the quotes of a string, escapes checked but not undone, and whether it has any.
  package mutating func rawString() throws(JSONError) -> (content: Range<Int>, escaped: Bool) {
    try expect(UInt8(ascii: "\""))
    let start = index
    var escaped = false
    while index < bytes.count {
      let byte = bytes[index]
      if byte == UInt8(ascii: "\"") {
        index += 1
        return (start..<index - 1, escaped)
      }
      guard byte >= 0x20 else { throw JSONError(at: index, reason: "a control character inside a string") }
      if byte == UInt8(ascii: "\\") {
        escaped = true
        try skipEscape()
      } else {
        index += 1
      }
    }
    throw JSONError(at: start - 1, reason: "a string without an end")
  }

  private mutating func skipEscape() throws(JSONError) {
    guard index + 1 < bytes.count else { throw JSONError(at: index, reason: "a string without an end") }
    switch bytes[index + 1] {
    case UInt8(ascii: "u"):
      guard index + 6 <= bytes.count, hex(at: index + 2) != nil else {
        throw JSONError(at: index, reason: "a broken \\u escape")
      }
      index += 6
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"),
      UInt8(ascii: "r"), UInt8(ascii: "t"):
      index += 2
    default: throw JSONError(at: index, reason: "an unknown escape")
    }
  }

  private func hex(at position: Int) -> UInt32? {
    guard position + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for i in position..<position + 4 {
      let byte = bytes[i]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x37
      case 0x61...0x66: digit = byte - 0x57
      default: return nil
      }
      value = value << 4 | UInt32(digit)
    }
    return value
  }

  /// A string with its escapes undone; lone surrogates become U+FFFD.
  package mutating func string() throws(JSONError) -> String {
    let (content, escaped) = try rawString()
    return escaped ? unescape(content) : text(content)
  }

  package func unescape(_ content: Range<Int>) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(content.count)
    var i = content.lowerBound
    while i < content.upperBound {
      guard bytes[i] == UInt8(ascii: "\\") else {
        out.append(bytes[i])
        i += 1
        continue
      }
      switch bytes[i + 1] {
      case UInt8(ascii: "b"): out.append(0x08)
      case UInt8(ascii: "f"): out.append(0x0C)
      case UInt8(ascii: "n"): out.append(0x0A)
      case UInt8(ascii: "r"): out.append(0x0D)
      case UInt8(ascii: "t"): out.append(0x09)
      case UInt8(ascii: "u"):
        i = appendScalar(at: i, upTo: content.upperBound, to: &out)
        continue
      default: out.append(bytes[i + 1])
      }
      i += 2
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Decodes `\uXXXX` (and the low half of a pair after it) at `i`; returns the index after it.
  private func appendScalar(at i: Int, upTo end: Int, to out: inout [UInt8]) -> Int {
    let unit = hex(at: i + 2) ?? 0xFFFD
    var next = i + 6
    var scalar = unit
    if unit & 0xFC00 == 0xD800, next + 6 <= end, bytes[next] == UInt8(ascii: "\\"),
      bytes[next + 1] == UInt8(ascii: "u"),
      let low = hex(at: next + 2), low & 0xFC00 == 0xDC00
    {
      scalar = 0x10000 + ((unit & 0x3FF) << 10) + (low & 0x3FF)
      next += 6
    }
    let character = UnicodeScalar(scalar) ?? "\u{FFFD}"
    out.append(contentsOf: Array(String(Character(character)).utf8))
    return next
  }
}
