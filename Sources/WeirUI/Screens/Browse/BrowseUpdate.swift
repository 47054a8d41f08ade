import WeirCells
import WeirCore

/// Keys of the Browse screen.
extension AppState {
  /// Rows that a pane's list shows.
  func visible(_ pane: BrowseState.Pane) -> Int {
    Layout(self).rows(.browse(pane), header: pane == .streams ? 0 : 1)
  }

  /// Takes any action that means something in Browse.
  mutating func performBrowse(_ action: Action) -> [Effect] {
    if let effects = moveInBrowse(action) { return effects }
    switch action {
    case .open: return openSelected()
    case .replay: return openReplay()
    case .aggregates: return listAggregates()
    case .expand: return expandInBrowse()
    case .collapse: return collapseInBrowse()
    case .sort: return sortStreams()
    case .nextTab: return turnTab(1)
    case .previousTab: return turnTab(-1)
    case .toggleNode:
      inspectorTree { tree, visible in tree.toggle(visible: visible) }
      return []
    case .foldAll:
      inspectorTree { tree, visible in tree.toggleAll(visible: visible) }
      return []
    case .search: return ask(browse.focus == .inspector ? .tree : .search)
    case .filter: return ask(browse.focus == .streams ? .names : .filter)
    case .goTo: return ask(.goTo)
    case .mark, .goToMark:
      pending = action
      return []
    case .searchNext: return searchAgain(forward: true)
    case .searchPrevious: return searchAgain(forward: false)
    case .reload: return reloadBrowse()
    case .back: return backInBrowse()
    default: return []
    }
  }

  /// The list keys; nil for any other action.
  private mutating func moveInBrowse(_ action: Action) -> [Effect]? {
    let height = visible(browse.focus)
    let steps = count.map { min($0, 1_000_000) } ?? 1
    switch action {
    case .down: return moveSelection(by: steps)
    case .up: return moveSelection(by: -steps)
    case .pageDown: return moveSelection(by: steps * max(1, height - 1))
    case .pageUp: return moveSelection(by: -steps * max(1, height - 1))
    case .halfDown: return moveSelection(by: steps * max(1, height / 2))
    case .halfUp: return moveSelection(by: -steps * max(1, height / 2))
    case .first: return moveToEdge(start: true)
    case .last: return moveToEdge(start: false)
    default: return nil
    }
  }

  mutating func moveSelection(by delta: Int) -> [Effect] {
    let height = visible(browse.focus)
    switch browse.focus {
    case .streams:
      if browse.aggregates != nil {
        let count = browse.aggregates?.shown.count ?? 0
        browse.aggregates?.position.move(by: delta, count: count, visible: height)
      } else {
        browse.tree.position.move(by: delta, count: browse.tree.rows.count, visible: height)
      }
      return showSelectedStream()
    case .events:
      browse.events?.move(by: delta, visible: height)
      return eventsMoved()
    case .inspector:
      inspectorTree { tree, visible in
        tree.position.move(by: delta, count: tree.lines.count, visible: visible)
      }
      if !inspectorShowsTree { scrollInspector(by: delta) }
      return []
    }
  }

  private mutating func moveToEdge(start: Bool) -> [Effect] {
    guard browse.focus == .events, let window = browse.events else {
      return moveSelection(by: start ? -1_000_000_000 : 1_000_000_000)
    }
    if !start, let count { return goTo(number: String(count)) }
    if start ? window.beginsHere : window.endsHere {
      let rows = visible(BrowseState.Pane.events)
      browse.events?.position.select(start ? 0 : window.count - 1, count: window.count, visible: rows)
      return eventsMoved()
    }
    return goTo(start ? .start : .end)
  }

  /// True while the inspector shows foldable lines rather than plain text.
  var inspectorShowsTree: Bool {
    guard let inspection = browse.inspector.inspection else { return false }
    switch browse.inspector.tab {
    case .payload: if case .json = inspection.data { return true } else { return false }
    default: return false
    }
  }

  mutating func inspectorTree(_ body: (inout JSONTree, Int) -> Void) {
    guard inspectorShowsTree else { return }
    body(&browse.inspector.payload, visible(.inspector) + 1)
  }

  private mutating func expandInBrowse() -> [Effect] {
    switch browse.focus {
    case .streams:
      guard browse.aggregates == nil, let row = browse.tree.selectedRow else {
        browse.focus = .events
        return []
      }
      if setFolded(false, row) { return [] }
      browse.focus = .events
      return []
    case .events:
      browse.focus = .inspector
      return []
    case .inspector:
      inspectorTree { tree, visible in tree.expand(visible: visible) }
      return []
    }
  }

  private mutating func collapseInBrowse() -> [Effect] {
    switch browse.focus {
    case .streams:
      guard browse.aggregates == nil, let row = browse.tree.selectedRow else { return [] }
      if setFolded(true, row) { return [] }
      guard let parent = parent(of: row) else { return [] }
      browse.tree.position.select(parent, count: browse.tree.rows.count, visible: visible(.streams))
      return showSelectedStream()
    case .events:
      browse.focus = .streams
      return []
    case .inspector:
      var wasUsed = false
      inspectorTree { tree, visible in wasUsed = tree.collapse(visible: visible) }
      if !wasUsed { browse.focus = .events }
      return []
    }
  }

  /// Index of the row that the given one hangs under.
  private func parent(of row: StreamTree.Row) -> Int? {
    let above = browse.tree.rows.prefix(browse.tree.position.selected)
    switch row {
    case .partition: return above.lastIndex { if case .topic = $0 { true } else { false } }
    case .topic, .stream, .note: return above.lastIndex { if case .source = $0 { true } else { false } }
    case .source: return nil
    }
  }

  /// Folds or unfolds a row of the tree; false when there is nothing to change.
  mutating func setFolded(_ fold: Bool, _ row: StreamTree.Row) -> Bool {
    switch row {
    case .source(let source):
      guard browse.tree.folded.contains(source) != fold else { return false }
      if fold { browse.tree.folded.insert(source) } else { browse.tree.folded.remove(source) }
    case .topic(let source, let group):
      guard let index = sources[source].streams else { return false }
      let ref = LogRef(source: source, stream: StreamID(index.name(index.groups[group])))
      guard browse.tree.unfolded.contains(ref) == fold else { return false }
      if fold { browse.tree.unfolded.remove(ref) } else { browse.tree.unfolded.insert(ref) }
    default: return false
    }
    browse.tree.rebuild(sources, visible: visible(.streams))
    return true
  }

  private mutating func sortStreams() -> [Effect] {
    let orders = StreamTree.Order.allCases
    if browse.aggregates != nil {
      let order = browse.aggregates?.order
      browse.aggregates?.order = order == .name ? .count : .name
      let rows = visible(.streams)
      browse.aggregates?.rebuild(visible: rows)
      say("sorted by \(browse.aggregates?.order == .name ? "name" : "number of events")")
      return []
    }
    let next = ((orders.firstIndex(of: browse.tree.order) ?? 0) + 1) % orders.count
    browse.tree.order = orders[next]
    browse.tree.rebuild(sources, visible: visible(.streams))
    say(
      "sorted by \(orders[next] == .last ? "last event" : orders[next] == .count ? "number of events" : "name")"
    )
    return []
  }

  private mutating func turnTab(_ delta: Int) -> [Effect] {
    let tabs = InspectorState.Tab.allCases
    let next = (browse.inspector.tab.rawValue + delta + tabs.count) % tabs.count
    browse.inspector.tab = tabs[next]
    browse.inspector.top = 0
    browse.inspector.foundLine = nil
    return loadFrame()
  }

  private mutating func backInBrowse() -> [Effect] {
    if let window = browse.events, window.owed != 0 {
      browse.events?.forgetWhatIsOwed()
      return []
    }
    if let search = browse.search, search.isRunning { return [.cancel(generation: search.generation)] }
    if let job = jobs.last { return [.cancel(generation: job.generation)] }
    if isZoomed {
      isZoomed = false
      return resized()
    }
    if browse.aggregates != nil, browse.focus == .streams {
      browse.aggregates = nil
      return showSelectedStream()
    }
    if browse.focus == .events, let window = browse.events, !window.filter.isEmpty { return setFilter("") }
    if browse.focus == .streams, !browse.tree.filter.isEmpty {
      browse.tree.filter = ""
      browse.tree.rebuild(sources, visible: visible(.streams))
      return []
    }
    if browse.focus != .streams {
      browse.focus = browse.focus == .inspector ? .events : .streams
      return []
    }
    say("nothing to go back to; q closes weir")
    return []
  }
}
