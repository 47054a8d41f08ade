extension JSONText {
  /// The value at a path of a JSON text, found without building a tree of the rest. nil where there is none
  /// (or the text is no JSON). Of repeated members the last counts, as everywhere.
  package static func value(at steps: some Collection<PathStep>, in bytes: [UInt8]) -> JSONValue? {
    let range = bytes.withUnsafeBufferPointer { buffer -> Range<Int>? in
      var reader = JSONReader(buffer)
      do throws(JSONError) {
        for step in steps {
          reader.skipBlanks()
          guard let start = try find(step, &reader) else { return nil }
          reader.index = start
        }
        reader.skipBlanks()
        let start = reader.index
        try skipValue(&reader)
        return start..<reader.index
      } catch { return nil }
    }
    return range.flatMap { try? JSONParser.parse(bytes[$0]) }
  }

  /// Where the value one step below the one at the reader begins.
  private static func find(_ step: PathStep, _ reader: inout JSONReader) throws(JSONError) -> Int? {
    switch step {
    case .member(let name): try member(name, &reader)
    case .index(let index): try element(index, &reader)
    }
  }

  private static func member(_ name: String, _ reader: inout JSONReader) throws(JSONError) -> Int? {
    guard reader.take(UInt8(ascii: "{")) else { return nil }
    reader.skipBlanks()
    if reader.take(UInt8(ascii: "}")) { return nil }
    var found: Int?
    repeat {
      reader.skipBlanks()
      let (content, isEscaped) = try reader.rawString()
      let isIt =
        isEscaped
        ? reader.unescape(content) == name
        : UnsafeBufferPointer(rebasing: reader.bytes[content]).elementsEqual(name.utf8)
      reader.skipBlanks()
      try reader.expect(UInt8(ascii: ":"))
      if isIt { found = reader.index }
      try skipValue(&reader)
      reader.skipBlanks()
    } while reader.take(UInt8(ascii: ","))
    return found
  }

  private static func element(_ index: Int, _ reader: inout JSONReader) throws(JSONError) -> Int? {
    guard reader.take(UInt8(ascii: "[")) else { return nil }
    reader.skipBlanks()
    if reader.take(UInt8(ascii: "]")) { return nil }
    for _ in 0..<index {
      try skipValue(&reader)
      reader.skipBlanks()
      guard reader.take(UInt8(ascii: ",")) else { return nil }
    }
    return reader.index
  }
}

extension Payload {
  /// The payload as one JSON value, as `--json` prints it: text as a string, bytes as `{"base64":…}`, null
  /// and nothing as null. JSON that nests too deeply for a tree becomes its text.
  package var value: JSONValue {
    switch self {
    case .absent, .null: .null
    case .json(let bytes): (try? JSONParser.parse(bytes)) ?? .string(String(decoding: bytes, as: UTF8.self))
    case .text(let text): .string(text)
    case .bytes(let bytes): JSONValue(bytes: bytes)
    }
  }
}

extension JSONValue {
  /// Bytes as JSON: text when they are UTF-8 and `asText`, else `{"base64":…}`.
  package init(bytes: [UInt8], asText: Bool = false) {
    if asText, let text = String(validating: bytes, as: UTF8.self) {
      self = .string(text)
    } else {
      self = .object([JSONMember("base64", .string(Base64.encode(bytes)))])
    }
  }
}

extension StoredEvent {
  /// `[["type","Deposited"],["trace",{"base64":"AP8="}]]`: names and values in stored order.
  package var headerList: JSONValue {
    .array(
      headers.map { header in
        .array([
          JSONValue(bytes: header.name, asText: true),
          header.value.map { JSONValue(bytes: $0, asText: true) } ?? .null,
        ])
      })
  }
}

extension JSONText {
  /// A text as a JSON string, quotes included.
  package static func quoted(_ text: some StringProtocol) -> String {
    var out: [UInt8] = []
    appendString(text, to: &out)
    return String(decoding: out, as: UTF8.self)
  }
}
