import Support
import Testing
import WeirCells
import WeirCore
import WeirReplay

@testable import WeirUI

/// Keys of the Replay screen, each against the state it leads to.
@Suite struct ReplayTests {
  private func replay() -> Driver { drive(.replayNatively()) }

  private func moment(_ app: Driver) -> Int? { app.state.replay?.moment }

  /// The state on the screen is that of the playhead, and so are list and digest.
  private func agrees(_ app: Driver) -> Bool {
    guard let replay = app.state.replay else { return false }
    return replay.step?.moment == replay.moment && replay.list.selected == replay.moment
      && !replay.isStale && (replay.moment == 0 || replay.row(replay.moment) != nil)
  }

  // MARK: Walking

  @Test func opensAfterTheLastEvent() {
    let app = replay()
    #expect(moment(app) == 360 && app.state.replay?.events == 360 && app.state.replay?.isComplete == true)
    #expect(agrees(app) && app.state.jobs.isEmpty && app.waiting.isEmpty)
    #expect(app.state.replay?.lanes.isEmpty == false)
  }

  @Test func stepsLeapsPagesAndEdges() {
    let app = replay()
    let page = app.state.visible(ReplayState.Pane.timeline) - 1
    let steps: [(String, Int)] = [
      ("left", 359), ("h", 358), ("k", 357), ("up", 356), ("right", 357), ("l", 358), ("j", 359),
      ("down", 360), ("down", 360), ("shift-left", 350), ("H", 340), ("shift-right", 350), ("L", 360),
      ("pageup", 360 - page), ("ctrl-b", 360 - 2 * page), ("space", 360 - page), ("pagedown", 360),
      ("ctrl-f", 360), ("g", 0), ("k", 0), ("G", 360), ("home", 0), ("end", 360), ("ctrl-e", 360),
      ("1 2 G", 12), ("5 j", 17), ("3 left", 14), ("2 shift-right", 34), ("9 9 9 9 G", 360),
    ]
    for (keys, place) in steps {
      app.press(keys)
      #expect(moment(app) == place, "\(keys)")
      #expect(agrees(app), "\(keys)")
    }
  }

  /// Every state by walking forwards is the state by walking back.
  @Test func backIsTheSameAsForth() {
    let app = replay().press("g")
    var digests: [String?] = []
    for _ in 0..<40 { digests.append(app.press("l").state.replay?.step?.digest) }
    for digest in digests.dropLast().reversed() {
      #expect(app.press("h").state.replay?.step?.digest == digest)
    }
  }

  @Test func goesToATimeANumberAShare() {
    let app = replay()
    let cases = [
      ("50%", 180), ("#7", 7), ("-3", 4), ("+10", 14), ("2025-01-01", 0), ("2026-01-01", 360), ("100%", 360),
    ]
    for (text, place) in cases {
      app.press("t").type(text).press("enter")
      #expect(moment(app) == place && agrees(app), "\(text)")
    }
    let row = app.press("1 8 0 G").state.replay.flatMap { $0.row(180) }
    app.press("g t").type(row?.positionText ?? "").press("enter")
    #expect(moment(app) == 180, "by its position")
    app.press("t").type("2025-01-03 05:21").press("enter")
    #expect(moment(app) == 11, "the last event before that minute")
    app.press("t").type("99999999").press("enter")
    #expect(moment(app) == 11 && app.shows("no event stands at"))
  }

  @Test func opensAtTheEventOfTheAddress() {
    for (target, place) in [(Target.time(Instant(seconds: 1_735_881_680)), 11), (.position("0"), 0)] {
      var story = Story.replayNatively()
      story.launches[0].target = target
      let app = drive(story)
      #expect(agrees(app) && app.state.replay?.target == nil)
      if place > 0 { #expect(moment(app) == place) }
    }
  }

  /// A stream of a store is an aggregate: its address opens in Replay, at its own version and not at the
  /// store's position of that number.
  @Test func aStoresStreamOpensInReplayAtItsVersion() {
    var launch = Launch(path: "demo/emmett.sqlite", stream: StreamID(Story.account))
    launch.target = .position("17")
    let app = drive(Story(launches: [launch]))
    #expect(moment(app) == 17 && app.state.replay?.row(17)?.version == "17" && agrees(app))
    #expect(app.press("Y").copies.last == "weir 'demo/emmett.sqlite#\(Story.account)@17'")
    let browse = drive(Story(launches: [Launch(path: "demo/kafka", stream: StreamID("bank.transfers"))]))
    #expect(browse.state.replay == nil, "a topic holds many")
  }

  // MARK: Fields

  @Test func walksTheChangesOfAField() {
    let app = replay().press("tab g")
    let path = app.state.replay?.selectedPath
    #expect(path?.text == "AccountOpened")
    app.press("[")
    #expect(moment(app) == 1, "opened once")
    app.press("[")
    #expect(moment(app) == 1 && app.shows("does not change before"))
    app.press("]")
    #expect(moment(app) == 1 && app.shows("does not change after"))
    app.press("3*tab 1 2 0 G")
    #expect(app.state.replay?.focus == .timeline)
    app.press("shift-tab")
    #expect(app.state.replay?.focus == .lanes)
    let lane = app.state.replay?.selectedPath
    app.press(".")
    let after = moment(app) ?? 0
    #expect(after > 120)
    #expect(app.state.replay?.step?.changes.contains { lane?.contains($0.path) ?? false } == true)
    app.press(",")
    #expect((moment(app) ?? 0) < after)
    #expect(app.state.replay?.step?.changes.contains { lane?.contains($0.path) ?? false } == true)
  }

  @Test(.needsLibrary("libjavascriptcoregtk-4.1.so.0"))
  func walksTheFindings() {
    let app = drive(.replay()).press("g")
    let findings = app.state.replay?.findings ?? []
    #expect(!findings.isEmpty)
    app.press("}")
    #expect(moment(app) == findings[0].ordinal + 1)
    #expect(app.state.replay?.step?.brokenInvariants == ["within the overdraft"])
    for finding in findings.dropFirst() { #expect(moment(app.press(">")) == finding.ordinal + 1) }
    app.press("}")
    #expect(app.shows("no finding after"))
    app.press("end {")
    #expect(moment(app) == (findings.last?.ordinal ?? 0) + 1 && moment(app) == 11)
    app.press("g <")
    #expect(moment(app) == 0 && app.shows("no finding before"))
  }

  @Test func noFindingsAreSaid() {
    let app = replay().press("{")
    #expect(app.shows("no invariant is broken") && moment(app) == 360)
  }

  // MARK: The state

  @Test func foldsTheState() {
    let app = replay().press("tab g")
    let tree = { app.state.replay?.tree }
    #expect(app.state.replay?.focus == .state)
    let all = tree()?.lines.count ?? 0
    app.press("enter")
    #expect(tree()?.selectedLine?.kind == .folded(3) && (tree()?.lines.count ?? 0) < all)
    app.press("l l")
    #expect(tree()?.selectedLine?.path.text == "AccountOpened.count")
    app.press("h h")
    #expect(tree()?.selectedLine?.path.text == "AccountOpened" && (tree()?.lines.count ?? 0) < all)
    app.press("o o")
    #expect(tree()?.lines.count == all)
    app.press("/").type("payout").press("enter")
    #expect(tree()?.selectedLine?.label == "payout_cents")
    app.press("/").type("nowhere to be found").press("enter")
    #expect(app.shows("is not in what is unfolded here"))
  }

  @Test func searchesTheEvents() {
    let app = replay().press("g /").type("AddressChanged").press("enter")
    let first = moment(app) ?? 0
    #expect(app.state.replay?.stepEvent?.summary.type == "AddressChanged")
    let second = moment(app.press("n")) ?? 0
    #expect(second > first && app.state.replay?.stepEvent?.summary.type == "AddressChanged")
    #expect(moment(app.press("N")) == first)
    app.press("N")
    #expect(moment(app) == first && app.shows("is not found"))
  }

  // MARK: Marks and comparison

  @Test func marksAndComparesMoments() {
    let app = replay()
    app.press("'")
    #expect(app.shows("set a mark first") && app.state.pending == nil)
    app.press("D")
    #expect(app.shows("set a mark first"))
    app.press("1 0 0 G m")
    #expect(app.state.pending == .mark && app.shows("mark with a letter"))
    app.press("a 1 2 0 G m b")
    #expect(app.state.replay?.marks == ["a": 100, "b": 120])
    app.press("' a")
    #expect(moment(app) == 100 && agrees(app))
    app.press("' x")
    #expect(moment(app) == 100 && app.shows("there is no mark x; set are a b"))
    app.press("D")
    #expect(app.state.replay?.diffFrom == 120 && app.shows("From #120 to #100"))
    let changes = app.state.replay?.diff ?? []
    #expect(!changes.isEmpty)
    app.press("right")
    #expect(app.shows("From #120 to #101"), "the comparison follows the playhead")
    app.press("2 0 right")
    #expect(app.state.replay?.moment == 121)
    app.press("left")
    #expect(app.state.replay?.diff.isEmpty == true && app.shows("the two states are equal"))
    app.press("escape")
    #expect(app.state.replay != nil && app.state.replay?.diffFrom == nil)
    app.press("m escape")
    #expect(app.state.replay?.marks.count == 2 && app.state.pending == nil)
  }

  /// The pane of changes scrolls as far as there are lines, and back at once.
  @Test func scrollsTheChanges() {
    let app = replay().press("1 G 2*tab")
    #expect(app.state.replay?.focus == .changes)
    let first = app.text
    app.press("G 20*down")
    let top = app.state.replay?.changesTop ?? 0
    #expect(top > 0 && app.text != first)
    app.press("up")
    #expect(app.state.replay?.changesTop == top - 1)
    app.press("g")
    #expect(app.text == first)
  }

  // MARK: Bisect and folds

  @Test func bisectsAndGoesThere() {
    let app = replay().press("B").type("state.NoteAdded.count >= 3").press("enter")
    guard case .menu(let menu)? = app.state.overlay else {
      Issue.record("no list of turns")
      return
    }
    #expect(menu.items.count == 1 && menu.items[0].title.hasPrefix("true"))
    let target = menu.items.first?.moment
    app.press("enter")
    #expect(moment(app) == target && app.state.replay?.stepEvent?.summary.type == "NoteAdded")
    #expect(app.state.overlay == nil)
    app.press("B").type("false").press("enter")
    #expect(app.shows("it is false at every moment"))
    app.press("escape B").type("state.").press("enter")
    #expect(app.state.overlay != nil, "a mistake keeps the prompt")
    app.press("escape B up")
    #expect(app.shows("false"), "what was asked before")
  }

  @Test func choosesAnotherFoldAndStays() {
    let app = replay().press("1 0 0 G m a F")
    guard case .menu(let menu)? = app.state.overlay else {
      Issue.record("no list of folds")
      return
    }
    #expect(menu.items.map(\.value) == BuiltInFold.allCases.map(\.rawValue))
    #expect(menu.items[menu.position.selected].value == "by-type")
    let count = menu.items.firstIndex { $0.value == "count" } ?? 0
    app.press("g \(count)*down enter")
    #expect(app.state.replay?.about?.fold == "count")
    #expect(moment(app) == 100 && agrees(app), "the playhead stays")
    #expect(app.state.replay?.marks == ["a": 100])
    app.press("f5")
    #expect(moment(app) == 100 && app.state.replay?.about?.fold == "count" && agrees(app))
  }

  // MARK: Leaving

  @Test func escapeLeavesStepByStep() {
    let app = replay().press("m a D z 2*tab")
    #expect(app.state.isZoomed && app.state.replay?.focus == .changes)
    app.press("escape")
    #expect(app.state.replay?.diffFrom == nil && app.state.isZoomed)
    app.press("escape")
    #expect(!app.state.isZoomed && app.state.replay?.focus == .changes)
    app.press("escape")
    #expect(app.state.replay?.focus == .timeline)
    app.press("escape")
    #expect(app.state.replay == nil && !app.isQuit)
    #expect(app.orders.contains { if case .cancel = $0 { true } else { false } })
  }
}
