/// Where a list stands: its selected row and the first row on the screen. Counts and heights are given with
/// each call, so nothing here can disagree with the content.
struct ListPosition: Equatable, Sendable {
  var selected = 0
  var top = 0

  /// Rows kept visible beside the selection where there is room.
  static let margin = 2

  mutating func select(_ index: Int, count: Int, visible: Int) {
    selected = min(max(0, index), max(0, count - 1))
    reveal(count: count, visible: visible)
  }

  mutating func move(by delta: Int, count: Int, visible: Int) {
    let (target, overflow) = selected.addingReportingOverflow(delta)
    select(overflow ? (delta < 0 ? 0 : count) : target, count: count, visible: visible)
  }

  /// Scrolls as little as possible to show the selection.
  mutating func reveal(count: Int, visible: Int) {
    let height = max(1, visible)
    let margin = min(ListPosition.margin, (height - 1) / 2)
    if selected < top + margin { top = selected - margin }
    if selected >= top + height - margin { top = selected - height + margin + 1 }
    top = max(0, min(top, count - height))
  }

  /// Scrolls without the selection leaving the screen (the mouse wheel).
  mutating func scroll(by delta: Int, count: Int, visible: Int) {
    let height = max(1, visible)
    top = max(0, min(top + delta, count - height))
    selected = min(max(selected, top), min(top + height, count) - 1)
    selected = max(0, selected)
  }

  /// Puts the selection into the middle of the screen.
  mutating func center(count: Int, visible: Int) {
    top = max(0, min(selected - max(1, visible) / 2, count - max(1, visible)))
  }
}
