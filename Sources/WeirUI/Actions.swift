import WeirCells
import WeirCore

/// Actions that mean the same on every screen.
extension AppState {
  /// nil for an action that belongs to a screen.
  mutating func performAnywhere(_ action: Action) -> [Effect]? {
    switch action {
    case .quit: return [.quit]
    case .suspend: return [.suspend]
    case .redraw: return [.redraw]
    case .close: return closeScreen()
    case .help: openHelp()
    case .palette: openPalette()
    case .find: return ask(.find)
    case .zone:
      showsLocalTime.toggle()
      say("times are shown in \(zone.title)" + (environment.zone == .utc ? " (no other zone is known)" : ""))
    case .mouse:
      hasMouse.toggle()
      say(hasMouse ? "mouse on; hold Shift to select text" : "mouse off: the terminal selects text")
      return [.setMouse(hasMouse)]
    case .zoom:
      isZoomed.toggle()
      return resized()
    case .nextPane: return turnPane(1)
    case .previousPane: return turnPane(-1)
    case .wider: return resizePane(count.map { min($0, 40) } ?? 2)
    case .narrower: return resizePane(-(count.map { min($0, 40) } ?? 2))
    case .copy:
      pending = .copy
    case .copyCommand:
      let text = command
      say("copied: \(text)")
      return [.copy(text)]
    case .write: return ask(.write)
    default: return nil
    }
    return []
  }

  private mutating func closeScreen() -> [Effect] {
    guard let replay else { return [.quit] }
    self.replay = nil
    isZoomed = false
    return [.cancel(generation: replay.session), .closeReplay(session: replay.session)] + resized()
  }

  private mutating func turnPane(_ delta: Int) -> [Effect] {
    if let replay {
      let panes = ReplayState.Pane.allCases
      self.replay?.focus = panes[(replay.focus.rawValue + delta + panes.count) % panes.count]
    } else {
      let panes = BrowseState.Pane.allCases
      browse.focus = panes[(browse.focus.rawValue + delta + panes.count) % panes.count]
    }
    return isZoomed || Layout(self).isStacked ? resized() : []
  }

  private mutating func resizePane(_ delta: Int) -> [Effect] {
    guard !Layout(self).isStacked else {
      say("one pane fills the screen; z shows them all", .refusal)
      return []
    }
    let before = Layout(self)
    if let focus = replay?.focus {
      switch focus {
      case .timeline: replay?.widthChange += delta
      case .state, .changes: replay?.widthChange -= delta
      case .lanes: replay?.heightChange += delta.signum()
      }
    } else {
      switch browse.focus {
      case .streams: browse.widthChange += delta
      case .events: browse.heightChange -= delta.signum()
      case .inspector: browse.heightChange += delta.signum()
      }
    }
    if Layout(self) == before {
      say("it cannot be made \(delta > 0 ? "larger" : "smaller")", .refusal)
      if replay != nil {
        let focus = replay?.focus
        replay?.widthChange -= focus == .timeline ? delta : focus == .lanes ? 0 : -delta
        replay?.heightChange -= focus == .lanes ? delta.signum() : 0
      } else {
        browse.widthChange -= browse.focus == .streams ? delta : 0
        browse.heightChange -=
          browse.focus == .events ? -delta.signum() : browse.focus == .inspector ? delta.signum() : 0
      }
    }
    return resized()
  }

  /// The screen or a pane has another size: everything selected stays visible, and what depends on widths is
  /// asked for anew.
  mutating func resized() -> [Effect] {
    browse.tree.position.reveal(count: browse.tree.rows.count, visible: visible(.streams))
    let rows = visible(BrowseState.Pane.events)
    if let count = browse.events?.count { browse.events?.position.reveal(count: count, visible: rows) }
    inspectorTree { tree, visible in tree.position.reveal(count: tree.lines.count, visible: visible) }
    overlayResized()
    guard replay == nil else { return replayResized() }
    return readOn() + loadDensity()
  }

  /// The second half of `y`, `m` or `'`.
  mutating func complete(_ waiting: Action, _ key: Key) -> [Effect] {
    guard case .character(let letter) = key else { return [] }
    switch waiting {
    case .copy: return copy(letter)
    case .mark: return setMark(letter)
    case .goToMark: return goToMark(letter)
    default: return []
    }
  }

  private mutating func copy(_ letter: Character) -> [Effect] {
    guard let part = CopyPart.allCases.first(where: { $0.key == letter || ($0 == .payload && letter == "y") })
    else {
      say(
        "y copies: " + CopyPart.allCases.map { "\($0.key) \($0.rawValue)" }.joined(separator: "  "), .refusal)
      return []
    }
    guard let text = text(of: part) else {
      say("this event has no \(part.rawValue)", .refusal)
      return []
    }
    say("copied the \(part.rawValue): \(NumberText.bytes(text.utf8.count))")
    return [.copy(text)]
  }
}

/// What `y` can copy of the selected event.
enum CopyPart: String, CaseIterable {
  case payload, key, event, address, id, state

  var key: Character {
    switch self {
    case .payload: "p"
    case .key: "k"
    case .event: "e"
    case .address: "a"
    case .id: "i"
    case .state: "s"
    }
  }
}
