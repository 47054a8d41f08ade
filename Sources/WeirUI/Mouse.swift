import WeirCells

/// The mouse: the wheel scrolls the pane under it, a click selects and focuses, a second click opens. Places
/// come from the same `Layout` that draws.
extension AppState {
  private static let wheelRows = 3

  mutating func mouse(_ event: MouseEvent) -> [Effect] {
    guard overlay == nil else { return [] }
    let layout = Layout(self)
    guard let pane = layout.pane(at: event.point) else { return [] }
    switch event.kind {
    case .wheelUp, .wheelDown:
      focus(pane)
      let action: Action = event.kind == .wheelUp ? .up : .down
      var effects: [Effect] = []
      for _ in 0..<AppState.wheelRows { effects += perform(replayAction(action)) }
      return effects
    case .press where event.button == .left:
      let wasFocused = isFocused(pane)
      focus(pane)
      return select(pane, layout, event.point, wasFocused: wasFocused)
    default: return []
    }
  }

  /// In Replay's list up and down are steps.
  private func replayAction(_ action: Action) -> Action {
    guard replay?.focus == .timeline else { return action }
    return action == .up ? .stepBack : .stepForward
  }

  private func isFocused(_ pane: Layout.Pane) -> Bool {
    switch pane {
    case .browse(let pane): browse.focus == pane
    case .replay(let pane): replay?.focus == pane
    }
  }

  private mutating func focus(_ pane: Layout.Pane) {
    switch pane {
    case .browse(let pane): browse.focus = pane
    case .replay(let pane): replay?.focus = pane
    }
  }

  private mutating func select(_ pane: Layout.Pane, _ layout: Layout, _ point: Point, wasFocused: Bool)
    -> [Effect]
  {
    switch pane {
    case .browse(.streams):
      let line = point.y - layout.inner(.streams).y
      let list = browse.aggregates?.position ?? browse.tree.position
      let target = list.top + line
      if wasFocused, target == list.selected { return perform(.open) }
      return moveSelection(by: target - list.selected)
    case .browse(.events):
      guard let window = browse.events else { return [] }
      let target = window.position.top + point.y - layout.inner(.events).y - 1
      guard target >= 0, target < window.count else { return [] }
      if wasFocused, target == window.position.selected { return perform(.replay) }
      return moveSelection(by: target - window.position.selected)
    case .replay(.timeline):
      guard let replay else { return [] }
      return setMoment(replay.list.top + point.y - layout.inner(.timeline).y)
    case .replay(.lanes):
      guard let replay, replay.events > 0 else { return [] }
      let inner = layout.inner(.lanes)
      let columns = LaneColumns(width: inner.width)
      let column = point.x - inner.x - columns.names - 1
      guard column >= 0, column < columns.chart else { return [] }
      return setMoment(column * replay.events / max(1, columns.chart) + 1)
    default: return []
    }
  }
}
