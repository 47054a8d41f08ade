/// Work on JSON text without building a tree.
package enum JSONText {
  /// Checks one whole JSON value, blanks around it allowed. Iterative: any depth up to the text's length.
  /// UTF-8 is checked too.
  package static func validate(_ bytes: [UInt8]) -> Bool {
    guard isUTF8(bytes) else { return false }
    return bytes.withUnsafeBufferPointer { buffer in
      var reader = JSONReader(buffer)
      do throws(JSONError) {
        try skipValue(&reader)
        reader.skipBlanks()
        return reader.isAtEnd
      } catch { return false }
    }
  }

  /// Whether the bytes are valid UTF-8, without making a string of them.
  package static func isUTF8(_ bytes: [UInt8]) -> Bool { (try? UTF8Span(validating: bytes.span)) != nil }

  /// Moves past one value of any depth. The stack of open brackets is one byte a level, on the heap.
  package static func skipValue(_ reader: inout JSONReader) throws(JSONError) {
    var open: [UInt8] = []
    while true {
      reader.skipBlanks()
      guard let byte = reader.peek else {
        throw JSONError(at: reader.index, reason: "the text ends inside a value")
      }
      switch byte {
      case UInt8(ascii: "{"):
        reader.index += 1
        reader.skipBlanks()
        if !reader.take(UInt8(ascii: "}")) {
          open.append(byte)
          try name(&reader)
          continue
        }
      case UInt8(ascii: "["):
        reader.index += 1
        reader.skipBlanks()
        if !reader.take(UInt8(ascii: "]")) {
          open.append(byte)
          continue
        }
      case UInt8(ascii: "\""): _ = try reader.rawString()
      case UInt8(ascii: "t"): try reader.word("true", ())
      case UInt8(ascii: "f"): try reader.word("false", ())
      case UInt8(ascii: "n"): try reader.word("null", ())
      default: _ = try reader.number()
      }
      if try close(&reader, &open) { return }
    }
  }

  private static func name(_ reader: inout JSONReader) throws(JSONError) {
    reader.skipBlanks()
    _ = try reader.rawString()
    reader.skipBlanks()
    try reader.expect(UInt8(ascii: ":"))
  }

  /// After a value: closes what ends here, or moves to the next element. True when the outermost value has
  /// ended.
  private static func close(_ reader: inout JSONReader, _ open: inout [UInt8]) throws(JSONError) -> Bool {
    while let bracket = open.last {
      reader.skipBlanks()
      let isObject = bracket == UInt8(ascii: "{")
      if reader.take(UInt8(ascii: ",")) {
        if isObject { try name(&reader) }
        return false
      }
      try reader.expect(isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
      open.removeLast()
    }
    return true
  }

  /// Leaves out the line breaks between tokens, so that an event is one line; everything else stays as it
  /// stands.
  package static func oneLine(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(where: { $0 == 0x0A || $0 == 0x0D }) else { return bytes }
    // Valid JSON has no raw line break inside a string, so every one of them stands between tokens.
    return bytes.filter { $0 != 0x0A && $0 != 0x0D }
  }

  /// Appends `text` as a JSON string. Control characters are escaped; so are C1 controls and DEL, which a
  /// terminal would obey.
  package static func appendString(_ text: some StringProtocol, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out.append(contentsOf: [0x5C, 0x22])
      case "\\": out.append(contentsOf: [0x5C, 0x5C])
      case "\n": out.append(contentsOf: [0x5C, 0x6E])
      case "\r": out.append(contentsOf: [0x5C, 0x72])
      case "\t": out.append(contentsOf: [0x5C, 0x74])
      case "\u{08}": out.append(contentsOf: [0x5C, 0x62])
      case "\u{0C}": out.append(contentsOf: [0x5C, 0x66])
      default:
        if scalar.value < 0x20 || (0x7F...0x9F).contains(scalar.value) {
          let digits = String(scalar.value, radix: 16)
          out.append(contentsOf: Array("\\u".utf8))
          out.append(contentsOf: Array(String(repeating: "0", count: 4 - digits.count).utf8))
          out.append(contentsOf: Array(digits.utf8))
        } else {
          out.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        }
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}

extension JSONValue {
  /// Compact JSON: no blanks, members in order, numbers as written.
  package var compact: [UInt8] {
    var out: [UInt8] = []
    append(to: &out)
    return out
  }

  package func append(to out: inout [UInt8]) {
    switch self {
    case .null: out.append(contentsOf: Array("null".utf8))
    case .bool(let flag): out.append(contentsOf: Array((flag ? "true" : "false").utf8))
    case .number(let text): out.append(contentsOf: Array(text.utf8))
    case .string(let text): JSONText.appendString(text, to: &out)
    case .array(let elements):
      out.append(UInt8(ascii: "["))
      for (index, element) in elements.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        element.append(to: &out)
      }
      out.append(UInt8(ascii: "]"))
    case .object(let members):
      out.append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        JSONText.appendString(member.name, to: &out)
        out.append(UInt8(ascii: ":"))
        member.value.append(to: &out)
      }
      out.append(UInt8(ascii: "}"))
    }
  }
}
