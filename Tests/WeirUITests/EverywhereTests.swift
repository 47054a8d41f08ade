import Support
import Testing
import WeirCells
import WeirCore
import WeirReplay

@testable import WeirUI

/// Keys that mean the same on every screen.
@Suite struct EverywhereTests {
  private func browse() -> Driver { drive(.demo).press("enter down enter") }

  // MARK: Panes

  @Test func tabWalksThePanes() {
    let app = drive(.demo)
    let panes: [BrowseState.Pane] = [.events, .inspector, .streams]
    for pane in panes { #expect(app.press("tab").state.browse.focus == pane) }
    for pane in panes.dropLast().reversed() { #expect(app.press("shift-tab").state.browse.focus == pane) }
    let replay = drive(.replayNatively())
    for pane in [ReplayState.Pane.state, .changes, .lanes, .timeline] {
      #expect(replay.press("tab").state.replay?.focus == pane)
    }
    #expect(replay.press("shift-tab").state.replay?.focus == .lanes)
  }

  @Test func zoomGivesOnePaneTheScreen() {
    let app = browse()
    let before = app.text
    app.press("z")
    #expect(Layout(app.state).panes.count == 1 && Layout(app.state).inner(.events).width == 78)
    app.press("tab")
    #expect(Layout(app.state).inner(.inspector).width == 78)
    app.press("shift-tab z")
    #expect(app.text == before)
    app.press("z escape")
    #expect(!app.state.isZoomed && app.text == before)
  }

  @Test(arguments: ["streams", "events", "inspector"]) func panesChangeTheirSize(name: String) {
    let app = drive(.demo, Size(columns: 120, rows: 40)).press("enter")
    let pane: BrowseState.Pane = name == "streams" ? .streams : name == "events" ? .events : .inspector
    while app.state.browse.focus != pane { app.press("tab") }
    func area() -> Int { Layout(app.state).inner(pane).width * Layout(app.state).inner(pane).height }
    let usual = area()
    #expect(app.press("+") === app && area() > usual)
    app.press("-")
    #expect(area() == usual)
    app.press("-")
    #expect(area() < usual)
    app.press("50*-")
    let least = area()
    #expect(least > 0 && app.shows("it cannot be made smaller"))
    app.press("=")
    #expect(area() > least, "what could not be done is not remembered")
  }

  @Test func resizingKeepsThePlace() {
    let app = browse().press("7 0 0 G")
    let first = app.text
    for (columns, rows) in [(40, 12), (200, 60), (20, 5), (1, 1), (0, 0), (3, 2), (80, 24)] {
      app.resize(columns, rows)
      #expect(app.grid.size == Size(columns: columns, rows: rows))
      #expect(app.state.browse.events?.selectedEvent?.positionText == "700")
    }
    #expect(app.shows("700") && app.rows[0] == first.split(separator: "\n").first.map(String.init))
    let replay = drive(.replayNatively()).press("1 0 0 G")
    for (columns, rows) in [(40, 12), (200, 60), (20, 5), (1, 1), (0, 0), (3, 2), (80, 24)] {
      replay.resize(columns, rows)
      #expect(replay.state.replay?.moment == 100 && replay.state.replay?.isStale == false)
    }
    #expect(replay.shows("100/360"))
  }

  // MARK: Taking away

  @Test func copiesParts() {
    let app = browse().press("7 0 0 G y")
    #expect(app.state.pending == .copy && app.bottom.contains("p payload"))
    app.press("p")
    #expect(app.copies.last?.hasPrefix("{") == true && app.state.pending == nil)
    app.press("y y")
    #expect(app.copies.count == 2 && app.copies[0] == app.copies[1], "yy copies the payload")
    app.press("y k")
    #expect(app.copies.last == app.state.browse.events?.selectedEvent?.key)
    app.press("y e")
    #expect(app.copies.last == "{\"position\":\"700\"}")
    app.press("y a")
    #expect(app.copies.last == "demo/kafka#bank.accounts/0@700")
    app.press("y i")
    #expect(app.copies.last == app.state.browse.inspector.inspection?.event.id)
    let count = app.copies.count
    app.press("y s")
    #expect(app.copies.count == count && app.shows("this event has no state"))
    app.press("y x")
    #expect(app.copies.count == count && app.shows("y copies: p payload"))
    app.press("y escape")
    #expect(app.copies.count == count && app.state.pending == nil)
  }

  @Test func copiesTheStateAndTheCommand() {
    let app = drive(.replayNatively()).press("1 1 G y s")
    #expect(app.copies.last?.contains("\"AccountOpened\":{") == true)
    app.press("Y")
    let version = app.state.replay?.row(11)?.version ?? ""
    #expect(
      app.copies.last
        == "weir 'demo/kafka#bank.accounts~Account-19b6554d@\(version)' --fold by-type")
    app.press("G Y")
    #expect(app.copies.last == "weir 'demo/kafka#bank.accounts~Account-19b6554d' --fold by-type")
    let browse = browse().press("T Y")
    #expect(browse.copies.last == "weir 'demo/kafka#bank.accounts/0@1356' demo/emmett.sqlite --local")
  }

  @Test func writesToANewFileOnly() throws {
    let folder = try TemporaryFolder()
    let app = browse().press("7 0 0 G w")
    guard case .prompt(let prompt)? = app.state.overlay else {
      Issue.record("no prompt")
      return
    }
    #expect(prompt.input.text.hasSuffix("-700.json"), "a name is proposed")
    let path = folder.path + "/out.json"
    app.press("ctrl-u").type(path).press("enter")
    #expect(app.state.overlay == nil && app.shows("wrote"))
    #expect(Golden.read(path) == "{\"position\":\"700\"}\n")
    app.press("w ctrl-u").type(path).press("enter")
    #expect(app.state.overlay != nil && app.shows("weir overwrites nothing"))
    app.press("ctrl-u").type(folder.path + "/no/such/out.json").press("enter")
    #expect(app.state.overlay != nil, "the fault stands above the prompt")
    app.press("escape")
    let replay = drive(.replayNatively()).press("1 1 G tab w ctrl-u")
    replay.type(folder.path + "/state.json").press("enter")
    #expect(Golden.read(folder.path + "/state.json")?.contains("\"AccountOpened\"") == true)
    replay.press("m a 2 0 G D w ctrl-u").type(folder.path + "/diff.ndjson").press("enter")
    let lines = Golden.read(folder.path + "/diff.ndjson")?.split(separator: "\n") ?? []
    #expect(lines.count == replay.state.replay?.diff.count && lines.allSatisfy { $0.hasPrefix("{\"path\":") })
  }

  // MARK: Switches

  @Test func switchesZoneAndMouse() {
    var environment = AppState.Environment()
    environment.zone = .local(name: "Here/Now")
    let app = Driver(
      Story.demo.launches, size: Size(columns: 120, rows: 24), openers: .real(below: Story.demo.root),
      environment: environment)
    #expect(app.rows[0].contains("UTC"))
    app.press("T")
    #expect(app.rows[0].contains("Here/Now") && app.state.showsLocalTime)
    app.press("T f2")
    #expect(app.rows[0].contains("UTC") && app.state.hasMouse && app.orders.last == .setMouse(true))
    app.press("f2")
    #expect(app.orders.last == .setMouse(false))
  }

  @Test func theMouseSelectsScrollsAndOpens() {
    let app = drive(.demo).press("f2")
    let streams = Layout(app.state).inner(.streams)
    app.click(streams.x + 3, streams.y + 2)
    #expect(app.state.browse.tree.position.selected == 2 && app.state.browse.focus == .streams)
    app.click(streams.x + 3, streams.y + 2)
    #expect(app.state.browse.tree.rows[3] == .partition(source: 0, entry: 6), "a second click opens")
    let events = Layout(app.state).inner(.events)
    let selected = app.state.browse.events?.position.selected ?? 0
    app.wheel(up: true, events.x + 2, events.y + 3)
    #expect(app.state.browse.focus == .events)
    #expect(app.state.browse.events?.position.selected == selected - 3)
    let top = app.state.browse.events?.position.top
    app.click(events.x + 2, events.y + 1)
    #expect(app.state.browse.events?.position.selected == top)
    app.click(0, 0)
    app.click(500, 500)
    #expect(app.state.browse.focus == .events, "a click beside everything is nothing")
    let replay = drive(.replayNatively())
    let list = Layout(replay.state).inner(.timeline)
    let first = replay.state.replay?.list.top ?? 0
    #expect(replay.click(list.x + 3, list.y + 2).state.replay?.moment == first + 2)
    let lanes = Layout(replay.state).inner(.lanes)
    replay.click(lanes.x + LaneColumns(width: lanes.width).names + 1, lanes.y)
    #expect(replay.state.replay?.moment == 1, "the chart's first column is the first event")
  }

  // MARK: Finding

  @Test func findsAnIdentifierAnywhere() {
    let app = drive(.demo).press("i").type("account-19b6554d").press("enter")
    guard case .hits(let list)? = app.state.overlay else {
      Issue.record("no hits")
      return
    }
    let hits = (0..<list.count).compactMap { list[$0] }
    #expect(!list.isRunning && list.total > 360 && hits.count == list.count)
    #expect(Set(hits.map(\.source)) == [0, 1], "both sources are searched")
    #expect(hits.first == Hit(source: 1, place: .stream(StreamID("Account-19b6554d"))), "names come first")
    #expect(app.shows("aggregate, 360 events"), "a key is one row, with its events counted")
    app.press("G enter")
    #expect(app.state.overlay == nil && app.state.browse.focus == .events)
    #expect(app.state.browse.events?.selectedEvent != nil)
    app.press("i").type("68e8cc07-cd99-4077-8aa9").press("enter")
    #expect(app.shows("1 event"))
    app.press("r")
    #expect(app.state.replay?.stepEvent?.summary.id?.hasPrefix("68e8cc07") == true)
    app.press("i").type("no such thing").press("enter")
    #expect(app.shows("nowhere in what is open"))
    app.press("escape")
    #expect(app.state.overlay == nil && app.state.replay != nil)
  }

  // MARK: Palette and help

  @Test(arguments: [
    ("gto", Action.goTo), ("zoom", .zoom), ("quit", .quit), ("cpcmd", .copyCommand), ("filt", .filter),
    ("next pane", .nextPane), ("UTC", .zone),
  ])
  func thePaletteFindsByAFewLetters(text: String, action: Action) {
    let app = browse().press(":").type(text)
    guard case .palette(let palette)? = app.state.overlay else {
      Issue.record("no palette")
      return
    }
    #expect(palette.entries.first?.action == action)
  }

  @Test func thePaletteHoldsEverythingThatCanBeDone() {
    let app = browse().press("ctrl-p")
    guard case .palette(let palette)? = app.state.overlay else {
      Issue.record("no palette")
      return
    }
    let reachable = Set(
      KeyTable.all.filter { app.state.scopes.contains($0.scope) }.map(\.action))
    #expect(Set(palette.entries.map(\.action)) == reachable.subtracting([.palette]))
    app.type("zoom").press("enter")
    #expect(app.state.overlay == nil && app.state.isZoomed)
    app.press(":").type("xyzzy").press("enter escape")
    #expect(app.state.overlay == nil)
    app.press(": 2*down up").type("q").press("backspace escape")
    #expect(app.state.overlay == nil && !app.isQuit)
  }

  @Test func helpIsSearchedScrolledAndLeft() {
    let app = browse().press("?")
    guard case .help(let help)? = app.state.overlay else {
      Issue.record("no help")
      return
    }
    let all = help.lines.count
    app.press("pagedown")
    app.type("filter")
    guard case .help(let some)? = app.state.overlay else { return }
    #expect(some.lines.count < all && some.position.top == 0)
    app.press("escape")
    guard case .help(let again)? = app.state.overlay else { return }
    #expect(again.lines.count == all)
    app.press("escape")
    #expect(app.state.overlay == nil)
    app.press("f1 f1")
    #expect(app.state.overlay == nil)
  }

  // MARK: Leaving

  @Test func quitsSuspendsRedraws() {
    #expect(drive(.demo).press("q").isQuit)
    #expect(drive(.demo).press("ctrl-c").isQuit && drive(.demo).press("f10").isQuit)
    #expect(drive(.demo).press("? ctrl-c").isQuit, "Ctrl-C quits from everywhere")
    #expect(drive(.demo).press("/ ctrl-c").isQuit)
    #expect(drive(.demo).press("ctrl-z").orders == [.suspend])
    #expect(drive(.demo).press("/ ctrl-z").orders == [.suspend])
    #expect(drive(.demo).press("ctrl-l").orders == [.redraw])
    let replay = drive(.replayNatively()).press("q")
    #expect(!replay.isQuit && replay.state.replay == nil)
    #expect(replay.press("q").isQuit)
  }

  @Test func escapeNeverQuits() {
    let app = browse().press("20*escape")
    #expect(!app.isQuit && app.state.browse.focus == .streams && app.shows("q closes weir"))
  }

  @Test func pastedTextIsNeverKeys() {
    let app = browse().paste("q\u{3}qqq")
    #expect(!app.isQuit && app.state.overlay == nil)
    app.press("/").paste("two\nlines\tand\u{1B}[2J")
    guard case .prompt(let prompt)? = app.state.overlay else {
      Issue.record("no prompt")
      return
    }
    #expect(prompt.input.text == "two lines and\u{1B}[2J")
    #expect(!app.text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
  }

  @Test func readsAgain() throws {
    let folder = try TemporaryFolder()
    try Troubles.write(to: folder)
    let app = drive(.files(["orders.ndjson"], in: folder))
    #expect(app.state.browse.events?.count == 4)
    let more = Troubles.orders + [#"{"stream":"Order-1","type":"Again","data":{}}"#]
    try folder.write("orders.ndjson", more.joined(separator: "\n") + "\n")
    app.press("f5")
    #expect(app.state.browse.events?.count == 5 && app.state.browse.events?.endsHere == true)
    #expect(app.state.browse.events?.selectedEvent?.type == "Again", "at the end it stays at the end")
    app.press("r")
    #expect(app.state.replay?.events == 5)
    try folder.write("orders.ndjson", (more + more.suffix(1)).joined(separator: "\n") + "\n")
    app.press("f5")
    #expect(app.state.replay?.events == 6 && app.state.replay?.moment == 6, "and folds again")
    let empty = drive(.files(["missing.ndjson"], in: folder))
    #expect(empty.state.sources[0].fault != nil)
    try folder.write("missing.ndjson", Troubles.orders[0] + "\n")
    empty.press("R")
    #expect(empty.state.sources[0].fault == nil && empty.state.browse.events?.count == 1)
  }
}
