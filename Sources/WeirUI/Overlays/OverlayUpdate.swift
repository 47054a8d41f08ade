import WeirCells
import WeirCore
import WeirReplay

/// Keys while something lies over the screen. They never reach the panes below.
extension AppState {
  mutating func overlayKey(_ key: Key) -> [Effect] {
    if key == .control("c") { return [.quit] }
    if key == .control("z") { return [.suspend] }
    switch overlay {
    case .prompt(let prompt): return promptKey(prompt, key)
    case .palette(let palette): return paletteKey(palette, key)
    case .help(let help): return helpKey(help, key)
    case .menu(let menu): return menuKey(menu, key)
    case .hits(let list): return hitsKey(list, key)
    case nil: return []
    }
  }

  mutating func overlayPaste(_ text: String) -> [Effect] {
    switch overlay {
    case .prompt(var prompt):
      prompt.input.insert(text)
      overlay = .prompt(prompt)
      return promptChanged()
    case .palette(var palette):
      palette.input.insert(text)
      overlay = .palette(palette)
      fillPalette()
    case .help(var help):
      help.input.insert(text)
      overlay = .help(help)
      fillHelp()
    default: break
    }
    return []
  }

  /// Rows of an overlay's list.
  var overlayRows: Int {
    let box = Layout(self).overlayBox(overlay)
    return max(1, box.height - 2 - (overlay?.headerRows ?? 0))
  }

  mutating func overlayResized() {
    let rows = overlayRows
    switch overlay {
    case .palette(var palette):
      palette.position.reveal(count: palette.entries.count, visible: rows)
      overlay = .palette(palette)
    case .help(var help):
      help.position.reveal(count: help.lines.count, visible: rows)
      overlay = .help(help)
    case .menu(var menu):
      menu.position.reveal(count: menu.items.count, visible: rows)
      overlay = .menu(menu)
    case .hits(var list):
      list.position.reveal(count: list.count, visible: rows)
      overlay = .hits(list)
    default: break
    }
  }

  /// The list keys that all overlays share; nil for another key.
  func listDelta(_ key: Key, typing: Bool) -> Int? {
    let page = max(1, overlayRows - 1)
    switch key {
    case .down, .control("n"): return 1
    case .up, .control("p"): return -1
    case .pageDown: return page
    case .pageUp: return -page
    default: break
    }
    guard !typing else { return nil }
    switch key {
    case .character("j"): return 1
    case .character("k"): return -1
    case .character(" "), .control("f"): return page
    case .control("b"): return -page
    case .control("d"): return page / 2
    case .control("u"): return -page / 2
    case .character("g"), .home: return -1_000_000_000
    case .character("G"), .end: return 1_000_000_000
    default: return nil
    }
  }

  private mutating func paletteKey(_ old: Palette, _ key: Key) -> [Effect] {
    var palette = old
    switch key {
    case .escape:
      overlay = nil
      return []
    case .enter:
      guard palette.entries.indices.contains(palette.position.selected) else { return [] }
      overlay = nil
      return perform(palette.entries[palette.position.selected].action)
    default: break
    }
    if let delta = listDelta(key, typing: true) {
      palette.position.move(by: delta, count: palette.entries.count, visible: overlayRows)
      overlay = .palette(palette)
    } else if palette.input.edit(key) != nil {
      overlay = .palette(palette)
      fillPalette()
    }
    return []
  }

  private mutating func helpKey(_ old: Help, _ key: Key) -> [Effect] {
    var help = old
    if key == .escape || key == .enter || (key == .character("?") && help.input.isEmpty)
      || key == .function(1)
    {
      if key == .escape, !help.input.isEmpty {
        help.input.set("")
        overlay = .help(help)
        fillHelp()
      } else {
        overlay = nil
      }
      return []
    }
    if let delta = listDelta(key, typing: true) {
      help.position.top = max(0, min(help.position.top + delta, help.lines.count - overlayRows))
      overlay = .help(help)
    } else if help.input.edit(key) != nil {
      overlay = .help(help)
      fillHelp()
    }
    return []
  }

  private mutating func menuKey(_ old: Menu, _ key: Key) -> [Effect] {
    var menu = old
    if let delta = listDelta(key, typing: false) {
      menu.position.move(by: delta, count: menu.items.count, visible: overlayRows)
      overlay = .menu(menu)
      return []
    }
    switch key {
    case .escape, .character("q"):
      overlay = nil
      return menu.isReading ? [.cancel(generation: menu.generation)] : []
    case .enter:
      guard menu.items.indices.contains(menu.position.selected) else { return [] }
      overlay = nil
      return chosen(menu.items[menu.position.selected], in: menu)
    default: return []
    }
  }

  private mutating func chosen(_ item: Menu.Item, in menu: Menu) -> [Effect] {
    switch menu.purpose {
    case .folds:
      guard let replay else { return [] }
      let place: ReplayQuery? =
        replay.moment == replay.events ? nil : replay.row(replay.moment).map { .position($0.positionText) }
      return openReplay(replay.request.log, at: place, fold: item.value)
    case .turns: return item.moment.map { setMoment($0) } ?? []
    }
  }

  private mutating func hitsKey(_ old: HitList, _ key: Key) -> [Effect] {
    var list = old
    if let delta = listDelta(key, typing: false) {
      list.position.move(by: delta, count: list.count, visible: overlayRows)
      overlay = .hits(list)
      return []
    }
    switch key {
    case .escape where list.isRunning:
      list.isRunning = false
      overlay = .hits(list)
      return [.cancel(generation: list.generation)]
    case .escape, .character("q"):
      overlay = nil
      return []
    case .enter:
      guard let hit = list.selected else { return [] }
      overlay = nil
      return stop(list) + show(hit)
    case .character("r"):
      guard let hit = list.selected else { return [] }
      switch hit.place {
      case .stream: return []
      case .aggregate(let event, _):
        overlay = nil
        return stop(list) + openReplay(LogRef(source: hit.source, stream: event.aggregate), at: nil)
      case .event(let event, _):
        overlay = nil
        let log = LogRef(source: hit.source, stream: event.aggregate)
        return stop(list) + openReplay(log, at: .position(event.positionText))
      }
    default: return []
    }
  }

  private func stop(_ list: HitList) -> [Effect] {
    list.isRunning ? [.cancel(generation: list.generation)] : []
  }

  /// Goes to a hit in Browse.
  private mutating func show(_ hit: Hit) -> [Effect] {
    let closing = replay.map { [Effect.closeReplay(session: $0.session)] } ?? []
    replay = nil
    browse.focus = .events
    switch hit.place {
    case .stream(let stream):
      let log = LogRef(source: hit.source, stream: stream)
      reveal(log)
      return closing + openLog(log, at: .end)
    case .aggregate(let event, _):
      let log = LogRef(source: hit.source, stream: event.aggregate)
      reveal(log)
      return closing + openLog(log, at: .end)
    case .event(let event, _):
      let log = LogRef(source: hit.source, stream: StreamID(event.stream, partition: event.partition))
      reveal(log)
      return closing + openLog(log, at: .position(event.positionText))
    }
  }

  mutating func overlayAnswer(_ message: Message) -> [Effect] {
    switch message {
    case .filterPreviewed(let kept, let all, let generation):
      guard case .prompt(var prompt)? = overlay, prompt.generation == generation else { return [] }
      prompt.preview =
        "keeps \(NumberText.grouped(kept)) of the \(NumberText.count(all, "event")) on the screen"
      overlay = .prompt(prompt)
    case .hits(let hits, let generation):
      guard case .hits(var list)? = overlay, list.generation == generation else { return [] }
      list.add(hits)
      overlay = .hits(list)
    case .folds(let choices, let generation):
      guard case .menu(var menu)? = overlay, menu.generation == generation else { return [] }
      menu.items = choices.map { Menu.Item(title: $0.name, detail: $0.detail, value: $0.name, moment: nil) }
      menu.isReading = false
      if let current = menu.items.firstIndex(where: { $0.value == replay?.about?.fold }) {
        menu.position.select(current, count: menu.items.count, visible: overlayRows)
      }
      overlay = .menu(menu)
    case .wrote(let path, let bytes, let generation):
      if case .prompt(let prompt)? = overlay, prompt.generation == generation { overlay = nil }
      say("wrote \(NumberText.bytes(bytes)) to \(path)")
    default: break
    }
    return []
  }

  /// A fault that belongs under the prompt or into the list on the screen. True when it was told there.
  mutating func overlayFailed(_ generation: Int, _ fault: Fault) -> Bool {
    switch overlay {
    case .prompt(var prompt) where prompt.generation == generation:
      prompt.mistake = (nil, fault.reason + (fault.hint.map { ": " + $0 } ?? ""))
      overlay = .prompt(prompt)
    case .hits(var list) where list.generation == generation:
      list.fault = fault
      list.isRunning = false
      overlay = .hits(list)
    case .menu(var menu) where menu.generation == generation:
      menu.isReading = false
      menu.emptyText = fault.description
      overlay = .menu(menu)
    default: return false
    }
    return true
  }
}
