import Support
import Testing
import WeirCells
import WeirCore
import WeirReplay

@testable import WeirUI

/// Answers come late, in any order, or never: the screens go on, and take only what they still wait for.
@Suite struct WaitingTests {
  // MARK: Keys never wait

  /// No effect is done at all: a source that does not answer. Every key of every pane is answered all the
  /// same, and the program can be left.
  @Test func everyKeyWorksWhileNothingAnswers() {
    for story in [Story.demo, .replayNatively()] {
      let app = drive(story, holds: true)
      #expect(app.shows("opening…"))
      for binding in KeyTable.all where ![.quit, .close, .suspend].contains(binding.action) {
        for key in binding.keys { app.press(key).press("escape") }
      }
      app.press("tab tab tab z z + - ? escape : escape T")
      #expect(!app.isQuit && app.shows("opening…"))
      #expect(app.press("q").isQuit)
    }
  }

  /// The replay's state is not here: the playhead moves at once, over the state of the moment before, dimmed.
  @Test func thePlayheadDoesNotWaitForTheState() {
    let app = drive(.replayNatively())
    app.holds = true
    app.press("5*left")
    #expect(app.state.replay?.moment == 355 && app.state.replay?.step?.moment == 360)
    #expect(app.state.replay?.isStale == true && app.shows("355/360"))
    let inner = Layout(app.state).inner(.state)
    #expect(app.grid[inner.x, inner.y].flags.contains(.dim))
    let steps = app.waiting.filter { if case .replay(.step, _, _) = $0 { true } else { false } }
    #expect(steps.count == 1, "of five steps only the last is still wanted")
    app.settle()
    #expect(app.state.replay?.isStale == false && app.state.replay?.step?.moment == 355)
  }

  @Test func theListMovesWhileTheInspectorWaits() {
    let app = drive(.demo).press("tab")
    app.holds = true
    app.press("2*up")
    #expect(app.state.browse.inspector.isStale)
    let inspections = app.waiting.filter { if case .inspect = $0 { true } else { false } }
    #expect(inspections.count == 1)
    app.settle()
    #expect(!app.state.browse.inspector.isStale)
  }

  // MARK: Esc stops what is under way

  @Test func escapeStopsTheSearch() {
    let app = drive(.demo).press("tab g")
    let position = app.state.browse.events?.selectedEvent?.positionText
    app.holds = true
    app.press("/").type("nothing of the kind").press("enter")
    #expect(app.state.jobs.count == 1 && app.bottom.contains("Esc stops"))
    app.press("escape")
    #expect(app.state.jobs.isEmpty && app.bottom.contains("search stopped"))
    #expect(app.waiting.allSatisfy { if case .search = $0 { false } else { true } })
    #expect(app.state.browse.events?.selectedEvent?.positionText == position)
  }

  @Test func escapeStopsTheListOfAggregates() {
    let app = drive(.demo)
    app.holds = true
    app.press("a")
    #expect(app.state.browse.aggregates?.isReading == true && app.bottom.contains("listing"))
    app.press("escape")
    #expect(app.state.browse.aggregates == nil && app.state.jobs.isEmpty)
  }

  @Test func escapeStopsFindingAndKeepsTheHits() {
    let app = drive(.demo)
    app.holds = true
    app.press("i").type("Account").press("enter")
    guard case .hits(let list)? = app.state.overlay else {
      Issue.record("no hits")
      return
    }
    let hit = Hit(source: 1, place: .stream(StreamID("Account-19b6554d")))
    app.tell(.hits([hit], generation: list.generation))
    #expect(app.shows("so far") && app.shows("Account-19b6554d"))
    app.press("escape")
    guard case .hits(let stopped)? = app.state.overlay else { return }
    #expect(!stopped.isRunning && stopped.count == 1 && stopped[0] == hit && !app.shows("so far"))
    app.press("escape")
    #expect(app.state.overlay == nil)
  }

  @Test func escapeStopsTheBisect() {
    let app = drive(.replayNatively())
    app.holds = true
    app.press("B").type("state.NoteAdded.count > 1").press("enter")
    #expect(app.state.jobs.map(\.title) == ["bisecting"])
    app.press("escape")
    #expect(app.state.overlay == nil && app.state.jobs.isEmpty && app.state.replay != nil)
  }

  @Test func leavingAReplayStopsItsFold() {
    let app = drive(.demo).press("tab")
    app.holds = true
    app.press("enter")
    let session = app.state.replay?.session
    #expect(app.state.jobs.map(\.title).contains { $0.hasPrefix("folding") })
    app.press("q")
    #expect(app.state.replay == nil && app.state.jobs.isEmpty)
    #expect(session.map { app.orders.contains(.cancel(generation: $0)) } == true)
    app.settle()
    #expect(app.state.replay == nil)
  }

  // MARK: Stale answers

  /// Answers to everything that was ever asked, told again after the screen went on: nothing changes.
  @Test func staleAnswersAreDropped() {
    let app = drive(.demo).press("enter down")
    app.holds = true
    var stale: [Message] = []
    for keys in ["tab 3*up", "] ]", "/ D e p enter", "f t y p e enter", "g", "shift-tab down", "a"] {
      app.press(keys)
      // Asked twice: the answers kept here are told after the real ones.
      for effect in app.waiting { stale += app.answers(to: effect) }
      app.settle()
    }
    app.press("escape")
    app.settle()
    let before = app.text
    for message in stale {
      if case .sourceOpened = message { continue }
      app.tell(message)
    }
    #expect(!stale.isEmpty)
    app.settle()
    #expect(app.text == before)
  }

  @Test func staleAnswersOfAReplayAreDropped() {
    let app = drive(.replayNatively())
    app.holds = true
    var stale: [Message] = []
    for keys in ["3*left", "H", "m a 4*right D", "t 5 0 % enter", "[", "F"] {
      app.press(keys)
      for effect in app.waiting { stale += app.answers(to: effect) }
      app.settle()
      app.press("escape")
    }
    let old = app.state.replay?.session ?? 0
    app.press("f5").settle()
    #expect(app.state.replay?.session != old)
    let (before, moment) = (app.text, app.state.replay?.moment)
    for message in stale { app.tell(message) }
    #expect(!stale.isEmpty)
    app.settle()
    #expect(app.text == before && app.state.replay?.moment == moment)
  }

  /// A page that comes after the window was left for another log.
  @Test func aPageOfAnotherLogIsDropped() {
    let app = drive(.demo).press("enter")
    app.holds = true
    app.press("down")
    let late = app.waiting.flatMap { app.answers(to: $0) }
    app.press("down")
    app.settle()
    let log = app.state.browse.events?.log
    for message in late { app.tell(message) }
    #expect(app.state.browse.events?.log == log && log?.stream.partition == .number(1))
    let streams = (0..<(app.state.browse.events?.count ?? 0)).compactMap {
      app.state.browse.events?[$0]?.event?.partition
    }
    #expect(!streams.isEmpty && streams.allSatisfy { $0 == .number(1) })
  }

  // MARK: Faults

  /// Every effect may fail: the fault is told where its answer would have stood, and nothing is left waiting.
  @Test func everyEffectMayFail() {
    let fault = Fault(.unreadable, "read", "disk", "Input/output error")
    for keys in ["tab up", "tab / x enter", "tab g", "a", "i x enter", "tab enter", "tab 2*] tab", "f5"] {
      let app = drive(.demo)
      app.holds = true
      app.press(keys)
      #expect(!app.waiting.isEmpty, "\(keys)")
      for effect in app.waiting {
        if case .openSource(let index, _) = effect { app.tell(.sourceFailed(index: index, fault)) }
        if let generation = effect.generation { app.tell(.ended(generation: generation, fault)) }
      }
      #expect(app.state.jobs.isEmpty, "\(keys)")
      #expect(app.text.contains("cannot read"), "\(keys)")
      #expect(!app.press("6*escape").isQuit)
    }
  }

  /// Progress is shown with its rate, and a tick of the clock asks how far a fold has come.
  @Test func progressIsShown() {
    let app = drive(.demo).press("tab g")
    app.holds = true
    app.press("/").type("nothing of the kind").press("enter")
    let generation = app.state.jobs.last?.generation ?? 0
    app.tick()
    app.tick(after: 2, [JobProgress(generation: generation, done: 2_500, total: 10_000)])
    #expect(app.bottom.contains("25 %") && app.bottom.contains("1 250/s"))
    app.tick(after: 4, [JobProgress(generation: generation, done: 9_000_000, total: 10_000)])
    #expect(app.bottom.contains("100 %"), "more than expected is no more than all")
  }
}
