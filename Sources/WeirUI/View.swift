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
  state.highlightMatches(layout, &grid)
  state.drawStatus(layout, &grid)
  state.drawOverlay(layout, &grid)
  return grid
}

extension AppState {
  /// What was searched for stands out wherever it is on the screen, also while it is being typed.
  func highlightMatches(_ layout: Layout, _ grid: inout CellGrid) {
    var text = replay.map(\.search) ?? browse.search?.text
    if case .prompt(let prompt)? = overlay, prompt.kind == .search || prompt.kind == .tree {
      text = prompt.input.text
    }
    guard let text, !text.isEmpty else { return }
    for (pane, rect) in layout.panes where pane != .browse(.streams) && pane != .replay(.lanes) {
      grid.highlight(text, in: rect.inset(), role: .match)
    }
  }

  /// Where we are, from the program down to the aggregate; on the right what holds everywhere.
  func drawBreadcrumb(_ layout: Layout, _ grid: inout CellGrid) {
    guard layout.breadcrumb.height > 0 else { return }
    var pen = Pen(layout.breadcrumb)
    pen.skip(1)
    pen.put("weir", .title, &grid, flags: .bold)
    for part in path {
      pen.put(" ▸ ", .muted, &grid)
      pen.put(part, .path, &grid)
    }
    let parts = fitting(rightOfBreadcrumb, pen.room - 2)
    var end = Pen(layout.breadcrumb)
    let width = parts.reduce(0) { $0 + TextWidth.width(of: $1.text) + 3 } - 3
    end.skip(layout.breadcrumb.width - width - 1)
    for (index, part) in parts.enumerated() {
      if index > 0 { end.put(" · ", .muted, &grid) }
      end.put(part.text, part.role, &grid)
    }
  }

  /// What there is room for: the parts that matter more come first, each stands where it always does.
  private func fitting(_ parts: [Corner], _ room: Int) -> [Corner] {
    var rest = room + 3
    var kept: Set<Int> = []
    for index in parts.indices.sorted(by: { (parts[$0].rank, $0) < (parts[$1].rank, $1) }) {
      let width = TextWidth.width(of: parts[index].text) + 3
      guard width <= rest else { continue }
      rest -= width
      kept.insert(index)
    }
    return parts.indices.filter(kept.contains).map { parts[$0] }
  }

  /// A word at the right end of the top line; of low rank are those that are kept longest.
  private struct Corner {
    var text: String
    var role: Role
    var rank: Int
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

  private var rightOfBreadcrumb: [Corner] {
    let zone = Corner(text: zone.title, role: .muted, rank: 1)
    if let replay {
      var parts: [Corner] = []
      if let about = replay.about {
        let word = about.foldIsGuess ? " (a guess: F)" : " ✓"
        let role: Role = about.foldIsGuess ? .guess : .ok
        parts.append(Corner(text: "fold " + about.fold + word, role: role, rank: 0))
        if about.orderIsByTime { parts.append(Corner(text: "merged by time", role: .guess, rank: 2)) }
      }
      if let step = replay.step {
        let digest = "digest " + step.digest.prefix(4) + "…" + step.digest.suffix(2)
        parts.append(Corner(text: digest, role: .muted, rank: 3))
      }
      return parts + [zone]
    }
    var parts = [Corner(text: "read-only", role: .ok, rank: 2), zone]
    if let text = countText { parts.append(Corner(text: text, role: .text, rank: 0)) }
    let corrupt = sources.reduce(0) { $0 + ($1.streams?.corrupt.count ?? 0) }
    if corrupt > 0 { parts.append(Corner(text: "✗ \(corrupt) damaged", role: .damage, rank: 0)) }
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
    var seen: Set<Action> = [.help]
    // Whoever is lost looks for help: it keeps its place at the end, however narrow the screen.
    let help = keymap.keys(of: .help, in: scopes).first.map { [$0, " help "] } ?? []
    let end = help.reduce(0) { $0 + TextWidth.width(of: $1) }
    if end > 0, end < pen.room {
      var last = pen
      last.skip(pen.room - end)
      last.put(help[0], .key, &grid, flags: .bold)
      last.put(help[1], .hint, &grid)
    }
    for scope in scopes {
      for binding in keymap.bindings where binding.scope == scope && !seen.contains(binding.action) {
        guard let hint = binding.hint, seen.insert(binding.action).inserted,
          let key = keymap.keys(of: binding.action, in: [scope]).first
        else {
          continue
        }
        guard refusal(of: binding.action) == nil else { continue }
        let opposite = binding.pair.flatMap { keymap.keys(of: $0, in: [scope]).first }
        let keys = opposite.map { "\($0) \(key)" } ?? key
        guard TextWidth.width(of: keys) + TextWidth.width(of: hint) + 3 + end <= pen.room else { return }
        pen.put(keys, .key, &grid, flags: .bold)
        pen.put(" " + hint, .hint, &grid)
        pen.skip(3)
      }
    }
  }
}
