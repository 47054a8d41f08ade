import Synchronization

/// Several partitions as one history: always the partition whose next event is the oldest goes first. Each
/// keeps its own order; of equal times the one that stands first in the list wins. Events without a time come
/// as soon as they are next.
///
/// Between partitions the order is only that of their clocks, and `isMergedByTime` says so. Backwards the
/// newest of the partitions' last events goes first; where a partition's times run backwards, that is not
/// always the exact reverse, but any number of steps forth and back ends at the same events.
package final class MergedLog: EventLog {
  package let stream: StreamID
  package let partitions: [PartitionID?]
  package var isMergedByTime: Bool { logs.count > 1 }
  private let logs: [any EventLog]
  /// What the last call had read ahead, so that the next one, which usually goes on from there, need not read
  /// it again.
  private let rest = Mutex<Rest?>(nil)

  private struct Rest {
    var cursor: Cursor
    var isForward: Bool
    var heads: [Head]
  }

  /// `logs`: one partition each, in the order that decides ties.
  package init(_ stream: StreamID, _ logs: [any EventLog]) {
    self.stream = stream
    self.logs = logs
    partitions = logs.map { $0.partitions.first ?? nil }
  }

  package func read(
    _ cursor: Cursor, _ direction: Direction, count: Int, into batch: inout EventBatch, _ work: Work
  ) throws(Fault) -> Cursor? {
    batch.removeAll()
    var heads = resume(cursor, direction)
    let page = max(16, count / max(1, logs.count))
    while batch.records.count < max(count, 1), batch.bytes.count < 8 << 20 {
      try work.check()
      for index in heads.indices {
        try heads[index].fill(logs[index], direction, count: page, work)
        heads[index].passDamage(to: &batch, direction)
      }
      guard let next = first(heads, direction) else {
        // Nothing to take now. Where a log gave no events but has not ended, a later call goes on.
        guard heads.contains(where: { !$0.isAtEnd }) else { return nil }
        return leave(heads, direction)
      }
      heads[next].take(partition: Int32(next), into: &batch, direction)
    }
    return leave(heads, direction)
  }

  private func resume(_ cursor: Cursor, _ direction: Direction) -> [Head] {
    let known = rest.withLock { rest -> [Head]? in
      guard let found = rest, found.cursor == cursor, found.isForward == (direction == .forward) else {
        return nil
      }
      rest = nil
      return found.heads
    }
    if let known { return known }
    return logs.indices.map { index in
      // A cursor of one place stands for all partitions: the start or the end.
      let place = cursor.places.indices.contains(index) ? cursor.places[index] : cursor.places.first ?? .start
      return Head(place)
    }
  }

  private func leave(_ heads: [Head], _ direction: Direction) -> Cursor {
    let cursor = Cursor(heads.map(\.place))
    rest.withLock { $0 = Rest(cursor: cursor, isForward: direction == .forward, heads: heads) }
    return cursor
  }

  /// The head that goes first: the oldest forward, the newest backward.
  private func first(_ heads: [Head], _ direction: Direction) -> Int? {
    var best: Int?
    // Nothing may be taken while a log has neither an event at hand nor its end.
    for index in heads.indices {
      guard let record = heads[index].next else {
        if heads[index].isAtEnd { continue }
        return nil
      }
      guard let current = best.flatMap({ heads[$0].next }) else {
        best = index
        continue
      }
      if direction == .forward ? precedes(record, current) : !precedes(record, current) { best = index }
    }
    return best
  }

  /// Whether `a`, of a later partition, comes before `b` all the same.
  private func precedes(_ a: EventRecord, _ b: EventRecord) -> Bool {
    guard let time = a.time else { return b.hasTime }
    guard let other = b.time else { return false }
    return time < other
  }

  package func seek(_ target: Target, _ work: Work) throws(Fault) -> Cursor {
    switch target {
    case .start: return Cursor(logs.map { _ in .start })
    case .end: return Cursor(logs.map { _ in .end })
    case .position(let text):
      guard logs.count > 1 else { break }
      throw Fault(
        .usage, "seek", stream.name,
        "position \(text) is a different event in each of \(logs.count) partitions",
        hint: "name the partition: \(stream.name.isEmpty ? "TOPIC" : stream.name)/0@\(text)")
    case .time, .fraction: break
    }
    var places: [Cursor.Place] = []
    for log in logs { places.append(try log.seek(target, work).places.first ?? .start) }
    return Cursor(places)
  }

  /// Right beside one event: in the other partitions, at its time. Events of equal time in earlier partitions
  /// come before it.
  package func cursor(_ side: CursorSide, _ event: StoredEvent) -> Cursor {
    let own = logs.firstIndex { log in
      log.partitions.first == event.partition && (log.stream.name.isEmpty || log.stream.name == event.stream)
    }
    let work = Work()
    return Cursor(
      logs.indices.map { index in
        if index == own { return side == .before ? .before(event.position) : .after(event.position) }
        guard var time = event.time, let own else { return .start }
        if index < own { time = time.next }
        return (try? logs[index].seek(.time(time), work).places.first) ?? .start
      })
  }

  package func event(_ index: Int, of batch: EventBatch) -> StoredEvent {
    let partition = Int(batch.records[index].partition)
    guard logs.indices.contains(partition) else {
      return StoredEvent(
        source: "", stream: stream.name, position: batch.records[index].position, positionText: "")
    }
    // The partition's own log knows nothing of the others: it is given a batch of this one event.
    var single = EventBatch()
    single.append(index, of: batch, partition: 0)
    return logs[partition].event(0, of: single)
  }
}

/// One partition's events that were read but not taken yet.
private struct Head {
  /// Where to go on: between what was handed over and what was not.
  private(set) var place: Cursor.Place
  /// Where to read on once `batch` is used up; nil when the log has ended.
  private var following: Cursor.Place?
  private var batch = EventBatch()
  private var index = 0
  private var damageIndex = 0

  init(_ place: Cursor.Place) {
    self.place = place
    following = place
  }

  var next: EventRecord? { index < batch.records.count ? batch.records[index] : nil }
  var isAtEnd: Bool { next == nil && following == nil }

  /// Reads on when nothing is left. May leave nothing all the same: a log may give fewer events than asked.
  mutating func fill(_ log: any EventLog, _ direction: Direction, count: Int, _ work: Work) throws(Fault) {
    guard next == nil, let from = following else { return }
    place = from
    let cursor = try log.read(Cursor(from), direction, count: count, into: &batch, work)
    following = cursor?.places.first
    (index, damageIndex) = (0, 0)
    if batch.records.isEmpty, let following { place = following }
  }

  /// Hands over the damage that stands before the next event.
  mutating func passDamage(to target: inout EventBatch, _ direction: Direction) {
    let first = damageIndex
    while damageIndex < batch.damage.count, batch.damage[damageIndex].before <= index {
      target.damage.append((before: target.records.count, damage: batch.damage[damageIndex].damage))
      damageIndex += 1
    }
    guard damageIndex > first, let next else { return }
    place = direction == .forward ? .before(next.position) : .after(next.position)
  }

  mutating func take(partition: Int32, into target: inout EventBatch, _ direction: Direction) {
    let position = batch.records[index].position
    target.append(index, of: batch, partition: partition)
    index += 1
    // Right beside the event taken, so that damage after it is still to come.
    place = direction == .forward ? .after(position) : .before(position)
    if next == nil, let following { place = following }
  }
}

extension EventBatch {
  /// Copies one event of another batch, bytes, headers and frame.
  package mutating func append(_ index: Int, of other: EventBatch, partition: Int32) {
    var record = other.records[index]
    record.partition = partition
    record.stream = copy(record.stream, other)
    record.version = copy(record.version, other)
    record.type = copy(record.type, other)
    record.id = copy(record.id, other)
    record.key = copy(record.key, other)
    record.value = copy(record.value, other)
    record.meta = copy(record.meta, other)
    let first = Int32(truncatingIfNeeded: headers.count)
    for index in record.headers where other.headers.indices.contains(Int(index)) {
      let header = other.headers[Int(index)]
      headers.append(HeaderSlices(name: copy(header.name, other), value: copy(header.value, other)))
    }
    record.headers = first..<Int32(truncatingIfNeeded: headers.count)
    if other.frames.indices.contains(Int(record.frame)) {
      let frame = other.frames[Int(record.frame)]
      if frames.last != frame { frames.append(frame) }
      record.frame = Int32(truncatingIfNeeded: frames.count - 1)
    }
    records.append(record)
  }

  private mutating func copy(_ slice: ByteSlice, _ other: EventBatch) -> ByteSlice {
    guard !slice.isNull else { return .null }
    let offset = bytes.count
    bytes.append(contentsOf: other.bytes[slice.range])
    return ByteSlice(offset, slice.range.count)
  }
}

extension Instant {
  /// The next nanosecond.
  var next: Instant {
    if nanoseconds < 999_999_999 {
      return Instant(seconds: seconds, nanoseconds: nanoseconds + 1, digits: digits)
    }
    return seconds == .max ? self : Instant(seconds: seconds + 1, nanoseconds: 0, digits: digits)
  }
}
