import Support
import Testing
import WeirCore

@testable import WeirReplay

/// What commands ask of a timeline beyond its steps: versions, positions, histories, who set what, and the
/// events of a fold that has its own idea of aggregates.
@Suite struct TimelineSearchTests {
  private func timeline(_ events: [StoredEvent], _ fold: BuiltInFold = .merge) throws -> FoldedTimeline {
    let timeline = FoldedTimeline(
      log: MemoryLog(events, pageSize: 100), aggregate: "Account-1", engine: NativeEngine(fold), isGuess: true
    )
    try timeline.load(Work())
    return timeline
  }

  private func history(_ count: Int) -> [StoredEvent] {
    (1...count).map { n in
      StoredEvent(n, "T", #"{"n":\#(n / 100),"deep":{"a":\#(n % 2),"b":[\#(n / 300)]}}"#)
    }
  }

  @Test func versionsAndPositions() throws {
    var list = history(700)
    for index in list.indices { list[index].version = String(index * 2) }
    let timeline = try timeline(list)
    #expect(try timeline.moment(version: 0, Work()) == 1)
    #expect(try timeline.moment(version: -1, Work()) == 0)
    #expect(try timeline.moment(version: 1000, Work()) == 501)
    #expect(try timeline.moment(version: 1001, Work()) == 501, "between two versions")
    #expect(try timeline.moment(version: 99_999, Work()) == 700)
    #expect(try timeline.moment(position: "300", Work()) == 300)
    #expect(try timeline.moment(position: "nowhere", Work()) == nil)
    for index in list.indices { list[index].version = nil }
    #expect(try self.timeline(list).moment(version: 3, Work()) == nil)
  }

  @Test func severalPartitionsAreSaidOnlyWhereTheyMatter() throws {
    let one = (1...5).map { StoredEvent($0, "T", "{}", partition: 3) }
    let two = (1...6).map { StoredEvent($0, "T", "{}", partition: Int32($0 % 2)) }
    #expect(try !timeline(one).about.orderIsByTime)
    let spread = try timeline(two)
    #expect(spread.about.orderIsByTime)
    #expect(try spread.moment(position: "0@4", Work()) == 4)
  }

  @Test func theEventClockPlacesEvents() throws {
    var list = history(3)
    for index in list.indices { list[index].eventTime = Instant(seconds: Int64(index) * 100, digits: 0) }
    let log = MemoryLog(list)
    let timeline = FoldedTimeline(
      log: log, aggregate: "Account-1", engine: NativeEngine(.count), isGuess: false, usesEventClock: true)
    try timeline.load(Work())
    #expect(try timeline.moment(at: Instant(seconds: 150, digits: 0)) == 2)
    #expect(try timeline.rows(0..<3).map(\.time?.seconds) == [0, 100, 200])
  }

  @Test(arguments: ["n", "deep.a", "deep.b[0]", "deep", ""])
  func historyIsEveryChangeOfTheField(_ text: String) throws {
    let list = history(620)
    let (timeline, path) = (try timeline(list), try StatePath(parsing: text))
    var expected: [FieldChange] = []
    var before: JSONValue? = try timeline.step(at: 0).state.value(at: path)
    for moment in 1...620 {
      let now = try timeline.step(at: moment).state.value(at: path)
      if now != before { expected.append(FieldChange(ordinal: moment - 1, from: before, to: now)) }
      before = now
    }
    var found: [FieldChange] = []
    try timeline.history(of: path, Work()) { changes in found += changes }
    #expect(found == expected)
    let last = try timeline.lastChanges(of: [path, StatePath([.member("none")])], Work())
    #expect(last == [expected.last?.ordinal, nil])
  }

  @Test func blameTakesMoreFieldsThanOneCallWatches() throws {
    let names = (0..<150).map { "f\($0)" }
    let first = "{" + names.map { "\"\($0)\":0" }.joined(separator: ",") + "}"
    var list = [StoredEvent(1, "T", first)]
    for n in 2...400 { list.append(StoredEvent(n, "T", "{\"f\(n % 100)\":\(n)}")) }
    let timeline = try timeline(list)
    let last = try timeline.lastChanges(of: names.map { StatePath([.member($0)]) }, Work())
    for (index, ordinal) in last.enumerated() {
      // f0 … f99 were set again by the last hundred events, the others only by the first.
      #expect(ordinal == (index < 100 ? (index == 0 ? 399 : 299 + index) : 0), "f\(index)")
    }
  }

  @Test func manyCheckpointsAreThinnedAndNothingChanges() throws {
    // About 3 MB a state: the budget holds some twenty checkpoints, and there are more.
    let filler = String(repeating: "x", count: 3_000_000)
    var list = [StoredEvent(1, "T", #"{"filler":"\#(filler)","n":0}"#)]
    for n in 2...6000 { list.append(StoredEvent(n, "T", #"{"n":\#(n)}"#)) }
    let timeline = try timeline(list)
    #expect((5...15).contains(timeline.checkpoints.count))
    for moment in [6000, 5889, 257, 1] {
      #expect(try timeline.step(at: moment).state["n"] == .int(moment == 1 ? 0 : moment))
    }
  }

  // MARK: Folds with their own idea of aggregates

  private func engine(_ source: String) throws -> JavaScriptEngine {
    var options = FoldOptions()
    options.inProcess = true
    return try JavaScriptEngine(name: "own.js", source: source, options: options)
  }

  @Test(arguments: [
    "module.exports = { aggregate: e => e.data.account, when: { T: (s, e) => { s.sum = (s.sum | 0) + e.data.n } } }",
    "fromAll().partitionBy(e => e.body.account).when({ T: (s, e) => { s.sum = (s.sum | 0) + e.body.n } })",
  ])
  func ownAggregatesAcrossTheWholeLog(_ source: String) throws {
    let list = (0..<3000).map { n in
      StoredEvent(n, "T", #"{"account":"a\#(n % 7)","n":\#(n)}"#, stream: "S-\(n % 3)")
    }
    let engine = try engine(source)
    let log = SelectedLog(MemoryLog(list, pageSize: 500), of: "a3", by: engine)
    let timeline = FoldedTimeline(log: log, aggregate: "a3", engine: engine, isGuess: false)
    try timeline.load(Work())
    let own = list.indices.filter { $0 % 7 == 3 }
    #expect(timeline.progress.events == own.count)
    var sum = 0
    let sums = own.map { n in
      sum += n
      return sum
    }
    for moment in [own.count, 1, 300, 256, 257, 12, own.count - 1] {
      #expect(try timeline.step(at: moment).state["sum"] == .int(sums[moment - 1]))
    }
    #expect(try timeline.event(10).positionText == String(own[10]))
    // Page by page of any size it is the same log.
    let whole = try LogContent(log, count: 5000).events.map(\.positionText)
    #expect(try LogContent(log, count: 3).events.map(\.positionText) == whole)
    #expect(try LogContent(log, .backward, count: 7).events.map(\.positionText) == whole.reversed())
  }

  @Test func oneStateOfSeveralStreams() throws {
    let list = (0..<40).map { StoredEvent($0, "T", "{}", stream: "S-\($0 % 4)") }
    let engine = try engine("fromStreams('S-1', 'S-2').when({ T: s => { s.n = (s.n | 0) + 1 } })")
    let timeline = FoldedTimeline(
      log: SelectedLog(MemoryLog(list), of: "S-1,S-2", by: engine), aggregate: "S-1,S-2", engine: engine,
      isGuess: false)
    try timeline.load(Work())
    #expect(timeline.progress.events == 20)
    #expect(try timeline.step(at: 20).state.text == #"{"n":20}"#)
  }
}

/// What a stream is folded by when nobody chose.
@Suite struct FoldGuessTests {
  private func guess(_ payloads: [String?], type: String? = nil) -> BuiltInFold {
    BuiltInFold.guess(payloads.enumerated().map { StoredEvent($0 + 1, type, $1) })
  }

  @Test func fromThePayloads() {
    let envelope = #"{"before":null,"after":{"id":1},"op":"c"}"#
    #expect(guess([envelope, envelope, nil]) == .debezium)
    #expect(guess([#"{"schema":{},"payload":\#(envelope)}"#]) == .debezium)
    #expect(guess([envelope], type: "x.Envelope") == .debezium)
    #expect(guess([#"[{"op":"add","path":"/a","value":1}]"#]) == .patch)
    #expect(guess([#"[{"op":"buy","path":"/a"}]"#]) == .byType)
    #expect(guess([#"{"a":1,"b":2}"#, #"{"b":3}"#]) == .merge)
    #expect(guess([#"{"a":1}"#, #"{"b":3}"#, #"{"c":3}"#]) == .byType)
    #expect(guess([#"{"a":1,"b":2}"#, #"{"b":3}"#], type: "Changed") == .byType)
    #expect(guess(["1", "[]", "\"x\""]) == .byType)
    #expect(guess([]) == .byType)
    #expect(guess([nil, nil]) == .byType)
  }
}
