/// What a cell *means*. Screens speak of roles only; a theme says how each one looks (house rule: style by
/// role). The raw value is the word used in theme files and in the attribute rows of saved screens.
package enum Role: String, CaseIterable, Sendable {
  // Plain text and its weights.
  case text, muted, title, path, header, hint, key, prompt, link
  // Frames.
  case border, borderFocused
  // Where the user is: the selected row of the focused and of another list, the row under the playhead.
  case selection, selectionInactive, cursorRow, match, mark, playhead
  // The bottom line.
  case status, statusError, statusBusy, badge
  // Menus and the palette.
  case menu, menuSelected
  // Values: payloads and states.
  case number, string, keyword, member, punctuation, null
  // Columns.
  case time, type, position, size
  // Differences.
  case added, changed, removed
  // Severity and kinds of truth: always told by a glyph or an attribute as well, never by hue alone.
  case damage, warning, ok, guess, tombstone
  // Charts and lanes.
  case chart, chartAlternate, chartNegative

  /// Place in `allCases`, for tables indexed by role. The tags of an enumeration without payloads are
  /// numbered in order of declaration; `CellTests` holds the compiler to that.
  package var ordinal: Int { Int(unsafeBitCast(self, to: UInt8.self)) }
}

/// Attributes of a single cell on top of what the theme gives its role.
package struct CellFlags: OptionSet, Hashable, Sendable {
  package let rawValue: UInt8
  package init(rawValue: UInt8) { self.rawValue = rawValue }

  package static let bold = CellFlags(rawValue: 1)
  package static let underline = CellFlags(rawValue: 2)
  package static let reversed = CellFlags(rawValue: 4)
  package static let dim = CellFlags(rawValue: 8)
}
