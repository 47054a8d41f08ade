/// Why a text is not JSON.
package struct JSONError: Error, Equatable, Sendable {
  /// Byte index of the first byte that cannot be right.
  package var at: Int
  package var reason: String
}

/// A strict RFC 8259 parser (plus Python's `NaN`, `Infinity`, `-Infinity` where `lenient`) over UTF-8 bytes.
///
/// Values nest at most `depthLimit` deep here, because a tree is walked recursively by everything that shows
/// it; `JSONText.validate` has no such limit.
package struct JSONParser {
  /// Deeper documents are shown as text.
  package static let depthLimit = 512

  private var reader: JSONReader
  private let lenient: Bool

  package static func parse(_ bytes: some Collection<UInt8>, lenient: Bool = false) throws(JSONError)
    -> JSONValue
  {
    let contiguous = ContiguousArray(bytes)
    var result: Result<JSONValue, JSONError> = .success(.null)
    contiguous.withUnsafeBufferPointer { buffer in
      var parser = JSONParser(reader: JSONReader(buffer), lenient: lenient)
      do throws(JSONError) {
        let value = try parser.value(depth: 0)
        parser.reader.skipBlanks()
        guard parser.reader.isAtEnd else {
          throw JSONError(at: parser.reader.index, reason: "text after the value")
        }
        result = .success(value)
      } catch { result = .failure(error) }
    }
    return try result.get()
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth < JSONParser.depthLimit else {
      throw JSONError(at: reader.index, reason: "nested deeper than \(JSONParser.depthLimit)")
    }
    reader.skipBlanks()
    switch reader.peek {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try reader.string())
    case UInt8(ascii: "t"): return try reader.word("true", .bool(true))
    case UInt8(ascii: "f"): return try reader.word("false", .bool(false))
    case UInt8(ascii: "n"): return try reader.word("null", .null)
    case UInt8(ascii: "N") where lenient: return try reader.word("NaN", .string("NaN"))
    case UInt8(ascii: "I") where lenient: return try reader.word("Infinity", .string("Infinity"))
    case nil: throw JSONError(at: reader.index, reason: "the text ends inside a value")
    default:
      if lenient, reader.starts(with: "-Infinity") {
        return try reader.word("-Infinity", .string("-Infinity"))
      }
      let range = try reader.number()
      return .number(reader.text(range))
    }
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    reader.index += 1
    var members: [JSONMember] = []
    reader.skipBlanks()
    if reader.take(UInt8(ascii: "}")) { return .object(members) }
    while true {
      reader.skipBlanks()
      let name = try reader.string()
      reader.skipBlanks()
      try reader.expect(UInt8(ascii: ":"))
      members.append(JSONMember(name, try value(depth: depth + 1)))
      reader.skipBlanks()
      if reader.take(UInt8(ascii: "}")) { return .object(members) }
      try reader.expect(UInt8(ascii: ","))
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    reader.index += 1
    var elements: [JSONValue] = []
    reader.skipBlanks()
    if reader.take(UInt8(ascii: "]")) { return .array(elements) }
    while true {
      elements.append(try value(depth: depth + 1))
      reader.skipBlanks()
      if reader.take(UInt8(ascii: "]")) { return .array(elements) }
      try reader.expect(UInt8(ascii: ","))
    }
  }
}
