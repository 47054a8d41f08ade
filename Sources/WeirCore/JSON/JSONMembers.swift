/// The members at the top of one JSON object, found in a single validating pass, without a tree.
package struct JSONMembers {
  /// Where a member's name stands (between its quotes) and its value, as byte ranges of the text.
  package struct Entry {
    package var name: String
    package var value: Range<Int>
  }

  package private(set) var entries: [Entry] = []

  /// Objects with more members than this are listed up to here; the rest is still validated.
  package static let limit = 256

  /// nil when the text is not one whole valid JSON object.
  package init?(_ bytes: [UInt8]) {
    guard bytes.first(where: { !JSONReader.isBlank($0) }) == UInt8(ascii: "{"), JSONText.isUTF8(bytes) else {
      return nil
    }
    let found: [Entry]? = bytes.withUnsafeBufferPointer { buffer in
      var reader = JSONReader(buffer)
      return try? JSONMembers.scan(&reader)
    }
    guard let found else { return nil }
    entries = found
  }

  private static func scan(_ reader: inout JSONReader) throws(JSONError) -> [Entry] {
    var entries: [Entry] = []
    reader.skipBlanks()
    try reader.expect(UInt8(ascii: "{"))
    reader.skipBlanks()
    if !reader.take(UInt8(ascii: "}")) {
      repeat {
        reader.skipBlanks()
        let name = try reader.string()
        reader.skipBlanks()
        try reader.expect(UInt8(ascii: ":"))
        reader.skipBlanks()
        let start = reader.index
        try JSONText.skipValue(&reader)
        if entries.count < limit { entries.append(Entry(name: name, value: start..<reader.index)) }
        reader.skipBlanks()
      } while reader.take(UInt8(ascii: ","))
      try reader.expect(UInt8(ascii: "}"))
    }
    reader.skipBlanks()
    guard reader.isAtEnd else { throw JSONError(at: reader.index, reason: "text after the value") }
    return entries
  }

  /// The value of the first of `names` that is there (the last member of that name, as parsers take it).
  package func first(_ names: [String]) -> Entry? {
    for name in names {
      if let entry = entries.last(where: { $0.name == name }) { return entry }
    }
    return nil
  }
}
