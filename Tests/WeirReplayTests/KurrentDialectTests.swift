import Support
import Testing
import WeirCore

@testable import WeirReplay

/// KurrentDB's projection language, quirk by quirk.
@Suite struct KurrentDialectTests {
  private let two = events([("A", #"{"n":1}"#), ("B", #"{"n":2}"#), ("A", #"{"n":3}"#)])

  private func state(_ source: String, _ list: [StoredEvent]? = nil) throws -> String {
    try Folded(source, list ?? two).state
  }

  @Test(arguments: [
    ("fromAll().when({ A: (s, e) => { s.n = (s.n || 0) + e.body.n } })", #"{"n":4}"#),
    (
      "fromStream('Account-1').when({ $init: () => ({ n: 10 }), A(s, e) { return { n: s.n + e.data.n } } })",
      #"{"n":14}"#
    ),
    (
      "fromStreams('x', 'Account-1').when({ $any: (s, e) => { s[e.eventType] = e.sequenceNumber } })",
      #"{"A":2,"B":1}"#
    ),
    ("fromStreams(['x', 'Account-1']).when({ $any: s => { s.n = (s.n | 0) + 1 } })", #"{"n":3}"#),
    ("fromCategory('Account').foreachStream().when({ $any: s => { s.n = (s.n | 0) + 1 } })", #"{"n":3}"#),
    ("fromCategories(['Account', 'Other']).when({ B: (s, e) => e.category })", #""Account""#),
    ("on_event('B', (s, e) => { s.b = e.body.n }); fromAll()", #"{"b":2}"#),
    ("fromAll(); on_any((s, e) => { s.n = e.body.n })", #"{"n":3}"#),
    // A handler of `null` or a number is no handler.
    ("fromAll().when({ A: null, B: (s, e) => { s.b = 1 }, C: 3 })", #"{"b":1}"#),
    // The last source counts.
    ("fromAll(); fromStream('Account-1').when({ B: s => { s.b = 1 } })", #"{"b":1}"#),
    ("fromStream('$ce-Account').when({ B: s => { s.b = 1 } })", #"{"b":1}"#),
  ])
  func sources(_ source: String, _ expected: String) throws {
    let folded = try Folded(source, two)
    #expect(folded.report.failures.isEmpty)
    #expect(try folded.state == expected)
    #expect(folded.engine.about.dialect == .kurrent)
  }

  @Test func keysSayWhichStateAnEventBelongsTo() throws {
    func about(_ source: String) throws -> FoldAbout { try Folded(source, []).engine.about }
    #expect(try about("fromAll().when({})").keys == .one("$all"))
    #expect(try about("fromStream('s').when({})").keys == .one("s"))
    #expect(try about("fromStreams('s', 't').when({})").keys == .one("s,t"))
    #expect(try about("fromCategory('c').when({})").keys == .one("$ce-c"))
    #expect(try about("fromAll().foreachStream().when({})").keys == .aggregate)
    #expect(try about("fromAll().partitionBy(e => e.body.p).when({})").keys == .asked)
    #expect(try about("fromAll().foreachStream().when({ $deleted: () => {} })").keys == .asked)
    #expect(try about("fromStreams('s', 't').when({})").selection == FoldSelection(streams: ["s", "t"]))
    #expect(try about("fromCategory('c').when({})").selection == FoldSelection(categories: ["c"]))
    #expect(try about("fromAll().when({})").selection == nil)
    let selection = FoldSelection(streams: ["x"], categories: ["c"])
    #expect(["x", "c-1", "c", "d-1"].map(selection.contains) == [true, true, false, false])
  }

  @Test func anyBeforeNamedHandlersSeesOnlyNamedTypes() throws {
    #expect(try state("fromAll().when({ $any: s => { s.any = 1 }, A: s => { s.a = 1 } })") == #"{"a":1}"#)
    #expect(
      try state("fromAll().when({ A: s => { s.a = 1 }, $any: s => { s.any = 1 } })") == #"{"a":1,"any":1}"#)
  }

  @Test func whatAHandlerReturns() throws {
    #expect(try state("fromAll().when({ A: s => { s.n = 1 } })") == #"{"n":1}"#)
    #expect(try state("fromAll().when({ A: s => 7 })") == "7")
    // A null state is stored as nothing, and begins anew.
    #expect(
      try state("fromAll().when({ $init: () => ({ n: 0 }), B: () => null, A: s => { s.n++; return s } })")
        == #"{"n":1}"#)
    #expect(try state("fromAll().when({ B: () => null })") == "null")
  }

  @Test func withoutHandlersTheStateIsTheLastBody() throws {
    #expect(try state("fromAll()") == #"{"n":3}"#)
    #expect(try state("fromAll().when({})") == #"{"n":3}"#)
    #expect(try state("fromAll().when({ $init: () => ({ n: 9 }) })", []) == #"{"n":9}"#)
  }

  @Test func theEventIsWholeAndReadOnly() throws {
    let source = """
      fromAll().when({ $any(s, e) {
        e.eventType = 'other'; e.body = 3;
        s.same = e.body === e.data;
        s.keys = Object.keys(e).sort();
        return { ...s, e: { ...e, body: undefined, data: undefined } };
      } })
      """
    var event = StoredEvent(7, "T", #"{"a":1}"#, stream: "Account-1", meta: #"{"u":1}"#)
    event.id = "5D9DC9F8-1818-4811-892F-902BD23F0824"
    let keys =
      "bodyRaw,category,created,data,eventId,eventType,isJson,linkMetadata,linkMetadataRaw,metadata,metadataRaw,"
      + "partition,sequenceNumber,streamId"
    let value = try Folded(source, [event]).folded.state
    #expect(value["same"] == .bool(true))
    #expect(value["keys"]?.elements?.compactMap(\.string).joined(separator: ",") == "body," + keys)
    let text = try #require(value["e"]).text
    for part in [
      #""eventId":"5d9dc9f8-1818-4811-892f-902bd23f0824""#, #""created":"2025-01-01T00:00:07.0000000Z""#,
      #""metadata":{"u":1}"#, #""metadataRaw":"{\"u\":1}""#, #""bodyRaw":"{\"a\":1}""#, #""isJson":true"#,
      #""partition":"""#, #""streamId":"Account-1""#, #""sequenceNumber":7"#, #""eventType":"T""#,
      #""linkMetadata":null"#,
    ] { #expect(text.contains(part), "\(part)") }
  }

  @Test func onlyJSONIsDelivered() throws {
    var list = two
    list[0].data = .text("plain")
    list[1].data = .null
    #expect(try state("fromAll().when({ $any: (s, e) => { s.n = (s.n | 0) + 1 } })", list) == #"{"n":1}"#)
  }

  @Test func linksAreDeliveredOnlyWhenAskedFor() throws {
    let list = events([("$>", #"{"n":1}"#), ("A", #"{"n":2}"#)])
    let when = "fromAll().when({ $any: (s, e) => { s[e.eventType] = 1 } })"
    #expect(try state(when, list) == #"{"A":1}"#)
    #expect(try state("options({ $includeLinks: true }); " + when, list) == #"{"$>":1,"A":1}"#)
  }

  @Test func partitionsAreTextsAndNumbersOnly() throws {
    let list = events([
      ("T", #"{"p":"a"}"#), ("T", #"{"p":7}"#), ("T", #"{"p":true}"#), ("T", #"{"p":null}"#), ("T", "{}"),
      ("U", #"{"p":"a"}"#),
    ])
    let source = """
      fromAll().partitionBy(e => e.body.p).when({
        $created: (s, e) => { s.created = e.partition }, T: (s, e) => { s.n = (s.n | 0) + 1 } })
      """
    let folded = try Folded(source, list)
    #expect(try folded.engine.keys() == ["a", "7", nil, nil, nil, nil])
    _ = try folded.engine.fold(0..<2, into: .each([4, 5]), watching: [])
    #expect(
      try folded.engine.states(of: [4, 5]).map(\.state.text)
        == [#"{"created":"a","n":1}"#, #"{"created":"7","n":1}"#])
  }

  @Test func createdRunsOnceAndItsResultIsIgnored() throws {
    let source = """
      fromAll().foreachStream().when({ $created: (s, e) => { s.c = (s.c | 0) + 1; return { lost: 1 } },
        A: (s, e) => { s.n = (s.n | 0) + 1 } })
      """
    #expect(try state(source) == #"{"c":1,"n":2}"#)
  }

  @Test func deletedStreams() throws {
    let source = """
      fromAll().foreachStream().when({ A: s => { s.n = 1 },
        $deleted: (s, e, partition, isSoft) => { s.deleted = [e, partition, isSoft]; return { lost: 1 } } })
      """
    var list = events([("A", #"{"n":1}"#), ("$streamDeleted", "{}")])
    #expect(try state(source, list) == #"{"n":1,"deleted":[null,"Account-1",false]}"#)
    list[1] = StoredEvent(1, "$metadata", #"{"$tb":9223372036854775807}"#, stream: "$$Account-1")
    let soft = try Folded(source, list)
    #expect(try soft.engine.keys() == ["Account-1", "Account-1"])
    #expect(try soft.state == #"{"n":1,"deleted":[null,"Account-1",false]}"#)
    list[1] = StoredEvent(1, "$metadata", #"{"$tb":3}"#, stream: "$$Account-1")
    #expect(try state(source, list) == #"{"n":1}"#)
  }

  @Test func sharedStates() throws {
    let source = """
      fromAll().partitionBy(e => e.eventType).when({ $init: () => ({ n: 0 }), $initShared: () => ({ all: 0 }),
        $any: (s, e) => { s[0].n++; s[1].all++; s[0].seen = s[1].all; return s } })
      """
    let folded = try Folded(source, [])
    try folded.engine.stage(two)
    _ = try folded.engine.fold(0..<3, into: .each([2, 3, 2]), watching: [])
    #expect(
      try folded.engine.states(of: [2, 3]).map(\.state.text) == [#"{"n":2,"seen":3}"#, #"{"n":1,"seen":2}"#])
    let wrong = try Folded("options({ biState: true }); fromAll().when({ A: s => 3 })", two)
    #expect(wrong.report.failures.count == 2)
  }

  @Test func resultsAreTransformed() throws {
    let source = """
      fromAll().when({ $init: () => ({ n: 0 }), A: (s, e) => { s.n += e.body.n } }).outputState()
        .transformBy(s => ({ twice: s.n * 2 })).filterBy(s => s.twice > 4)
      """
    let folded = try Folded(source, two)
    #expect(try folded.folded.result?.text == #"{"twice":8}"#)
    #expect(try folded.state == #"{"n":4}"#)
    #expect(try Folded(source, [two[0]]).folded.result?.text == "null")
    #expect(try Folded("fromAll().when({}).filterBy(s => 1)", two).folded.result?.text == "null")
    #expect(try Folded("fromAll().when({}).transformBy(s => undefined)", two).folded.result?.text == "null")
    #expect(try Folded("fromAll().when({})", two).folded.result == nil)
  }

  @Test func whatWouldBeWrittenIsCollected() throws {
    let source = """
      log('while loading');
      fromAll().when({ A(s, e) {
        emit('out-1', 'Seen', { n: e.body.n }, { m: 1 }); linkTo('links', e);
        linkStreamTo('x', 'y'); copyTo('z', e);
        log('one'); log({ a: 1 }); log('a', { b: 1 }, 2, { c: 2 });
      } })
      """
    let report = try Folded(source, [two[0]]).report
    #expect(report.failures.isEmpty)
    #expect(
      report.emitted.map(\.event.text) == [
        #"{"stream":"out-1","type":"Seen","data":{"n":1},"metadata":{"m":1}}"#,
        #"{"stream":"links","type":"$>","data":"0@Account-1"}"#, #"{"stream":"x","type":"$@","data":"y"}"#,
      ])
    #expect(report.logs.map(\.text) == ["one", #"{"a":1}"#, "a", "2", #"{"b":1} ,{"c":2}"#])
  }

  @Test(arguments: [
    "emit('', 'T', {})", "emit('s', ' ', {})", "emit('s', 'T', 3)", "emit('s', 'T', null)",
    "emit('s', 'T', {}, 3)", "linkTo('', e)", "linkTo('s', {})", "linkTo('s', null)", "linkTo('s', e, 3)",
    "linkStreamTo('s')",
  ])
  func wrongCallsThrow(_ call: String) throws {
    let folded = try Folded("fromAll().when({ A(s, e) { s.half = 1; \(call) } })", [two[0]])
    #expect(folded.report.failures.count == 1)
    #expect(try folded.state == "{}", "the state is as it was")
  }

  @Test(arguments: [
    ("options({ nope: 1 }); fromAll()", "no nope"), ("options({ biState: 1 }); fromAll()", "is a boolean"),
    ("options(3)", "takes an object"), ("fromStream(3)", "names as strings"),
    ("fromStreams()", "needs a name"),
    ("fromStream('a', 'b')", "use fromStreams"), ("fromAll().when(3)", "an object of handlers"),
    ("fromAll().partitionBy(3)", "takes a function"),
    ("fromAll().when({}).transformBy(3)", "takes a function"),
    ("fromAll().when({}).filterBy(3)", "takes a function"),
    ("fromAll().when({}).outputTo(3)", "one or two strings"),
    ("fromStream('a').foreachStream()", "not a function"), ("fromAll().when({}).when({})", "not a function"),
    ("on_event('A', s => s)", "names no source"),
    ("fromAll(); on_event('A', s => s); on_event('A', s => s)", "already a handler"),
    ("fromAll().when({ $deleted: () => {} })", "needs foreachStream"),
    (
      "options({ biState: true }); fromAll().foreachStream().when({ $deleted: () => {} })",
      "does not go with biState"
    ),
  ])
  func refusals(_ source: String, _ words: String) throws {
    let failure = try #require(refusal(source))
    #expect(failure.message.contains(words), "\(failure.message)")
  }

  @Test func definitionsAreGoneOnceTheScriptIsLoaded() throws {
    let source =
      "fromAll().when({ $any: s => { s.gone = [typeof fromAll, typeof options, typeof on_event, typeof emit] } })"
    #expect(try state(source) == #"{"gone":["undefined","undefined","undefined","function"]}"#)
  }

  @Test func chainsGoToTheirEnds() throws {
    #expect(
      try state(
        "options({ resultStreamName: 'r', reorderEvents: true, processingLag: 50 });"
          + "fromAll().foreachStream().when({ A: s => { s.n = 1 } }).$defines_state_transform()")
        == #"{"n":1}"#)
    #expect(try state("fromAll().when({ A: s => { s.n = 1 } }).outputTo('a', 'b-{0}')") == #"{"n":1}"#)
    #expect(try state("fromAll().outputState().transformBy(s => s)") == #"{"n":3}"#)
    #expect(
      try state("fromAll().when({ A: s => { s.big = 2n ** 64n } })") == #"{"big":"18446744073709551616"}"#)
  }

  /// Events of a topic: the stream is the aggregate, so that one text folds store and topic alike.
  @Test func theAggregateOfATopicIsItsKey() throws {
    var list = two
    for index in list.indices {
      list[index].stream = "bank.accounts"
      list[index].partition = .number(0)
      list[index].key = Array("Account-9".utf8)
    }
    #expect(
      try state("fromCategory('Account').foreachStream().when({ A: (s, e) => { s.id = e.streamId } })", list)
        == #"{"id":"Account-9"}"#)
  }
}
