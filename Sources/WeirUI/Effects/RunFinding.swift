import WeirCore

/// Looking for texts in logs.
extension EffectRunner {
  /// Events read at a time while searching.
  private static let step = 512

  func search(_ request: SearchRequest, _ work: Work, _ post: (Message) -> Void) throws(Fault) {
    let log = try session.log(request.log)
    let filter = try EffectRunner.expression(request.filter)
    let needle = Needle(request.text)
    var next: Cursor? = Cursor(request.direction == .forward ? .start : .end)
    if let from = request.from {
      next = log.cursor(request.direction == .forward ? .after : .before, try event(from, work))
    }
    work.expect(try expected(request.log))
    var batch = EventBatch()
    while let cursor = next {
      try work.check()
      next = try log.read(cursor, request.direction, count: EffectRunner.step, into: &batch, work)
      for index in batch.records.indices where needle.part(of: batch.records[index], in: batch) != nil {
        let event = log.event(index, of: batch)
        guard filter?.holds(event: event) ?? true else { continue }
        let (before, after) = try around(
          log.cursor(.before, event), log, request.log, request.count, request.filter, readsOn: true, work)
        post(.found(before: before, after: after, request: request))
        return
      }
      work.advance(by: batch.records.count)
    }
    post(.notFound(request: request))
  }

  /// Events in a log as far as they are known without reading it, for the progress figure.
  private func expected(_ ref: LogRef) throws(Fault) -> Int {
    let catalog = try session.source(ref.source).catalog(.glance, Work())
    switch StreamIndex(catalog).count(of: ref.stream) {
    case .exact(let count), .atMost(let count, _): return count
    case .unknown: return 0
    }
  }

  /// All places of all sources that hold the text: names first, then every event, newest first.
  func find(_ text: String, _ generation: Int, _ work: Work, _ post: (Message) -> Void) throws(Fault) {
    let needle = Needle(text)
    var plans: [(LogRef, any EventLog)] = []
    for (index, source) in session.openSources {
      let streams = StreamIndex(try source.catalog(.glance, work))
      let named = streams.groups.map(streams.name).filter { needle.isIn(Array($0.utf8)) }
      let hits = named.prefix(HitList.limit).map { Hit(source: index, place: .stream(StreamID($0))) }
      if !hits.isEmpty { post(.hits(Array(hits), generation: generation)) }
      for stream in EffectRunner.logs(of: streams, source.about.kind) {
        let ref = LogRef(source: index, stream: stream)
        plans.append((ref, try session.log(ref)))
        work.expect(try expected(ref))
      }
    }
    for (ref, log) in plans { try find(needle, in: log, ref, generation, work, post) }
  }

  /// A store is read in its own order; of a stream every partition by itself, so that nothing has to be
  /// merged.
  private static func logs(of streams: StreamIndex, _ kind: SourceAbout.Kind) -> [StreamID] {
    let partitioned = streams.catalog.entries.filter { $0.stream.partition != nil }.map(\.stream)
    return kind == .store || partitioned.isEmpty ? [.everything] : partitioned
  }

  private func find(
    _ needle: Needle, in log: any EventLog, _ ref: LogRef, _ generation: Int, _ work: Work,
    _ post: (Message) -> Void
  ) throws(Fault) {
    var batch = EventBatch()
    var next: Cursor? = Cursor(.end)
    while let cursor = next {
      try work.check()
      next = try log.read(cursor, .backward, count: EffectRunner.step, into: &batch, work)
      var hits: [Hit] = []
      for index in batch.records.indices {
        guard let part = needle.part(of: batch.records[index], in: batch) else { continue }
        hits.append(
          Hit(source: ref.source, place: .event(EventSummary(log.event(index, of: batch)), part: part)))
      }
      work.advance(by: batch.records.count)
      if !hits.isEmpty { post(.hits(hits, generation: generation)) }
    }
  }

  /// How many events lie in each of `columns` equal shares of the log's time; none where that would cost too
  /// much.
  func density(_ request: DensityRequest, _ work: Work) throws(Fault) -> (counts: [Int], span: TimeSpan?) {
    let log = try session.log(request.log)
    guard request.columns > 0 else { return ([], request.span) }
    if let count = request.count, count <= EffectRunner.shortLog {
      return try countByReading(log, request, work)
    }
    guard let span = request.span, span.first < span.last else { return ([], request.span) }
    return (try countBySeeking(log, request, span, work), span)
  }

  private func countBySeeking(
    _ log: any EventLog, _ request: DensityRequest, _ time: TimeSpan, _ work: Work
  ) throws(Fault) -> [Int] {
    let start = time.first.milliseconds
    let span = max(1, time.last.milliseconds &- start)
    // The positions at equal times tell how many events lie between, where positions are dense.
    let source = try session.source(request.log.source)
    guard source.about.format == "kafka" else { return [] }
    let entries = StreamIndex(try source.catalog(.glance, work)).entries(of: request.log.stream)
    let edges = entries.map { entry in
      let first = entry.first.flatMap { Int64($0) } ?? 0
      return (start: first, end: entry.last.flatMap { Int64($0) }.map { $0 &+ 1 } ?? first)
    }
    var counts: [Int] = []
    var previous: Cursor?
    for column in 0...request.columns {
      try work.check()
      let share = Double(span) * Double(column) / Double(request.columns)
      let moment = start &+ Int64(share)
      let cursor = try log.seek(column == request.columns ? .end : .time(Instant(milliseconds: moment)), work)
      if let previous, let distance = EffectRunner.distance(previous, cursor, edges) {
        counts.append(distance)
      }
      previous = cursor
    }
    return counts.count == request.columns ? counts : []
  }

  /// Logs of that many events are read for their density; it takes milliseconds.
  private static let shortLog = 20_000

  private func countByReading(_ log: any EventLog, _ request: DensityRequest, _ work: Work) throws(Fault)
    -> (counts: [Int], span: TimeSpan?)
  {
    var times: [Int64] = []
    var batch = EventBatch()
    var next: Cursor? = Cursor(.start)
    while let cursor = next, times.count <= 2 * EffectRunner.shortLog {
      try work.check()
      next = try log.read(cursor, .forward, count: 4_096, into: &batch, work)
      for index in batch.records.indices {
        // Where the log has no time of its own, the mapping may have found one.
        let time = batch.records[index].time ?? log.event(index, of: batch).time
        if let time { times.append(time.milliseconds) }
      }
    }
    guard let first = times.min(), let last = times.max() else { return ([], request.span) }
    let span =
      request.span ?? TimeSpan(first: Instant(milliseconds: first), last: Instant(milliseconds: last))
    let start = span.first.milliseconds
    let length = Double(max(1, span.last.milliseconds &- start))
    var counts = Array(repeating: 0, count: request.columns)
    for time in times {
      let share = Double(time &- start) / length
      counts[min(max(0, Int(share * Double(request.columns))), request.columns - 1)] += 1
    }
    return (counts, span)
  }

  /// Positions between two cursors, over all partitions; `edges` are the first position of each partition and
  /// the one after its last.
  private static func distance(_ a: Cursor, _ b: Cursor, _ edges: [(start: Int64, end: Int64)]) -> Int? {
    guard a.places.count == b.places.count, a.places.count == edges.count else { return nil }
    func position(_ place: Cursor.Place, _ edge: (start: Int64, end: Int64)) -> Int64 {
      switch place {
      case .start: edge.start
      case .end: edge.end
      case .before(let position): position.signed
      case .after(let position): position.signed &+ 1
      }
    }
    var sum = 0
    for (index, edge) in edges.enumerated() {
      let distance = position(b.places[index], edge) &- position(a.places[index], edge)
      sum &+= Int(clamping: max(0, distance))
    }
    return sum
  }
}

/// A text that is looked for in bytes: in any case as long as it is typed in lower case.
struct Needle: Sendable {
  private let bytes: [UInt8]
  private let ignoresCase: Bool

  init(_ text: String) {
    ignoresCase = text == text.lowercased()
    bytes = Array(text.utf8)
  }

  func isIn(_ text: some Collection<UInt8>) -> Bool {
    guard !bytes.isEmpty else { return false }
    return text.withContiguousStorageIfAvailable { isIn($0) }
      ?? Array(text).withUnsafeBufferPointer { isIn($0) }
  }

  private func isIn(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count >= bytes.count else { return false }
    return bytes.withUnsafeBufferPointer { wanted in
      let first = wanted[0]
      let other = ignoresCase ? Needle.upper(first) : first
      var start = 0
      while start <= text.count - wanted.count {
        if text[start] == first || text[start] == other {
          var length = 1
          while length < wanted.count, matches(text[start + length], wanted[length]) { length += 1 }
          if length == wanted.count { return true }
        }
        start += 1
      }
      return false
    }
  }

  @inline(__always)
  private func matches(_ byte: UInt8, _ wanted: UInt8) -> Bool {
    byte == wanted || (ignoresCase && byte == Needle.upper(wanted))
  }

  /// ASCII only: other letters must be typed as they are.
  @inline(__always)
  private static func upper(_ byte: UInt8) -> UInt8 { byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte }

  /// Which part of a record holds the text, the most telling one first; nil when none does.
  func part(of record: EventRecord, in batch: EventBatch) -> String? {
    let parts: [(String, ByteSlice)] = [
      ("id", record.id), ("key", record.key), ("stream", record.stream), ("type", record.type),
      ("payload", record.value), ("metadata", record.meta),
    ]
    for (name, slice) in parts {
      if let content = batch.slice(slice), isIn(content) { return name }
    }
    for index in record.headers where batch.headers.indices.contains(Int(index)) {
      let header = batch.headers[Int(index)]
      if batch.slice(header.value).map(isIn) ?? false { return "header" }
    }
    return nil
  }
}
