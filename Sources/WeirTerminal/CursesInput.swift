internal import CNcurses
internal import Glibc
internal import WeirCells

/// Turns what curses reads into events. Never blocks longer than it takes a terminal to finish an escape
/// sequence it has begun.
struct CursesInput {
  /// A pad: reading from a window would paint it first.
  private let pad: UnsafeMutablePointer<WINDOW>
  private let descriptor: Int32
  /// The paste under way, which may come in many pieces.
  private var pasted: String.UnicodeScalarView?
  private var pastedBytes = 0
  /// After ESC within a paste: only the end of the paste is looked for.
  private var sequence: EscapeSequence?

  /// Milliseconds that the rest of a sequence may take; as `escdelay`.
  static let patience: Int32 = 25

  /// nil when curses has no memory for the pad.
  init?(descriptor: Int32) {
    guard let pad = newpad(1, 1) else { return nil }
    self.pad = pad
    self.descriptor = descriptor
    keypad(pad, true)
    nodelay(pad, true)
    // The mouse is read by us (SGR mode); what terminfo calls its prefix must not swallow half of it.
    keyok(KEY_MOUSE, false)
  }

  func close() { delwin(pad) }

  private enum Unit {
    case scalar(Unicode.Scalar)
    case key(Int32)
    case nothing
  }

  private func read() -> Unit {
    var value: wint_t = 0
    switch wget_wch(pad, &value) {
    case OK: return .scalar(Unicode.Scalar(value) ?? "\u{FFFD}")
    case KEY_CODE_YES: return .key(Int32(bitPattern: value))
    default: return .nothing
    }
  }

  /// Appends everything that has arrived.
  mutating func drain(into events: inout [InputEvent]) {
    // Bounded, so that a flood of keys cannot keep the screen from being drawn.
    for _ in 0..<4096 {
      switch read() {
      case .nothing: return
      case .key(let code):
        if pasted == nil, let key = CursesInput.key(code) { events.append(.key(key)) }
      case .scalar("\u{1B}"): escape(&events)
      case .scalar(let scalar):
        if pasted != nil { paste(scalar) } else { events.append(.key(CursesInput.key(scalar))) }
      }
    }
  }

  /// Reads the rest of a sequence.
  private mutating func escape(_ events: inout [InputEvent]) {
    var sequence = EscapeSequence()
    while true {
      var unit = read()
      if case .nothing = unit, waitForMore() { unit = read() }
      switch unit {
      case .scalar("\u{1B}"):
        // ESC twice: the first was the key.
        if pasted == nil { events.append(.key(.escape)) }
        sequence = EscapeSequence()
      case .scalar(let scalar) where sequence.isAtStart && CursesInput.isKeyOfItsOwn(scalar):
        // No terminal sends Alt-Tab and the like: these are two keys that arrived together.
        if pasted == nil { events += [.key(.escape), .key(CursesInput.key(scalar))] }
        return
      case .scalar(let scalar):
        switch sequence.next(scalar) {
        case .more: continue
        case .event(let event): if pasted == nil { events.append(event) }
        case .pasteBegins:
          pasted = String.UnicodeScalarView()
          pastedBytes = 0
        case .pasteEnds:
          if let text = pasted { events.append(.paste(String(text))) }
          pasted = nil
        case .unknown: break
        }
        return
      case .key(let code):
        guard pasted == nil else { return }
        if let event = sequence.cutShort() { events.append(event) }
        if let key = CursesInput.key(code) { events.append(.key(key)) }
        return
      case .nothing:
        if pasted == nil, let event = sequence.cutShort() { events.append(event) }
        return
      }
    }
  }

  /// Controls but Enter, which Alt may go with.
  private static func isKeyOfItsOwn(_ scalar: Unicode.Scalar) -> Bool {
    (scalar.value < 0x20 && scalar.value != 0x0D && scalar.value != 0x0A) || scalar.value == 0x7F
  }

  private func waitForMore() -> Bool {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&wait, 1, CursesInput.patience) > 0
  }

  private mutating func paste(_ scalar: Unicode.Scalar) {
    pastedBytes += 4
    guard pastedBytes <= InputEvent.pasteLimit else { return }
    pasted?.append(scalar == "\r" ? "\n" : scalar)
  }

  private static func key(_ scalar: Unicode.Scalar) -> Key {
    switch scalar.value {
    case 0: .control(" ")
    case 9: .tab
    case 10, 13: .enter
    case 8, 127: .backspace
    case 27: .escape
    case 1...26: .control(Character(Unicode.Scalar(UInt8(scalar.value) + 96)))
    case 28...31: .control(Character(Unicode.Scalar(UInt8(scalar.value) + 64)))
    default: .character(Character(scalar))
    }
  }

  private static func key(_ code: Int32) -> Key? {
    switch code {
    case KEY_UP: .up
    case KEY_DOWN: .down
    case KEY_LEFT: .left
    case KEY_RIGHT: .right
    case KEY_SR: .shiftUp
    case KEY_SF: .shiftDown
    case KEY_SLEFT: .shiftLeft
    case KEY_SRIGHT: .shiftRight
    case KEY_HOME, KEY_FIND, KEY_A1, KEY_SHOME: .home
    case KEY_END, KEY_LL, KEY_SELECT, KEY_C1, KEY_SEND: .end
    case KEY_PPAGE, KEY_A3, KEY_SPREVIOUS: .pageUp
    case KEY_NPAGE, KEY_C3, KEY_SNEXT: .pageDown
    case KEY_IC: .insert
    case KEY_DC, KEY_SDC: .delete
    case KEY_BACKSPACE: .backspace
    case KEY_ENTER: .enter
    case KEY_BTAB: .backtab
    case weir_key_function(1)...weir_key_function(63): .function(Int(code - weir_key_function(0)))
    default: nil
    }
  }
}
