import WeirCore
import WeirReplay

/// Why a key does nothing just now: a key that is refused says so.
extension AppState {
  func refusal(of action: Action) -> String? {
    let keymap = environment.keymap
    for scope in scopes {
      guard let binding = keymap.bindings.first(where: { $0.scope == scope && $0.action == action }) else {
        continue
      }
      return binding.needs.flatMap { refusal(of: $0) }
    }
    return nil
  }

  private func refusal(of need: Need) -> String? {
    switch need {
    case .event:
      if let replay { return replay.step == nil ? "the state is not here yet" : nil }
      return browse.events?.nearestEvent == nil ? "there is no event here" : nil
    case .log: return browse.events == nil ? "select a stream first" : nil
    case .aggregate:
      guard browse.aggregates == nil, let row = browse.tree.selectedRow else { return nil }
      switch row {
      case .stream: return nil
      case .topic, .partition:
        return "a topic holds many aggregates: a lists them, or press Enter on an event"
      case .source, .note: return "select a stream first"
      }
    case .field: return replay?.selectedPath == nil ? "the state has no field yet" : nil
    case .findings:
      return replay?.findings.isEmpty ?? true ? "no invariant is broken and no fold failed here" : nil
    case .marks:
      let hasNone = replay?.marks.isEmpty ?? browse.marks.isEmpty
      return hasNone ? "set a mark first: m, then a letter" : nil
    case .node:
      guard let tree = focusedTree else { return "there is nothing to fold here" }
      guard let line = tree.selectedLine, line.isContainer || line.kind == .close else {
        return "a value has nothing to fold: h goes to what it lies in, o folds everything"
      }
      return nil
    case .tree:
      let isFoldable = focusedTree?.lines.contains { $0.isContainer && $0.path.steps.count == 1 } ?? false
      return isFoldable ? nil : "there is nothing to fold here"
    case .search:
      let text = replay.map(\.search) ?? browse.search?.text
      return text == nil ? "search for something first: /" : nil
    }
  }

  /// The tree that the fold keys of the focused pane work on; nil where lines are plain.
  private var focusedTree: JSONTree? {
    if let replay { return replay.focus == .lanes ? nil : replay.tree }
    return browse.focus == .inspector && inspectorShowsTree ? browse.inspector.payload : nil
  }
}
