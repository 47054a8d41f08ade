import Support
import Testing
import WeirCore

@testable import WeirReplay

/// Folds payloads with a built-in fold; the report and the state after all of them.
private func fold(_ rule: BuiltInFold, _ payloads: [String?]) -> (state: String, report: FoldReport) {
  let engine = NativeEngine(rule)
  engine.stage(payloads.enumerated().map { StoredEvent($0, "T\($0 % 2)", $1) })
  let report = engine.fold(0..<payloads.count, into: .one(0), watching: [])
  return (engine.states(of: [0])[0].state.text, report)
}

@Suite struct MergePatchTests {
  /// The examples of RFC 7396, appendix A.
  @Test(arguments: [
    (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
    (#"{"a":"b"}"#, #"{"a":null}"#, "{}"), (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
    (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#), (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
    (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
    (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#), (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
    (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#), (#"{"a":"foo"}"#, "null", "null"),
    (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
    (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#), ("[1,2]", #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
    ("{}", #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
  ])
  func appendixA(_ target: String, _ patch: String, _ result: String) throws {
    var value = try json(target)
    MergePatch.apply(try json(patch), to: &value)
    #expect(value.text == result)
  }
}

@Suite struct JSONPatchTests {
  /// The examples of RFC 6902, appendix A, and the corners of its sections 4 and 5.
  @Test(arguments: [
    (#"{"foo":"bar"}"#, #"[{"op":"add","path":"/baz","value":"qux"}]"#, #"{"foo":"bar","baz":"qux"}"#),
    (
      #"{"foo":["bar","baz"]}"#, #"[{"op":"add","path":"/foo/1","value":"qux"}]"#,
      #"{"foo":["bar","qux","baz"]}"#
    ),
    (#"{"baz":"qux","foo":"bar"}"#, #"[{"op":"remove","path":"/baz"}]"#, #"{"foo":"bar"}"#),
    (#"{"foo":["bar","qux","baz"]}"#, #"[{"op":"remove","path":"/foo/1"}]"#, #"{"foo":["bar","baz"]}"#),
    (
      #"{"baz":"qux","foo":"bar"}"#, #"[{"op":"replace","path":"/baz","value":"boo"}]"#,
      #"{"baz":"boo","foo":"bar"}"#
    ),
    (
      #"{"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}}"#,
      #"[{"op":"move","from":"/foo/waldo","path":"/qux/thud"}]"#,
      #"{"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}}"#
    ),
    (
      #"{"foo":["all","grass","cows","eat"]}"#, #"[{"op":"move","from":"/foo/1","path":"/foo/3"}]"#,
      #"{"foo":["all","cows","eat","grass"]}"#
    ),
    (
      #"{"baz":"qux","foo":["a",2,"c"]}"#,
      #"[{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2.0}]"#,
      #"{"baz":"qux","foo":["a",2,"c"]}"#
    ),
    (
      #"{"foo":"bar"}"#, #"[{"op":"add","path":"/child","value":{"g":{}}}]"#,
      #"{"foo":"bar","child":{"g":{}}}"#
    ),
    (#"{"/":9,"~1":10}"#, #"[{"op":"test","path":"/~01","value":10}]"#, #"{"/":9,"~1":10}"#),
    (#"{"foo":["bar"]}"#, #"[{"op":"add","path":"/foo/-","value":["abc"]}]"#, #"{"foo":["bar",["abc"]]}"#),
    (#"{"a":1}"#, #"[{"op":"copy","from":"/a","path":"/b"}]"#, #"{"a":1,"b":1}"#),
    (#"{"a":1}"#, #"[{"op":"replace","path":"","value":3}]"#, "3"),
    (#"{"a":1}"#, #"{"op":"remove","path":"/a"}"#, "{}"),
    (
      #"{"a":{"x":1,"y":2}}"#, #"[{"op":"test","path":"/a","value":{"y":2,"x":1}}]"#,
      #"{"a":{"x":1,"y":2}}"#
    ),
  ])
  func applies(_ state: String, _ patch: String, _ result: String) throws {
    #expect(try JSONPatch.apply(try json(patch), to: try json(state)).text == result)
  }

  @Test(arguments: [
    (#"[{"op":"test","path":"/a","value":2}]"#, "operation 1 (test /a)"),
    (#"[{"op":"add","path":"/b","value":1},{"op":"remove","path":"/c"}]"#, "operation 2 (remove /c)"),
    (#"[{"op":"add","path":"/a/b","value":1}]"#, "no object or array"),
    (#"[{"op":"replace","path":"/x","value":1}]"#, "no member `x`"),
    (#"[{"op":"add","path":"/n/5","value":1}]"#, "no element `5`"),
    (#"[{"op":"add","path":"/n/01","value":1}]"#, "no element `01`"),
    (#"[{"op":"move","from":"/n","path":"/n/0"}]"#, "into itself"),
    (#"[{"op":"jump","path":"/a"}]"#, "no such operation"),
    (#"[{"op":"add","path":"/a"}]"#, "no `value`"), (#"[{"op":"add","value":1}]"#, "no `path`"),
    (#"[{"op":"remove","path":"a"}]"#, "begins with"), (#"[{"op":"remove","path":""}]"#, "whole document"),
    ("3", "no list"),
  ])
  func refusesAndLeavesTheStateAlone(_ patch: String, _ words: String) throws {
    let start = #"{"op":"add","path":"","value":{"a":1,"n":[0]}}"#
    let (state, report) = fold(.patch, [start, patch])
    #expect(state == #"{"a":1,"n":[0]}"#)
    let failure = try #require(report.failures.first)
    #expect(failure.index == 1)
    #expect(failure.failure.position == "1")
    #expect(failure.failure.message.contains(words))
  }
}

@Suite struct BuiltInFoldTests {
  @Test func byTypeCountsAndKeepsTheLast() {
    let (state, _) = fold(.byType, [#"{"a":1}"#, "2.50", #"{"a":9007199254740993}"#])
    let expected =
      #"{"T0":{"count":2,"last":{"a":9007199254740993},"position":"2"},"#
      + #""T1":{"count":1,"last":2.50,"position":"1"}}"#
    #expect(state == expected)
  }

  @Test func latestKeepsDigitsAndOrderAndDeletes() {
    #expect(fold(.latest, ["1", #"{"z":1.10,"a":1e400,"z":2}"#]).state == #"{"z":1.10,"a":1e400,"z":2}"#)
    #expect(fold(.latest, [#"{"z":1}"#, nil]).state == "null")
  }

  @Test func mergeKeepsDigits() {
    #expect(
      fold(.merge, [#"{"n":123456789012345678901234567890}"#, #"{"b":1.00}"#]).state
        == #"{"n":123456789012345678901234567890,"b":1.00}"#)
  }

  @Test func countsEverything() { #expect(fold(.count, ["1", nil, "x"]).state == "3") }

  @Test(arguments: [
    ([#"{"op":"c","before":null,"after":{"id":1,"x":"a"}}"#], #"{"id":1,"x":"a"}"#),
    ([#"{"schema":{},"payload":{"op":"u","before":null,"after":{"id":1}}}"#], #"{"id":1}"#),
    ([#"{"op":"c","after":{"id":1}}"#, #"{"op":"d","before":{"id":1},"after":null}"#, nil], "null"),
    (
      [
        #"{"op":"c","after":{"id":1,"t":"long"}}"#,
        #"{"op":"u","after":{"id":2,"t":"__debezium_unavailable_value"}}"#,
      ],
      #"{"id":2,"t":"long"}"#
    ),
    ([#"{"op":"c","after":{"id":1}}"#, #"{"op":"m","source":{}}"#], #"{"id":1}"#),
  ])
  func debezium(_ payloads: [String?], _ state: String) {
    let result = fold(.debezium, payloads)
    #expect(result.state == state)
    #expect(result.report.failures.isEmpty)
  }

  @Test func debeziumNamesWhatIsNoEnvelope() {
    let result = fold(.debezium, [#"{"op":"c","after":{"id":1}}"#, #"{"id":2}"#])
    #expect(result.state == #"{"id":1}"#)
    #expect(result.report.failures.map(\.index) == [1])
  }

  /// Watches tell the value before the first event, then every change, and nothing else.
  @Test func watchesTellChanges() throws {
    let engine = NativeEngine(.merge)
    engine.stage(
      [#"{"a":{"b":1}}"#, #"{"c":1}"#, #"{"a":{"b":2}}"#, #"{"a":null}"#].enumerated().map {
        StoredEvent($0, "T", $1)
      })
    let watches = [
      Watch(StatePath([.member("a"), .member("b")])), Watch(StatePath.whole, wantsValue: false),
    ]
    let report = engine.fold(0..<4, into: .one(3), watching: watches)
    let told = report.changes.map { "\($0.index):\($0.watch):\($0.value?.text ?? "-")" }
    #expect(told == ["-1:0:-", "-1:1:-", "0:0:1", "0:1:-", "1:1:-", "2:0:2", "2:1:-", "3:0:-", "3:1:-"])
  }

  @Test func slotsAreApartAndCopiesRestore() {
    let engine = NativeEngine(.count)
    engine.stage((0..<6).map { StoredEvent($0, "T", "{}") })
    _ = engine.fold(0..<6, into: .each([0, 1, 0, -1, 0, 1]), watching: [])
    engine.copy(0, to: 9)
    _ = engine.fold(0..<6, into: .one(0), watching: [])
    #expect(engine.states(of: [0, 1, 9, 5]).map(\.state.text) == ["9", "2", "3", "0"])
    engine.copy(9, to: 0)
    engine.drop([9])
    #expect(engine.states(of: [0, 9]).map(\.state.text) == ["3", "0"])
  }
}
