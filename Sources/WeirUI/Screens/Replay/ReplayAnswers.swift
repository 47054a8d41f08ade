import WeirCells
import WeirCore
import WeirReplay

/// Answers that Replay waits for.
extension AppState {
  /// While the history comes in, its length is asked for with every tick.
  mutating func replayTick() -> [Effect] {
    guard let replay, replay.about != nil, !replay.isComplete, replay.fault == nil else { return [] }
    return [.replay(.progress, session: replay.session, generation: nextGeneration())]
  }

  mutating func replayAnswer(_ message: Message) -> [Effect] {
    switch message {
    case .replayOpened(let session, let about):
      guard replay?.session == session else { return [] }
      replay?.about = about
      return []
    case .replayLoaded(let session):
      guard replay?.session == session else { return [] }
      return [
        .replay(.progress, session: session, generation: nextGeneration()),
        .replay(.findings, session: session, generation: nextGeneration()),
      ]
    case .replay(let answer, let session, let generation):
      guard replay?.session == session else { return [] }
      return take(answer, generation)
    default: return []
    }
  }

  private mutating func take(_ answer: ReplayAnswer, _ generation: Int) -> [Effect] {
    guard let old = replay else { return [] }
    switch answer {
    case .progress(let events, let isComplete): return grew(to: events, isComplete: isComplete)
    case .rows(let first, let rows):
      guard generation == old.rowsGeneration else { return [] }
      replay?.firstRow = first
      replay?.rows = rows
    case .step(let step, let event):
      guard generation == old.stepGeneration else { return [] }
      stepCame(step, event)
    case .lanes(let lanes, let width):
      guard generation == old.lanesGeneration else { return [] }
      let before = Layout(self)
      replay?.lanes = lanes
      replay?.lanesWidth = width
      // More lanes take more rows, and so fewer are left above.
      return Layout(self) == before ? [] : replayResized()
    case .diff(_, _, let changes):
      if generation == old.diffGeneration { replay?.diff = changes }
    case .moment(let moment, let reason): return jumped(to: moment, reason, generation, old)
    case .turns(let turns, let text): showTurns(turns, text, generation)
    case .findings(let findings):
      let isFirst = old.findings.isEmpty
      replay?.findings = findings
      if isFirst, notice == nil, overlay == nil { announce(findings) }
    }
    return []
  }

  /// A history that breaks an invariant says so without being asked, and how to get there.
  private mutating func announce(_ findings: [ReplayFinding]) {
    guard let last = findings.last(where: { !$0.isFailure }) ?? findings.last else { return }
    let same = findings.filter { $0.isFailure == last.isFailure }
    let key = environment.keymap.keys(of: .previousFinding, in: scopes).first ?? "previous-finding"
    let names = Set(same.map(\.text))
    let what =
      last.isFailure
      ? "the fold failed at \(NumberText.count(same.count, "event"))"
      : "\(NumberText.count(same.count, "event")) broke \(names.count == 1 ? "“\(last.text)”" : "invariants")"
    say("✗ \(what): \(key) goes there", .refusal)
  }

  /// More of the history is folded, or all of it.
  private mutating func grew(to events: Int, isComplete: Bool) -> [Effect] {
    guard let old = replay else { return [] }
    guard events != old.events || isComplete != old.isComplete else { return [] }
    // Answers may overtake each other; a history only grows.
    guard events >= old.events, isComplete || !old.isComplete else { return [] }
    replay?.events = events
    replay?.isComplete = isComplete
    var effects: [Effect] = []
    if let target = old.target, isComplete {
      replay?.target = nil
      replay?.followsEnd = false
      effects += jump(target)
    }
    if replay?.followsEnd ?? false {
      effects += place(events, isForced: true)
      // Later steps are the user's own.
      if isComplete { replay?.followsEnd = false }
    } else {
      effects += place(min(old.moment, events), isForced: old.step == nil)
    }
    effects += loadRows(isForced: true)
    return effects + loadLanes()
  }

  private mutating func stepCame(_ step: ReplayStep, _ event: ReplayEvent?) {
    let isFirst = replay?.step == nil
    let height = visible(.state)
    replay?.step = step
    replay?.stepEvent = event
    replay?.tree.show(step.state, visible: height, fresh: isFirst)
    // What the event changed is brought into view when the selected field is not what it changed.
    guard let replay, replay.focus != .state, replay.focus != .lanes, let change = step.changes.first else {
      return
    }
    guard !step.changes.contains(where: { $0.path == replay.tree.selectedLine?.path }) else { return }
    self.replay?.tree.reveal(change.path, visible: height)
  }

  private mutating func jumped(
    to moment: Int?, _ reason: String, _ generation: Int, _ old: ReplayState
  ) -> [Effect] {
    guard generation == old.jumpGeneration else { return [] }
    guard let moment else {
      say(reason, .refusal)
      // A target that is not there must not leave the screen empty.
      return old.step == nil ? place(old.events, isForced: true) : []
    }
    return setMoment(moment)
  }

  private mutating func showTurns(_ turns: [TurnRow], _ text: String, _ generation: Int) {
    guard case .menu(var menu)? = overlay, menu.generation == generation else { return }
    menu.isReading = false
    menu.items = turns.map { turn in
      let time = turn.row.time.map { clock.full($0, digits: 0) } ?? ""
      return Menu.Item(
        title: "\(turn.turn.now ? "true " : "false") after #\(NumberText.grouped(turn.turn.ordinal + 1))",
        detail: "\(time)  \(turn.row.type)", value: "", moment: turn.turn.ordinal + 1,
        role: turn.turn.now ? .damage : .ok)
    }
    overlay = .menu(menu)
  }
}

extension JSONTree {
  /// Scrolls a path, or what it is folded into, into view without unfolding anything.
  mutating func reveal(_ path: StatePath, visible: Int) {
    var steps = path.steps
    while !steps.isEmpty {
      if lines.contains(where: { $0.path.steps == steps && $0.kind != .close }) {
        select(StatePath(steps), visible: visible)
        return
      }
      steps.removeLast()
    }
  }
}
