import WeirCore

/// How the events of a log lie along its time: for the strip below Browse and for sparklines.
extension EffectRunner {
  /// How many events lie in each of `columns` equal shares of the log's time; none where that would cost too
  /// much. `streams`: the source's catalogue, where the caller has it already.
  func density(_ request: DensityRequest, _ streams: StreamIndex?, _ work: Work) throws(Fault) -> (
    counts: [Int], span: TimeSpan?
  ) {
    let log = try session.log(request.log)
    guard request.columns > 0 else { return ([], request.span) }
    if let count = request.count, count <= EffectRunner.shortLog {
      return try countByReading(log, request, work)
    }
    guard let span = request.span, span.first < span.last else { return ([], request.span) }
    return (try countBySeeking(log, request, span, streams, work), span)
  }

  private func countBySeeking(
    _ log: any EventLog, _ request: DensityRequest, _ time: TimeSpan, _ known: StreamIndex?, _ work: Work
  ) throws(Fault) -> [Int] {
    let start = time.first.milliseconds
    let span = max(1, time.last.milliseconds &- start)
    let source = try session.source(request.log.source)
    guard source.about.format == "kafka" else { return try countBySampling(log, request, time, work) }
    // The positions at equal times tell how many events lie between: offsets are dense.
    let streams: StreamIndex
    if let known { streams = known } else { streams = StreamIndex(try source.catalog(.glance, work)) }
    let entries = streams.entries(of: request.log.stream)
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

  /// Looks at the times of events at equal distances in the log and spreads each distance over the time that
  /// it took: an estimate, and good enough for a glance at a log too long to be read for it.
  private func countBySampling(
    _ log: any EventLog, _ request: DensityRequest, _ time: TimeSpan, _ work: Work
  ) throws(Fault) -> [Int] {
    let samples = request.columns * 2
    var times: [Int64] = []
    var batch = EventBatch()
    for sample in 0..<samples {
      try work.check()
      let cursor = try log.seek(.fraction(Double(sample) / Double(samples)), work)
      _ = try log.read(cursor, .forward, count: 1, into: &batch, work)
      guard let index = batch.records.indices.first,
        let found = batch.records[index].time ?? log.event(index, of: batch).time
      else { continue }
      times.append(found.milliseconds)
    }
    times.append(time.last.milliseconds)
    times.sort()
    let length = Double(max(1, time.last.milliseconds &- time.first.milliseconds))
    var shares = Array(repeating: 0.0, count: request.columns)
    func column(_ moment: Int64) -> Double {
      let share = Double(moment &- time.first.milliseconds) / length
      return min(max(0, share), 1) * Double(request.columns)
    }
    for (a, b) in zip(times, times.dropFirst()) {
      let (from, to) = (column(a), max(column(a) + 1e-6, column(b)))
      for place in Int(from)...Int(to) where place < request.columns {
        let overlap = min(to, Double(place + 1)) - max(from, Double(place))
        shares[place] += max(0, overlap) / (to - from)
      }
    }
    return shares.map { Int(($0 * 1_000).rounded()) }
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
