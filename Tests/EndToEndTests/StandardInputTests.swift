import Support
import Testing
import WeirCore

/// The same events from a file and from standard input, in every container and compression.
@Suite struct StandardInputTests {
  private static let lines = (1...50).map { #"{"stream":"S","type":"T\#($0)","data":{"n":\#($0)}}"# }

  /// What `--json` prints, without what names the place.
  private func events(_ outcome: Program.Outcome) throws -> [String] {
    try outcome.lines.map { line in
      let event = try JSONParser.parse(Array(line.utf8))
      return ["position", "stream", "type", "data"]
        .map { String(decoding: (event[$0] ?? .null).compact, as: UTF8.self) }.joined(separator: " ")
    }
  }

  @Test(arguments: ["lines", "array", "pretty", "two-parts.ndjson.gz", "two-parts.ndjson.zst"])
  func standardInputIsTheFile(kind: String) throws {
    let lines = StandardInputTests.lines
    let bytes =
      switch kind {
      case "lines": Array(lines.joined(separator: "\n").utf8)
      case "array": Array("[\(lines.joined(separator: ","))]".utf8)
      case "pretty": Array("[\n  \(lines.joined(separator: ",\n  "))\n]\n".utf8)
      default: try Fixtures.bytes("text/\(kind)")
      }
    let folder = try TemporaryFolder()
    let path = try folder.write("events", bytes)
    let fromFile = try Program.run(["cat", path, "--json"])
    let fromInput = try Program.run(["cat", "-", "--json"], input: bytes)
    #expect(fromFile.status == 0 && fromInput.status == 0, "\(fromFile.errors)\(fromInput.errors)")
    #expect(try events(fromInput).count == (kind.hasPrefix("two") ? 400 : 50))
    #expect(try events(fromInput).map { $0.replacing("\"-\"", with: "\"events\"") } == events(fromFile))
  }

  @Test func aBrokenStreamIsStatusOne() throws {
    var bytes = try Fixtures.bytes("text/two-parts.ndjson.gz")
    bytes[bytes.count / 2] ^= 0xFF
    let broken = try Program.run(["cat", "-", "--json"], input: bytes)
    #expect(broken.status == 1)
    #expect(broken.errors.contains("the gzip stream is damaged after"))
    let torn = try Program.run(["cat", "-", "--json"], input: Array(bytes.prefix(300)))
    #expect(torn.status == 0, "a torn end is not damage")
  }

  @Test(arguments: ["", "SQLite format 3\0", "\u{1}\u{2}"]) func nothingReadable(text: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("e.sqlite", text)
    let outcome = try Program.run(["cat", path])
    #expect(outcome.status == 3)
    #expect(outcome.errors.contains("e.sqlite"))
  }
}
