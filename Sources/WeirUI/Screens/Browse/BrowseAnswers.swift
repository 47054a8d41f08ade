import WeirCore

/// Answers that Browse waits for. What nobody waits for any more is dropped.
extension AppState {
  mutating func browseAnswer(_ message: Message) -> [Effect] {
    switch message {
    case .sourceOpened(let index, let about):
      guard sources.indices.contains(index) else { return [] }
      let isAgain = sources[index].about != nil
      sources[index].about = about
      browse.tree.rebuild(sources, visible: visible(.streams))
      return readCatalog(index, exact: false) + (isAgain ? readAgain(index) : [])
    case .sourceFailed(let index, let fault):
      sourceFailed(index, fault)
      return []
    case .catalog(let source, let streams, let isFinal, let generation):
      return catalogCame(source, streams, isFinal, generation)
    case .aggregates(let entries, let generation):
      guard browse.aggregates?.generation == generation else { return [] }
      browse.aggregates?.entries = entries
      browse.aggregates?.isReading = false
      let rows = visible(.streams)
      browse.aggregates?.rebuild(visible: rows)
      return showSelectedStream()
    case .activity(let source, let activity, let generation):
      activityCame(source, activity, generation)
      return []
    case .page(let chunk, let request): return pageCame(chunk, request)
    case .opened(let before, let after, let request):
      guard browse.events?.generation == request.generation else { return [] }
      let height = visible(.events)
      browse.events?.open(before: before, after: after, visible: height)
      return eventsMoved()
    case .inspected(let inspection, let generation): return inspectionCame(inspection, generation)
    case .frame(let frame, let generation):
      if browse.inspector.frameGeneration == generation { browse.inspector.frame = frame }
      return []
    case .density(let counts, let span, let generation):
      guard browse.densityGeneration == generation else { return [] }
      browse.density?.counts = counts
      browse.density?.span = span
      return []
    case .found(let before, let after, let request): return searchCame(before, after, request)
    case .notFound(let request): return searchEnded(request)
    default: return []
    }
  }

  private mutating func sourceFailed(_ index: Int, _ fault: Fault) {
    guard sources.indices.contains(index) else { return }
    sources[index].isReading = false
    // One that was open stays as it was read before.
    if sources[index].streams == nil {
      sources[index].fault = fault
    } else {
      say(fault.description, .error)
    }
    browse.tree.rebuild(sources, visible: visible(.streams))
  }

  private mutating func catalogCame(
    _ source: Int, _ streams: StreamIndex, _ isFinal: Bool, _ generation: Int
  ) -> [Effect] {
    guard sources.indices.contains(source), sources[source].generation == generation else { return [] }
    let isFirst = sources[source].streams == nil
    sources[source].streams = streams
    sources[source].isReading = !isFinal
    browse.tree.rebuild(sources, visible: visible(.streams))
    let effects = isFirst ? launch(source) : isFinal ? loadDensity() : []
    return effects + (isFinal ? loadActivity(source) : [])
  }

  private mutating func activityCame(_ source: Int, _ activity: Activity, _ generation: Int) {
    guard sources.indices.contains(source), sources[source].activityGeneration == generation else { return }
    sources[source].activity = activity
  }

  private mutating func loadActivity(_ source: Int) -> [Effect] {
    let generation = nextGeneration()
    sources[source].activityGeneration = generation
    return [.activity(source: source, generation: generation)]
  }

  /// A source is there for the first time: goes where its address says, or shows its first stream.
  private mutating func launch(_ source: Int) -> [Effect] {
    let launch = sources[source].launch
    guard let stream = launch.stream else {
      // Sources open side by side; as long as nobody has moved, the one named first is shown.
      let isEarlier = browse.events.map { isUntouched && source < $0.log.source } ?? true
      guard isEarlier, let index = sources[source].streams else { return [] }
      // One stream alone need not be chosen. Of several sources any may answer first: then the focus stays.
      if sources.count == 1, index.groups.count == 1, !index.isTopic(index.groups[0]) {
        browse.focus = .events
      }
      if let row = browse.tree.rows.firstIndex(where: { $0.source == source && $0 != .source(source) }) {
        browse.tree.position.select(row, count: browse.tree.rows.count, visible: visible(.streams))
      }
      guard let log = selectedLog else { return [] }
      return openLog(log, at: launch.target ?? .end)
    }
    let log = LogRef(source: source, stream: stream)
    reveal(log)
    browse.focus = .events
    let effects = openLog(log, at: launch.target ?? .end)
    // A key of a topic, and any stream of a store, is an aggregate.
    guard launch.opensReplay || (sources[source].about?.kind == .store && !stream.name.isEmpty) else {
      return effects
    }
    let target: ReplayQuery? =
      switch launch.target {
      case .time(let time)?: .moment(at: time)
      case .position(let text)?: .version(text)
      default: nil
      }
    return effects + openReplay(log, at: target)
  }

  /// Selects a log's row in the streams pane, opening what it lies in.
  mutating func reveal(_ log: LogRef) {
    browse.aggregates = nil
    browse.tree.folded.remove(log.source)
    if log.stream.partition != nil {
      browse.tree.unfolded.insert(LogRef(source: log.source, stream: StreamID(log.stream.name)))
    }
    browse.tree.rebuild(sources, visible: visible(.streams))
    var bare = log
    bare.stream.key = nil
    guard let row = browse.tree.rows.firstIndex(where: { self.log(of: $0) == bare }) else { return }
    browse.tree.position.select(row, count: browse.tree.rows.count, visible: visible(.streams))
  }

  private mutating func pageCame(_ chunk: EventChunk, _ request: PageRequest) -> [Effect] {
    guard browse.events?.generation == request.generation, case .cursor(_, let direction) = request.origin
    else {
      return []
    }
    let height = visible(.events)
    browse.events?.extend(chunk, direction, visible: height)
    if let window = browse.events, window.emptyRuns == EventWindow.emptyRunLimit {
      say(
        "the filter found nothing in \(NumberText.grouped(window.hidden)) events; move to look further",
        .refusal)
    }
    return inspectSelected() + readOn()
  }

  private mutating func inspectionCame(_ inspection: Inspection, _ generation: Int) -> [Effect] {
    guard browse.inspector.generation == generation else { return [] }
    browse.inspector.inspection = inspection
    browse.inspector.top = 0
    browse.inspector.foundLine = nil
    let height = visible(.inspector) + 1
    if case .json(let value) = inspection.data {
      browse.inspector.payload.show(value, visible: height, fresh: true)
    }
    if case .json(let value) = inspection.meta {
      browse.inspector.meta.show(value, visible: height, fresh: true)
    }
    return loadFrame()
  }

  private mutating func searchCame(_ before: EventChunk, _ after: EventChunk, _ request: SearchRequest)
    -> [Effect]
  {
    guard browse.search?.generation == request.generation, browse.events?.log == request.log else {
      return []
    }
    browse.search?.isRunning = false
    if request.isWrapped {
      say("the search went on from the \(request.direction == .forward ? "start" : "end")")
    }
    let generation = nextGeneration()
    browse.events?.generation = generation
    let height = visible(.events)
    browse.events?.open(before: before, after: after, visible: height)
    return eventsMoved()
  }

  mutating func searchAgain(forward: Bool) -> [Effect] {
    if browse.focus == .inspector, let text = browse.search?.text {
      return searchInTree(text, forward: forward)
    }
    guard let text = browse.search?.text else { return [] }
    return search(text, from: browse.events?.nearestEvent?.ref, forward ? .forward : .backward)
  }

  private mutating func search(
    _ text: String, from: EventRef?, _ direction: Direction, isWrapped: Bool = false
  ) -> [Effect] {
    guard let window = browse.events else { return [] }
    let generation = nextGeneration()
    browse.search = SearchState(text: text, generation: generation, isRunning: true)
    startJob(generation, "searching for “\(text)”", unit: .events)
    var request = SearchRequest(
      log: window.log, from: from, text: text, direction: direction, filter: window.filter,
      count: pageCount, generation: generation)
    request.isWrapped = isWrapped
    return [.search(request)]
  }

  /// Nothing up to that end: the search goes on from the other one, once.
  private mutating func searchEnded(_ request: SearchRequest) -> [Effect] {
    guard browse.search?.generation == request.generation else { return [] }
    browse.search?.isRunning = false
    guard request.isWrapped || browse.events?.log != request.log else {
      return search(request.text, from: nil, request.direction, isWrapped: true)
    }
    say("“\(request.text)” is nowhere in \(title(of: request.log))", .refusal)
    return []
  }

  /// Moves to the next line of the payload that holds the text.
  mutating func searchInTree(_ text: String, forward: Bool) -> [Effect] {
    if let found = searchInspectorLines(text, forward: forward) {
      if !found { say("“\(text)” is not in this tab", .refusal) }
      return []
    }
    var found = false
    inspectorTree { tree, visible in found = tree.search(text, forward: forward, visible: visible) }
    if !found { say("“\(text)” is not in what is unfolded here", .refusal) }
    return []
  }

  /// An effect is over without a fault.
  mutating func finished(_ generation: Int) -> [Effect] {
    if browse.search?.generation == generation { browse.search?.isRunning = false }
    if case .hits(var list)? = overlay, list.generation == generation {
      list.isRunning = false
      overlay = .hits(list)
    }
    return []
  }

  /// An effect was cancelled, by the user or by a newer one.
  mutating func stopped(_ generation: Int) -> [Effect] {
    if browse.search?.generation == generation {
      browse.search?.isRunning = false
      say("search stopped")
    }
    if browse.aggregates?.generation == generation {
      browse.aggregates = nil
      say("listing stopped")
    }
    for index in sources.indices where sources[index].generation == generation {
      sources[index].isReading = false
    }
    return finished(generation)
  }

  /// An effect failed: the fault goes where its answer would have gone.
  mutating func failed(_ generation: Int, _ fault: Fault) -> [Effect] {
    if replay?.session == generation {
      replay?.fault = fault
      return []
    }
    if browse.frameFailed(generation, fault) { return [] }
    if browse.events?.generation == generation {
      let isEmpty = browse.events?.count == 0
      browse.events?.isOpening = false
      browse.events?.isLoadingLow = false
      browse.events?.isLoadingHigh = false
      if isEmpty { browse.events?.fault = fault } else { say(fault.description, .error) }
      return []
    }
    if browse.aggregates?.generation == generation {
      browse.aggregates?.fault = fault
      browse.aggregates?.isReading = false
      return []
    }
    for index in sources.indices where sources[index].generation == generation {
      sources[index].isReading = false
      if sources[index].streams == nil { sources[index].fault = fault }
      browse.tree.rebuild(sources, visible: visible(.streams))
    }
    say(fault.description, .error)
    return finished(generation)
  }
}

extension BrowseState {
  /// A frame that cannot be shown is told in its own tab; a density that cannot be known is not drawn.
  mutating func frameFailed(_ generation: Int, _ fault: Fault) -> Bool {
    if inspector.frameGeneration == generation {
      inspector.frameFault = fault
      return true
    }
    return densityGeneration == generation
  }
}
