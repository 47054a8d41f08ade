import Glibc
import Support
import Testing

@testable import WeirCore

/// Expressions at their edges: precedence, limits, mistakes at their columns, texts that are no expressions.
@Suite struct ExpressionEdgeTests {
  private func value(_ text: String, data: String = "{}") throws -> JSONValue? {
    try Expression(parsing: text).value(event: StoredEvent(1, "T", data))
  }

  @Test(
    arguments: [
      ("1 + 2 * 3 - 4 / 2", "5"), ("-2 * -3", "6"), ("- - 2", "2"), ("2 - 3 - 4", "-5"), ("12 / 3 / 2", "2"),
      ("(1 + 2) * (3 + 4)", "21"), ("1 < 2 == true", nil), ("1 + 1 == 2 && 2 > 1 || 1 / 0 == 1", "true"),
      ("!1 == 0", "false"), ("!(1 == 0)", "true"), ("null == null", "true"), ("null != 1", "true"),
      ("true == false", "false"),
      ("'a' < 'b'", "true"), ("'a' + 'b' == 'ab'", "true"), ("'b' > 'aa'", "true"), ("'10' < 9", "false"),
      ("'10' < '9'", "true"),
      ("1 in (1, 2)", "true"), ("'x' in ('y')", "false"), ("1 in ('1')", "true"), ("3 - 'x' == 1", "false"),
      ("0.1 + 0.2", "0.3"), ("1e3 == 1000", "true"), ("1E-3 * 1000", "1"),
      ("99999999999999999999 + 1", "100000000000000000000"),
      ("10000000000000000000000000000000000000 * 10", "100000000000000000000000000000000000000"),
      ("1 / 3 > 0.333", "true"), ("len(data.list)", "3"), ("len(data.text)", "5"), ("len(data.object)", "2"),
      ("len(data.number)", "null"), ("has(data.nothing)", "true"), ("has(data.nowhere)", "false"),
      ("data.list[1]", "2"),
      ("data.list[9]", "null"), ("data['text'][0]", "null"), ("data[\"odd key\"]", "7"),
      ("'b' in data.object", "true"),
      ("2 in data.list", "true"), ("5 in data.list", "false"), ("null in data.list", "false"),
      ("'T' in type", "false"),
      ("data.big == 12345678901234567890", "true"), ("data.big > 12345678901234567889", "true"),
      ("data.list == data.list", "true"),
      ("data.list != data.object", "true"), ("data.list < data.object", "false"),
      ("data.text =~ /^h.*o$/", "true"),
      ("data.text =~ /HELLO/i", "true"), ("data.text =~ /a\\/b/", "false"), ("data.text =~ /[/]/", "false"),
      ("data.number =~ /^4/", "true"), ("data.list =~ /2/", "true"), ("true && 'x'", "\"x\""),
      ("0 || 'x'", "\"x\""),
      ("data.nothing || 'else'", "\"else\""), ("event.type", "\"T\""),
      ("\"\\u0041\\n\\t\\r\\\\\\\"\"", "\"A\\n\\t\\r\\\\\\\"\""),
      ("'\\ud83d'", "\"\u{FFFD}\""), ("version >= 1 && version <= 1", "true"), ("position == 1", "true"),
      ("time > '2000-01-01'", "true"),
      ("'2000-01-01' < time", "true"), ("time == time", "true"), ("time > 'zzz'", "false"),
      ("time + ''", "\"2025-01-01T00:00:01Z\""),
    ] as [(String, String?)])
  func values(_ text: String, _ wanted: String?) throws {
    let data =
      #"{"list":[1,2,"3"],"text":"hello","object":{"a":1,"b":null},"number":41,"nothing":null,"odd key":7,"big":12345678901234567890}"#
    guard let wanted else {
      #expect(throws: Expression.Mistake.self) { try Expression(parsing: text) }
      return
    }
    let found = try value(text, data: data)
    #expect(String(decoding: (found ?? .null).compact, as: UTF8.self) == wanted)
  }

  @Test(arguments: [
    ("data.x ==", 10), ("== 1", 1), ("data.x &", 8), ("data.x | 1", 8), ("'a", 1), ("data.", 6),
    ("data.x[", 8),
    ("data.x[1", 9), ("data[1.5]", 6), ("data['x'", 9), ("len()", 5), ("has data", 5), ("len(data.x", 11),
    ("data.x in", 10),
    ("data.x in ()", 12), ("data.x in (1,", 14), ("1 2", 3), ("data.x = 1", 8),
    ("data.x == 1 || nope == 2", 16), ("#", 1),
    ("a && b", 1), ("type =~ 5", 9), ("type =~ /(?<x/", 14), ("type =~ /x/gq", 12), ("not data.x", 1),
    ("data.x or 1", 8),
    ("(1", 3), ("1)", 2), ("1 == 1 == 1", 8), ("[1]", 1), ("data.x @ 1", 8), ("1.e", 2), ("über.x == 1", 1),
    ("data.ü[", 8),
  ])
  func mistakesAtTheirColumn(_ text: String, _ column: Int) {
    let mistake = #expect(throws: Expression.Mistake.self) { try Expression(parsing: text) }
    #expect(mistake?.column == column, "\(mistake?.reason ?? "")")
    #expect(mistake?.reason.isEmpty == false)
  }

  /// Every beginning and every single character taken away or changed: a mistake or an expression, never a
  /// trap.
  @Test func noTextTraps() {
    let text =
      #"!(data["a.b"][0].c >= -1.5e3 * 2) && type =~ /^a[b/]\/c$/im || has(x.y) && 'é\u00e9' in ("z", state.a) + len(data)"#
    let characters = Array(text)
    for index in characters.indices {
      _ = try? Expression(parsing: String(characters[..<index]))
      var without = characters
      without.remove(at: index)
      _ = try? Expression(parsing: String(without))
      for other in ["\"", "'", "/", "(", "[", "\\", "👩‍👩‍👧", "\u{0}", "9", "e"] as [Character] {
        var changed = characters
        changed[index] = other
        if let parsed = try? Expression(parsing: String(changed)) {
          _ = parsed.holds(event: StoredEvent(1, "T", #"{"a.b":[{"c":1}]}"#))
        }
      }
    }
  }

  @Test func missingIsNeverEqualNorUnequal() throws {
    for sign in ["==", "!=", "<", "<=", ">", ">="] {
      for other in ["1", "'x'", "null", "true", "data.gone", "data"] {
        #expect(try value("data.missing \(sign) \(other)") == .bool(false))
        #expect(try value("\(other) \(sign) data.missing") == .bool(false))
      }
    }
    #expect(try !Expression(parsing: "state.x == 1 || before.x == 1").holds(event: nil))
    #expect(try !Expression(parsing: "type == 'T'").holds(event: nil))
  }

  @Test(arguments: [
    "^(a+)+$", "(a|aa)+b", "(.*)*x", "(?:a?){60}a{60}", "((((((a*)*)*)*)*)*)*b", "(?s)(.+)+\\d",
    "(a(?1)?b)+$",
  ])
  func patternsAreBounded(pattern: String) throws {
    let regex = try RegularExpression(pattern)
    // Whatever it says, it says it: within its limits of steps and memory.
    _ = regex.matches(String(repeating: "a", count: 5000) + "!")
    #expect(!regex.matches(""), "none of these matches nothing")
  }

  @Test func patternsSeeUnicode() throws {
    #expect(try RegularExpression("^\\w+$").matches("Größe"))
    #expect(try RegularExpression("^.$").matches("山"))
    #expect(try RegularExpression("straße", flags: "i").matches("STRAßE"))
    #expect(try RegularExpression("a.b", flags: "s").matches("a\nb"))
    #expect(try !RegularExpression("a.b").matches("a\nb"))
    #expect(try RegularExpression("^b$", flags: "m").matches("a\nb\nc"))
    #expect(try RegularExpression("a b # c", flags: "x").matches("ab"))
    #expect(try RegularExpression("x", flags: "gu").matches("x"))
    #expect(throws: RegularExpression.Mistake.self) { try RegularExpression("(") }
    #expect(throws: RegularExpression.Mistake.self) { try RegularExpression("a", flags: "z") }
  }
}

/// Times as people say them, in zones whose clocks jump.
@Suite(.serialized) struct TimePhraseTests {
  // 2025-09-09 10:00 UTC, a Tuesday.
  private let now = Instant(seconds: 1_757_412_000)

  private func text(_ phrase: String, _ zone: Zone = .utc) -> String? {
    TimePhrase.parse(phrase, zone: zone, now: now).map(TimeText.rfc3339)
  }

  @Test(arguments: [
    ("now", "2025-09-09T10:00:00Z"), ("today", "2025-09-09T00:00:00Z"),
    ("today noon", "2025-09-09T12:00:00Z"),
    ("yesterday", "2025-09-08T00:00:00Z"), ("yesterday at 15:00:30", "2025-09-08T15:00:30Z"),
    ("Last  Tuesday   3pm", "2025-09-02T15:00:00Z"), ("tuesday 3pm", "2025-09-09T15:00:00Z"),
    ("tue", "2025-09-09T00:00:00Z"),
    ("last wed 12am", "2025-09-03T00:00:00Z"), ("wednesday midnight", "2025-09-03T00:00:00Z"),
    ("monday 12pm", "2025-09-08T12:00:00Z"),
    ("sun 3:45pm", "2025-09-07T15:45:00Z"), ("thurs 9am", "2025-09-04T09:00:00Z"),
    ("-2h", "2025-09-09T08:00:00Z"),
    ("-90 s", "2025-09-09T09:58:30Z"), ("-1w", "2025-09-02T10:00:00Z"), ("-3days", "2025-09-06T10:00:00Z"),
    ("2 hours ago", "2025-09-09T08:00:00.000Z"), ("30min ago", "2025-09-09T09:30:00.000Z"),
    ("2025-09-03 15:00", "2025-09-03T15:00:00Z"), ("2025-09-03", "2025-09-03T00:00:00Z"),
    ("2025-09-03T15:00:00.5+02:00", "2025-09-03T13:00:00.5Z"),
    ("2025-09-03 15:00Z", "2025-09-03T15:00:00Z"), ("2025-09-03T15:00-0330", "2025-09-03T18:30:00Z"),
    ("1756897334", "2025-09-03T11:02:14Z"), ("1756897334201", "2025-09-03T11:02:14.201Z"),
    ("1756897334201123", "2025-09-03T11:02:14.201123Z"),
  ])
  func phrases(_ phrase: String, _ wanted: String) { #expect(text(phrase) == wanted) }

  @Test(arguments: [
    "", " ", "soon", "last", "last week", "tuesday 25:00", "17", "12345678", "3pm", "-2x", "-h",
    "-1000000000h", "2 ago", "ago",
    "monday 13pm", "monday 0am", "monday 3", "monday 3:99", "monday 1:2:3:4", "2025-13-01",
    "2025-09-03 25:00", "2025-09-03T10:00:00+9",
    "tomorrow", "tu", "tuesdays", "99999999999999999999", "2025-09-03 10:00 x", "٣pm",
  ])
  func nonsense(_ phrase: String) { #expect(text(phrase) == nil) }

  /// Zones are the process's own: this test sets one and gives UTC back.
  @Test func zonesWhoseClocksJump() throws {
    guard access("/usr/share/zoneinfo/Europe/Madrid", R_OK) == 0 else { return }
    defer {
      unsetenv("TZ")
      tzset()
    }
    let madrid = try #require(Zone.named("Europe/Madrid"))
    #expect(madrid.title == "Europe/Madrid")
    for (phrase, wanted) in [
      ("2025-09-03 15:00", "2025-09-03T13:00:00Z"), ("2025-01-03 15:00", "2025-01-03T14:00:00Z"),
      ("2025-09-03 15:00Z", "2025-09-03T15:00:00Z"), ("2025-09-03 15:00+00:00", "2025-09-03T15:00:00Z"),
      ("2025-03-30 01:59", "2025-03-30T00:59:00Z"), ("2025-03-30 03:00", "2025-03-30T01:00:00Z"),
      ("2025-10-26 01:59", "2025-10-25T23:59:00Z"), ("2025-10-26 03:00", "2025-10-26T02:00:00Z"),
      ("today", "2025-09-08T22:00:00Z"), ("yesterday 15:00", "2025-09-08T13:00:00Z"),
      ("1756897334", "2025-09-03T11:02:14Z"),
    ] {
      #expect(text(phrase, madrid) == wanted, "\(phrase)")
    }
    // 02:30 does not exist on 30 March and exists twice on 26 October: an hour that is there, either way.
    let gap = try #require(TimePhrase.parse("2025-03-30 02:30", zone: madrid, now: now))
    #expect([1_743_294_600, 1_743_298_200].contains(gap.seconds), "\(gap.seconds)")
    let overlap = try #require(TimePhrase.parse("2025-10-26 02:30", zone: madrid, now: now))
    #expect([1_761_438_600, 1_761_442_200].contains(overlap.seconds))
    // What is shown reads back as the moment it was, except in the hour that comes twice.
    for seconds in stride(from: Int64(1_735_689_600), to: 1_767_225_600, by: 10_801) {
      if (1_761_436_800..<1_761_444_000).contains(seconds) { continue }
      let shown = madrid.text(Instant(seconds: seconds))
      #expect(TimePhrase.parse(shown, zone: madrid, now: now)?.seconds == seconds, "\(shown)")
    }
    #expect(
      madrid.text(Instant(seconds: 1_756_897_334, nanoseconds: 201_000_000, digits: 3))
        == "2025-09-03 13:02:14.201")
    #expect(Zone.named("Nowhere/Atlantis") == nil)
    #expect(Zone.named("../../etc/passwd") == nil && Zone.named("/etc/localtime") == nil)
    for name in ["utc", "UTC", "Z", "gmt"] { #expect(Zone.named(name) == .utc) }
    #expect(Zone.utc.title == "UTC")
    setenv("TZ", "Europe/Madrid", 1)
    guard case .local(let name)? = Zone.named("local") else {
      Issue.record("no local zone")
      return
    }
    #expect(name == "Europe/Madrid")
  }
}
