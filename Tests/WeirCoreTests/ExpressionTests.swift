import Support
import Testing

@testable import WeirCore

private let json =
  #"{"cents":41200,"amount":"403.17","big":9007199254740993,"a.b":{"c":1},"notes":["x","y"],"none":null,"#
  + #""price":1.10,"on":true,"off":false,"text":"Zürich"}"#

private func event() -> StoredEvent {
  var event = StoredEvent(
    1403, "com.bank.Deposited", json, stream: "Account-1", partition: 2, meta: #"{"user":"api"}"#)
  event.version = "17"
  event.key = Array("Account-1".utf8)
  event.headers = [(Array("trace".utf8), Array("ab".utf8)), (Array("none".utf8), nil)]
  event.time = TimeText.parse("2025-09-03T11:02:14.201Z")
  event.marks = [.aborted, .link]
  event.extras = [("bucket", .string("default"))]
  return event
}

private let state = JSONValue.object([
  JSONMember("balance", .number("-5")), JSONMember("overdraft", .number("3")),
  JSONMember("notes", .array([.string("a"), .string("b")])),
])
private let before = JSONValue.object([JSONMember("balance", .number("10"))])

@Suite struct ExpressionTests {
  @Test(arguments: [
    #"type == "com.bank.Deposited" && data.cents > 1000"#, "shortType == 'Deposited'",
    "event.type == 'com.bank.Deposited'",
    "data.cents == 41200.0", "data.cents === 41200", "data.cents != 41201", "data.amount > 403",
    "403.17 == data.amount",
    "data.big == 9007199254740993", "data.big > 9007199254740992", "data.price == 1.1",
    #"data["a.b"].c == 1"#, "data['a.b']['c'] == 1", "data.notes[1] == 'y'", "data.none == null",
    "data.cents != null",
    "data.on", "!data.off", "data.on == true", "!(data.cents < 1)", "data.cents * 2 == 82400",
    "data.cents / 2 == 20600",
    "1 + 2 * 3 == 7", "(1 + 2) * 3 == 9", "0.1 + 0.2 == 0.3", "-data.cents < 0", "1 - -1 == 2",
    "'a' + 1 == 'a1'",
    "type in ('x', 'com.bank.Deposited')", "data.cents in (1, 41200)", "'x' in data.notes",
    "'aborted' in marks",
    "'cents' in data", "type =~ /^com\\..*sited$/", "type =~ /DEPOSITED/i", "data.text =~ /z.rich/i",
    "data.cents =~ /^412/", "type =~ 'bank'", "has(data.cents)", "!has(data.missing)", "has(data.none)",
    "len(data.notes) == 2", "len(data.text) == 6", "len(data) > 5", "len(headers) == 2",
    "headers.trace == 'ab'",
    "key == 'Account-1'", "stream == 'Account-1'", "aggregate == 'Account-1'", "partition == 2",
    "position == 1403",
    "version >= 17", "id == 'id-1403'", "meta.user == 'api'", "size > 10", "encoding == 'json'",
    "bucket == 'default'",
    "time > '2025-09-03'", "time < '2025-09-03T13:02:15+02:00'", "time == '2025-09-03T11:02:14.201Z'",
    "time =~ /^2025-09/", "state.balance < -state.overdraft", "before.balance >= 0 && state.balance < 0",
    "state.balance - before.balance == -15", "len(state.notes) == 2", "data.cents > 1 || data.missing > 1",
    "true", "!null", "data.cents == 1 || data.cents == 41200 && true",
  ])
  func holds(_ text: String) throws {
    #expect(try Expression(parsing: text).holds(event: event(), state: state, before: before))
  }

  /// Comparing a missing path is false, whatever the comparison; mixed kinds are only ever unequal.
  @Test(arguments: [
    "data.missing == 1", "data.missing != 1", "data.missing < 1", "data.missing >= 1", "data.missing == null",
    "data.missing + 1 > 0", "data.missing", "data.missing =~ /./", "data.missing in (1, 2)",
    "state.nothing < 1",
    "data.text == 1", "data.text < 1", "data.on < 2", "data.notes == 'x'", "len(data.cents) > 0",
    "data[0] == 1",
    "data.notes.x == 1", "data.notes[2] == 1", "headers.missing == 'x'", "headers.none == 'x'", "1 / 0 > 0",
    "type == 'Deposited'", "data.off", "0", "''", "'z' in data.notes", "'nope' in data",
  ])
  func doesNotHold(_ text: String) throws {
    #expect(try !Expression(parsing: text).holds(event: event(), state: state, before: before))
  }

  @Test(arguments: [
    ("", 1, "missing"), ("data.cents = 1", 12, "`==`"), ("data.cents & 1", 12, "&&"),
    ("a.b > 1", 1, "data.a"),
    ("type == 'x", 9, "no end"), ("type ==", 8, "expected"), ("(type == 'x'", 13, "`)`"),
    ("type == 'x')", 12, "never opened"),
    ("type =~ /a(/", 12, ""), ("type =~ /a", 9, "closing"), ("foo(1)", 1, "has(path)"),
    ("has(1)", 5, "a path"),
    ("1 < 2 < 3", 7, "chain"), ("data.cents data.x", 12, "operator"), ("type == 'a' and id == 'b'", 13, "&&"),
    ("data..x", 6, "member's name"), ("data[x]", 6, "index"), ("12ab", 3, "letter"), ("type ~ 'x'", 6, "=~"),
    ("type in 5", 9, "list"), ("type =~ /x/q", 12, "flag"), ("data.x == undefined", 11, "has(path)"),
    ("/x/", 1, "=~"),
  ])
  func mistakes(_ text: String, _ column: Int, _ words: String) {
    #expect {
      _ = try Expression(parsing: text)
    } throws: { error in
      guard let mistake = error as? Expression.Mistake else { return false }
      return mistake.column == column && (words.isEmpty || mistake.reason.contains(words))
    }
  }

  @Test func deepBracketsAreRefusedNotCrashed() {
    let deep = String(repeating: "(", count: 10_000) + "1" + String(repeating: ")", count: 10_000)
    #expect(throws: Expression.Mistake.self) { try Expression(parsing: deep) }
    #expect(throws: Expression.Mistake.self) {
      try Expression(parsing: String(repeating: "!", count: 10_000) + "1")
    }
  }

  /// A pattern that backtracks without end stops at the match limit and does not match.
  @Test func catastrophicPatternStops() throws {
    var event = event()
    event.type = String(repeating: "a", count: 40) + "b"
    #expect(try !Expression(parsing: "type =~ /^(a+)+$/").holds(event: event))
  }

  @Test func pathsAreListedOnce() throws {
    let expression = try Expression(
      parsing: "state.a.b > before.a && has(state.a.b) || len(state.c[0]) in (state.d, 1)")
    #expect(expression.paths(of: .state).map(PathText.text) == ["a.b", "c[0]", "d"])
    #expect(expression.paths(of: .before).map(PathText.text) == ["a"])
    #expect(expression.paths(of: .event).isEmpty)
  }

  @Test func valueKeepsDigits() throws {
    #expect(try Expression(parsing: "data.big").value(event: event()) == .number("9007199254740993"))
    #expect(try Expression(parsing: "data.big + 1").value(event: event()) == .number("9007199254740994"))
    #expect(try Expression(parsing: "data.missing").value(event: event()) == nil)
  }
}

@Suite struct PathTextTests {
  @Test(arguments: [
    "transfers.out", "notes[0]", #"["a.b"].c"#, "a[0][1].b", #"x["\"q\""]"#, "[3].x", "größe.$_1", #"[""]"#,
    "",
  ])
  func printsWhatItParses(_ text: String) throws {
    #expect(PathText.text(try PathText.parse(text)) == text)
  }

  @Test(arguments: ["a.", ".a", "a[", "a[x]", "a b", "a[1.5]", "a[99999999999999999999]", "1", "a]"])
  func refuses(_ text: String) {
    #expect(throws: Expression.Mistake.self) { try PathText.parse(text) }
  }
}

@Suite struct ExactNumberTests {
  @Test(arguments: [
    ("1", "1.0", 0), ("0.1", "0.10", 0), ("1e2", "100", 0), ("-0", "0", 0), ("1", "2", -1), ("-1", "-2", 1),
    ("9007199254740993", "9007199254740992", 1), ("0.0001", "0.001", -1), ("-5", "3", -1), ("0", "0.1", -1),
    ("1e400", "1e399", 1), ("99999999999999999999999999999999999999999999", "1e44", -1), ("1e-400", "0", 1),
    ("123456789012345678901234567890.5", "123456789012345678901234567890.50", 0),
    ("1e99999999999999999999", "5", 1),
  ])
  func compares(_ a: String, _ b: String, _ order: Int) throws {
    let (x, y) = (try #require(ExactNumber(a)), try #require(ExactNumber(b)))
    #expect((x < y) == (order < 0))
    #expect((x > y) == (order > 0))
    #expect((x == y) == (order == 0))
  }

  @Test(arguments: [
    ("0.1", "+", "0.2", "0.3"), ("9007199254740993", "+", "1", "9007199254740994"), ("1.5", "*", "-2", "-3"),
    ("1", "-", "1.00", "0"), ("7", "/", "2", "3.5"), ("0.001", "*", "0.001", "0.000001"),
  ])
  func computes(_ a: String, _ sign: Character, _ b: String, _ result: String) throws {
    let (x, y) = (try #require(ExactNumber(a)), try #require(ExactNumber(b)))
    #expect(ExactNumber.combine(x, sign, y) == ExactNumber(result))
  }

  @Test(arguments: [
    ("1", true), ("9007199254740992", true), ("9007199254740993", false), ("0.1", true), ("403.17", true),
    ("0.1234567890123456789", false), ("1e300", true), ("12345678901234567890", false), ("1e22", true),
    ("123456789.1234567", true), ("123456789.123456789", false), ("18014398509481984", true),
    ("1e400", false),
  ])
  func knowsWhatADoubleKeeps(_ text: String, _ fits: Bool) throws {
    #expect(try #require(ExactNumber(text)).fitsDouble == fits)
  }

  @Test(arguments: ["", "x", "1x", "--1", "1.2.3", "e5", "1e", "."])
  func refuses(_ text: String) { #expect(ExactNumber(text) == nil) }
}

/// What the fuzzer found: names that were printed as a path and could not be read back.
@Suite struct PathsReadBackTests {
  @Test(arguments: ["\u{08}", "\u{0C}x", "a\u{301}", "\u{301}first", "\0\u{73E}", "\r\n", "😀", "]\"\\"])
  func aPrintedNameIsRead(name: String) throws {
    let path: [PathStep] = [.member("a"), .member(name), .index(2)]
    let read = try PathText.parse(PathText.text(path))
    #expect(
      read.map { "\($0)".unicodeScalars.map(\.value) } == path.map { "\($0)".unicodeScalars.map(\.value) })
  }

  @Test func halvesOfAPairAreOneCharacter() throws {
    #expect(try PathText.parse(#"["\ud83d\ude00"]"#) == [.member("😀")])
    #expect(try PathText.parse(#"["\ud83dx"]"#) == [.member("\u{FFFD}x")])
  }
}
