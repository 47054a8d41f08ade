import Support
import Testing
import WeirCells
import WeirCore
import WeirReplay

@testable import WeirUI

/// Keys of the Browse screen, each against the state it leads to.
@Suite struct BrowseTests {
  private let account = "Account-19b6554d"

  /// The store's own partition of the bundled bank, with the events pane focused.
  private func partition() -> Driver {
    drive(.demo).press("enter down enter")
  }

  private func position(_ app: Driver) -> String? { app.state.browse.events?.selectedEvent?.positionText }

  // MARK: Opening

  @Test func opensAtTheNewestEvent() {
    let app = drive(.demo)
    #expect(app.state.sources.map(\.label) == ["kafka", "emmett.sqlite"])
    #expect(app.state.browse.events?.log.stream == StreamID("bank.accounts"))
    #expect(app.state.browse.events?.endsHere == true)
    #expect(app.state.browse.focus == .streams && app.state.replay == nil)
    #expect(app.waiting.isEmpty && app.state.jobs.isEmpty)
  }

  @Test(arguments: [
    (Target.position("3"), "3"), (.start, "0"), (.fraction(0.5), "678"), (.time(Instant(seconds: 0)), "0"),
  ])
  func opensWhereTheAddressSays(target: Target, position: String) {
    var launch = Launch(path: "demo/kafka", stream: StreamID("bank.accounts", partition: .number(0)))
    launch.target = target
    let app = drive(Story(launches: [launch]))
    #expect(self.position(app) == position)
    #expect(app.state.browse.focus == .events)
    #expect(app.state.browse.tree.selectedRow == .partition(source: 0, entry: 0))
  }

  // MARK: Lists

  @Test func movesByLinePageAndEdge() {
    let app = partition()
    let last = position(app)
    #expect(last == "1356" && app.state.browse.focus == .events)
    app.press("k up")
    #expect(position(app) == "1354")
    app.press("j")
    #expect(position(app) == "1355")
    let page = app.state.visible(BrowseState.Pane.events) - 1
    app.press("pageup")
    #expect(position(app) == String(1355 - page))
    app.press("ctrl-b")
    #expect(position(app) == String(1355 - 2 * page))
    app.press("ctrl-f pagedown")
    #expect(position(app) == "1355")
    let half = (page + 1) / 2
    app.press("ctrl-u")
    #expect(position(app) == String(1355 - half))
    app.press("ctrl-d 1 0 k")
    #expect(position(app) == "1345")
    app.press("g")
    #expect(position(app) == "0")
    #expect(app.state.browse.events?.beginsHere == true)
    app.press("home up space")
    #expect(position(app) == String(page))
    app.press("G")
    #expect(position(app) == last)
    app.press("7 0 0 G")
    #expect(position(app) == "700")
    app.press("end down")
    #expect(position(app) == last)
  }

  /// However far one walks, the window stays small, and what is on the screen is the log.
  @Test func walkingKeepsAFewScreens() {
    let app = partition().press("g")
    for _ in 0..<40 { app.press("pagedown pagedown pagedown") }
    #expect((app.state.browse.events?.count ?? 0) <= EventWindow.limit + 3 * app.state.pageCount)
    let walked = position(app)
    app.press("t").type(walked ?? "").press("enter")
    #expect(position(app) == walked)
  }

  @Test func aCountIsForgottenByEscape() {
    let app = partition().press("1 2")
    #expect(app.state.count == 12 && app.bottom.contains("12…"))
    app.press("escape")
    #expect(app.state.count == nil && app.state.browse.focus == .events)
  }

  // MARK: Streams

  @Test func unfoldsTopicsAndFoldsSources() {
    let app = drive(.demo)
    app.press("g")
    #expect(app.state.browse.tree.selectedRow == .source(0))
    app.press("h")
    #expect(app.state.browse.tree.folded == [0])
    #expect(app.state.browse.tree.rows.prefix(2) == [.source(0), .source(1)])
    app.press("l down l")
    #expect(app.state.browse.tree.folded.isEmpty)
    #expect(app.state.browse.tree.rows[2] == .partition(source: 0, entry: 0))
    app.press("2*down")
    #expect(app.state.browse.events?.log.stream == StreamID("bank.accounts", partition: .number(1)))
    app.press("left")
    #expect(app.state.browse.tree.selectedRow == .topic(source: 0, group: 0))
    app.press("left")
    #expect(app.state.browse.tree.rows[2] == .topic(source: 0, group: 1))
    app.press("right right")
    #expect(app.state.browse.focus == .events)
    app.press("left")
    #expect(app.state.browse.focus == .streams)
  }

  @Test func sortsByNameCountAndLastEvent() {
    let app = drive(.demo).press("G")
    #expect(app.state.browse.tree.order == .name)
    app.press("s")
    #expect(app.state.browse.tree.order == .count && app.shows("by number of events"))
    let counts = app.state.browse.tree.rows.compactMap { row -> Int? in
      guard case .stream(1, let group) = row else { return nil }
      return app.state.sources[1].streams?.groups[group].count
    }
    #expect(counts.count > 60 && counts == counts.sorted(by: >))
    app.press("s")
    #expect(app.state.browse.tree.order == .last)
    app.press("s")
    #expect(app.state.browse.tree.order == .name)
  }

  @Test func filtersNamesWhileTheyAreTyped() {
    let app = drive(.demo).press("/")
    let all = app.state.browse.tree.rows.count
    app.type("19B")
    #expect(app.state.browse.tree.rows.count == 3, "two sources and one account")
    #expect(app.state.browse.tree.hidden > 60 && app.shows("hides"))
    app.press("escape")
    #expect(app.state.browse.tree.rows.count == all)
    app.press("f").type("transf").press("enter")
    #expect(app.state.browse.events?.log.stream == StreamID("bank.transfers"))
    app.press("escape")
    #expect(app.state.browse.tree.filter.isEmpty && app.state.browse.tree.rows.count == all)
  }

  @Test func listsTheAggregatesOfATopic() {
    let app = drive(.demo).press("a")
    let list = app.state.browse.aggregates
    #expect(list?.entries.count == 300 && list?.isReading == false)
    #expect(app.shows("bank.accounts"))
    app.press("f").type(account).press("enter")
    #expect(app.state.browse.aggregates?.shown.count == 1)
    let key = StreamID("bank.accounts", key: Array(account.utf8))
    #expect(app.state.browse.events?.log.stream == key)
    app.press("s")
    #expect(app.state.browse.aggregates?.order == .count)
    app.press("r")
    #expect(app.state.replay?.request.aggregate == account && app.state.replay?.events == 360)
    app.press("escape")
    #expect(app.state.replay == nil)
    app.press("escape")
    #expect(app.state.browse.aggregates == nil)
  }

  // MARK: Events

  @Test func goesWhereItIsTold() {
    let app = partition()
    let cases = [
      ("1000", "1000"), ("1 001", "1001"), ("50%", "678"), ("-500", "178"), ("+2", "180"), ("#7", "7"),
      ("2025-01-02", "0"),
    ]
    for (text, place) in cases {
      app.press("t").type(text).press("enter")
      #expect(position(app) == place, "\(text)")
    }
    app.press("t").type("2025-09-03 15:00").press("enter")
    let time = app.state.browse.events?.selectedEvent?.time
    #expect((time?.seconds ?? 0) >= 1_756_911_600 && (time?.seconds ?? 0) < 1_756_911_600 + 7 * 86_400)
    app.press("t").type("-2h").press("enter")
    #expect(position(app) == "1356", "nothing happened in the two hours before the clock's time")
  }

  @Test func sayWhatATimeMeansBeforeGoing() {
    let app = partition().press("t").type("2025-09-03 15:00")
    #expect(app.shows("2025-09-03 15:00:00 UTC"))
    app.press("ctrl-u").type("-2h")
    #expect(app.shows("2025-12-31 22:00:00 UTC"))
    app.press("ctrl-u").type("soon").press("enter")
    #expect(app.state.overlay != nil, "a mistake keeps the prompt")
    #expect(app.shows("no time, position"))
    app.press("escape")
    #expect(app.state.overlay == nil && position(app) == "1356")
  }

  @Test func findsTheNextAndThePreviousMatch() {
    let app = partition().press("g /").type("AddressChanged").press("enter")
    let first = position(app)
    #expect(app.state.browse.events?.selectedEvent?.type == "AddressChanged")
    app.press("n")
    let second = position(app)
    #expect(app.state.browse.events?.selectedEvent?.type == "AddressChanged" && first != second)
    app.press("N")
    #expect(position(app) == first)
    app.press("N")
    #expect(app.state.browse.events?.selectedEvent?.type == "AddressChanged" && position(app) != first)
    #expect(app.shows("the search went on from the end"), "before the first match comes the last one")
    app.press("n")
    #expect(position(app) == first && app.shows("the search went on from the start"))
    #expect(app.state.jobs.isEmpty)
    app.press("/").type("no such event").press("enter")
    #expect(position(app) == first && app.shows("“no such event” is nowhere in bank.accounts"))
  }

  @Test func whatWasFoundStandsOut() {
    let app = partition().press("g /").type("address")
    #expect(app.state.browse.search == nil)
    app.press("enter")
    let grid = view(app.state, size: app.state.size)
    let found = grid.cells.filter { $0.role == .match }.map(\.glyph.text).joined()
    #expect(found.lowercased().hasPrefix("address") && found.count % 7 == 0)
  }

  /// In a stream of a store the list shows versions, and a number is one of them.
  @Test func numbersAreVersionsInAStream() {
    let account = StreamID("Account-19b6554d")
    let story = Story(launches: [Launch(path: "demo/emmett.sqlite", stream: account)])
    let app = drive(story).press("escape t").type("17")
    #expect(app.shows("version 17"))
    app.press("enter")
    #expect(app.state.browse.events?.selectedEvent?.version == "17")
    app.press("4 2 G")
    #expect(app.state.browse.events?.selectedEvent?.version == "42")
    app.press("t").type("999").press("enter")
    #expect(app.shows("no event of Account-19b6554d has that version"))
    #expect(app.state.browse.events?.selectedEvent?.version == "42")
  }

  @Test func goesBackToMarkedEvents() {
    let app = partition().press("g j m a")
    let marked = position(app)
    app.press("G")
    #expect(position(app) != marked)
    app.press("' a")
    #expect(position(app) == marked)
    app.press("' z")
    #expect(app.shows("there is no mark z; set are a"))
  }

  @Test func filtersWithAPreviewAndCountsWhatIsHidden() throws {
    let app = partition().press("g f").type("type == \"Deposited\"")
    guard case .prompt(let prompt)? = app.state.overlay else {
      Issue.record("no prompt")
      return
    }
    let rows = app.state.browse.events?.visibleRefs(height: app.state.visible(BrowseState.Pane.events)) ?? []
    #expect(prompt.preview?.hasSuffix("of the \(rows.count) events on the screen") == true)
    app.press("enter")
    let window = try #require(app.state.browse.events)
    let types = (0..<window.count).compactMap { window[$0]?.event?.type }
    #expect(!types.isEmpty && types.allSatisfy { $0 == "Deposited" })
    #expect(window.hidden > 0 && app.shows("hides \(NumberText.grouped(window.hidden))"))
    app.press("f")
    #expect(
      app.state.overlay.flatMap { overlay in
        if case .prompt(let prompt) = overlay { prompt.input.text } else { nil }
      } == "type == \"Deposited\"")
    app.press("escape escape")
    #expect(app.state.browse.events?.filter == "")
  }

  @Test func aWrongFilterIsShownAtItsColumn() {
    let app = partition().press("f").type("type = 1")
    guard case .prompt(let prompt)? = app.state.overlay else {
      Issue.record("no prompt")
      return
    }
    #expect(prompt.mistake?.column != nil)
    app.press("enter")
    #expect(app.state.browse.events?.filter == "", "a mistake is not taken")
  }

  @Test func entersTheAggregateAtTheEvent() {
    let app = partition().press("7 0 0 G")
    let key = app.state.browse.events?.selectedEvent?.key
    app.press("enter")
    #expect(key != nil && app.state.replay?.request.aggregate == key)
    let row = app.state.replay.flatMap { $0.row($0.moment) }
    #expect(row?.positionText == "700" && row?.partition == .number(0))
    app.press("q")
    #expect(app.state.replay == nil && position(app) == "700", "Browse is as it was")
  }

  // MARK: Inspector

  @Test func turnsTabsBothWays() {
    let app = partition()
    let tabs = InspectorState.Tab.allCases
    for index in 1...tabs.count {
      app.press(index % 2 == 0 ? "]" : ".")
      #expect(app.state.browse.inspector.tab == tabs[index % tabs.count])
    }
    app.press("[")
    #expect(app.state.browse.inspector.tab == tabs.last)
    app.press(",")
    #expect(app.state.browse.inspector.tab == tabs[tabs.count - 2])
  }

  @Test func foldsThePayload() throws {
    let app = try Place.inspector.app().press("g")
    let tree = { app.state.browse.inspector.payload }
    #expect(app.state.browse.focus == .inspector && tree().lines.count > 100)
    app.press("2*down")
    #expect(tree().selectedLine?.label == "items")
    app.press("enter")
    #expect(tree().lines.count == 5, "braces, number, items folded, last")
    app.press("l")
    #expect(tree().lines.count > 100)
    app.press("l")
    #expect(tree().selectedLine?.path.text == "items[0]")
    app.press("h h")
    #expect(tree().selectedLine?.path.text == "items")
    app.press("o")
    #expect(tree().lines.count == 5)
    app.press("o")
    #expect(tree().lines.count > 100)
    app.press("/").type("S-17").press("enter")
    #expect(tree().selectedLine?.path.text == "items[17].sku")
    app.press("g left")
    #expect(app.state.browse.focus == .events)
  }

  /// Plain tabs scroll as far as they go and back at once, and are searched line by line.
  @Test func scrollsAndSearchesPlainTabs() {
    let app = partition().press("tab ] ]")
    #expect(app.state.browse.inspector.tab == .hex)
    let height = Layout(app.state).inner(.inspector).height
    let count = app.state.inspectorLines(width: Layout(app.state).inner(.inspector).width)?.count ?? 0
    #expect(count > 2 * height)
    let first = app.text
    app.press("G down down 30*down")
    #expect(app.state.browse.inspector.top == count - height)
    app.press("up")
    #expect(app.state.browse.inspector.top == count - height - 1)
    app.press("g")
    #expect(app.text == first)
    app.press("/").type("crc").press("enter")
    #expect(app.rows.contains { $0.contains("crc") })
    let found = app.state.browse.inspector.foundLine
    #expect(found != nil)
    app.press("/").type("nowhere").press("enter")
    #expect(app.shows("is not in this tab") && app.state.browse.inspector.foundLine == found)
    app.press("[ j j j k")
    #expect(app.state.browse.inspector.tab == .metadata && app.state.browse.inspector.foundLine == nil)
  }
}
