import WeirCells
import WeirCore

/// Draws the panes of the Browse screen.
extension AppState {
  func drawBrowse(_ layout: Layout, _ grid: inout CellGrid) {
    frame(.streams, streamsTitle, layout, &grid)
    frame(.events, eventsTitle, layout, &grid)
    frame(.inspector, "", layout, &grid)
    if browse.aggregates != nil {
      drawAggregates(layout.inner(.streams), &grid)
    } else {
      drawStreams(layout.inner(.streams), &grid)
    }
    drawEvents(layout.inner(.events), &grid)
    drawInspectorTabs(layout, &grid)
    drawInspector(layout.inner(.inspector), &grid)
    if let strip = layout.strip { drawStrip(strip, &grid) }
  }

  private func frame(_ pane: BrowseState.Pane, _ title: String, _ layout: Layout, _ grid: inout CellGrid) {
    guard let rect = layout.panes[.browse(pane)] else { return }
    grid.box(rect, title: title, focused: browse.focus == pane, set: environment.borders)
  }

  private var streamsTitle: String {
    if let list = browse.aggregates {
      let filter = list.filter.isEmpty ? "" : " · “\(list.filter)”"
      return "Aggregates of \(list.log.stream.name.isEmpty ? "everything" : list.log.stream.name)" + filter
    }
    let tree = browse.tree
    let filter = tree.filter.isEmpty ? "" : " · “\(tree.filter)” hides \(NumberText.grouped(tree.hidden))"
    return "Streams" + (tree.order == .name ? "" : " by \(tree.order.rawValue)") + filter
  }

  private var eventsTitle: String {
    guard let window = browse.events else { return "Events" }
    var title = self.title(of: window.log)
    if !window.filter.isEmpty {
      // The number first: a long expression is cut, what it hides is not.
      title += " · hides \(NumberText.grouped(window.hidden)): \(window.filter)"
    }
    return title
  }

  // MARK: Streams

  private func drawStreams(_ rect: Rect, _ grid: inout CellGrid) {
    let tree = browse.tree
    for line in 0..<rect.height {
      let index = tree.position.top + line
      guard tree.rows.indices.contains(index) else { break }
      let row = rect.row(line)
      draw(tree.rows[index], row, &grid)
      if index == tree.position.selected {
        grid.underlay(row, role: browse.focus == .streams ? .selection : .selectionInactive)
      }
    }
  }

  private func draw(_ item: StreamTree.Row, _ row: Rect, _ grid: inout CellGrid) {
    var pen = Pen(row)
    guard sources.indices.contains(item.source) else { return }
    let source = sources[item.source]
    switch item {
    case .source: drawSource(source, &pen, row, &grid)
    case .note:
      pen.skip(4)
      let text = source.fault?.description ?? (source.isReading ? "reading…" : "nothing found")
      pen.put(text, source.fault == nil ? .muted : .statusError, &grid)
    case .topic(_, let number), .stream(_, let number):
      guard let index = source.streams, index.groups.indices.contains(number) else { return }
      let group = index.groups[number]
      let name = index.name(group)
      let isTopic = index.isTopic(group)
      let isOpen = browse.tree.unfolded.contains(LogRef(source: item.source, stream: StreamID(name)))
      pen.skip(2)
      pen.put(isTopic ? (isOpen ? "▾ " : "▸ ") : "  ", .muted, &grid)
      let count = group.count.map { (group.isExact ? "" : "≤ ") + NumberText.rounded($0) } ?? ""
      let room = row.width - 4 - max(TextWidth.width(of: count) + 2, figuresRoom(source, row))
      pen.put(
        TextWidth.clip(name.isEmpty ? "(all events)" : name, to: max(4, room), ellipsis: true), .text, &grid)
      pen.putRight(count + " ", .size, &grid)
      drawSparkline(source, StreamID(name), row, &grid)
    case .partition(_, let number):
      guard let index = source.streams, index.catalog.entries.indices.contains(number) else { return }
      let entry = index.catalog.entries[number]
      pen.skip(6)
      pen.put("partition \(entry.stream.partition?.description ?? "")", .text, &grid)
      pen.putRight(countText(entry.count) + " ", .size, &grid)
      drawSparkline(source, entry.stream, row, &grid)
    }
  }

  /// Columns at the right end of a row for a count and a sparkline; names come first, where both do not fit
  /// there is no sparkline.
  private func figuresRoom(_ source: SourceState, _ row: Rect) -> Int {
    let room = Activity.shares + 11
    let name = 6 + (source.streams?.longestName ?? 0)
    return source.activity != nil && row.width >= name + room ? room : 0
  }

  /// When the stream was active within its source's whole time, left of the counts.
  private func drawSparkline(_ source: SourceState, _ stream: StreamID, _ row: Rect, _ grid: inout CellGrid) {
    let room = figuresRoom(source, row)
    guard room > 0, let counts = source.activity?.counts[stream] else { return }
    let most = max(1, counts.max() ?? 1)
    for (column, count) in counts.enumerated() {
      let glyph = count == 0 ? "·" : String(environment.borders.spark(Double(count) / Double(most) * 0.999))
      let point = Point(x: row.maxX - room + 1 + column, y: row.y)
      grid.put(glyph, at: point, role: count == 0 ? .muted : .chart)
    }
  }

  private func drawSource(_ source: SourceState, _ pen: inout Pen, _ row: Rect, _ grid: inout CellGrid) {
    let isFolded = browse.tree.folded.contains(source.index)
    pen.put(isFolded ? "▸ " : "▾ ", .muted, &grid)
    // The river or the reservoir: a stream, or a store.
    let sign = source.about.map { $0.kind == .stream ? "≋ " : "⛁ " } ?? "· "
    pen.put(sign, .chart, &grid)
    let format = source.about?.format ?? (source.fault == nil ? "opening…" : "")
    let corrupt = source.streams?.corrupt.count ?? 0
    let badge = corrupt == 0 ? "" : "✗\(NumberText.grouped(corrupt)) "
    let room = row.width - 4 - TextWidth.width(of: format + badge) - 2
    pen.put(TextWidth.clip(source.label, to: max(4, room), ellipsis: true), .title, &grid, flags: .bold)
    pen.putRight(badge + format + " ", .muted, &grid)
    if corrupt > 0 {
      let x = row.maxX - TextWidth.width(of: badge + format) - 1
      grid.put(badge, at: Point(x: max(pen.x, x), y: row.y), role: .damage)
    }
  }

  private func countText(_ count: EventCount) -> String {
    switch count {
    case .exact(let number): NumberText.grouped(number)
    case .atMost(let number, _): "≤ " + NumberText.rounded(number)
    case .unknown: "?"
    }
  }

  private func drawAggregates(_ rect: Rect, _ grid: inout CellGrid) {
    guard let list = browse.aggregates else { return }
    if let fault = list.fault {
      grid.put(fault.description, at: rect.origin, role: .statusError, limit: rect.width, ellipsis: true)
    } else if list.shown.isEmpty {
      grid.put(list.isReading ? "reading…" : "none", at: rect.origin, role: .muted, limit: rect.width)
    }
    for line in 0..<rect.height {
      let index = list.position.top + line
      guard list.shown.indices.contains(index) else { break }
      let entry = list.entries[list.shown[index]]
      let row = rect.row(line)
      var pen = Pen(row)
      let count = NumberText.grouped(entry.count)
      pen.skip(1)
      pen.put(
        TextWidth.clip(entry.name, to: max(4, row.width - count.count - 4), ellipsis: true), .text, &grid)
      pen.putRight(count + " ", .size, &grid)
      if index == list.position.selected {
        grid.underlay(row, role: browse.focus == .streams ? .selection : .selectionInactive)
      }
    }
  }
}
