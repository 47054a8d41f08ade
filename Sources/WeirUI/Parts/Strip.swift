import WeirCells
import WeirCore

/// The density strip: how the events of the log lie along its time, with the selected one below.
enum Strip {
  /// Columns of the chart in a strip of that frame: what densities are asked for.
  static func columns(of rect: Rect) -> Int { max(1, rect.width - 28) }
}

extension AppState {
  func drawStrip(_ rect: Rect, _ grid: inout CellGrid) {
    grid.box(rect, title: stripTitle, focused: false, set: environment.borders)
    guard rect.height >= 3, rect.width >= 40, let density = browse.density, let span = density.span else {
      return
    }
    var pen = Pen(rect.inset().row(0))
    pen.skip(1)
    pen.put(clock.date(span.first), .time, &grid)
    pen.skip(1)
    let start = pen.x
    let columns = Strip.columns(of: rect)
    if density.counts.isEmpty {
      pen.put(String(repeating: "·", count: columns), .muted, &grid)
    } else {
      let most = max(1, density.counts.max() ?? 1)
      for count in density.counts.prefix(columns) {
        let spark = environment.borders.spark(Double(count) / Double(most) * 0.999)
        pen.put(count == 0 ? " " : String(spark), .chart, &grid)
      }
    }
    pen.skip(1)
    pen.put(clock.date(span.last), .time, &grid)
    guard let time = browse.events?.selectedEvent?.time, span.last > span.first else { return }
    let length = Double(span.last.seconds - span.first.seconds)
    let share = min(max(Double(time.seconds - span.first.seconds) / max(length, 1), 0), 1)
    let x = start + Int(share * Double(columns - 1))
    grid.put("▲", at: Point(x: x, y: rect.maxY - 1), role: .playhead, flags: .bold)
  }

  /// The selected event's own time, with a hint how long ago that is.
  private var stripTitle: String {
    guard let event = browse.events?.selectedEvent else { return "" }
    guard let time = event.time else { return "at \(event.positionText)" }
    let hint = now.map { " · " + ClockText.relative(time, to: $0) } ?? ""
    return (event.timeIsGuess ? "~" : "") + clock.full(time) + hint
  }
}
