import Support
import Testing
import WeirCore
import WeirReplay

/// The laws of the timeline, with native folds over a history of several pages.
@Suite struct FoldedTimelineTests {
  /// A balance that goes up and down, a status, a member that comes and goes.
  private func history(_ count: Int) -> [StoredEvent] {
    (1...count).map { n in
      let status = n % 97 < 40 ? "open" : "frozen"
      let extra = n % 10 == 0 ? #","note":"n\#(n)""# : n % 10 == 5 ? #","note":null"# : ""
      return StoredEvent(
        n, n % 3 == 0 ? "Bank.Withdrawn" : "Bank.Deposited",
        #"{"balance":\#((n * 37) % 211 - 100),"status":"\#(status)"\#(extra)}"#)
    }
  }

  private func timeline(_ count: Int, _ fold: BuiltInFold = .merge) throws -> FoldedTimeline {
    let timeline = FoldedTimeline(
      log: MemoryLog(history(count), pageSize: 100), aggregate: "Account-1", engine: NativeEngine(fold),
      isGuess: true)
    try timeline.load(Work())
    return timeline
  }

  /// The states after each event, folded from the start without any checkpoint.
  private func reference(_ events: [StoredEvent], _ fold: BuiltInFold = .merge) throws -> [JSONValue] {
    let engine = NativeEngine(fold)
    var states = engine.states(of: [0]).map(\.state)
    for event in events {
      engine.stage([event])
      _ = engine.fold(0..<1, into: .one(0), watching: [])
      states += engine.states(of: [0]).map(\.state)
    }
    return states
  }

  @Test(arguments: [BuiltInFold.merge, .byType, .count, .latest])
  func anyMomentEqualsTheFoldFromTheStart(_ fold: BuiltInFold) throws {
    let count = 1300
    let timeline = try timeline(count, fold)
    let states = try reference(history(count), fold)
    #expect(timeline.progress == (count, true))
    var moments = Array(stride(from: 0, through: count, by: 29)) + [255, 256, 257, 511, 512, 513, count]
    moments += moments.reversed()
    for moment in moments {
      let step = try timeline.step(at: moment)
      #expect(step.state == states[moment], "after \(moment)")
      #expect(step.digest == FoldedState(states[moment]).digest)
      if moment > 0 { #expect(step.changes == StateDiff.between(states[moment - 1], states[moment])) }
    }
  }

  @Test func rowsTellWhatEachEventDid() throws {
    let timeline = try timeline(600)
    let rows = try timeline.rows(250..<270)
    #expect(rows.map(\.ordinal) == Array(250..<270))
    #expect(rows[0].positionText == "251")
    #expect(rows[0].type == "Deposited")
    #expect(rows.allSatisfy { $0.sign == .changed })
    #expect(try timeline.rows(590..<900).count == 10)
  }

  @Test func nextAndPreviousChange() throws {
    let count = 700
    let timeline = try timeline(count)
    let states = try reference(history(count))
    let path = try StatePath(parsing: "status")
    func changed(_ moment: Int) -> Bool {
      states[moment].value(at: path) != states[moment - 1].value(at: path)
    }
    for moment in stride(from: 0, through: count, by: 31) {
      let next = (moment + 1..<count + 1).first(where: changed)
      let previous = (1..<max(moment, 1)).last(where: changed)
      #expect(try timeline.nextChange(of: path, from: moment, .forward, Work()) == next, "after \(moment)")
      #expect(
        try timeline.nextChange(of: path, from: moment, .backward, Work()) == previous, "before \(moment)")
    }
  }

  @Test func bisectFindsEveryTurn() throws {
    let count = 900
    let events = history(count)
    let states = try reference(events)
    for text in [
      "state.balance < 0", "state.balance < before.balance", "event.type =~ /With/ && state.status == 'open'",
      "true",
    ] {
      let expression = try Expression(parsing: text)
      var expected: [Turn] = []
      for index in events.indices {
        let now = expression.holds(event: events[index], state: states[index + 1], before: states[index])
        if now != (expected.last?.now ?? false) { expected.append(Turn(ordinal: index, now: now)) }
      }
      #expect(try timeline(count).bisect(expression, Work()) == expected, "\(text)")
      #expect(!expected.isEmpty)
    }
  }

  @Test func lanesKeepTheExtremes() throws {
    let count = 1000
    let timeline = try timeline(count)
    let states = try reference(history(count))
    let paths = [
      try StatePath(parsing: "balance"), try StatePath(parsing: "status"), try StatePath(parsing: "nope"),
    ]
    for width in [1, 7, 80, 2000] {
      let lanes = try timeline.lanes(paths, width: width, Work())
      guard case .chart(let low, let high, let minimum, let maximum) = lanes[0].shape else {
        Issue.record("balance is a chart")
        return
      }
      let numbers = states.dropFirst().compactMap { state -> Double? in
        if case .number(let text)? = state.value(at: paths[0]) { Double(text) } else { nil }
      }
      #expect(minimum == numbers.min() && maximum == numbers.max())
      #expect(low.compactMap { $0 }.min() == minimum && high.compactMap { $0 }.max() == maximum)
      #expect(low.count == width && high.count == width)
      guard case .words(let columns, let words) = lanes[1].shape else {
        Issue.record("status is words")
        return
      }
      #expect(Set(words) == ["open", "frozen"] || width == 1)
      #expect(columns.count == width)
      #expect(
        lanes[1].changeCount == zip(states.dropFirst(), states).filter { $0["status"] != $1["status"] }.count)
      #expect(lanes[2].changeCount == 0)
    }
    #expect(try timeline.suggestedLanes().first == paths[0])
  }

  @Test func timesAndDiffs() throws {
    let timeline = try timeline(300)
    let events = history(300)
    #expect(try timeline.moment(at: Instant(seconds: 0)) == 0)
    #expect(try timeline.moment(at: try #require(events[100].time)) == 101)
    #expect(try timeline.moment(at: Instant(seconds: .max)) == 300)
    let states = try reference(events)
    let changes = try timeline.diff(from: 10, to: 250)
    #expect(StateDiff.apply(changes, to: states[10]) == states[250])
    #expect(try timeline.diff(from: 17, to: 17).isEmpty)
    #expect(throws: Fault.self) { try timeline.step(at: 301) }
    #expect(throws: Fault.self) { try timeline.event(300) }
  }

  @Test func aFoldThatThrowsIsAFindingAndTheWalkGoesOn() throws {
    var events = (1...300).map { StoredEvent($0, "P", #"[{"op":"add","path":"/n\#($0)","value":\#($0)}]"#) }
    events[41] = StoredEvent(42, "P", #"[{"op":"remove","path":"/missing"}]"#)
    let timeline = FoldedTimeline(
      log: MemoryLog(events), aggregate: "a", engine: NativeEngine(.patch), isGuess: false)
    try timeline.load(Work())
    let findings = try timeline.findings()
    #expect(findings.map(\.ordinal) == [41])
    #expect(findings[0].isFailure)
    #expect(try timeline.rows(40..<43).map(\.sign) == [.added, .failed, .added])
    #expect(try timeline.step(at: 42).failure?.position == "42")
    #expect(try timeline.step(at: 42).state == timeline.step(at: 41).state)
    #expect(try timeline.step(at: 300).state.members?.count == 299)
  }

  @Test func aLoadCanBeStoppedAndGoesOn() throws {
    let timeline = FoldedTimeline(
      log: MemoryLog(history(1000)), aggregate: "a", engine: NativeEngine(.count), isGuess: true)
    let stopped = Work()
    stopped.cancel()
    #expect(throws: Fault.self) { try timeline.load(stopped) }
    #expect(!timeline.progress.isComplete)
    try timeline.load(Work())
    #expect(try timeline.step(at: 1000).state == .number("1000"))
  }

  @Test func statesOfAllAggregates() throws {
    let events = (1...5000).map { StoredEvent($0, "T", #"{"n":\#($0)}"#, stream: "A-\($0 % 7)") }
    var all = StateOfAll(NativeEngine(.count)) { _ in true }
    let states = try all.states(of: [MemoryLog(events, pageSize: 333)], Work())
    #expect(states.map(\.aggregate) == (0..<7).map { "A-\($0)" })
    #expect(states.map(\.events).reduce(0, +) == 5000)
    #expect(states.allSatisfy { $0.folded.state == .int($0.events) })
    #expect(states[1].position == "4999")
    var some = StateOfAll(NativeEngine(.latest)) { ($0.time?.seconds ?? 0) <= 1_735_689_600 + 100 }
    let early = try some.states(of: [MemoryLog(events)], only: "A-3", Work())
    #expect(early.map(\.folded.state) == [.object([JSONMember("n", .number("94"))])])
    var none = StateOfAll(NativeEngine(.count)) { _ in false }
    #expect(try none.states(of: [MemoryLog(events)], only: "A-3", Work()).map(\.events) == [0])
  }
}
