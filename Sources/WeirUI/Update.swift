import WeirCells
import WeirCore
import WeirReplay

/// The one place where the state changes: a message goes in, work to be done comes out. Pure and total: any
/// message in any state, no input, no output, no clock.
package func update(_ state: inout AppState, _ message: Message) -> [Effect] {
  switch message {
  case .input(let event): return state.receive(event)
  case .tick(let now, let progress): return state.tick(now, progress)
  case .notice(let text, let isError):
    state.notice = Notice(text: text, kind: isError ? .error : .info)
    return []
  case .sourceOpened, .sourceFailed, .catalog, .aggregates, .activity, .page, .opened, .inspected, .frame,
    .density,
    .found,
    .notFound:
    return state.browseAnswer(message)
  case .replayOpened, .replayLoaded, .replay: return state.replayAnswer(message)
  case .filterPreviewed, .hits, .folds, .wrote: return state.overlayAnswer(message)
  case .ended(let generation, let fault): return state.ended(generation, fault)
  }
}

extension AppState {
  mutating func receive(_ event: InputEvent) -> [Effect] {
    switch event {
    case .resize(let size):
      self.size = size
      return resized()
    case .paste(let text): return overlay == nil ? [] : overlayPaste(text)
    case .mouse(let event): return mouse(event)
    case .key(let key):
      notice = nil
      isUntouched = false
      if overlay != nil { return overlayKey(key) }
      if let waiting = pending {
        pending = nil
        return complete(waiting, key)
      }
      if key == .escape, count != nil {
        count = nil
        return []
      }
      if case .character(let character) = key, let digit = character.wholeNumberValue, character.isASCII,
        digit > 0 || count != nil
      {
        count = min((count ?? 0) * 10 + digit, 999_999_999_999)
        return []
      }
      defer { count = nil }
      guard let binding = environment.keymap.binding(for: key, in: scopes) else { return [] }
      return perform(binding.action)
    }
  }

  /// Scopes of the focused pane, narrowest first.
  var scopes: [Scope] {
    guard let replay else {
      switch browse.focus {
      case .streams: return [.streams, .browse, .lists, .everywhere]
      case .events: return [.events, .browse, .lists, .everywhere]
      case .inspector: return [.inspector, .browse, .lists, .everywhere]
      }
    }
    switch replay.focus {
    case .timeline: return [.timeline, .replay, .lists, .everywhere]
    case .state, .changes: return [.tree, .replay, .lists, .everywhere]
    case .lanes: return [.lanes, .replay, .lists, .everywhere]
    }
  }

  /// Does an action, or says why it cannot be done now.
  mutating func perform(_ action: Action) -> [Effect] {
    if let reason = refusal(of: action) {
      notice = Notice(text: reason, kind: .refusal)
      return []
    }
    if let effects = performAnywhere(action) { return effects }
    return replay == nil ? performBrowse(action) : performReplay(action)
  }

  mutating func tick(_ now: Instant, _ progress: [JobProgress]) -> [Effect] {
    self.now = now
    for index in jobs.indices {
      if jobs[index].started == nil { jobs[index].started = now }
      guard let known = progress.first(where: { $0.generation == jobs[index].generation }) else { continue }
      jobs[index].done = known.done
      jobs[index].total = known.total
    }
    return replayTick()
  }

  /// Starts a job that the status line shows.
  mutating func startJob(_ generation: Int, _ title: String, unit: Job.Unit = .bytes) {
    jobs.append(Job(generation: generation, title: title, unit: unit))
  }

  mutating func ended(_ generation: Int, _ fault: Fault?) -> [Effect] {
    jobs.removeAll { $0.generation == generation }
    if let fault, fault.kind == .cancelled { return stopped(generation) }
    guard let fault else { return finished(generation) }
    if overlayFailed(generation, fault) { return [] }
    return failed(generation, fault)
  }

  /// A sentence in the bottom line.
  mutating func say(_ text: String, _ kind: Notice.Kind = .info) { notice = Notice(text: text, kind: kind) }
}
