import Synchronization

extension KafkaPartitionLog {
  /// Bytes scanned at most, unasked, for a time that no time index helps to find.
  private static let timeScanLimit: UInt64 = 1 << 30

  func seek(_ target: Target, _ work: Work) throws(Fault) -> Cursor {
    switch target {
    case .start: return Cursor(.start)
    case .end: return Cursor(.end)
    case .position(let text):
      guard let offset = Int64(text), offset >= 0 else {
        throw Fault(.usage, "seek", stream.name, "'\(text)' is not an offset")
      }
      return Cursor(.before(Position(signed: offset)))
    case .fraction(let share): return try seek(fraction: share, work)
    case .time(let instant): return try seek(time: instant, work)
    }
  }

  /// A share of the offsets that are there: costs a look at the last batch.
  private func seek(fraction: Double, _ work: Work) throws(Fault) -> Cursor {
    let layout = try partition.layout()
    return try shared.scratches.with { scratch throws(Fault) in
      let first = try view(layout, scratch, work).floor
      let end = try partition.end(scratch)
      guard fraction > 0, end > first else { return Cursor(.start) }
      guard fraction < 1 else { return Cursor(.end) }
      // Both are offsets of one partition, so their distance is far below what a Double holds exactly.
      let distance = Int64(Double(end - first) * fraction)
      return Cursor(.before(Position(signed: first + distance)))
    }
  }

  /// Before the first record whose time is not earlier; where the log has no times (format 0), by what the
  /// mapping finds in headers or payload. Segments whose times all are earlier are passed over
  /// by what their time index says, as far as it can be held against the log; others are walked.
  private func seek(time: Instant, _ work: Work) throws(Fault) -> Cursor {
    // Rounded up: a record has whole milliseconds.
    let rest = time.nanoseconds % 1_000_000
    let wanted = time.milliseconds == .max || rest == 0 ? time.milliseconds : time.milliseconds + 1
    let layout = try partition.layout()
    return try shared.scratches.with { scratch throws(Fault) in
      let view = try view(layout, scratch, work)
      if options.deleted, !layout.deleted.isEmpty {
        return try walkToTime(wanted, layout, view, scratch, work)
      }
      var budget = Self.timeScanLimit
      for segment in layout.live.segments where segment.endOffset > view.floor {
        try work.check()
        let latest = try segment.latestTime(scratch, &budget, work)
        if latest >= 0, latest < wanted { continue }
        if let found = try first(wanted, in: segment, layout, view, scratch, work) {
          return Cursor(.before(Position(signed: found)))
        }
      }
      return Cursor(.end)
    }
  }

  /// Offset of the first shown record of a segment that is late enough.
  private func first(
    _ wanted: Int64, in segment: KafkaSegment, _ layout: KafkaPartition.Layout, _ view: KafkaView,
    _ scratch: KafkaScratch, _ work: Work
  ) throws(Fault) -> Int64? {
    let start = try segment.offset(beforeTime: wanted, scratch)
    var walk = try layout.live.walk(to: max(start, view.floor), scratch)
    while let item = try walk.next(scratch) {
      try work.check()
      guard walk.segment === segment || walk.segment.base < segment.base else { return nil }
      guard let header = item.header, header.maxTimestamp >= wanted || header.maxTimestamp < 0 else {
        continue
      }
      if header.baseOffset >= view.ceiling { return nil }
      if let offset = try first(wanted, from: header, layout, view, scratch, work) { return offset }
    }
    return nil
  }

  private func first(
    _ wanted: Int64, from header: KafkaBatchHeader, _ layout: KafkaPartition.Layout, _ view: KafkaView,
    _ scratch: KafkaScratch, _ work: Work
  ) throws(Fault) -> Int64? {
    let entry = KafkaEntry(
      .before(Position(signed: max(header.baseOffset, view.floor))), layer: 0, .forward, floor: view.floor)
    var stream = try KafkaRecordStream(layout.live, layout, entry, view, shared, scratch)
    try stream.load(scratch, work)
    guard let slab = stream.slab, slab.batch.header.position == header.position,
      slab.batch.header.baseOffset == header.baseOffset
    else { return nil }
    let found = slab.range.first { index in
      let time = slab.batch.header.timestamp(delta: slab.batch.records[index].timestampDelta)
      return time.map { $0 >= wanted } ?? isLate(index, of: slab, wanted)
    }
    return found.map { slab.offset($0) }
  }

  /// Whether a record without a time of the log's is late enough by what the mapping finds in it.
  private func isLate(_ index: Int, of slab: KafkaSlab, _ wanted: Int64) -> Bool {
    var batch = EventBatch()
    KafkaBatchWriter(slab, layer: 0, start: 0).append(index..<index + 1, .forward, { _ in [] }, to: &batch)
    return event(0, of: batch).eventTime.map { $0.milliseconds >= wanted } ?? false
  }

  /// The same among deleted records too, which are in no index: from the start.
  private func walkToTime(
    _ wanted: Int64, _ layout: KafkaPartition.Layout, _ view: KafkaView, _ scratch: KafkaScratch, _ work: Work
  ) throws(Fault) -> Cursor {
    var batch = EventBatch()
    var place: Cursor.Place? = .start
    while let from = place {
      batch.removeAll()
      var reader = try KafkaReader(layout, view, from, .forward, shared, scratch)
      place = try reader.fill(&batch, count: 4096, scratch, work).map { .after($0) }
      let found = batch.records.indices.first { index in
        let time = batch.records[index].time ?? event(index, of: batch).eventTime
        return time.map { $0.milliseconds >= wanted } ?? false
      }
      if let found { return Cursor(.before(batch.records[found].position)) }
    }
    return Cursor(.end)
  }
}

extension KafkaSegment {
  /// The latest time in the segment, milliseconds; -1 when nothing in it has one. From the time index where
  /// that is right; else from the headers, as long as `budget` bytes last; beyond, from the last batch alone.
  func latestTime(_ scratch: KafkaScratch, _ budget: inout UInt64, _ work: Work) throws(Fault) -> Int64 {
    if let known = knownLatestTime { return known }
    let source = try open()
    let size = bounds(source).size
    var latest: Int64 = -1
    if let last = timeIndex()?.last, try isRight(last, isLatest: !isLast, scratch) {
      latest = last.timestamp
      // The last segment's index lags behind: what came after its last entry is looked at too.
      var chunk: KafkaChunk? = isLast ? try chunk(holding: last.offset, scratch) : nil
      while let current = chunk {
        try work.check()
        latest = max(latest, current.latestTime)
        chunk = try self.chunk(after: current, scratch)
      }
    } else if size <= budget {
      budget -= size
      try KafkaSweep(.batches, scratch, work).run(self) { item throws(Fault) in
        if case .batch(let header, _) = item, !header.isControl { latest = max(latest, header.maxTimestamp) }
      }
    } else {
      return try chunk(holding: .max, scratch).latestTime
    }
    knownLatestTime = latest
    return latest
  }

  /// An offset of this segment before which no record is at `wanted` or later.
  func offset(beforeTime wanted: Int64, _ scratch: KafkaScratch) throws(Fault) -> Int64 {
    guard let entry = timeIndex()?.floor(before: wanted), try isRight(entry, isLatest: false, scratch) else {
      return base
    }
    return entry.offset
  }

  /// Whether the batch at the entry's offset carries the entry's time, and, of the latest entry, whether
  /// nothing near the segment's end is later. What is found wrong is noted as a stale sidecar.
  private func isRight(_ entry: KafkaTimeIndex.Entry, isLatest: Bool, _ scratch: KafkaScratch) throws(Fault)
    -> Bool
  {
    var isGood = false
    if entry.offset >= base, entry.offset < endOffset {
      let chunk = try chunk(holding: entry.offset, scratch)
      let index = chunk.index(of: entry.offset)
      if index < chunk.items.count, let header = chunk.items[index].header, header.baseOffset <= entry.offset
      {
        isGood = header.maxTimestamp == entry.timestamp
      }
    }
    if isGood, isLatest { isGood = try chunk(holding: .max, scratch).latestTime <= entry.timestamp }
    if !isGood { reportTimeIndex(entry) }
    return isGood
  }
}

extension KafkaChunk {
  /// The latest time of its batches, milliseconds; -1 when none has one.
  var latestTime: Int64 {
    items.lazy.compactMap(\.header).filter { !$0.isControl }.map(\.maxTimestamp).max() ?? -1
  }
}
