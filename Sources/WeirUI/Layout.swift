import WeirCells

/// Where everything stands on the screen: made from the state alone, used by drawing, by page keys and by the
/// mouse, so that they cannot disagree.
package struct Layout: Equatable, Sendable {
  /// A pane of any screen.
  enum Pane: Hashable, Sendable {
    case browse(BrowseState.Pane)
    case replay(ReplayState.Pane)
  }

  let size: Size
  let breadcrumb: Rect
  /// The bottom line.
  let status: Rect
  /// Frames included; panes that are not shown are missing.
  private(set) var panes: [Pane: Rect] = [:]
  /// The density strip of Browse, frame included.
  private(set) var strip: Rect?
  /// One pane fills the screen, the others are reached by Tab.
  private(set) var isStacked = false

  /// Narrower screens show one pane at a time.
  static let stackedBelow = 60
  static let stackedRowsBelow = 12

  package init(_ state: AppState) {
    size = state.size
    let whole = Rect(state.size)
    let (top, rest) = whole.split(top: whole.height > 3 ? 1 : 0)
    let (body, bottom) = rest.split(bottom: 1)
    breadcrumb = top
    status = bottom
    isStacked =
      state.isZoomed || size.columns < Layout.stackedBelow || size.rows < Layout.stackedRowsBelow
    if let replay = state.replay {
      if isStacked {
        stack(replay, in: body, isZoomed: state.isZoomed)
      } else {
        place(replay, in: body)
      }
    } else if isStacked {
      panes[.browse(state.browse.focus)] = body
    } else {
      place(state.browse, state.sources, in: body)
    }
  }

  /// A step without its effect tells little: below the events there are two lines for what changed.
  private mutating func stack(_ replay: ReplayState, in body: Rect, isZoomed: Bool) {
    panes[.replay(replay.focus)] = body
    guard replay.focus == .timeline, !isZoomed, body.height >= 9 else { return }
    let (upper, lower) = body.split(bottom: 4)
    panes[.replay(.timeline)] = upper
    panes[.replay(.changes)] = lower
  }

  private mutating func place(_ browse: BrowseState, _ sources: [SourceState], in body: Rect) {
    var main = body
    if body.height >= 20 {
      let (rest, bottom) = body.split(bottom: 3)
      main = rest
      strip = bottom
    }
    let natural = size.columns >= 100 ? max(36, size.columns * 3 / 10) : size.columns * 2 / 5
    // No wider than its longest line needs: name, sparkline and count.
    let names = sources.map { max($0.streams?.longestName ?? 0, $0.label.utf8.count) }.max() ?? 0
    let withSparkline = names + Activity.shares + 19
    let needed = withSparkline <= natural ? withSparkline : max(26, names + 14)
    let width = clamp(min(natural, needed, 60) + browse.widthChange, 20, size.columns - 34)
    let (left, right) = main.split(left: width)
    let inspector = clamp(main.height * 2 / 5 + browse.heightChange, 4, main.height - 5)
    let (upper, lower) = right.split(bottom: inspector)
    panes[.browse(.streams)] = left
    panes[.browse(.events)] = upper
    panes[.browse(.inspector)] = lower
  }

  private mutating func place(_ replay: ReplayState, in body: Rect) {
    let lanes = max(1, min(replay.lanes.isEmpty ? 3 : replay.lanes.count, max(2, body.height / 5)))
    let wanted = lanes * Layout.laneRows(body.height) + 3
    let height = clamp(wanted + replay.heightChange, 4, max(4, body.height - 8))
    let (main, strip) = body.split(bottom: height)
    panes[.replay(.lanes)] = strip
    if size.columns >= 110 {
      // Up to 150 columns the three panes are needed; more go to what each event changed.
      let natural = size.columns >= 150 ? size.columns * 45 / 100 : min(60, size.columns * 4 / 10)
      let (left, rest) = main.split(left: clamp(natural + replay.widthChange, 30, size.columns - 60))
      let (middle, right) = rest.split(left: rest.width * 9 / 20)
      panes[.replay(.timeline)] = left
      panes[.replay(.state)] = middle
      panes[.replay(.changes)] = right
    } else {
      let width = clamp(size.columns / 2 + replay.widthChange, 24, size.columns - 28)
      let (left, right) = main.split(left: width)
      let (upper, lower) = right.split(bottom: main.height * 9 / 20)
      panes[.replay(.timeline)] = left
      panes[.replay(.state)] = upper
      panes[.replay(.changes)] = lower
    }
  }

  /// Rows that a chart takes: tall screens get taller charts.
  static func laneRows(_ height: Int) -> Int { height >= 48 ? 2 : 1 }

  private func clamp(_ value: Int, _ low: Int, _ high: Int) -> Int { max(low, min(value, max(low, high))) }

  /// The pane without its frame; empty for one that is not shown.
  func inner(_ pane: Pane) -> Rect { panes[pane].map { $0.inset() } ?? .zero }

  func inner(_ pane: BrowseState.Pane) -> Rect { inner(.browse(pane)) }
  func inner(_ pane: ReplayState.Pane) -> Rect { inner(.replay(pane)) }

  /// Rows of a list below its header lines.
  func rows(_ pane: Pane, header: Int = 0) -> Int { max(1, inner(pane).height - header) }

  func pane(at point: Point) -> Pane? { panes.first { $0.value.contains(point) }?.key }
}
