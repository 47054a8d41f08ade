import Support
import Testing

@testable import WeirCore

/// What text files come in: containers, compressions, and everything that people put between two lines.
@Suite struct TextShapeTests {
  private func made(_ text: String, name: String = "e.ndjson") throws -> MadeSource {
    try MadeSource(name, Array(text.utf8))
  }

  private func types(_ text: String, name: String = "e.ndjson") throws -> [String?] {
    try made(text, name: name).content().events.map(\.type)
  }

  @Test(arguments: [
    "{\"type\":\"a\"}\r\n{\"type\":\"b\"}\r\n", "\u{FEFF}{\"type\":\"a\"}\n{\"type\":\"b\"}",
    "\n\n  \t\n{\"type\":\"a\"}\n \n\n{\"type\":\"b\"}\n\n",
    "\u{1E}{\"type\":\"a\"}\n\u{1E}{\"type\":\"b\"}\n",
    "  {\"type\" : \"a\"}  \n\t{\"type\":\"b\"}\t\n", "[{\"type\":\"a\"},{\"type\":\"b\"}]",
    "[\n  {\n    \"type\": \"a\"\n  },\n  {\n    \"type\": \"b\"\n  }\n]\n",
    "\u{FEFF}[{\"type\":\"a\"},\n{\"type\":\"b\"}]",
    "{\"events\":[{\"type\":\"a\"},{\"type\":\"b\"}],\"next\":[{\"type\":\"c\"}]}",
    "{\n \"count\": 2,\n \"Records\": [\n {\"type\":\"a\"}, {\"type\":\"b\"} ] }",
    "{\"type\":\"a\"}{\"type\":\"b\"}", "{\n\"type\":\"a\"}\n{\n\"type\":\"b\"}\n",
    "[{\"type\":\"a\"}]\n[{\"type\":\"b\"}]\n",
    "[{\"type\":\"a\"}][][{\"type\":\"b\"}]",
  ])
  func containers(text: String) throws {
    let source = try made(text)
    for count in [1, 100] {
      let content = try source.content(count: count)
      #expect(content.events.map(\.type) == ["a", "b"])
      #expect(content.damage.isEmpty)
      #expect(try source.content(.everything, .backward, count: count).events.map(\.type) == ["b", "a"])
    }
  }

  /// A list in an event is no container.
  @Test(arguments: [
    "{\"type\":\"a\",\"items\":[{\"sku\":1}]}\n{\"type\":\"b\",\"items\":[{\"sku\":2}]}\n",
    "{\"items\":[{\"sku\":1}],\"type\":\"a\"}\n{\"items\":[{\"sku\":2}],\"type\":\"b\"}\n",
    "{\"messages\":[{\"x\":1}],\"eventType\":\"a\"}",
    "{\"records\":[{\"x\":1}]}\n{\"records\":[{\"x\":1}]}\n",
  ])
  func listsInsideEvents(text: String) throws {
    let events = try made(text).content().events
    #expect(events.map(\.positionText) == (1...events.count).map(String.init))
    #expect(events.count == text.split(separator: "\n").count)
  }

  @Test func textBehindAnArrayIsTold() throws {
    let text = #"[{"type":"a"},{"type":"b"}] trailing {"type":"c"}"#
    let content = try made(text, name: "e.json").content()
    #expect(content.events.map(\.type) == ["a", "b"])
    #expect(content.damage.map(\.kind) == [.corrupt])
    #expect(content.damage.first?.range == 28..<UInt64(text.utf8.count))
    #expect(try made("[]\n", name: "e.json").content().damage.isEmpty)
  }

  @Test func anArrayIsReadNoFurtherThanAsked() throws {
    let element = #"{"type":"a","data":"\#(String(repeating: "x", count: 1000))"},"#
    let text = "[" + String(repeating: element, count: 2000) + "7]"
    let layout = ElementLayout(MemoryBytes(name: "m", Array(text.utf8)), shape: .array, start: 0)
    var seen = 0
    let work = Work()
    _ = try layout.pieces(from: 0, .forward, work) { _ in
      seen += 1
      return seen < 3
    }
    #expect(seen == 3 && work.done < 600_000 && text.utf8.count > 2_000_000)
    #expect(try layout.number(at: UInt64(text.utf8.count) - 2) == 2000)
    #expect(try layout.offset(ofNumber: 1, Work()) == UInt64(element.utf8.count) + 1)
    #expect(try layout.offset(ofNumber: 5000, Work()) == nil)
    #expect(try layout.offset(atFraction: 1, Work()) == layout.size)
    #expect(try layout.offset(atFraction: 0, Work()) == 1)
  }

  // MARK: Bytes that no writer should have written

  @Test func aLineOfTooManyBytesIsTold() throws {
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 70 << 20)
    let bytes = Array("{\"type\":\"a\"}\n\"".utf8) + long + Array("\"\n{\"type\":\"b\"}\n".utf8)
    let source = try MadeSource("e.ndjson", bytes)
    for direction in [Direction.forward, .backward] {
      let content = try source.content(.everything, direction)
      #expect(content.events.map(\.type) == (direction == .forward ? ["a", "b"] : ["b", "a"]))
      #expect(content.events.map(\.positionText) == (direction == .forward ? ["1", "3"] : ["3", "1"]))
      #expect(content.damage.count == 1)
      #expect(content.damage.first?.reason.contains("64 MiB") ?? false)
      #expect(content.damage.first?.range == 13..<UInt64(13 + 3 + (70 << 20)))
    }
  }

  /// Longer than many windows.
  @Test func aLongLineIsAnEvent() throws {
    let long = [UInt8](repeating: UInt8(ascii: "x"), count: 3 << 20)
    let source = try MadeSource(
      "e.ndjson", Array("{\"type\":\"".utf8) + long + Array("\"}\n{\"type\":\"b\"}".utf8))
    let content = try source.content()
    #expect(content.events.map { $0.type?.utf8.count } == [3 << 20, 1])
    #expect(content.damage.isEmpty)
  }

  @Test(arguments: [
    "\u{0}\u{0}\u{0}", "{\"a\":1}x", "{\"a\":}", "{\"a\":1,}", "{\"a\" 1}", "{'a':1}", "{\"a\":\"\u{1}\"}",
    "{\"a\":01}",
    "{\"a\":\"\\ud8\"}", "nope", "{", "}", "\"", "{\"a\":[1,2}", "--",
  ])
  func aBadLineIsDamageWithItsRange(line: String) throws {
    let source = try made("{\"type\":\"a\"}\n\(line)\n{\"type\":\"b\"}\n")
    let content = try source.content()
    #expect(content.events.map(\.type) == ["a", "b"])
    #expect(content.damage.map(\.kind) == [.corrupt])
    #expect(content.damage.first?.range == 13..<UInt64(13 + line.utf8.count))
    #expect(content.damage.first?.reason.hasPrefix("line 2: ") ?? false)
    #expect(try source.content(.everything, .backward).damage == content.damage)
    #expect(try source.source.catalog(.count(limit: nil), Work()).damage == content.damage)
  }

  @Test func invalidUTF8IsDamage() throws {
    let source = try MadeSource(
      "e.ndjson",
      Array("{\"type\":\"a\"}\n{\"b\":\"".utf8) + [0xC3, 0x28] + Array("\"}\n{\"type\":\"c\"}".utf8))
    let content = try source.content()
    #expect(content.events.map(\.type) == ["a", "c"])
    #expect(content.damage.first?.reason == "line 2: not UTF-8")
  }

  /// Odd, and valid: kept as they are.
  @Test(arguments: [
    #"{"a":1,"a":2}"#, #"{"n":12345678901234567890123456789.000100,"e":1E400}"#,
    #"{"s":"\ud800 \udc00\ud83d"}"#,
    #"{"a":"\u0000\u001b[31m"}"#, #"{"":{"":[]}}"#, #"{"a":-0.0e-0}"#, #"{"long key \n":null}"#,
  ])
  func oddPayloadsStayAsTheyAre(payload: String) throws {
    let source = try made(#"{"type":"T","data":\#(payload)}"#)
    let event = try #require(try source.content().events.first)
    #expect(event.data == .json(Array(payload.utf8)))
    #expect(try Expression(parsing: "type == 'T'").holds(event: event))
  }

  @Test func deepNesting() throws {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
      let deep = String(repeating: open, count: 100_000) + "1" + String(repeating: close, count: 100_000)
      let source = try made(#"{"type":"T","data":\#(deep)}"# + "\n" + deep + "\n" + #"{"type":"U"}"#)
      let events = try source.content().events
      #expect(events.map(\.type) == ["T", nil, "U"])
      #expect(events[0].data == .json(Array(deep.utf8)))
      let array = try made("[" + deep + "," + deep + "]", name: "e.json")
      #expect(try array.content().events.count == 2)
    }
  }

  @Test func dataInAStringIsReadOnce() throws {
    let events = try made(
      #"{"type":"T","data":"{\"a\": [1]}","meta":{"u":"x"}}"# + "\n"
        + #"{"type":"U","payload":"plain"}"# + "\n" + #"{"type":"V","data":"\"{}\""}"#
    ).content().events
    #expect(events[0].data == .json(Array(#"{"a": [1]}"#.utf8)))
    #expect(events[0].meta == .json(Array(#"{"u":"x"}"#.utf8)))
    #expect(events[1].data == .text("plain"))
    #expect(events[2].data == .text("\"{}\""))
  }

  // MARK: Compression, from files and pipes

  private static let lines = (1...400).map { #"{"type":"T\#($0)","data":{"n":\#($0)}}"# + "\n" }
  /// Two members, cut in the middle of a line.
  private func packed(_ kind: String) throws -> [UInt8] {
    try Fixtures.bytes("text/two-parts.ndjson.\(kind)")
  }

  @Test(arguments: ["gz", "zst"]) func compressedFiles(kind: String) throws {
    for name in ["e.ndjson.\(kind)", "odd-name"] {
      let content = try MadeSource(name, try packed(kind)).content()
      #expect(content.events.map(\.type) == (1...400).map { "T\($0)" })
      #expect(content.damage.isEmpty)
    }
  }

  @Test(arguments: ["gz", "zst"]) func everyTruncationOfACompressedFile(kind: String) throws {
    let whole = try packed(kind)
    var most = 0
    for length in stride(from: 1, to: whole.count, by: 83) {
      guard let source = try? MadeSource("e.ndjson.\(kind)", Array(whole[..<length])) else { continue }
      let content = try source.content()
      #expect(
        content.events.map(\.type) == (0..<content.events.count).map { "T\($0 + 1)" }, "cut at \(length)")
      #expect(content.damage.contains { $0.kind == .tornTail } || content.events.count >= 100)
      #expect(content.damage.allSatisfy { $0.kind == .tornTail })
      most = max(most, content.events.count)
    }
    #expect(most >= 200)
  }

  @Test(arguments: ["gz", "zst"]) func byteFlipsOfACompressedFile(kind: String) throws {
    let whole = try packed(kind)
    for index in stride(from: 0, to: whole.count, by: 31) {
      var bytes = whole
      bytes[index] ^= 0x10
      // Without its magic the file is another one; else what comes before the damage is shown.
      guard let source = try? MadeSource("e.ndjson.\(kind)", bytes) else { continue }
      let content = try source.content()
      let whole = content.events.count == 400
      #expect(whole || !content.damage.isEmpty, "byte \(index): \(content.events.count)")
    }
  }

  @Test func behindTheLastMember() throws {
    let padded = try MadeSource("e.gz", try packed("gz") + [UInt8](repeating: 0, count: 600)).content()
    #expect(padded.events.count == 400 && padded.damage.isEmpty)
  }

  /// A pipe that gives its bytes one by one is the file as a whole.
  @Test(arguments: ["gz", "zst", ""]) func byteByByte(kind: String) throws {
    let bytes =
      kind.isEmpty ? Array(TextShapeTests.lines.prefix(40).joined().utf8) : try packed(kind)
    let result = try Pipe.feed(bytes, pieces: 1) { try Spool.read(descriptor: $0, name: "-", Work()) }
    let source = try TextSource(path: "-", result, options: ReadOptions())
    let events = try LogContent(source.log(.everything)).events
    #expect(events.map(\.type) == (1...(kind.isEmpty ? 40 : 400)).map { "T\($0)" })
    #expect(events.first?.stream == "-")
  }

  @Test(arguments: [[UInt8]("{\"a".utf8), [0x1F], [0x1F, 0x8B, 8], [0x28, 0xB5, 0x2F]])
  func aPipeOfAFewBytes(bytes: [UInt8]) throws {
    let result = try Pipe.feed(bytes, pieces: 1) { try Spool.read(descriptor: $0, name: "-", Work()) }
    let source = try TextSource(path: "-", result, options: ReadOptions())
    #expect(try LogContent(source.log(.everything)).events.isEmpty)
  }

  @Test func manyBytesGoToATemporaryFile() throws {
    let pad = String(repeating: "x", count: 1500)
    let bytes = Array(
      (0..<6000).map { #"{"type":"T","data":{"n":\#($0),"pad":"\#(pad)"}}"# + "\n" }.joined().utf8)
    #expect(bytes.count > Spool.memoryLimit)
    let result = try Pipe.feed(bytes, pieces: 100_000) {
      try Spool.read(descriptor: $0, name: "-", Work())
    }
    #expect(result.bytes is SpoolFile)
    #expect(result.bytes.size == UInt64(bytes.count))
    let source = try TextSource(path: "-", result, options: ReadOptions())
    #expect(try LogContent(source.log(.everything), count: 4096).events.count == 6000)
    let entries = try source.catalog(.count(limit: nil), Work()).entries
    #expect(entries.map(\.count) == [.exact(6000)])
    let some = try source.catalog(.count(limit: 1000), Work()).entries
    guard case .atMost(let most, _)? = some.first?.count else {
      Issue.record("counted more than allowed")
      return
    }
    #expect(most >= 6000)
  }
}
