import Support
import Testing
import WeirCore

/// The keys of every command's `--json` lines, in their order: scripts read them.
@Suite struct CommandJSONTests {
  private static let lines = #"""
    {"stream":"A-1","version":1,"type":"Opened","id":"a","time":"2025-01-01T10:00:00Z","data":{"n":1,"l":[]},"meta":{"u":1}}
    {"stream":"A-1","version":2,"type":"Changed","id":"b","time":"2025-01-01T12:00:00Z","data":{"n":2}}
    {"stream":"A-1","version":3,"type":"Changed","id":"c","time":"2025-01-01T13:00:00Z","data":{"n":null,"o":{"x":1.50}}}

    """#

  /// The lines that a command prints for the three events.
  private func lines(_ words: String...) throws -> [String] {
    try Program.run(words, input: Array(CommandJSONTests.lines.utf8)).lines.map(String.init)
  }

  private func keys(_ line: String) throws -> String {
    let value = try JSONParser.parse(Array(line.utf8))
    return (value.members ?? []).map(\.name).joined(separator: " ")
  }

  @Test func events() throws {
    let printed = try lines("cat", "-", "--json", "--raw")
    #expect(printed.count == 3)
    #expect(
      try keys(printed[0])
        == "source stream position version type id time meta data encoding size where rawKey rawValue")
    #expect(printed[0].contains(#""position":"1","version":"1""#))
    #expect(printed[2].contains(#""data":{"n":null,"o":{"x":1.50}}"#), "as it stands in the source")
    let kafka = try Program.run(
      ["cat", Fixtures.path("demo/kafka") + "#bank.accounts/2@1403", "--limit", "1", "--json"])
    #expect(
      try keys(String(kafka.lines[0]))
        == "source stream partition position version key type id time headers meta data encoding size where")
    #expect(kafka.text.contains(#""partition":2,"position":"1403""#))
  }

  @Test func catalogues() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("e.ndjson", CommandJSONTests.lines)
    func first(_ words: String...) throws -> String { String(try Program.run(words).lines.first ?? "") }
    #expect(
      try keys(try first("ls", path, "--json")) == "stream first last firstTime lastTime count bytes format")
    #expect(
      try keys(try first("ls", Fixtures.path("demo/kafka"), "--json"))
        == "stream partition first last firstTime lastTime count bytes format notes")
    #expect(
      try first("aggregates", path, "--json")
        == #"{"aggregate":"A-1","stream":"A-1","count":3,"first":"1","last":"3"}"#)
    #expect(
      try keys(try first("groups", Fixtures.path("demo/kafka"), "--json"))
        == "group stream partition committed end lag")
    #expect(try keys(try first("formats", "--json")).hasPrefix("name "))
    #expect(try keys(try first("folds", "--json")) == "name summary")
    #expect(try keys(try first("config", "show", "--json")) == "key value from")
  }

  @Test func states() throws {
    let printed = try lines("state", "-", "A-1", "--json", "--fold", "merge")
    #expect(try keys(printed[0]) == "aggregate position version events state digest inexact invariants")
    #expect(printed[0].contains(#""state":{"l":[],"o":{"x":1.50}}"#))
    let none = try lines("state", "-", "A-1", "--json", "--fold", "merge", "--at", "2024-01-01")
    #expect(
      none == [
        #"{"aggregate":"A-1","events":0,"state":{},"digest":"44136fa355b3678a","inexact":[],"invariants":[]}"#
      ])
    let all = try lines("state", "-", "--all", "--json", "--fold", "merge", "--at", "2024-01-01")
    #expect(all == [], "an aggregate without an event yet is left out")
    #expect(
      try lines("state", "-", "A-1", "--version", "2", "--json", "--fold", "count")[0].contains(#""state":2"#)
    )
    #expect(
      try lines("state", "-", "A-1", "--after", "1", "--json", "--fold", "count")[0].contains(#""state":1"#))
    #expect(try lines("state", "-#A-1@2", "--json", "--fold", "count")[0].contains(#""state":2"#))
  }

  @Test func steps() throws {
    let printed = try lines("replay", "-", "A-1", "--json", "--full", "--fold", "merge")
    #expect(printed.count == 3)
    #expect(try keys(printed[0]) == "position version id type time changes digest invariants state")
    #expect(
      printed[1].contains(#""changes":[{"path":"n","from":1,"to":2}]"#)
        && printed[2].contains(#""changes":[{"path":"o","to":{"x":1.50}},{"path":"n","from":2}]"#))
    let some = try lines("replay", "-", "A-1", "--json", "--from", "2", "--to", "2", "--fold", "merge")
    #expect(some.count == 1 && some[0].contains(#""position":"2""#))
    let timed = try lines("replay", "-", "A-1", "--json", "--from", "2025-01-01T12:00:00Z", "--fold", "merge")
    #expect(timed.count == 2, "from a time: the first event whose time has come")
  }

  @Test func differences() throws {
    let diff = try lines("diff", "-", "A-1", "--from", "1", "--to", "end", "--json", "--fold", "merge")
    #expect(diff == [#"{"path":"o","to":{"x":1.50}}"#, #"{"path":"n","from":1}"#])
    let timed = try lines(
      "diff", "-", "A-1", "--from", "2025-01-01 11:00", "--to", "2025-01-01 12:30", "--json", "--fold",
      "merge")
    #expect(timed == [#"{"path":"n","from":1,"to":2}"#])
  }

  @Test func fields() throws {
    let reference = #""position":"2","version":"2","id":"b","type":"Changed","time":"2025-01-01T12:00:00Z""#
    let history = try lines("history", "-", "A-1", "n", "--json", "--fold", "merge")
    #expect(history.count == 3)
    #expect(history[1] == "{\(reference),\"path\":\"n\",\"from\":1,\"to\":2}")
    #expect(history[2].hasSuffix(#""path":"n","from":2}"#))
    let inner = try lines("history", "-", "A-1", "o.x", "--json", "--fold", "merge")
    #expect(inner.count == 1 && inner[0].hasSuffix(#""path":"o.x","to":1.50}"#))
    let blame = try lines("blame", "-", "A-1", "--json", "--fold", "merge")
    #expect(blame.count == 2)
    #expect(blame[0].hasPrefix(#"{"position":"1","#) && blame[0].hasSuffix(#""path":"l","value":[]}"#))
    #expect(blame[1].hasPrefix(#"{"position":"3","#) && blame[1].hasSuffix(#""path":"o.x","value":1.50}"#))
    let bisect = try lines("bisect", "-", "A-1", "--when", "state.n == 2", "--json", "--fold", "merge")
    #expect(bisect.count == 2)
    #expect(bisect[0] == "{\(reference),\"now\":true}")
    #expect(bisect[1].hasSuffix(#""now":false}"#))
  }

  @Test func filtersOfCat() throws {
    func positions(_ words: String...) throws -> [String] {
      let run = try Program.run(["cat", "-", "--json"] + words, input: Array(CommandJSONTests.lines.utf8))
      return try run.lines.map { try JSONParser.parse(Array($0.utf8))["position"]?.string ?? "" }
    }
    #expect(try positions("--type", "Changed") == ["2", "3"])
    #expect(try positions("--where", "data.n > 0 && type == 'Changed'") == ["2"])
    #expect(try positions("--grep", "1.50") == ["3"])
    #expect(try positions("--key", "A-1", "--limit", "1") == ["1"])
    #expect(try positions("--tail", "2") == ["2", "3"])
    #expect(try positions("--tail", "2", "--limit", "1") == ["2"])
    #expect(try positions("--tail", "2", "--reverse") == ["3", "2"])
    #expect(try positions("--reverse") == ["3", "2", "1"])
    #expect(try positions("--from", "2", "--to", "2") == ["2"])
    #expect(try positions("--from", "2025-01-01T10:00:00Z", "--to", "+2h") == ["1", "2"])
    #expect(try positions("--limit", "0") == [])
    #expect(try positions("--tail", "0") == [])
  }
}
