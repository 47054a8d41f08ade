internal import CCrashGuard
internal import CNcurses
internal import Glibc
package import WeirCells

/// The real terminal, by way of ncursesw, as a surface for cell grids and a source of input events.
///
/// Owns the one curses screen there is. Made and used on the main thread only, because curses is not safe
/// with threads: not copyable, not sendable, never captured. However it ends (going out of scope, `exit`, a
/// trap) the terminal gets back its modes, its cursor and its first screen.
///
/// Every frame is drawn whole and curses finds the difference: under a millisecond for 200x60 cells, and
/// there is no damage tracking of ours to be wrong.
package struct Terminal: ~Copyable, CellSurface {
  private let screen: OpaquePointer
  /// Not private: tests read back what curses holds.
  let window: UnsafeMutablePointer<WINDOW>
  private let device: Device
  private var reader: CursesInput
  private var pairs: PairPool
  private var row: [cchar_t] = []
  private var isAway = false
  private var hasMouse: Bool
  package private(set) var size: Size
  /// The locale has no Unicode: everything beyond ASCII is shown by its nearest ASCII.
  package let isASCII: Bool
  package var theme: Theme {
    didSet {
      pairs.forget()
      shown = nil
    }
  }
  /// What the window holds since the last frame, so that rows that did not change need not be written again;
  /// nil when it may hold anything.
  private var shown: CellGrid?

  /// Takes the terminal over: full screen, raw keys, no echo.
  package init(_ options: TerminalOptions = TerminalOptions()) throws(TerminalFault) {
    let isASCII = options.chooseCharacters()
    let device = try Device(path: options.device)
    let opened = try Terminal.screen(on: device, options)
    raw()
    noecho()
    nonl()
    set_escdelay(CursesInput.patience)
    typeahead(-1)
    curs_set(0)
    start_color()
    use_default_colors()
    screen = opened.screen
    window = opened.window
    reader = opened.input
    self.device = device
    self.isASCII = isASCII
    theme = options.theme
    hasMouse = options.mouse
    pairs = PairPool(depth: PairPool.depth(colorAllowed: options.colorAllowed))
    size = Size(columns: Int(getmaxx(window)), rows: Int(getmaxy(window)))
    CrashGuard.arm(device)
    device.write(Mode.pasteOn + (hasMouse ? Mode.mouseOn : ""))
  }

  /// Tries the terminal types in turn; without one the device is given back.
  private static func screen(on device: Device, _ options: TerminalOptions) throws(TerminalFault) -> (
    screen: OpaquePointer, window: UnsafeMutablePointer<WINDOW>, input: CursesInput
  ) {
    var isKnown = false
    for type in options.types() {
      guard let screen = newterm(type, device.output, device.input) else { continue }
      isKnown = true
      // Where the cursor cannot be moved (TERM=dumb), there is nothing to draw on. A size that the device
      // does not know must come from somewhere: terminfo's lines and columns.
      if weir_capability("cup") != nil, let window = newwin(0, 0, 0, 0),
        let input = CursesInput(descriptor: device.descriptor)
      {
        return (screen, window, input)
      }
      endwin()
      delscreen(screen)
    }
    device.close()
    throw fault(type: options.type ?? environment("TERM") ?? "", isKnown: isKnown)
  }

  private static func fault(type: String, isKnown: Bool) -> TerminalFault {
    let what =
      type.isEmpty ? "is not set" : "“\(type)” " + (isKnown ? "cannot move its cursor" : "is not known here")
    return TerminalFault(
      reason: "the terminal type " + what, hint: "set TERM, for example TERM=xterm-256color")
  }

  deinit {
    device.write(Mode.mouseOff + Mode.pasteOff)
    reader.close()
    delwin(window)
    if !isAway { endwin() }
    delscreen(screen)
    CrashGuard.disarm()
    if var modes = device.modes { tcsetattr(device.descriptor, TCSADRAIN, &modes) }
    device.close()
  }

  /// To be watched for keys.
  package var inputDescriptor: Int32 { device.descriptor }
  package var depth: ColorDepth { pairs.depth }

  package mutating func present(_ grid: borrowing CellGrid) {
    guard !isAway else { return }
    let columns = min(grid.size.columns, size.columns)
    row.reserveCapacity(columns)
    for y in 0..<min(grid.size.rows, size.rows) {
      if let shown, shown.hasRow(y, of: grid) { continue }
      row.removeAll(keepingCapacity: true)
      grid.withRow(y) { cells in
        for cell in cells.prefix(columns) where !cell.isFiller { append(cell) }
      }
      mvwadd_wchnstr(window, Int32(y), 0, row, Int32(row.count))
    }
    shown = copy grid
    if let cursor = grid.cursor, cursor.x < columns, cursor.y < size.rows {
      leaveok(window, false)
      wmove(window, Int32(cursor.y), Int32(cursor.x))
      curs_set(1)
    } else {
      curs_set(0)
      leaveok(window, true)
    }
    wnoutrefresh(window)
    doupdate()
  }

  /// Adds a cell to the row under construction. The last word on widths is the C library's: what it does not
  /// know, or knows otherwise than we do, is shown as a replacement of the width we counted on.
  private mutating func append(_ cell: Cell) {
    var look = pairs.look(of: cell, in: theme)
    let base = cell.glyph.base
    if base < 0x7F, cell.glyph.isSingle {
      row.append(Terminal.character(base, look.attributes, &look.pair))
    } else if isASCII {
      let ascii = UInt32(BorderSet.asciiFallback(for: base))
      row.append(Terminal.character(ascii, look.attributes, &look.pair))
      if cell.width == 2 { row.append(Terminal.character(0x20, look.attributes, &look.pair)) }
    } else if weir_wcwidth(wchar_t(bitPattern: base)) == Int32(cell.width) {
      row.append(Terminal.character(cell.glyph, look.attributes, &look.pair))
    } else {
      for _ in 0..<cell.width { row.append(Terminal.character(0xB7, look.attributes, &look.pair)) }
    }
  }

  private static func character(_ scalar: UInt32, _ attributes: attr_t, _ pair: inout Int32) -> cchar_t {
    var result = cchar_t()
    var text: (wchar_t, wchar_t) = (wchar_t(bitPattern: scalar), 0)
    withUnsafePointer(to: &text) { pointer in
      pointer.withMemoryRebound(to: wchar_t.self, capacity: 2) { characters in
        _ = setcchar(&result, characters, attributes, 0, &pair)
      }
    }
    return result
  }

  private static func character(_ glyph: Glyph, _ attributes: attr_t, _ pair: inout Int32) -> cchar_t {
    var result = cchar_t()
    var text: [wchar_t] = []
    glyph.forEachScalar { scalar in
      let character = wchar_t(bitPattern: scalar)
      if text.isEmpty || weir_wcwidth(character) == 0 { text.append(character) }
    }
    text.append(0)
    _ = setcchar(&result, text, attributes, 0, &pair)
    return result
  }

  /// Everything typed, clicked or pasted since the last call.
  package mutating func readEvents() -> [InputEvent] {
    var events: [InputEvent] = []
    reader.drain(into: &events)
    return events
  }

  /// To be called after SIGWINCH: takes the new size over.
  package mutating func resize() -> Size {
    if let now = device.size(), now.columns <= Size.sane.upperBound, now.rows <= Size.sane.upperBound {
      resizeterm(Int32(now.rows), Int32(now.columns))
    }
    size = Size(columns: Int(getmaxx(window)), rows: Int(getmaxy(window)))
    shown = nil
    return size
  }

  /// Draws everything again, as after a foreign program wrote over the screen.
  package mutating func redraw() { clearok(window, true) }

  package mutating func setMouse(_ on: Bool) {
    hasMouse = on
    device.write(on ? Mode.mouseOn : Mode.mouseOff)
  }

  /// Gives the terminal back for a while: to the shell after Ctrl-Z, to an editor.
  package mutating func leave() {
    guard !isAway else { return }
    device.write(Mode.mouseOff + Mode.pasteOff)
    endwin()
    if var modes = device.modes { tcsetattr(device.descriptor, TCSADRAIN, &modes) }
    isAway = true
  }

  /// Takes it again; the size may have changed meanwhile.
  package mutating func comeBack() -> Size {
    guard isAway else { return size }
    isAway = false
    // The first update after endwin puts the modes back; modes of ours are written after it.
    wnoutrefresh(window)
    doupdate()
    device.write(Mode.pasteOn + (hasMouse ? Mode.mouseOn : ""))
    clearok(window, true)
    return resize()
  }

  /// Puts text into the clipboard of the machine the terminal runs on (OSC 52). Whether it arrived is not
  /// told by terminals. False when the text is longer than `Clipboard.limit` and nothing was sent.
  package mutating func copy(_ text: String) -> Bool {
    let inTmux = environment("TMUX").map { !$0.isEmpty } ?? false
    let inScreen = !inTmux && (environment("TERM") ?? "").hasPrefix("screen")
    guard let sequence = Clipboard.sequence(text, wrapping: inTmux ? .tmux : (inScreen ? .screen : .none))
    else { return false }
    device.write(sequence)
    return true
  }
}
