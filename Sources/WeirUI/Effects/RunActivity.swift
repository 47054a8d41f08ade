package import WeirCore

/// When each stream of a source was active: events counted in a few equal shares of the source's whole time,
/// so that streams can be compared at a glance.
package struct Activity: Sendable, Equatable {
  package var first: Instant
  package var last: Instant
  /// One number a share; partitions stand by themselves and summed up as their topic.
  package var counts: [StreamID: [Int]] = [:]

  /// Shares: columns of a sparkline.
  package static let shares = 8
}

extension EffectRunner {
  /// A store with more events than that is not read for its sparklines.
  private static let storeLimit = 100_000
  /// Partitions whose times are looked up; each costs a few reads.
  private static let partitionLimit = 256

  /// nil where it would cost too much or nothing has a time.
  func activity(_ index: Int, _ work: Work) throws(Fault) -> Activity? {
    let source = try session.source(index)
    let streams = StreamIndex(try source.catalog(.glance, work))
    let partitioned = streams.catalog.entries.filter { $0.stream.partition != nil }
    guard !partitioned.isEmpty else { return try activityOfStore(source, work) }
    guard let span = streams.span(of: .everything), span.first < span.last,
      partitioned.count <= Self.partitionLimit
    else { return nil }
    var activity = Activity(first: span.first, last: span.last)
    for entry in partitioned {
      let count: Int? = if case .exact(let known) = entry.count { known } else { nil }
      let request = DensityRequest(
        log: LogRef(source: index, stream: entry.stream), span: span, count: count,
        columns: Activity.shares, generation: 0)
      let (counts, _) = try density(request, streams, work)
      guard !counts.isEmpty else { continue }
      activity.counts[entry.stream] = counts
      let topic = StreamID(entry.stream.name)
      activity.counts[topic] = zip(activity.counts[topic] ?? counts.map { _ in 0 }, counts).map { $0 &+ $1 }
    }
    return activity
  }

  /// Reads a short store once, from its start to its end.
  private func activityOfStore(_ source: any Source, _ work: Work) throws(Fault) -> Activity? {
    let counted = StreamIndex(try source.catalog(.count(limit: 64 << 20), work))
    guard let total = counted.total, total.count <= Self.storeLimit else { return nil }
    let log = try source.log(.everything)
    var times: [(stream: String, milliseconds: Int64)] = []
    times.reserveCapacity(total.count)
    var batch = EventBatch()
    var next: Cursor? = Cursor(.start)
    while let cursor = next, times.count <= 2 * Self.storeLimit {
      try work.check()
      next = try log.read(cursor, .forward, count: 1_024, into: &batch, work)
      for place in batch.records.indices {
        let event = log.event(place, of: batch)
        if let time = event.time { times.append((event.stream, time.milliseconds)) }
      }
    }
    guard let first = times.map(\.milliseconds).min(), let last = times.map(\.milliseconds).max(),
      first < last
    else { return nil }
    var activity = Activity(first: Instant(milliseconds: first), last: Instant(milliseconds: last))
    let span = Double(last &- first)
    for (stream, time) in times {
      let share = Int(Double(time &- first) / span * Double(Activity.shares))
      let empty = Array(repeating: 0, count: Activity.shares)
      activity.counts[StreamID(stream), default: empty][min(max(0, share), Activity.shares - 1)] += 1
    }
    return activity
  }
}
