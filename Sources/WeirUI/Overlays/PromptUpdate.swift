import WeirCells
import WeirCore
import WeirReplay

/// The question in the bottom line: typing, history, preview, answer.
extension AppState {
  /// Opens a prompt, with what was last asked where that is worth starting from.
  mutating func ask(_ kind: Prompt.Kind) -> [Effect] {
    var text = ""
    switch kind {
    case .filter: text = browse.events?.filter ?? ""
    case .names: text = browse.aggregates?.filter ?? browse.tree.filter
    case .write: text = takeaway?.name ?? ""
    default: break
    }
    overlay = .prompt(Prompt(kind, text: text))
    return promptChanged()
  }

  mutating func promptKey(_ old: Prompt, _ key: Key) -> [Effect] {
    var prompt = old
    switch key {
    case .escape:
      overlay = nil
      return cancelled(prompt)
    case .enter: return submit(prompt)
    case .up, .control("p"): return recall(prompt, by: 1)
    case .down, .control("n"): return recall(prompt, by: -1)
    default:
      guard let changed = prompt.input.edit(key) else { return [] }
      if changed { prompt.historyIndex = 0 }
      overlay = .prompt(prompt)
      return changed ? promptChanged() : []
    }
  }

  private mutating func recall(_ old: Prompt, by step: Int) -> [Effect] {
    var prompt = old
    let lines = history[prompt.kind] ?? []
    let next = prompt.historyIndex + step
    guard next >= 0, next <= lines.count else { return [] }
    if prompt.historyIndex == 0 { prompt.draft = prompt.input.text }
    prompt.historyIndex = next
    prompt.input.set(next == 0 ? prompt.draft : lines[lines.count - next])
    overlay = .prompt(prompt)
    return promptChanged()
  }

  /// Esc in a prompt that changed something while it was typed puts that back.
  private mutating func cancelled(_ prompt: Prompt) -> [Effect] {
    if prompt.kind == .names { return filterNames("") }
    return prompt.generation > 0 ? [.cancel(generation: prompt.generation)] : []
  }

  /// The text changed: mistakes and previews are renewed.
  mutating func promptChanged() -> [Effect] {
    guard case .prompt(var prompt)? = overlay else { return [] }
    let text = prompt.input.text
    prompt.mistake = nil
    prompt.preview = nil
    defer { overlay = .prompt(prompt) }
    switch prompt.kind {
    case .names:
      overlay = .prompt(prompt)
      return filterNames(text)
    case .filter, .bisect:
      guard !text.isEmpty else { return [] }
      do throws(Expression.Mistake) { _ = try Expression(parsing: text) } catch {
        prompt.mistake = (error.column, error.reason)
        return []
      }
      guard prompt.kind == .filter, let window = browse.events else { return [] }
      prompt.generation = nextGeneration()
      let refs = window.visibleRefs(height: visible(.events))
      return [.previewFilter(text, refs, generation: prompt.generation)]
    case .goTo:
      prompt.preview = text.isEmpty ? nil : preview(ofGoing: text)
      return []
    default: return []
    }
  }

  private mutating func filterNames(_ text: String) -> [Effect] {
    if browse.aggregates != nil {
      browse.aggregates?.filter = text
      let rows = visible(.streams)
      browse.aggregates?.rebuild(visible: rows)
    } else {
      browse.tree.filter = text
      browse.tree.rebuild(sources, visible: visible(.streams))
      let isStream: (StreamTree.Row) -> Bool = { row in
        switch row {
        case .topic, .stream: true
        default: false
        }
      }
      // The first match is what was meant, as long as the selection is none.
      if !text.isEmpty, browse.tree.selectedRow.map(isStream) != true,
        let first = browse.tree.rows.firstIndex(where: isStream)
      {
        browse.tree.position.select(first, count: browse.tree.rows.count, visible: visible(.streams))
      }
    }
    return []
  }

  /// Enter.
  private mutating func submit(_ old: Prompt) -> [Effect] {
    var prompt = old
    let text = prompt.input.text
    guard prompt.mistake == nil || prompt.kind == .write || prompt.kind == .goTo else { return [] }
    if !text.isEmpty {
      var lines = history[prompt.kind] ?? []
      lines.removeAll { $0 == text }
      history[prompt.kind] = (lines + [text]).suffix(100)
    }
    guard !text.isEmpty || prompt.kind == .filter || prompt.kind == .names else {
      overlay = nil
      return []
    }
    switch prompt.kind {
    case .goTo:
      guard let effects = go(to: text) else {
        prompt.mistake = (
          nil, "no time, position, #event or percentage; the examples: \(Prompt.Kind.goTo.example)"
        )
        overlay = .prompt(prompt)
        return []
      }
      overlay = nil
      return effects
    case .write:
      guard let content = takeaway?.content else {
        overlay = nil
        return []
      }
      prompt.generation = nextGeneration()
      prompt.mistake = nil
      overlay = .prompt(prompt)
      return [.write(path: text, content: content, generation: prompt.generation)]
    default:
      overlay = nil
      return answer(prompt.kind, text)
    }
  }

  private mutating func answer(_ kind: Prompt.Kind, _ text: String) -> [Effect] {
    switch kind {
    case .names: return showSelectedStream()
    case .filter: return setFilter(text)
    case .find: return startFinding(text)
    case .bisect: return startBisect(text)
    case .tree:
      if replay == nil {
        browse.search = SearchState(text: text)
        return searchInTree(text, forward: true)
      }
      return searchInState(text, forward: true)
    case .search:
      if replay != nil { return searchReplay(text, forward: true) }
      browse.search = SearchState(text: text)
      return searchAgain(forward: true)
    default: return []
    }
  }

  private mutating func startFinding(_ text: String) -> [Effect] {
    let generation = nextGeneration()
    overlay = .hits(HitList(text: text, generation: generation))
    startJob(generation, "looking for “\(text)” everywhere", unit: .events)
    return [.find(text: text, generation: generation)]
  }

  /// What `t` was told, as a place: nil when the words name none.
  private func destination(_ text: String) -> Destination? {
    let word = text.split(separator: " ").joined(separator: " ")
    if word.hasSuffix("%"), let percent = Double(word.dropLast()), (0...100).contains(percent) {
      return .fraction(percent / 100)
    }
    if word.hasPrefix("#"), let number = Int(word.dropFirst()) { return .ordinal(number) }
    if word.hasPrefix("+") || word.hasPrefix("-"), let steps = Int(word), abs(steps) < 1_000_000_000 {
      return .steps(steps)
    }
    let digits = word.filter { $0 != " " }
    if !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) { return .position(digits) }
    if let time = TimePhrase.parse(word, zone: zone, now: now ?? Instant(seconds: 0)) { return .time(time) }
    // A position in a form of its own: 1735808554632-0, C:123/P:123.
    return word.contains(where: \.isNumber) && !word.contains(" ") ? .position(word) : nil
  }

  private enum Destination {
    case fraction(Double), ordinal(Int), steps(Int), position(String), time(Instant)
  }

  /// What the words mean, echoed while they are typed: an absolute time and its zone.
  private func preview(ofGoing text: String) -> String? {
    switch destination(text) {
    case .time(let time): "\(clock.full(time)) \(zone.title)"
    case .position(let position):
      (numbersAreVersions ? "version " : "position ") + NumberText.position(position)
    case .fraction(let share): "\(Int((share * 100).rounded())) % of the way"
    case .ordinal(let number): "event #\(NumberText.grouped(number))"
    case .steps(let steps): "\(NumberText.count(abs(steps), "event")) \(steps < 0 ? "back" : "on")"
    case nil: nil
    }
  }

  private mutating func go(to text: String) -> [Effect]? {
    guard let place = destination(text) else { return nil }
    if let replay {
      switch place {
      case .fraction(let share): return setMoment(Int((Double(replay.events) * share).rounded()))
      case .ordinal(let number): return setMoment(number)
      case .steps(let steps): return setMoment(replay.moment + steps)
      case .position(let position): return jump(.position(position))
      case .time(let time): return jump(.moment(at: time))
      }
    }
    browse.focus = browse.focus == .streams ? .events : browse.focus
    switch place {
    case .fraction(let share): return goTo(.fraction(share))
    case .ordinal(let number): return goTo(number: String(number))
    case .steps(let steps):
      browse.focus = .events
      return moveSelection(by: steps)
    case .position(let position): return goTo(number: position)
    case .time(let time): return goTo(.time(time))
    }
  }
}
