import WeirCells
import WeirCore
import WeirReplay

/// Keys of the Replay screen.
extension AppState {
  func visible(_ pane: ReplayState.Pane) -> Int { Layout(self).rows(.replay(pane)) }

  /// Takes any action that means something in Replay.
  mutating func performReplay(_ action: Action) -> [Effect] {
    guard let replay else { return [] }
    if let effects = walk(action, replay) ?? moveInReplay(action, replay) { return effects }
    switch action {
    case .toggleNode:
      stateTree { tree, visible in tree.toggle(visible: visible) }
    case .expand:
      stateTree { tree, visible in tree.expand(visible: visible) }
    case .collapse:
      stateTree { tree, visible in _ = tree.collapse(visible: visible) }
    case .foldAll:
      stateTree { tree, visible in tree.toggleAll(visible: visible) }
    case .mark, .goToMark:
      pending = action
    case .diff: return toggleDiff()
    case .bisect: return ask(.bisect)
    case .chooseFold: return chooseFold()
    case .goTo: return ask(.goTo)
    case .search: return ask(replay.focus == .state ? .tree : .search)
    case .searchNext: return searchReplayAgain(forward: true)
    case .searchPrevious: return searchReplayAgain(forward: false)
    case .reload:
      say("folding again")
      return reopen(replay.request.log.source)
    case .back: return backInReplay(replay)
    default: break
    }
    return []
  }

  /// Reads and folds everything again; the playhead stays at its event, or after the last one.
  mutating func foldAgain(_ replay: ReplayState) -> [Effect] {
    let place: ReplayQuery? =
      replay.moment == replay.events ? nil : replay.row(replay.moment).map { .position($0.positionText) }
    return openReplay(replay.request.log, at: place, fold: replay.request.fold)
  }

  /// Steps and jumps of the playhead; nil for any other action.
  private mutating func walk(_ action: Action, _ replay: ReplayState) -> [Effect]? {
    let steps = count.map { min($0, 1_000_000_000) } ?? 1
    switch action {
    case .stepForward: return setMoment(replay.moment + steps)
    case .stepBack: return setMoment(replay.moment - steps)
    case .leapForward: return setMoment(replay.moment + 10 * steps)
    case .leapBack: return setMoment(replay.moment - 10 * steps)
    case .firstMoment: return setMoment(0)
    case .lastMoment: return setMoment(count ?? replay.events)
    case .nextChange: return nextChange(.forward)
    case .previousChange: return nextChange(.backward)
    case .nextFinding:
      guard let next = replay.findings.first(where: { $0.ordinal + 1 > replay.moment }) else {
        say("no finding after this event", .refusal)
        return []
      }
      return setMoment(next.ordinal + 1)
    case .previousFinding:
      guard let last = replay.findings.last(where: { $0.ordinal + 1 < replay.moment }) else {
        say("no finding before this event", .refusal)
        return []
      }
      return setMoment(last.ordinal + 1)
    default: return nil
    }
  }

  /// The list keys; nil for any other action.
  private mutating func moveInReplay(_ action: Action, _ replay: ReplayState) -> [Effect]? {
    let height = visible(replay.focus)
    let steps = count.map { min($0, 1_000_000) } ?? 1
    switch action {
    case .down: return moveInPane(by: steps, replay)
    case .up: return moveInPane(by: -steps, replay)
    case .pageDown: return moveInPane(by: steps * max(1, height - 1), replay)
    case .pageUp: return moveInPane(by: -steps * max(1, height - 1), replay)
    case .halfDown: return moveInPane(by: steps * max(1, height / 2), replay)
    case .halfUp: return moveInPane(by: -steps * max(1, height / 2), replay)
    case .first: return moveInPane(by: -1_000_000_000, replay)
    case .last: return moveInPane(by: 1_000_000_000, replay)
    default: return nil
    }
  }

  private mutating func moveInPane(by delta: Int, _ replay: ReplayState) -> [Effect] {
    switch replay.focus {
    case .timeline: return setMoment(replay.moment + delta)
    case .state:
      stateTree { tree, visible in tree.position.move(by: delta, count: tree.lines.count, visible: visible) }
    case .changes:
      let rect = Layout(self).inner(.changes)
      let count = ChangeLine.lines(replay, width: rect.width, clock: clock).count
      let wanted = max(-100_000, min(delta, 100_000)) + replay.changesTop
      self.replay?.changesTop = max(0, min(wanted, count - rect.height))
    case .lanes:
      let rows = Layout(self).laneCapacity(replay)
      self.replay?.lanePosition.move(by: delta, count: replay.lanes.count, visible: rows)
    }
    return []
  }

  mutating func stateTree(_ body: (inout JSONTree, Int) -> Void) {
    guard replay != nil else { return }
    let height = visible(.state)
    if replay?.focus == .timeline || replay?.focus == .changes { replay?.focus = .state }
    if var tree = replay?.tree {
      body(&tree, height)
      replay?.tree = tree
    }
  }

  /// Moves the playhead; everything that depends on it is asked for, and shown dimmed until it is here.
  mutating func setMoment(_ wanted: Int) -> [Effect] {
    guard let old = replay else { return [] }
    let moment = max(0, min(wanted, old.events))
    replay?.followsEnd = false
    replay?.target = nil
    return place(moment, isForced: false)
  }

  mutating func place(_ moment: Int, isForced: Bool) -> [Effect] {
    guard let old = replay else { return [] }
    replay?.moment = moment
    let rows = visible(.timeline)
    replay?.list.select(moment, count: old.listCount, visible: rows)
    guard moment != old.moment || isForced || old.step == nil else { return [] }
    replay?.changesTop = 0
    return loadStep() + loadRows() + loadDiff()
  }

  private mutating func loadStep() -> [Effect] {
    guard let replay else { return [] }
    let generation = nextGeneration()
    self.replay?.stepGeneration = generation
    return [.replay(.step(moment: replay.moment), session: replay.session, generation: generation)]
  }

  /// The rows on the screen and as many on both sides; nothing when they are here already.
  mutating func loadRows(isForced: Bool = false) -> [Effect] {
    guard let replay else { return [] }
    let height = visible(.timeline)
    let first = max(0, replay.list.top - 1)
    let needed = first..<max(first, min(replay.events, replay.list.top + height))
    if !isForced, replay.wantedRows.contains(needed) || needed.isEmpty { return [] }
    let range = max(0, first - 2 * height)..<min(replay.events, first + 3 * height + 1)
    let generation = nextGeneration()
    self.replay?.wantedRows = range
    self.replay?.rowsGeneration = generation
    return [.replay(.rows(range), session: replay.session, generation: generation)]
  }

  mutating func loadLanes() -> [Effect] {
    guard let replay, replay.isComplete, replay.events > 0 else { return [] }
    let width = Layout(self).laneWidth
    guard width > 0, replay.lanesWidth != width || replay.lanes.isEmpty else { return [] }
    let generation = nextGeneration()
    self.replay?.lanesGeneration = generation
    self.replay?.lanesWidth = width
    return [.replay(.lanes(replay.lanePaths, width: width), session: replay.session, generation: generation)]
  }

  mutating func loadDiff() -> [Effect] {
    guard let replay, let from = replay.diffFrom else { return [] }
    let generation = nextGeneration()
    self.replay?.diffGeneration = generation
    return [.replay(.diff(from: from, to: replay.moment), session: replay.session, generation: generation)]
  }

  private mutating func nextChange(_ direction: Direction) -> [Effect] {
    guard let replay, let path = replay.selectedPath else { return [] }
    return jump(
      .nextChange(path, from: replay.moment, direction), title: "looking for a change of \(path.text)")
  }

  /// Asks where to go; the answer moves the playhead.
  mutating func jump(_ query: ReplayQuery, title: String? = nil) -> [Effect] {
    guard let replay else { return [] }
    let generation = nextGeneration()
    self.replay?.jumpGeneration = generation
    if let title { startJob(generation, title, unit: .events) }
    return [.replay(query, session: replay.session, generation: generation)]
  }

  mutating func replayResized() -> [Effect] {
    guard let replay else { return [] }
    let listed = visible(.timeline)
    self.replay?.list.select(replay.moment, count: replay.listCount, visible: listed)
    let height = visible(.state)
    self.replay?.tree.position.reveal(count: replay.tree.lines.count, visible: height)
    return loadRows() + loadLanes()
  }

  private mutating func backInReplay(_ replay: ReplayState) -> [Effect] {
    let own = jobs.last { $0.generation != replay.session }
    if let own { return [.cancel(generation: own.generation)] }
    if replay.diffFrom != nil {
      self.replay?.diffFrom = nil
      return []
    }
    if isZoomed {
      isZoomed = false
      return resized()
    }
    if replay.focus != .timeline {
      self.replay?.focus = .timeline
      return []
    }
    return performAnywhere(.close) ?? []
  }

  // Marks, comparison, folds, bisect.

  private mutating func toggleDiff() -> [Effect] {
    guard let replay else { return [] }
    guard replay.diffFrom == nil else {
      self.replay?.diffFrom = nil
      self.replay?.changesTop = 0
      return []
    }
    guard let letter = replay.lastMark ?? replay.marks.keys.first, let from = replay.marks[letter] else {
      return []
    }
    self.replay?.diffFrom = from
    self.replay?.diff = []
    self.replay?.changesTop = 0
    return loadDiff()
  }

  private mutating func chooseFold() -> [Effect] {
    guard let replay else { return [] }
    var menu = Menu(purpose: .folds, title: "Fold for \(replay.request.aggregate)")
    menu.isReading = true
    menu.emptyText = "no fold is known"
    menu.generation = nextGeneration()
    overlay = .menu(menu)
    return [
      .folds(source: replay.request.log.source, replay.request.log.stream, generation: menu.generation)
    ]
  }

  mutating func startBisect(_ text: String) -> [Effect] {
    guard let replay else { return [] }
    var menu = Menu(purpose: .turns(text), title: "Where did this turn? \(text)")
    menu.isReading = true
    menu.emptyText = "it is false at every moment"
    menu.generation = nextGeneration()
    overlay = .menu(menu)
    startJob(menu.generation, "bisecting", unit: .events)
    return [.replay(.bisect(text), session: replay.session, generation: menu.generation)]
  }

  mutating func searchReplay(_ text: String, forward: Bool) -> [Effect] {
    guard let replay else { return [] }
    self.replay?.search = text
    return jump(
      .search(text, from: replay.moment, forward ? .forward : .backward), title: "searching for “\(text)”")
  }

  private mutating func searchReplayAgain(forward: Bool) -> [Effect] {
    guard let text = replay?.search else { return [] }
    return replay?.focus == .state
      ? searchInState(text, forward: forward) : searchReplay(text, forward: forward)
  }

  mutating func searchInState(_ text: String, forward: Bool) -> [Effect] {
    replay?.search = text
    var found = false
    stateTree { tree, visible in found = tree.search(text, forward: forward, visible: visible) }
    if !found { say("“\(text)” is not in what is unfolded here", .refusal) }
    return []
  }
}
