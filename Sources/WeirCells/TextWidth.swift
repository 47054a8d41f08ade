internal import CUtf8proc

/// How many columns text takes, and which glyphs it becomes.
///
/// One law: **what `wcwidth` believes is what we believe.** ncurses asks `wcwidth` of the C library about
/// every scalar, so a cell is a base of width 1 or 2 followed by scalars of width 0, whatever a font makes of
/// it. Widths come from utf8proc, so that a screen saved to a file does not depend on the locale; the
/// differences from glibc are corrected here and checked scalar by scalar in `TextWidthTests`.
///
/// Payloads are hostile. Nothing that could move the cursor, change the direction of writing or hide itself
/// becomes a cell:
/// - controls become their pictures (`␛`, `␊`, `␡`), C1 controls and other formatting scalars a `·`;
/// - bidirectional marks, overrides and isolates, zero-width spaces, tags and fillers become a `·`;
/// - scalars unassigned or private, and U+FFFD, which stands for broken UTF-8, are `�`;
/// - what follows a zero-width joiner in an emoji sequence is dropped, as are skin tones and variation
///   selectors;
/// - flags are the two letters of their region; marks beyond the fourth are dropped.
package enum TextWidth {
  package enum Alignment: Sendable { case left, right, center }

  /// Columns that the text takes when put into a grid.
  package static func width(of text: some StringProtocol) -> Int {
    var columns = 0
    forEachGlyph(in: text) { glyph in
      columns += Int(glyph.width)
      return true
    }
    return columns
  }

  /// The scalars that reach the screen for a character, and its columns. Most characters are one cell; a flag
  /// is two letters, an Indic syllable may be several cells.
  package static func reduce(_ character: Character) -> (scalars: [Unicode.Scalar], width: Int) {
    var scalars: [Unicode.Scalar] = []
    var columns = 0
    forEachGlyph(in: String(character)) { glyph in
      scalars += glyph.scalars
      columns += Int(glyph.width)
      return true
    }
    return (scalars, columns)
  }

  /// The first glyph of a character, for places that hold exactly one.
  package static func glyph(_ character: Character) -> Glyph {
    if let ascii = character.asciiValue, ascii >= 0x20, ascii < 0x7F {
      return Glyph(base: UInt32(ascii), width: 1)
    }
    var first = Glyph.blank
    forEachGlyph(in: String(character)) { glyph in
      first = glyph
      return false
    }
    return first
  }

  /// The longest beginning that fits into `columns`, as it would show: reduced, and ending in `…` if asked
  /// for and something had to go. A wide glyph at the edge is left out.
  package static func clip(_ text: some StringProtocol, to columns: Int, ellipsis: Bool = false) -> String {
    guard columns > 0 else { return "" }
    if let short = clipASCII(text, to: columns, ellipsis: ellipsis) { return short }
    var kept: [Glyph] = []
    var used = 0
    var cut = false
    forEachGlyph(in: text) { glyph in
      guard used + Int(glyph.width) <= columns else {
        cut = true
        return false
      }
      kept.append(glyph)
      used += Int(glyph.width)
      return true
    }
    if cut, ellipsis {
      while used >= columns, let last = kept.popLast() { used -= Int(last.width) }
      kept.append(.ellipsis)
    }
    return string(of: kept)
  }

  /// `clip` for text of printable ASCII alone, where a byte is a column; nil for other text.
  private static func clipASCII(_ text: some StringProtocol, to columns: Int, ellipsis: Bool) -> String? {
    let short: String?? = text.utf8.withContiguousStorageIfAvailable { bytes in
      guard bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) else { return nil }
      guard bytes.count > columns else { return String(decoding: bytes, as: UTF8.self) }
      let kept = String(decoding: bytes.prefix(ellipsis ? columns - 1 : columns), as: UTF8.self)
      return ellipsis ? kept + "…" : kept
    }
    return short ?? nil
  }

  /// Exactly `columns` wide: clipped with `…`, or filled with spaces.
  package static func pad(
    _ text: some StringProtocol, to columns: Int, alignment: Alignment = .left
  ) -> String {
    let clipped = clip(text, to: columns, ellipsis: true)
    let missing = columns - width(of: clipped)
    guard missing > 0 else { return clipped }
    let before =
      switch alignment {
      case .left: 0
      case .right: missing
      case .center: missing / 2
      }
    return String(repeating: " ", count: before) + clipped
      + String(repeating: " ", count: missing - before)
  }

  private static func string(of glyphs: [Glyph]) -> String {
    var view = String.UnicodeScalarView()
    for glyph in glyphs {
      glyph.forEachScalar { value in
        if value != 0, let scalar = Unicode.Scalar(value) { view.append(scalar) }
      }
    }
    return String(view)
  }

  /// Calls `body` with each glyph until it returns false. Printable ASCII takes the short way.
  package static func forEachGlyph(in text: some StringProtocol, _ body: (Glyph) -> Bool) {
    let done: Void? = text.utf8.withContiguousStorageIfAvailable { bytes in
      if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) {
        for byte in bytes where !body(Glyph(base: UInt32(byte), width: 1)) { return }
      } else {
        walk(Substring(text).unicodeScalars, body)
      }
    }
    if done == nil { walk(Substring(text).unicodeScalars, body) }
  }

  private static func walk(_ scalars: Substring.UnicodeScalarView, _ body: (Glyph) -> Bool) {
    var reducer = GlyphReducer()
    for scalar in scalars {
      if let ready = reducer.next(scalar.value), !body(ready) { return }
    }
    if let last = reducer.finish() { _ = body(last) }
  }

  /// Columns of a scalar standing alone as glibc's `wcwidth` counts them: 0, 1 or 2. Only for scalars that
  /// `GlyphReducer` lets through.
  static func columns(_ scalar: UInt32, _ property: borrowing utf8proc_property_t) -> UInt8 {
    switch scalar {
    case 0x1160...0x11FF, 0xD7B0...0xD7FF: return 0  // Conjoining vowels and finals join the syllable before.
    case 0x302E, 0x302F, 0x16FF0, 0x16FF1: return 2  // Spacing marks of wide scripts.
    case 0x3248...0x324F, 0x4DC0...0x4DFF: return 2  // Ambiguous in Unicode, wide in glibc.
    default: break
    }
    // utf8proc gives spacing marks no width; the C library, and so every terminal, gives them a column.
    if Int32(property.category) == Int32(UTF8PROC_CATEGORY_MC.rawValue) { return 1 }
    return UInt8(property.charwidth)
  }
}
