package import WeirCells
import WeirCore
import WeirReplay

/// Draws the whole screen from the state alone: no input, no output, nothing remembered between two calls.
package func view(_ state: AppState, size: Size) -> CellGrid {
  var state = state
  state.size = size
  var grid = CellGrid(size)
  guard size.columns > 0, size.rows > 0 else { return grid }
  let layout = Layout(state)
  state.drawBreadcrumb(layout, &grid)
  if let replay = state.replay {
    state.drawReplay(replay, layout, into: &grid)
  } else {
    state.drawBrowse(layout, &grid)
  }
  state.drawStatus(layout, &grid)
  state.drawOverlay(layout, &grid)
  return grid
}

extension AppState {
  /// Where we are, from the program down to the aggregate; on the right what holds everywhere.
  func drawBreadcrumb(_ layout: Layout, _ grid: inout CellGrid) {
    guard layout.breadcrumb.height > 0 else { return }
    var pen = Pen(layout.breadcrumb)
    let right = rightOfBreadcrumb
    pen.skip(1)
    pen.put("weir", .title, &grid, flags: .bold)
    for part in path {
      pen.put(" ▸ ", .muted, &grid)
      pen.put(part, .path, &grid)
    }
    var x = layout.breadcrumb.maxX - 1
    for (text, role) in right.reversed() {
      let width = TextWidth.width(of: text)
      guard x - width > pen.x + 2 else { break }
      x -= width
      grid.put(text, at: Point(x: x, y: layout.breadcrumb.y), role: role)
      x -= 3
      guard x > pen.x else { break }
      grid.put(" · ", at: Point(x: x, y: layout.breadcrumb.y), role: .muted)
    }
    // The separator that was put in front of the first part is one too many.
    if x > pen.x { grid.put("   ", at: Point(x: x, y: layout.breadcrumb.y), role: .text) }
  }

  private var path: [String] {
    if let replay {
      let log = replay.request.log
      var parts = [sources.indices.contains(log.source) ? sources[log.source].label : ""]
      if log.stream.name != replay.request.aggregate { parts.append(log.stream.name) }
      return parts + [replay.request.aggregate, "replay"]
    }
    guard let log = browse.events?.log else { return sources.count == 1 ? [sources[0].label] : [] }
    var parts = [sources.indices.contains(log.source) ? sources[log.source].label : ""]
    if !log.stream.name.isEmpty { parts.append(log.stream.name) }
    if let partition = log.stream.partition { parts.append(partition.description) }
    if let key = log.stream.key { parts.append(StoredEvent.keyText(key)) }
    return parts
  }

  private var rightOfBreadcrumb: [(String, Role)] {
    if let replay {
      var parts: [(String, Role)] = []
      if let about = replay.about {
        parts.append(
          (
            "fold " + about.fold + (about.foldIsGuess ? " (a guess: F)" : " ✓"),
            about.foldIsGuess ? .guess : .ok
          ))
        if about.orderIsByTime { parts.append(("merged by time", .guess)) }
      }
      if let step = replay.step {
        parts.append(("digest " + step.digest.prefix(4) + "…" + step.digest.suffix(2), .muted))
      }
      return parts + [(zone.title, .muted)]
    }
    var parts: [(String, Role)] = [("read-only", .ok), (zone.title, .muted)]
    if let text = countText { parts.append((text, .text)) }
    return parts
  }

  /// "10 000 events", as sure as it is.
  private var countText: String? {
    guard let log = browse.events?.log, sources.indices.contains(log.source),
      let index = sources[log.source].streams
    else { return nil }
    switch index.count(of: log.stream) {
    case .exact(let count): return NumberText.count(count, "event")
    case .atMost(let count, _): return "at most " + NumberText.count(count, "event")
    case .unknown: return nil
    }
  }

  // MARK: The bottom line

  func drawStatus(_ layout: Layout, _ grid: inout CellGrid) {
    let rect = layout.status
    guard rect.height > 0 else { return }
    grid.fill(rect, role: .status)
    var pen = Pen(rect)
    pen.skip(1)
    if let job = jobs.last { drawJob(job, &pen, &grid) }
    if let notice {
      let role: Role = notice.kind == .info ? .status : notice.kind == .error ? .statusError : .warning
      pen.put((notice.kind == .error ? "! " : "") + notice.text, role, &grid)
      return
    }
    if let text = waitingText {
      pen.put(text, .prompt, &grid)
      return
    }
    drawHints(&pen, &grid)
  }

  private var waitingText: String? {
    if let count { return "\(count)…" }
    switch pending {
    case .mark: return "mark with a letter…"
    case .goToMark: return "go to mark…"
    case .copy: return "copy: p payload · k key · e event · a address · i id"
    default: return nil
    }
  }

  private func drawJob(_ job: Job, _ pen: inout Pen, _ grid: inout CellGrid) {
    var text = job.title
    if job.total > 0 { text += " \(min(100, job.done * 100 / job.total)) %" }
    if let started = job.started, let now {
      let seconds =
        Double(now.seconds - started.seconds) + Double(now.nanoseconds - started.nanoseconds) / 1e9
      if seconds > 0.5, job.done > 0 {
        let rate = Double(job.done) / seconds
        text +=
          job.unit == .bytes ? " · \(NumberText.bytes(Int(rate)))/s" : " · \(NumberText.grouped(Int(rate)))/s"
      }
    }
    pen.put(text + " · Esc stops", .statusBusy, &grid)
    pen.skip(2)
  }

  private func drawHints(_ pen: inout Pen, _ grid: inout CellGrid) {
    let keymap = environment.keymap
    var seen: Set<Action> = []
    for scope in scopes {
      for binding in keymap.bindings where binding.scope == scope && !seen.contains(binding.action) {
        guard let hint = binding.hint, seen.insert(binding.action).inserted,
          let key = keymap.keys(of: binding.action, in: scopes).first
        else {
          continue
        }
        guard refusal(of: binding.action) == nil else { continue }
        let opposite = binding.pair.flatMap { keymap.keys(of: $0, in: scopes).first }
        let keys = opposite.map { "\($0) \(key)" } ?? key
        guard TextWidth.width(of: keys) + TextWidth.width(of: hint) + 4 <= pen.room else { return }
        pen.put(keys, .key, &grid, flags: .bold)
        pen.put(" " + hint, .hint, &grid)
        pen.skip(3)
      }
    }
  }
}
