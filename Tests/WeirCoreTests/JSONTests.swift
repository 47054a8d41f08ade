import Testing
import WeirCore

@Suite struct JSONTests {
  @Test(arguments: [
    #"{"a":[1,2.50,-3e+7,{"b":null}],"a":true,"c":"\u00e9\ud83d\ude00\n\"\\"}"#, "[]", "{}",
    "12345678901234567890.1234567890", #""""#,
  ])
  func compactKeepsEverything(_ text: String) throws {
    let value = try JSONParser.parse(Array(text.utf8))
    let again = try JSONParser.parse(value.compact)
    #expect(again == value)
    #expect(JSONText.validate(Array(text.utf8)))
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "01", "1.", "-", "\"\\x\"", "\"\u{1}\"", "nul", "[1] 2",
    "{a:1}", "\"abc", "1e",
    "\"\\u12g4\"",
  ])
  func refuses(_ text: String) {
    #expect(throws: JSONError.self) { try JSONParser.parse(Array(text.utf8)) }
    #expect(!JSONText.validate(Array(text.utf8)))
  }

  @Test func depthIsBoundedInTreesOnly() throws {
    let deep =
      Array(String(repeating: "[", count: 100_000).utf8) + Array(String(repeating: "]", count: 100_000).utf8)
    #expect(JSONText.validate(deep))
    #expect(throws: JSONError.self) { try JSONParser.parse(deep) }
  }

  @Test func brokenUTF8IsNotJSON() { #expect(!JSONText.validate([0x22, 0xFF, 0x22])) }

  @Test func controlsAreEscaped() {
    #expect(
      String(decoding: JSONValue.string("\u{1B}[31m\u{9B}x\u{7F}").compact, as: UTF8.self)
        == #""\u001b[31m\u009bx\u007f""#)
  }

  @Test func membersAreFoundInOnePass() throws {
    let text = Array(#" {"a": {"x":[1,2]}, "b\u0041":"v" , "a": 3} "#.utf8)
    let members = try #require(JSONMembers(text))
    #expect(members.entries.map(\.name) == ["a", "bA", "a"])
    #expect(members.first(["zz", "a"]).map { String(decoding: text[$0.value], as: UTF8.self) } == "3")
    #expect(JSONMembers(Array("[1]".utf8)) == nil)
    #expect(JSONMembers(Array(#"{"a":1"#.utf8)) == nil)
  }

  @Test func pointers() throws {
    let value = try JSONParser.parse(Array(#"{"a/b":[{"~":7}]}"#.utf8))
    #expect(value.at(pointer: "/a~1b/0/~0") == .number("7"))
    #expect(value.at(pointer: "/a~1b/1") == nil)
    #expect(value.at(pointer: "") == value)
  }

  @Test func base64GoesBothWays() {
    for count in 0..<70 {
      let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37) }
      #expect(Base64.decode(Base64.encode(bytes)) == bytes)
    }
    #expect(Base64.decode("a") == nil)
    #expect(Base64.decode("a=b=") == nil)
  }
}
