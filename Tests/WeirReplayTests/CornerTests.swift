import Support
import Testing
import WeirCore

@testable import WeirReplay

/// Rare ways through the timeline and the built-in folds.
@Suite struct CornerTests {
  private func timeline(_ source: String, _ log: any EventLog) throws -> FoldedTimeline {
    var options = FoldOptions()
    options.inProcess = true
    let engine = try JavaScriptEngine(name: "corner.js", source: source, options: options)
    let timeline = FoldedTimeline(log: log, aggregate: "Account-1", engine: engine, isGuess: false)
    try timeline.load(Work())
    return timeline
  }

  /// More payload than is kept in memory: pages that were let go are read again, and nothing changes.
  @Test func payloadsBeyondTheBudgetAreReadAgain() throws {
    let filler = String(repeating: "y", count: 30_000)
    let list = (1...1400).map { StoredEvent($0, "T", #"{"n":\#($0),"f":"\#(filler)"}"#) }
    let timeline = FoldedTimeline(
      log: MemoryLog(list, pageSize: 200), aggregate: "Account-1", engine: NativeEngine(.latest),
      isGuess: true)
    try timeline.load(Work())
    for moment in [1, 1400, 257, 700, 256, 1, 1399] {
      #expect(try timeline.step(at: moment).state["n"] == .int(moment))
      #expect(try timeline.event(moment - 1).positionText == String(moment))
    }
  }

  @Test func invariantsAreFindings() throws {
    let source = """
      module.exports = { initial: () => ({ n: 0 }), when: { T: (s, e) => { s.n = e.data } },
        invariants: { small: s => s.n < 10, even: s => s.n % 2 == 0 } };
      """
    let list = [2, 11, 4, 3, 12].enumerated().map { StoredEvent($0.offset + 1, "T", String($0.element)) }
    let timeline = try timeline(source, MemoryLog(list))
    let findings = try timeline.findings()
    #expect(findings.map(\.ordinal) == [1, 3, 4])
    #expect(findings.map(\.text) == ["small, even", "even", "small"])
    #expect(findings.allSatisfy { !$0.isFailure })
    #expect(try timeline.step(at: 2).brokenInvariants == ["small", "even"])
    #expect(try timeline.step(at: 3).brokenInvariants == [])
    #expect(try timeline.rows(0..<5).map(\.sign) == [.changed, .broken, .changed, .broken, .broken])
  }

  @Test func aPositionOfAnotherAggregateIsAMomentToo() throws {
    let list = (0..<30).map { StoredEvent($0, "T", #"{"a":"x\#($0 % 3)"}"#) }
    var options = FoldOptions()
    options.inProcess = true
    let source = "module.exports = { aggregate: e => e.data.a, when: { T: s => { s.n = (s.n | 0) + 1 } } }"
    let engine = try JavaScriptEngine(name: "own.js", source: source, options: options)
    let log = SelectedLog(MemoryLog(list), of: "x1", by: engine)
    let timeline = FoldedTimeline(log: log, aggregate: "x1", engine: engine, isGuess: false)
    try timeline.load(Work())
    #expect(try timeline.moment(position: "4", Work()) == 2, "its own second event")
    #expect(try timeline.moment(position: "6", Work()) == 2, "between its second and third")
    #expect(try timeline.moment(position: "0", Work()) == 0)
  }

  @Test func wrongMomentsAreRefused() throws {
    let timeline = try timeline("module.exports = { when: {} }", MemoryLog([StoredEvent(1, "T", "{}")]))
    for moment in [-1, 2] { #expect(throws: Fault.self) { try timeline.step(at: moment) } }
    for ordinal in [-1, 1] { #expect(throws: Fault.self) { try timeline.event(ordinal) } }
  }

  @Test func statesOfAllNameFailures() throws {
    let source =
      "module.exports = { when: { T: s => { s.n = (s.n | 0) + 1 }, Bad: () => { throw new Error('no') } } }"
    let list = [
      StoredEvent(1, "T", "{}", stream: "A"), StoredEvent(2, "Bad", "{}", stream: "A"),
      StoredEvent(3, "T", "{}", stream: "A"), StoredEvent(4, "T", "{}", stream: "B"),
    ]
    var options = FoldOptions()
    options.inProcess = true
    let engine = try JavaScriptEngine(name: "x.js", source: source, options: options)
    var folding = StateOfAll(engine) { _ in true }
    let states = try folding.states(of: [MemoryLog(list)], Work())
    #expect(states.map(\.aggregate) == ["A", "B"])
    #expect(states.map(\.folded.state.text) == [#"{"n":2}"#, #"{"n":1}"#])
    #expect(states[0].failure?.position == "2")
    #expect(states[1].failure == nil)
  }

  @Test(arguments: [
    (#"{"a":[{"b":1}]}"#, #"[{"op":"replace","path":"/a/0/b","value":2}]"#, #"{"a":[{"b":2}]}"#),
    (#"{"a":[1,2]}"#, #"[{"op":"replace","path":"/a/1","value":3}]"#, #"{"a":[1,3]}"#),
    (#"{"a":1}"#, #"[{"op":"add","path":"/a","value":2}]"#, #"{"a":2}"#),
    (#"{"a":1}"#, #"[{"op":"replace","path":"","value":7}]"#, "7"),
    (#"{"a":{"b":{"c":1}}}"#, #"[{"op":"remove","path":"/a/b/c"}]"#, #"{"a":{"b":{}}}"#),
    (#"{"a":[[1],[2]]}"#, #"[{"op":"move","from":"/a/1/0","path":"/a/0/-"}]"#, #"{"a":[[1,2],[]]}"#),
  ])
  func patches(_ state: String, _ patch: String, _ result: String) throws {
    #expect(try JSONPatch.apply(json(patch), to: json(state)).text == result)
  }

  @Test(arguments: [
    #"[{"op":"add","path":"/x/y","value":1}]"#, #"[{"op":"remove","path":"/none"}]"#,
    #"[{"op":"replace","path":"/none","value":1}]"#, #"[{"op":"replace","path":"/l/7","value":1}]"#,
    #"[{"op":"remove","path":""}]"#, #"[{"op":"add","path":"/n/x","value":1}]"#,
    #"[{"op":"replace","path":"/n/x/y","value":1}]"#, #"[{"op":"copy","from":"/none","path":"/a"}]"#,
    #"[{"op":"copy","path":"/a"}]"#, #"[{"op":"add","path":"/a"}]"#, #"[{"op":"add","value":1}]"#,
    #"[{"op":"add","path":"a","value":1}]"#, #"[{"op":"move","from":"/l","path":"/l/0"}]"#,
    #"[{"op":"test","path":"/n/x","value":1}]"#, #"[{"op":"test","path":"/l/9","value":1}]"#,
    #"[{"op":"remove","path":"/n/x"}]"#, #"[{"op":"replace","path":"/n/x","value":1}]"#, "7",
  ])
  func patchesThatCannotBeMade(_ patch: String) throws {
    let state = try json(#"{"n":1,"l":[1,2]}"#)
    #expect(throws: JSONPatch.Refusal.self) { try JSONPatch.apply(try json(patch), to: state) }
  }

  @Test func placesInAState() throws {
    func after(_ text: String, _ change: (inout JSONValue) -> Bool) throws -> String {
      var value = try json(text)
      return (change(&value) ? "done " : "no ") + value.text
    }
    let (a, b, c) = (PathStep.member("a"), PathStep.member("b"), PathStep.member("c"))
    #expect(try after("null") { $0.set(.int(1), at: [a, b]) } == #"done {"a":{"b":1}}"#)
    #expect(try after(#"{"a":1}"#) { $0.set(.int(1), at: [a, b]) }.hasPrefix("no"))
    #expect(try after(#"{"a":1}"#) { $0.set(.int(1), at: [.index(0)]) } == #"no {"a":1}"#)
    #expect(try after("[]") { $0.set(.int(1), at: [.index(0), c]) } == #"done [{"c":1}]"#)
    #expect(try after("[]") { $0.set(.int(1), at: [.index(5)]) } == "no []")
    #expect(try after("[[1]]") { $0.set(.int(2), at: [.index(0), .index(1)]) } == "done [[1,2]]")
    #expect(try after(#"{"a":{"b":1}}"#) { $0.remove(at: [a, b]) } == #"done {"a":{}}"#)
    #expect(try after("[{\"c\":1}]") { $0.remove(at: [.index(0), c]) } == "done [{}]")
    #expect(try after("[1,2]") { $0.remove(at: [.index(0)]) } == "done [2]")
    for place in [[c], [.index(0)], [], [.index(7)]] as [ArraySlice<PathStep>] {
      #expect(try after(#"{"a":1}"#) { $0.remove(at: place) } == #"no {"a":1}"#)
    }
    #expect(try after("[1]") { $0.remove(at: [.index(3)]) } == "no [1]")
    #expect(try StatePath(parsing: "a").contains(StatePath(parsing: "a.b")))
    #expect(try !StatePath(parsing: "a.b").contains(StatePath(parsing: "a")))
    #expect(try StatePath(parsing: "a[0].b").description == "a[0].b")
  }

  @Test func everyBuiltInFoldSaysWhatItIs() throws {
    for rule in BuiltInFold.allCases {
      #expect(!rule.summary.isEmpty)
      let engine = NativeEngine(rule)
      #expect(engine.about == FoldAbout(name: rule.rawValue, dialect: .builtIn))
      engine.stage([StoredEvent(1, "T", "[]", stream: "S")])
      #expect(engine.keys() == ["S"])
      _ = engine.fold(0..<1, into: .each([-1]), watching: [])
      #expect(engine.states(of: [0]).first?.state == rule.initial)
      engine.restart()
    }
    let failure = FoldFailure(message: "m", file: "f.js", line: 3, column: 4, position: "9")
    #expect(failure.description == "f.js:3:4: m (event 9)")
    #expect(FoldFailure(message: "m", file: "f.js", line: 3).description == "f.js:3: m")
    #expect(FoldStop.lost(at: 1, failure).failure == failure)
  }
}
