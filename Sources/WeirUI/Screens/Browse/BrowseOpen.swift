import WeirCore

/// Opening logs, aggregates and replays from Browse.
extension AppState {
  /// The log that a row of the streams pane stands for.
  func log(of row: StreamTree.Row) -> LogRef? {
    switch row {
    case .source(let source):
      return sources[source].streams == nil ? nil : LogRef(source: source, stream: .everything)
    case .topic(let source, let group), .stream(let source, let group):
      guard let index = sources[source].streams else { return nil }
      return LogRef(source: source, stream: StreamID(index.name(index.groups[group])))
    case .partition(let source, let entry):
      guard let index = sources[source].streams else { return nil }
      return LogRef(source: source, stream: index.catalog.entries[entry].stream)
    case .note: return nil
    }
  }

  /// The log that the streams pane's selection stands for.
  var selectedLog: LogRef? {
    guard let list = browse.aggregates else { return browse.tree.selectedRow.flatMap { log(of: $0) } }
    guard let entry = list.selected else { return nil }
    let isStore = entry.stream == entry.name
    let stream =
      isStore ? StreamID(entry.name) : StreamID(entry.stream, key: AggregateList.key(of: entry.name))
    return LogRef(source: list.log.source, stream: stream)
  }

  /// The events pane follows the selection of the streams pane.
  mutating func showSelectedStream() -> [Effect] {
    guard let log = selectedLog else {
      // A source that could not be opened says why in the place of its events.
      if browse.aggregates == nil, let row = browse.tree.selectedRow, sources[row.source].fault != nil {
        browse.events = nil
        browse.density = nil
        return inspectSelected()
      }
      return []
    }
    guard browse.events?.log != log else { return [] }
    return openLog(log, at: .end)
  }

  /// Starts a new window on a log.
  mutating func openLog(_ log: LogRef, at target: Target) -> [Effect] {
    var window = EventWindow(log: log)
    let kept = browse.events?.log == log ? browse.events?.filter : nil
    window.filter = kept ?? ""
    window.generation = nextGeneration()
    browse.events = window
    if browse.search?.isRunning ?? false { browse.search = nil }
    return [page(.target(target))].compactMap { $0 } + loadDensity()
  }

  /// A request for events of the window's log: two screens at a time.
  func page(_ origin: PageRequest.Origin) -> Effect? {
    guard let window = browse.events else { return nil }
    return .page(
      PageRequest(
        log: window.log, origin: origin, count: pageCount, filter: window.filter,
        generation: window.generation))
  }

  var pageCount: Int {
    min(max(40, visible(.events) * 2, abs(browse.events?.owed ?? 0)), EventWindow.limit / 3)
  }

  /// Leaves the window for another place of the same log.
  mutating func goTo(_ target: Target) -> [Effect] {
    guard browse.events != nil else { return [] }
    browse.events?.isOpening = true
    let generation = nextGeneration()
    browse.events?.generation = generation
    return [page(.target(target))].compactMap { $0 }
  }

  /// The list on the screen counts by versions: it is one stream of a store.
  var numbersAreVersions: Bool {
    guard let window = browse.events, replay == nil, !window.log.stream.name.isEmpty else { return false }
    return window.log.stream.partition == nil && window.log.stream.key == nil
      && sources[window.log.source].about?.kind == .store && window.selectedEvent?.version != nil
  }

  /// Goes where a number leads: in a stream of a store to the version that its list shows, else to a
  /// position.
  mutating func goTo(number text: String) -> [Effect] {
    guard numbersAreVersions else { return goTo(.position(text)) }
    browse.events?.isOpening = true
    let generation = nextGeneration()
    browse.events?.generation = generation
    return [page(.version(text))].compactMap { $0 }
  }

  mutating func setFilter(_ text: String) -> [Effect] {
    guard let window = browse.events else { return [] }
    let place = window.selectedEvent
    browse.events?.filter = text
    guard let place, !window.log.isMerged(place) else { return goTo(.end) }
    return goTo(.position(place.positionText))
  }

  /// After the selection moved: reads on where the window ends near, and inspects the selected event.
  mutating func eventsMoved() -> [Effect] { inspectSelected() + readOn() }

  /// Rows kept ahead of the screen on both sides.
  mutating func readOn() -> [Effect] {
    guard let window = browse.events, !window.isOpening else { return [] }
    let height = visible(.events)
    guard window.emptyRuns < EventWindow.emptyRunLimit else { return [] }
    var effects: [Effect?] = []
    if let low = window.low, !window.isLoadingLow, window.position.top < height {
      browse.events?.isLoadingLow = true
      effects.append(page(.cursor(low, .backward)))
    }
    if let high = window.high, !window.isLoadingHigh, window.count - window.position.top < 2 * height {
      browse.events?.isLoadingHigh = true
      effects.append(page(.cursor(high, .forward)))
    }
    return effects.compactMap { $0 }
  }

  mutating func inspectSelected() -> [Effect] {
    guard let ref = browse.events?.nearestEvent?.ref else {
      browse.inspector.wanted = nil
      browse.inspector.inspection = nil
      return []
    }
    guard browse.inspector.wanted != ref else { return [] }
    browse.inspector.wanted = ref
    browse.inspector.generation = nextGeneration()
    return [.inspect(ref, generation: browse.inspector.generation)]
  }

  /// The frame's bytes, when the hex tab needs them.
  mutating func loadFrame() -> [Effect] {
    guard browse.inspector.tab == .hex, let inspection = browse.inspector.inspection,
      case .bytes(let file, let range)? = inspection.event.provenance
    else { return [] }
    let place = FramePlace(file: file, offset: range.lowerBound, record: inspection.event.indexInFrame)
    if browse.inspector.frame?.place == place { return [] }
    browse.inspector.frame = nil
    browse.inspector.frameFault = nil
    browse.inspector.frameGeneration = nextGeneration()
    return [
      .frame(
        source: inspection.ref.chunk.log.source, place: place,
        generation: browse.inspector.frameGeneration)
    ]
  }

  mutating func loadDensity() -> [Effect] {
    guard let window = browse.events, let index = sources[window.log.source].streams,
      let strip = Layout(self).strip
    else {
      browse.density = nil
      return []
    }
    var topic = window.log.stream
    topic.key = nil
    let span = window.log.stream.key == nil ? index.span(of: topic) : nil
    let columns = Strip.columns(of: strip)
    if let known = browse.density, known.log == window.log, known.counts.count == columns,
      span == nil || known.span == span
    {
      return []
    }
    browse.density = Density(log: window.log, span: span)
    browse.densityGeneration = nextGeneration()
    var count: Int?
    if case .exact(let known) = index.count(of: topic) { count = known }
    return [
      .density(
        DensityRequest(
          log: window.log, span: span, count: count, columns: columns,
          generation: browse.densityGeneration))
    ]
  }

  /// Enter in the streams pane.
  mutating func openSelected() -> [Effect] {
    guard browse.aggregates == nil, let row = browse.tree.selectedRow else {
      browse.focus = .events
      return showSelectedStream()
    }
    switch row {
    case .source:
      if !setFolded(false, row) { _ = setFolded(true, row) }
      return []
    case .topic:
      if !setFolded(false, row) { browse.focus = .events }
      return showSelectedStream()
    case .note: return []
    case .partition, .stream:
      browse.focus = .events
      return showSelectedStream()
    }
  }

  mutating func listAggregates() -> [Effect] {
    let log: LogRef?
    if browse.focus == .streams {
      log = browse.tree.selectedRow.flatMap { self.log(of: $0) }
    } else {
      log = browse.events?.log
    }
    guard var log else {
      say("select a stream first", .refusal)
      return []
    }
    log.stream = StreamID(log.stream.name)
    var list = AggregateList(log: log)
    list.generation = nextGeneration()
    browse.aggregates = list
    browse.focus = .streams
    startJob(list.generation, "listing the aggregates of \(title(of: log))")
    return [.aggregates(source: log.source, log.stream, generation: list.generation)]
  }

  /// Opens the history of the selected aggregate.
  mutating func openReplay() -> [Effect] {
    guard browse.focus != .streams else {
      guard let log = selectedLog else { return [] }
      return openReplay(log, at: nil)
    }
    guard let window = browse.events, let event = window.selectedEvent else { return [] }
    let isWhole = event.aggregate.key == nil && sources[window.log.source].about?.kind == .stream
    // A record without a key belongs to no aggregate: then its whole log is folded.
    let stream = isWhole && event.partition != nil ? window.log.stream : event.aggregate
    let isNewest = window.endsHere && window.position.selected == window.count - 1
    return openReplay(
      LogRef(source: window.log.source, stream: stream), at: isNewest ? nil : .position(event.positionText))
  }

  mutating func openReplay(_ log: LogRef, at target: ReplayQuery?, fold: String? = nil) -> [Effect] {
    let name =
      log.stream.key.map(StoredEvent.keyText)
      ?? (log.stream.name.isEmpty ? sources[log.source].label : log.stream.name)
    let chosen = fold ?? sources[log.source].launch.fold
    let request = ReplayRequest(log: log, aggregate: name, fold: chosen, session: nextGeneration())
    var fresh = ReplayState(request)
    fresh.target = target
    fresh.followsEnd = target == nil
    if let old = replay, old.request.log == log {
      fresh.marks = old.marks
      fresh.lastMark = old.lastMark
    }
    let closing =
      replay.map { [Effect.cancel(generation: $0.session), .closeReplay(session: $0.session)] } ?? []
    replay = fresh
    isZoomed = false
    startJob(request.session, "folding \(name)", unit: .events)
    return closing + [.openReplay(request)]
  }

  mutating func reloadBrowse() -> [Effect] {
    guard let source = browse.events?.log.source ?? browse.tree.selectedRow?.source,
      sources.indices.contains(source)
    else { return [] }
    guard sources[source].fault == nil else {
      sources[source].fault = nil
      sources[source].isReading = true
      return [.openSource(index: source, path: sources[source].path)]
    }
    say("reading \(sources[source].label) again")
    return reopen(source)
  }

  /// Opens a source anew, as it is now; what is on the screen follows when that is done (`readAgain`).
  mutating func reopen(_ source: Int) -> [Effect] {
    // Standard input is read once: there is nothing to open again.
    guard sources[source].path != "-" else { return readCatalog(source, exact: false) + readAgain(source) }
    sources[source].isReading = true
    return [.openSource(index: source, path: sources[source].path)]
  }

  /// A source was opened again: its events on the screen and its replay are read anew, at their places.
  mutating func readAgain(_ source: Int) -> [Effect] {
    var effects: [Effect] = []
    if browse.events?.log.source == source {
      let place = browse.events?.endsHere ?? true ? nil : browse.events?.selectedEvent
      effects += place.map { goTo(.position($0.positionText)) } ?? goTo(.end)
    }
    if let replay, replay.request.log.source == source { effects += foldAgain(replay) }
    return effects
  }

  mutating func readCatalog(_ source: Int, exact: Bool) -> [Effect] {
    sources[source].isReading = true
    sources[source].generation = nextGeneration()
    startJob(sources[source].generation, "reading \(sources[source].label)")
    return [.catalog(source: source, exact: exact, generation: sources[source].generation)]
  }

  /// `bank.accounts · partition 2`.
  func title(of log: LogRef) -> String {
    var text = log.stream.name.isEmpty ? "everything in \(sources[log.source].label)" : log.stream.name
    if let partition = log.stream.partition { text += " · partition \(partition)" }
    if let key = log.stream.key { text += " · \(StoredEvent.keyText(key))" }
    return text
  }
}

extension LogRef {
  /// True when positions alone do not name one event of this log.
  func isMerged(_ event: EventSummary) -> Bool { stream.partition == nil && event.partition != nil }
}
