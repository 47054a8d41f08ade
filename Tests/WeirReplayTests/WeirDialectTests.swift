import Support
import Testing
import WeirCore

@testable import WeirReplay

@Suite struct WeirDialectTests {
  @Test func handlersMutateOrReplace() throws {
    let source = """
      module.exports = {
        initial: () => ({ n: 0, log: [] }),
        when: {
          Add: (s, e) => { s.n += e.data.by },
          Set: (s, e) => ({ ...s, n: e.data.to }),
          Null: () => null,
          $any: (s, e) => { s.log.push(e.type) },
        },
      };
      """
    let list = [("Add", #"{"by":2}"#), ("Set", #"{"to":40}"#), ("Add", #"{"by":2}"#), ("Other", "{}")]
    #expect(try Folded(source, events(list)).state == #"{"n":42,"log":["Other"]}"#)
    #expect(try Folded(source, events([("Null", "{}")])).state == "null")
    #expect(try Folded(source, []).state == #"{"n":0,"log":[]}"#)
  }

  @Test func eventIsWholeEnumerableAndFrozen() throws {
    let source = """
      module.exports = { when: { $any: (s, e) => {
        s.all = { ...e };
        s.keys = Object.keys(e);
        s.frozen = Object.isFrozen(e);
        try { 'use strict'; e.type = 'x'; } catch {}
        s.type = e.type;
      } } };
      """
    var event = StoredEvent(7, "T", #"{"a":1}"#, stream: "topic", partition: 3, meta: #"{"u":1}"#)
    event.key = Array("K-1".utf8)
    event.headers = [(Array("h".utf8), Array("v".utf8)), (Array("n".utf8), nil)]
    let expected =
      #"{"all":{"stream":"topic","key":"K-1","partition":3,"position":"7","version":"7","type":"T","id":"id-7","#
      + #""time":"2025-01-01T00:00:07Z","headers":[["h","v"],["n",null]],"meta":{"u":1},"data":{"a":1}},"#
      + #""keys":["stream","key","partition","position","version","type","id","time","headers","meta","data"],"#
      + #""frozen":true,"type":"T"}"#
    #expect(try Folded(source, [event]).state == expected)
  }

  @Test func payloadsThatAreNoJSON() throws {
    let source =
      "module.exports = { initial: [], when: { $any: (s, e) => { s.push(e.data === undefined ? 'none' : e.data) } } };"
    var list = events([("T", nil), ("T", "{}"), ("T", "{}"), ("T", "{}")])
    list[1].data = .text("tab\there \u{0} 山")
    list[2].data = .bytes([0, 255])
    list[3].data = .absent
    #expect(try Folded(source, list).state == #"[null,"tab\there \u0000 山",{"base64":"AP8="},"none"]"#)
  }

  @Test func upcastRunsBeforeWhenAndMayRename() throws {
    let source = """
      module.exports = {
        upcast: { Old: e => ({ ...e, type: 'New', data: { n: e.data.text * 1 } }) },
        when: { New: (s, e) => { s.n = (s.n || 0) + e.data.n }, Old: () => { throw new Error('never') } },
      };
      """
    #expect(
      try Folded(source, events([("Old", #"{"text":"5"}"#), ("New", #"{"n":1}"#)])).state == #"{"n":6}"#)
  }

  @Test(arguments: [
    "Deposited", "com.bank.Deposited", "Bank.Events+Deposited, Bank, Version=1.0", "bank$Deposited",
    "app:Deposited",
    "Bank.Deposited[[x]]",
  ])
  func typesMatchByTheirShortName(_ type: String) throws {
    #expect(
      try Folded("module.exports = { when: { Deposited: s => { s.hit = true } } }", events([(type, "{}")]))
        .state
        == #"{"hit":true}"#)
  }

  @Test func fullNameWinsAndAnyIsNoType() throws {
    let source = """
      module.exports = { when: {
        'a.T': s => { s.full = 1 }, T: s => { s.short = 1 }, $any: s => { s.any = 1 } } };
      """
    #expect(try Folded(source, events([("a.T", "{}")])).state == #"{"full":1}"#)
    #expect(try Folded(source, events([("b.T", "{}")])).state == #"{"short":1}"#)
    #expect(try Folded(source, events([("x$any", "{}")])).state == #"{"any":1}"#)
    #expect(try Folded("module.exports = { when: {} }", events([("toString", "{}")])).state == "{}")
  }

  @Test func afterRunsForHandledEventsOnly() throws {
    let source = "module.exports = { initial: { n: 0 }, when: { A: () => {} }, after: (s, e) => { s.n++ } }"
    #expect(try Folded(source, events([("A", "{}"), ("B", "{}"), ("A", "{}")])).state == #"{"n":2}"#)
  }

  @Test func invariantsTurn() throws {
    let source = """
      module.exports = {
        when: { Set: (s, e) => { s.n = e.data } },
        invariants: { 'not negative': s => s.n >= 0, small: s => s.n < 100 },
        lanes: ['n', 'a.b[0]', 'x..y'],
      };
      """
    let folded = try Folded(
      source, events([("Set", "1"), ("Set", "-1"), ("Set", "-2"), ("Set", "200"), ("Set", "-5")]))
    let turns = folded.report.turns.map { "\($0.index):\($0.invariant):\($0.holds)" }
    #expect(turns == ["1:0:false", "3:0:true", "3:1:false", "4:0:false", "4:1:true"])
    #expect(try folded.folded.broken == [0])
    #expect(folded.engine.about.invariants == ["not negative", "small"])
    #expect(folded.engine.about.lanes.map(\.text) == ["n", "a.b[0]"])
    #expect(folded.engine.about.notes.count == 1)
  }

  @Test func aggregateIsAsked() throws {
    let source =
      "module.exports = { aggregate: e => e.data.account, when: { T: s => { s.n = (s.n || 0) + 1 } } }"
    let folded = try Folded(
      source, events([("T", #"{"account":"a"}"#), ("T", #"{"account":7}"#), ("T", "{}")]))
    #expect(folded.engine.about.keys == .asked)
    #expect(try folded.engine.keys() == ["a", "7", nil])
  }

  @Test func aThrowLeavesTheStateAndNamesItsLine() throws {
    let source = """
      module.exports = { initial: { n: 0 }, when: {
        T: (s, e) => {
          s.n += 1;
          s.half = true;
          e.data.missing.deep;
          delete s.half;
        },
        $any: (s, e) => { s.n += 10 },
      } };
      """
    let folded = try Folded(
      source, events([("A", "{}"), ("T", "{}"), ("A", "{}"), ("T", "{}")]), name: "my.fold.js")
    #expect(try folded.state == #"{"n":20}"#)
    #expect(folded.report.failures.map(\.index) == [1, 3])
    let failure = try #require(folded.report.failures.first?.failure)
    #expect(failure.file == "my.fold.js")
    #expect(failure.line == 5)
    #expect(failure.column != nil)
    #expect(failure.position == "1")
    #expect(failure.message.hasPrefix("TypeError"))
  }

  @Test(arguments: [
    ("throw 'text'", "thrown: text"), ("throw { a: 1 }", #"thrown: {"a":1}"#),
    ("throw undefined", "undefined"),
    ("throw new RangeError('far')", "RangeError: far"), ("return Promise.resolve(1)", "synchronous"),
    ("const f = () => f() + 1; f()", "RangeError"),
    ("throw { get message() { throw 1 } }", "cannot be described"),
  ])
  func whateverIsThrownIsTold(_ body: String, _ words: String) throws {
    let folded = try Folded("module.exports = { when: { T() { \(body) } } }", events([("T", "{}")]))
    #expect(try #require(folded.report.failures.first?.failure).message.contains(words))
  }

  @Test func copiesAreExact() throws {
    let source = """
      module.exports = { when: {
        Make: s => { s.a = { n: 1 }; s.b = s.a; s.d = new Date(0); s.m = new Map([['k', s.a]]);
        s.f = Object.freeze([1]);
          s.self = undefined;
          class P { constructor() { this.x = 1 } get twice() { return this.x * 2 } } s.p = new P(); },
        Use: s => { s.a.n = 2; s.same = s.a === s.b && s.m.get('k') === s.a; s.d.setUTCFullYear(2000);
        s.year = s.d.getUTCFullYear();
          s.frozen = Object.isFrozen(s.f); s.twice = s.p.twice; },
      } };
      """
    let list = events([("Make", "{}"), ("Use", "{}")])
    let folded = try Folded(source, list)
    #expect(try folded.engine.copy(0, to: 5) > 0)
    let straight = try folded.state
    #expect(straight.contains(#""same":true,"year":2000,"frozen":true,"twice":2"#))
    _ = try folded.engine.fold(0..<1, into: .one(1), watching: [])
    try folded.engine.copy(1, to: 2)
    _ = try folded.engine.fold(1..<2, into: .one(2), watching: [])
    #expect(try folded.engine.states(of: [2])[0].state.text == straight)
    try folded.engine.drop([2])
    #expect(try folded.engine.states(of: [2, 5]).map(\.state.text) == ["{}", straight])
  }

  @Test func statesThatJSONCannotSay() throws {
    #expect(
      try Folded(
        "module.exports = { when: { T: s => ({ big: 2n ** 70n, u: undefined, n: NaN, d: new Date(0), l: [undefined] }) } }",
        events([("T", "{}")])
      ).state
        == #"{"big":1180591620717411303424,"n":null,"d":"1970-01-01T00:00:00.000Z","l":[null]}"#)
    let cyclic = try Folded("module.exports = { when: { T: s => { s.me = s } } }", events([("T", "{}")]))
    #expect(throws: FoldStop.self) { try cyclic.engine.states(of: [0]) }
  }

  @Test func inexactNumbersAreToldWhereTheFoldReadThem() throws {
    let source =
      "module.exports = { when: { Read: (s, e) => { s.n = e.data.cents }, Take: (s, e) => { s.all = e.data }, Skip: () => {} } }"
    let data =
      #"{"cents":1,"id":9007199254740993,"deep":{"x":0.12345678901234567890,"ok":0.1},"list":[1,18446744073709551615]}"#
    #expect(try Folded(source, events([("Read", data)])).folded.inexact == [])
    #expect(try Folded(source, events([("Skip", data)])).folded.inexact == [])
    #expect(
      try Folded(source, events([("Take", data)])).folded.inexact == [
        "data.deep.x", "data.id", "data.list[1]",
      ])
    let big = try Folded(
      source, events([("Read", #"{"cents":9007199254740993}"#), ("Read", #"{"cents":2}"#)]))
    #expect(try big.folded.inexact == ["data.cents"])
    #expect(try big.state == #"{"n":2}"#)
    #expect(try Folded(source, events([("Read", #"{"cents":9007199254740992}"#)])).folded.inexact == [])
  }

  @Test func watchesTellChanges() throws {
    let source =
      "module.exports = { initial: { a: { b: 0 } }, when: { T: (s, e) => { Object.assign(s, e.data) } } }"
    let watches = [Watch(StatePath([.member("a"), .member("b")])), Watch(.whole, wantsValue: false)]
    let folded = try Folded(
      source, events([("T", #"{"c":1}"#), ("T", #"{"a":{"b":[1]}}"#), ("T", "{}"), ("T", #"{"a":null}"#)]),
      watching: watches)
    let told = folded.report.changes.map { "\($0.index):\($0.watch):\($0.value?.text ?? "-")" }
    #expect(told == ["-1:0:0", "-1:1:-", "0:1:-", "1:0:[1]", "1:1:-", "3:0:-", "3:1:-"])
  }

  @Test func slotsForEach() throws {
    let folded = try Folded("module.exports = { initial: { n: 0 }, when: { T: s => { s.n++ } } }", [])
    try folded.engine.stage(events(Array(repeating: ("T", "{}"), count: 5)))
    _ = try folded.engine.fold(1..<5, into: .each([7, 8, -1, 7]), watching: [])
    #expect(
      try folded.engine.states(of: [7, 8, 9]).map(\.state.text) == [#"{"n":2}"#, #"{"n":1}"#, #"{"n":0}"#])
  }
}

@Suite struct EmmettDialectTests {
  private let list = events([("Added", #"{"by":2}"#), ("Added", #"{"by":3}"#)])

  @Test(arguments: [
    "module.exports = { initialState: () => ({ n: 0 }), evolve: (s, { type, data }) => ({ n: s.n + data.by }) }",
    "exports.initial = { n: 0 }; exports.evolve = (s, e) => ({ n: s.n + e.data.by }); exports.decide = () => []",
    "export const initialState = () => ({ n: 0 });\nexport function evolve(s, { data }) { return { n: s.n + data.by } }",
    "export default { initialState: { n: 0 }, evolve(s, e) { return { n: s.n + e.data.by } } }",
    "const initialState = () => ({ n: 0 }); const evolve = (s, e) => ({ n: s.n + e.data.by }); export { evolve, initialState as initial };",
    "const initialState = () => ({ n: 0 }); function evolve(s, e) { return { n: s.n + e.data.by } }",
    "// export default nothing\nconst text = `export const ${ 'x' } import y`; const r = /export [/]/;\nexport const initialState = { n: 0 }, evolve = (s, e) => ({ n: s.n + e.data.by });\nexports.evolve = evolve;",
  ])
  func forms(_ source: String) throws {
    let folded = try Folded(source, list)
    #expect(try folded.state == #"{"n":5}"#)
    #expect(folded.engine.about.dialect == .emmett)
  }

  @Test func eventsHaveTheirMetadata() throws {
    let source =
      "module.exports = { initialState: [], evolve: (s, e) => [...s, e.metadata.user, e.streamName, e.streamPosition] }"
    #expect(
      try Folded(source, [StoredEvent(3, "T", "{}", meta: #"{"user":"u"}"#)]).state == #"["u","Account-1",3]"#
    )
  }

  /// Taking `export` out moves nothing: a throw is still told at its own line and column.
  @Test func linesAndColumnsStay() throws {
    let source =
      "export const initialState = {};\nexport   const evolve = (s, e) => { throw new Error('here') };"
    let failure = try #require(try Folded(source, events([("T", "{}")])).report.failures.first?.failure)
    #expect(failure.line == 2)
    #expect(failure.column.map { (42...56).contains($0) } == true)
    #expect(failure.message == "here")
  }
}

@Suite struct FoldLoadTests {
  @Test(arguments: [
    ("import x from 'y';\nexport const evolve = 1", "test.js", 1, "bundle"),
    ("const a = 1;\nimport { b } from './b.js'", "test.js", 2, "bundle"),
    ("export * from './b.js'", "test.js", 1, "bundle"),
    ("export { a } from './b.js'", "test.js", 1, "bundle"),
    ("const x = require('fs')", "test.js", 1, "bundle"),
    ("export interface State { n: number }", "test.js", 1, "compile"),
    ("anything", "fold.ts", 1, "compile"), ("const s: string = 1;", "test.js", 1, "compile"),
    ("module.exports = { when: {} ", "test.js", 1, "SyntaxError"),
    ("\n\nthrow new Error('boom')", "test.js", 3, "boom"),
  ])
  func refusals(_ source: String, _ name: String, _ line: Int, _ words: String) throws {
    let failure = try #require(refusal(source, name: name))
    #expect(failure.message.contains(words))
    #expect(failure.line == line)
    #expect(failure.file == name)
  }

  @Test(arguments: [
    ("", "defines no fold"), ("module.exports = {}", "defines no fold"),
    ("module.exports = { evolve: 3 }", "no fold"),
    ("module.exports = { when: 3 }", "not an object"),
    ("module.exports = { when: { T: 3 } }", "not a function"),
    ("module.exports = { when: {}, after: 3 }", "not a function"),
    ("module.exports = { when: {}, lanes: 3 }", "not a list"),
    ("module.exports = { when: {}, initial: () => { throw new Error('no start') } }", "no start"),
    ("module.exports = { when: {}, initial: async () => ({}) }", "synchronous"),
    (
      "module.exports = { when: {}, invariants: Object.fromEntries([...Array(31)].map((x, i) => ['i' + i, () => true])) }",
      "at most 30"
    ),
  ])
  func whatIsNoFold(_ source: String, _ words: String) throws {
    #expect(try #require(refusal(source)).message.contains(words))
  }
}
