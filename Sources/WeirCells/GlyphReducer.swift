internal import CUtf8proc

/// Turns scalars into glyphs, one at a time, by the rules of `TextWidth`. No grapheme tables are needed: a
/// scalar of width 0 belongs to the glyph before it, and only emoji joined by U+200D are more than that.
struct GlyphReducer {
  private var pending: Glyph?
  /// The base before is a pictograph, so joiners and skin tones after it belong to it.
  private var inPictograph = false
  /// The base before is beyond ASCII: joiners are orthography there, and a trick after `a`.
  private var inScript = false
  private var afterJoiner = false
  /// The base before is the black flag, which tags may follow (England, Scotland, Wales).
  private var inTaggedFlag = false

  /// Takes one scalar; returns the glyph which that completes, if any.
  mutating func next(_ scalar: UInt32) -> Glyph? {
    if scalar >= 0x20, scalar < 0x7F { return begin(Glyph(base: scalar, width: 1)) }
    if scalar < 0xA0 { return begin(GlyphReducer.picture(of: scalar)) }
    let property = utf8proc_get_property(Int32(bitPattern: scalar)).pointee
    if property.ignorable != 0 { return ignorable(scalar) }
    switch Int(property.category) {
    case Int(UTF8PROC_CATEGORY_CN.rawValue), Int(UTF8PROC_CATEGORY_CO.rawValue),
      Int(UTF8PROC_CATEGORY_CS.rawValue):
      return begin(.replacement)
    case Int(UTF8PROC_CATEGORY_CF.rawValue), Int(UTF8PROC_CATEGORY_ZL.rawValue),
      Int(UTF8PROC_CATEGORY_ZP.rawValue):
      return begin(.dot)
    default: return visible(scalar, property)
    }
  }

  /// The glyph still held back, at the end of the text.
  mutating func finish() -> Glyph? {
    defer { pending = nil }
    return pending
  }

  private mutating func begin(_ glyph: Glyph, pictograph: Bool = false, script: Bool = false) -> Glyph? {
    defer { pending = glyph }
    inPictograph = pictograph
    inScript = script
    afterJoiner = false
    inTaggedFlag = false
    return pending
  }

  private mutating func visible(_ scalar: UInt32, _ property: utf8proc_property_t) -> Glyph? {
    let pictograph = Int(property.boundclass) == Int(UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC.rawValue)
    switch scalar {
    case 0x1F3FB...0x1F3FF where inPictograph: return nil  // A skin tone.
    case 0x1F1E6...0x1F1FF: return begin(Glyph(base: scalar - 0x1F1E6 + 0x41, width: 1), script: true)
    default: break
    }
    if afterJoiner, inPictograph, pictograph || scalar == 0x2640 || scalar == 0x2642 {
      afterJoiner = false
      return nil
    }
    let columns = TextWidth.columns(scalar, property)
    if columns == 0 {
      guard pending != nil else { return begin(.dot) }
      pending?.append(mark: scalar)
      return nil
    }
    let ready = begin(Glyph(base: scalar, width: columns), pictograph: pictograph, script: true)
    inTaggedFlag = scalar == 0x1F3F4
    return ready
  }

  /// Scalars that Unicode tells fonts not to show. We show them, except where they are ordinary spelling.
  private mutating func ignorable(_ scalar: UInt32) -> Glyph? {
    switch scalar {
    case 0xFE00...0xFE0F where pending != nil: return nil
    case 0xE0020...0xE007F where inTaggedFlag: return nil
    case 0x200D where inPictograph:
      afterJoiner = true
      return nil
    case 0x200C, 0x200D, 0x034F, 0x180B...0x180D, 0xE0100...0xE01EF:
      return inScript ? nil : begin(.dot)
    default: return begin(.dot)
    }
  }

  /// C0 controls and DEL have pictures in Unicode; C1 controls have none.
  private static func picture(of control: UInt32) -> Glyph {
    switch control {
    case 0..<0x20: Glyph(base: 0x2400 + control, width: 1)
    case 0x7F: Glyph(base: 0x2421, width: 1)
    default: .dot
    }
  }
}

extension Glyph {
  static let dot = Glyph(base: 0xB7, width: 1)
  static let replacement = Glyph(base: 0xFFFD, width: 1)
}
