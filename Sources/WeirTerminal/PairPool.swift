internal import CNcurses
internal import WeirCells

/// The colour pairs of one screen: curses paints with numbered pairs, themes speak of styles.
///
/// ncurses' `alloc_pair` does the counting: it finds or makes the pair of two colours and, when all are
/// taken, gives up the one unused for longest. A pair that cannot be had is 0, the terminal's own colours:
/// text stays readable.
struct PairPool {
  let depth: ColorDepth
  private var known: [Rendition: Int32] = [:]
  /// By role and ground, which hardly ever change from frame to frame.
  private var byLook: [UInt32: (attributes: attr_t, pair: Int32)] = [:]

  init(depth: ColorDepth) { self.depth = depth }

  /// What the current curses screen can do. `start_color` must have been called.
  static func depth(colorAllowed: Bool) -> ColorDepth {
    guard colorAllowed, has_colors() else { return .mono }
    let count = weir_colors()
    if weir_flag("RGB") != 0, count > 256 { return .direct }
    if count >= 256 { return .indexed256 }
    return count >= 16 ? .indexed16 : (count >= 8 ? .indexed8 : .mono)
  }

  /// Attributes and pair of a cell in a theme. Remembered: `forget()` before another theme.
  mutating func look(of cell: Cell, in theme: borrowing Theme) -> (attributes: attr_t, pair: Int32) {
    let ground = cell.ground.map { UInt32($0.ordinal) + 1 } ?? 0
    let key = UInt32(cell.role.ordinal) << 16 | ground << 8 | UInt32(cell.flags.rawValue)
    if let found = byLook[key] { return found }
    let rendition = depth.rendition(of: theme.style(of: cell))
    let look = (PairPool.attributes(rendition.flags), pair(for: rendition))
    byLook[key] = look
    return look
  }

  mutating func forget() {
    byLook.removeAll(keepingCapacity: true)
    known.removeAll(keepingCapacity: true)
  }

  private mutating func pair(for rendition: Rendition) -> Int32 {
    guard depth != .mono, rendition.foreground >= 0 || rendition.background >= 0 else { return 0 }
    var colors = rendition
    colors.flags = []
    if let found = known[colors] { return found }
    let pair = max(0, alloc_pair(colors.foreground, colors.background))
    known[colors] = pair
    return pair
  }

  private static func attributes(_ flags: CellFlags) -> attr_t {
    var attributes: attr_t = 0
    if flags.contains(.bold) { attributes |= weir_bold() }
    if flags.contains(.underline) { attributes |= weir_underline() }
    if flags.contains(.reversed) { attributes |= weir_reverse() }
    if flags.contains(.dim) { attributes |= weir_dim() }
    return attributes
  }
}
