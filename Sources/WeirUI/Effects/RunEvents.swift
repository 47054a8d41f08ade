import WeirCore

/// Reading runs of events for the events pane and the inspector.
extension EffectRunner {
  /// Events looked at for one run when a filter hides most of them; then the run ends, however few were kept.
  private static let scanLimit = 8_192
  /// Payloads of more bytes are shown as text, and only their beginning.
  private static let parseLimit = 4 << 20
  /// Bytes of text or binary that the inspector shows.
  private static let showLimit = 64 << 10

  func page(_ request: PageRequest, _ work: Work, _ post: (Message) -> Void) throws(Fault) {
    let log = try session.log(request.log)
    switch request.origin {
    case .cursor(let cursor, let direction):
      let spec = ChunkSpec(
        log: request.log, origin: cursor, isForward: direction == .forward, count: request.count,
        filter: request.filter)
      post(.page(try chunk(spec, log, work), request: request))
    case .target(let target):
      let cursor = try log.seek(target, work)
      let (before, after) = try around(
        cursor, log, request.log, request.count, request.filter, readsOn: target != .end, work)
      post(.opened(before: before, after: after, request: request))
    case .version(let version):
      let cursor = try cursor(version: version, log, work)
      let (before, after) = try around(
        cursor, log, request.log, request.count, request.filter, readsOn: true, work)
      post(.opened(before: before, after: after, request: request))
    }
  }

  /// Before the event of a version. A stream's versions are counted by its writer, and no index knows them:
  /// it is read from its start.
  private func cursor(version: String, _ log: any EventLog, _ work: Work) throws(Fault) -> Cursor {
    var batch = EventBatch()
    var next: Cursor? = Cursor(log.partitions.map { _ in .start })
    while let cursor = next {
      try work.check()
      next = try log.read(cursor, .forward, count: 1_024, into: &batch, work)
      for index in batch.records.indices {
        let event = log.event(index, of: batch)
        if event.version == version { return log.cursor(.before, event) }
      }
    }
    throw Fault(.nothingThere, "go to", version, "no event of \(log.stream.name) has that version")
  }

  /// The runs on both sides of a place.
  func around(
    _ cursor: Cursor, _ log: any EventLog, _ ref: LogRef, _ count: Int, _ filter: String, readsOn: Bool,
    _ work: Work
  ) throws(Fault) -> (before: EventChunk, after: EventChunk) {
    var spec = ChunkSpec(log: ref, origin: cursor, isForward: true, count: count, filter: filter)
    let after = readsOn ? try chunk(spec, log, work) : EventChunk(rows: [], low: cursor, high: nil)
    spec.isForward = false
    return (try chunk(spec, log, work), after)
  }

  /// Reads one run and remembers its events for the inspector.
  func chunk(_ spec: ChunkSpec, _ log: any EventLog, _ work: Work) throws(Fault) -> EventChunk {
    var reading = RunReading(try EffectRunner.expression(spec.filter))
    var batch = EventBatch()
    var next: Cursor? = spec.origin
    while let cursor = next, reading.events.count < spec.count, reading.scanned < EffectRunner.scanLimit {
      try work.check()
      let wanted = spec.filter.isEmpty ? spec.count - reading.events.count : 512
      next = try log.read(cursor, spec.isForward ? .forward : .backward, count: wanted, into: &batch, work)
      reading.take(batch, log)
      // A reader that gives nothing and still has somewhere to go must not keep us forever.
      reading.emptyReads = batch.records.isEmpty ? reading.emptyReads + 1 : 0
      if reading.emptyReads > 1_000 { break }
    }
    let isPlain = try session.source(spec.log.source).about.format == "kafka" && !log.isMergedByTime
    reading.finish(spec, explainsGaps: isPlain && spec.log.stream.key == nil && spec.filter.isEmpty)
    session.keep(reading.events, of: spec)
    return EventChunk(
      rows: reading.rows, low: spec.isForward ? spec.origin : next, high: spec.isForward ? next : spec.origin,
      hidden: reading.hidden, widths: EventWidths(reading.rows))
  }

  /// nil for an empty filter.
  static func expression(_ text: String) throws(Fault) -> Expression? {
    guard !text.isEmpty else { return nil }
    do throws(Expression.Mistake) { return try Expression(parsing: text) } catch {
      throw Fault(.usage, "filter by", text, "column \(error.column): \(error.reason)")
    }
  }

  func event(_ ref: EventRef, _ work: Work) throws(Fault) -> StoredEvent {
    if let events = session.events(of: ref.chunk), events.indices.contains(ref.index) {
      return events[ref.index]
    }
    let log = try session.log(ref.chunk.log)
    var reading = RunReading(try EffectRunner.expression(ref.chunk.filter))
    _ = try chunk(ref.chunk, log, work)
    if let events = session.events(of: ref.chunk), events.indices.contains(ref.index) {
      return events[ref.index]
    }
    // Too large to be kept: read once more, for this one event.
    var batch = EventBatch()
    var next: Cursor? = ref.chunk.origin
    let direction: Direction = ref.chunk.isForward ? .forward : .backward
    while let cursor = next, reading.events.count < ref.chunk.count, reading.scanned < EffectRunner.scanLimit
    {
      next = try log.read(cursor, direction, count: ref.chunk.count, into: &batch, work)
      reading.take(batch, log)
    }
    reading.finish(ref.chunk, explainsGaps: false)
    guard reading.events.indices.contains(ref.index) else {
      throw Fault(
        .nothingThere, "read", ref.chunk.log.stream.name, "the event is no longer there",
        hint: "F5 reads again")
    }
    return reading.events[ref.index]
  }

  func inspect(_ ref: EventRef, _ work: Work) throws(Fault) -> Inspection {
    let event = try event(ref, work)
    return Inspection(
      event: event, data: EffectRunner.body(event.data), meta: EffectRunner.body(event.meta),
      json: session.openers.eventJSON(event), ref: ref)
  }

  /// A payload as the inspector shows it.
  static func body(_ payload: Payload) -> Inspection.Body {
    switch payload {
    case .absent: return .absent
    case .null: return .null
    case .text(let text): return .text(clip(Array(text.utf8)), note: note(text.utf8.count))
    case .bytes(let bytes): return .bytes(Array(bytes.prefix(showLimit)))
    case .json(let bytes):
      guard bytes.count <= parseLimit else {
        return .text(
          clip(bytes), note: "\(NumberText.bytes(bytes.count)) of JSON: only the beginning is shown")
      }
      do throws(JSONError) { return .json(try JSONParser.parse(bytes, lenient: true)) } catch {
        return .text(
          clip(bytes), note: "not shown as a tree: \(error.reason) at byte \(NumberText.grouped(error.at))")
      }
    }
  }

  private static func note(_ count: Int) -> String? {
    count > showLimit ? "\(NumberText.bytes(count)): only the beginning is shown, w writes all of it" : nil
  }

  private static func clip(_ bytes: [UInt8]) -> String {
    String(decoding: bytes.prefix(showLimit), as: UTF8.self)
  }

  func previewFilter(
    _ text: String, _ refs: [EventRef], _ generation: Int, _ work: Work, _ post: (Message) -> Void
  ) throws(Fault) {
    guard let expression = try EffectRunner.expression(text) else { return }
    var kept = 0
    for ref in refs {
      try work.check()
      if expression.holds(event: try event(ref, work), state: nil, before: nil) { kept += 1 }
    }
    post(.filterPreviewed(kept: kept, of: refs.count, generation: generation))
  }
}

/// The state of reading one run, in the direction of reading until `finish` puts it into the log's order.
struct RunReading {
  private let filter: Expression?
  private(set) var events: [StoredEvent] = []
  private(set) var rows: [EventRow] = []
  private(set) var scanned = 0
  private(set) var hidden = 0
  var emptyReads = 0

  init(_ filter: Expression?) { self.filter = filter }

  mutating func take(_ batch: EventBatch, _ log: any EventLog) {
    var damage = batch.damage[...]
    for index in batch.records.indices {
      while let next = damage.first, next.before <= index {
        add(next.damage)
        damage.removeFirst()
      }
      scanned += 1
      let event = log.event(index, of: batch)
      guard filter?.holds(event: event, state: nil, before: nil) ?? true else {
        hidden += 1
        continue
      }
      events.append(event)
      rows.append(EventRow(content: .event(EventSummary(event))))
    }
    for left in damage { add(left.damage) }
  }

  /// Zeros that were never written and sidecars that lie are no holes in the log.
  private mutating func add(_ damage: Damage) {
    if damage.kind == .corrupt || damage.kind == .tornTail { rows.append(EventRow(content: .damage(damage))) }
  }

  mutating func finish(_ spec: ChunkSpec, explainsGaps: Bool) {
    if !spec.isForward {
      events.reverse()
      rows.reverse()
    }
    var number = 0
    var previous: Position?
    if explainsGaps, spec.isForward, case .after(let position)? = spec.origin.places.first {
      previous = position
    }
    var placed: [EventRow] = []
    for var row in rows {
      if case .event(var summary) = row.content {
        row.ref = EventRef(chunk: spec, index: number)
        number += 1
        if explainsGaps, let previous {
          let (step, overflow) = summary.position.signed.subtractingReportingOverflow(previous.signed)
          summary.missingBefore = overflow || step < 1 ? 0 : Int(clamping: step - 1)
        }
        previous = summary.position
        row.content = .event(summary)
        if summary.missingBefore >= RunReading.gapRow {
          placed.append(EventRow(content: .gap(summary.missingBefore)))
        }
      }
      placed.append(row)
    }
    rows = placed
  }

  /// Shorter gaps (a transaction's marker, one compacted record) are a sign beside the position, not a row.
  private static let gapRow = 10
}
