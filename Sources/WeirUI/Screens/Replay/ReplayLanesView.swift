import WeirCells
import WeirCore
import WeirReplay

/// Where the parts of the lanes pane stand: names, charts, values. The width of the charts is what lanes are
/// asked for.
struct LaneColumns: Equatable {
  let names: Int
  let chart: Int
  let scale: Int
  let value: Int

  init(width: Int) {
    names = min(18, max(8, width / 6))
    value = width >= 60 ? min(16, width / 6) : 0
    scale = width >= 100 ? 26 : 0
    chart = max(4, width - names - 1 - (scale > 0 ? scale + 2 : 0) - (value > 0 ? value + 1 : 0))
  }
}

/// Draws the lanes strip: one field a row along the timeline, and an axis with the playhead below.
extension AppState {
  func drawLanes(_ replay: ReplayState, _ rect: Rect, _ grid: inout CellGrid) {
    guard rect.height > 0 else { return }
    guard !replay.lanes.isEmpty else {
      let text = replay.isComplete || replay.fault != nil ? "no field of the state to draw" : "folding…"
      grid.put(text, at: rect.origin, role: .muted, limit: rect.width, ellipsis: true)
      return
    }
    let columns = LaneColumns(width: rect.width)
    let (body, axis) = rect.split(bottom: rect.height > 1 ? 1 : 0)
    let height = max(1, min(Layout.laneRows(size.rows), body.height / max(1, replay.lanes.count)))
    let visible = max(1, body.height / height)
    let top = max(0, min(replay.lanePosition.top, replay.lanes.count - visible))
    for line in 0..<visible where replay.lanes.indices.contains(top + line) {
      let lane = replay.lanes[top + line]
      let row = Rect(x: body.x, y: body.y + line * height, width: body.width, height: height)
      draw(lane, columns, row, replay, &grid)
      if replay.focus == .lanes, replay.lanePosition.selected == top + line {
        grid.underlay(row, role: .selection)
      }
    }
    drawAxis(replay, columns, axis, &grid)
  }

  private func draw(
    _ lane: Lane, _ columns: LaneColumns, _ rect: Rect, _ replay: ReplayState, _ grid: inout CellGrid
  ) {
    let bottom = rect.row(rect.height - 1)
    grid.put(lane.path.text, at: bottom.origin, role: .member, limit: columns.names, ellipsis: true)
    let chart = Rect(x: rect.x + columns.names + 1, y: rect.y, width: columns.chart, height: rect.height)
    switch lane.shape {
    case .chart(let low, let high, let minimum, let maximum):
      drawChart(low, high, minimum, maximum, chart, &grid)
    case .words(let values, let words): drawWords(values, words, chart.row(chart.height - 1), &grid)
    case .changes(let changed): drawChanges(changed, chart.row(chart.height - 1), &grid)
    }
    drawFigures(lane, columns, bottom, replay, &grid)
  }

  /// The scale and the value at the playhead, to the right of the chart.
  private func drawFigures(
    _ lane: Lane, _ columns: LaneColumns, _ row: Rect, _ replay: ReplayState, _ grid: inout CellGrid
  ) {
    var x = row.x + columns.names + 1 + columns.chart + 1
    if columns.scale > 0 {
      grid.put(
        LaneText.scale(lane), at: Point(x: x + 1, y: row.y), role: .muted, limit: columns.scale,
        ellipsis: true)
      x += columns.scale + 2
    }
    guard columns.value > 0, let value = replay.step?.state.value(at: lane.path) else { return }
    let (text, role) = JSONLines.leafText(value, plain: true)
    let shown = TextWidth.pad(text, to: columns.value, alignment: .right)
    let mark = replay.step?.changes.first { lane.path.contains($0.path) }.map(ReplaySigns.mark)
    let isNegative = text.hasPrefix("-") && role == .number
    grid.put(
      shown, at: Point(x: row.maxX - columns.value, y: row.y), role: isNegative ? .chartNegative : role)
    if let mark {
      grid.put(String(mark.glyph), at: Point(x: row.maxX - columns.value - 1, y: row.y), role: mark.role)
    }
  }

  /// Bars in eighths of a cell, over one or two rows. A column below zero is drawn in its own role: it is
  /// what people look for.
  private func drawChart(
    _ low: [Double?], _ high: [Double?], _ minimum: Double, _ maximum: Double, _ rect: Rect,
    _ grid: inout CellGrid
  ) {
    let sparks = environment.borders.sparks
    let span = maximum - minimum
    for column in 0..<min(rect.width, min(low.count, high.count)) {
      guard let top = high[column], let bottom = low[column] else { continue }
      let isNegative = bottom < 0
      let value = isNegative ? bottom : top
      let fraction = span > 0 ? (value - minimum) / span : 0.5
      let steps = max(1, Int((fraction * Double(rect.height * sparks.count)).rounded(.up)))
      for level in 0..<rect.height {
        let filled = min(sparks.count, steps - level * sparks.count)
        guard filled > 0 else { continue }
        let point = Point(x: rect.x + column, y: rect.maxY - 1 - level)
        grid.put(String(sparks[filled - 1]), at: point, role: isNegative ? .chartNegative : .chart)
      }
    }
  }

  /// Words as segments: the word, then a line until it changes.
  private func drawWords(_ values: [Int?], _ words: [String], _ rect: Rect, _ grid: inout CellGrid) {
    var column = 0
    while column < min(rect.width, values.count) {
      guard let word = values[column], words.indices.contains(word) else {
        column += 1
        continue
      }
      var end = column
      while end < min(rect.width, values.count), values[end] == word { end += 1 }
      let role: Role = word % 2 == 0 ? .chart : .chartAlternate
      let isFirst = column == 0
      let line = word % 2 == 0 ? "─" : "━"
      for x in column..<end { grid.put(line, at: Point(x: rect.x + x, y: rect.y), role: role) }
      if !isFirst { grid.put("┃", at: Point(x: rect.x + column, y: rect.y), role: role) }
      let start = column + (isFirst ? 0 : 1)
      if end - start >= 3 {
        grid.put(
          words[word], at: Point(x: rect.x + start, y: rect.y), role: role, limit: end - start, ellipsis: true
        )
      }
      column = end
    }
  }

  private func drawChanges(_ changed: [Bool], _ rect: Rect, _ grid: inout CellGrid) {
    for column in 0..<min(rect.width, changed.count) {
      let point = Point(x: rect.x + column, y: rect.y)
      grid.put(changed[column] ? "•" : "·", at: point, role: changed[column] ? .chart : .muted)
    }
  }

  /// Findings, marks and the playhead on one line; the playhead lies on top, with its number beside it.
  private func drawAxis(_ replay: ReplayState, _ columns: LaneColumns, _ rect: Rect, _ grid: inout CellGrid) {
    guard rect.height > 0, replay.events > 0 else { return }
    func column(_ ordinal: Int) -> Int {
      let width = replay.lanesWidth > 0 ? min(replay.lanesWidth, columns.chart) : columns.chart
      return rect.x + columns.names + 1 + min(max(0, ordinal) * width / max(1, replay.events), width - 1)
    }
    for finding in replay.findings {
      let glyph = finding.isFailure ? "!" : "✗"
      grid.put(glyph, at: Point(x: column(finding.ordinal), y: rect.y), role: .damage)
    }
    for (name, moment) in replay.marks {
      grid.put(String(name), at: Point(x: column(moment - 1), y: rect.y), role: .mark)
    }
    let head = column(replay.moment - 1)
    grid.put("▲", at: Point(x: head, y: rect.y), role: .playhead, flags: .bold)
    let text = " " + NumberText.grouped(replay.moment) + " "
    let after = head + 1 + text.count <= rect.x + columns.names + 1 + columns.chart
    grid.put(text, at: Point(x: after ? head + 1 : head - text.count, y: rect.y), role: .playhead)
  }
}

/// What stands beside a lane.
enum LaneText {
  static func scale(_ lane: Lane) -> String {
    switch lane.shape {
    case .chart(_, _, let minimum, let maximum): "\(NumberText.scale(minimum)) … \(NumberText.scale(maximum))"
    case .words, .changes: NumberText.count(lane.changeCount, "change")
    }
  }
}

extension Layout {
  /// Columns of a lane's chart: what lanes are asked for.
  var laneWidth: Int { LaneColumns(width: max(1, inner(.lanes).width)).chart }

  /// Lanes that are visible at once; the last row of the pane is the axis.
  func laneCapacity(_ replay: ReplayState) -> Int {
    let rows = inner(.lanes).height
    return max(1, (rows > 1 ? rows - 1 : rows) / Layout.laneRows(size.rows))
  }
}
