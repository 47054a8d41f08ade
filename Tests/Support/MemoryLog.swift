package import WeirCore

/// An `EventLog` over an array of events that stand in the log's order already: a test's own history, with
/// the cursors, pages and partitions of a real one.
package final class MemoryLog: EventLog {
  package let stream: StreamID
  package let partitions: [PartitionID?]
  package let isMergedByTime: Bool
  /// The most events one `read` gives, so that tests can see many pages.
  package let pageSize: Int
  private let events: [StoredEvent]
  /// The index into `partitions` of each event.
  private let partitionOf: [Int]

  package init(_ events: [StoredEvent], stream: StreamID = .everything, pageSize: Int = 4096) {
    self.events = events
    self.stream = stream
    self.pageSize = max(1, pageSize)
    var known: [PartitionID?] = []
    var indexes: [Int] = []
    for event in events {
      if let index = known.firstIndex(of: event.partition) {
        indexes.append(index)
      } else {
        indexes.append(known.count)
        known.append(event.partition)
      }
    }
    partitions = known.isEmpty ? [nil] : known
    partitionOf = indexes
    isMergedByTime = known.count > 1
  }

  private func place(_ partition: Int, in cursor: Cursor) -> Cursor.Place {
    cursor.places.count == 1 ? cursor.places[0] : cursor.places[partition]
  }

  /// Whether event `index` stands after the cursor.
  private func isAfter(_ index: Int, _ cursor: Cursor) -> Bool {
    switch place(partitionOf[index], in: cursor) {
    case .start: true
    case .end: false
    case .before(let position): events[index].position >= position
    case .after(let position): events[index].position > position
    }
  }

  package func read(
    _ cursor: Cursor, _ direction: Direction, count: Int, into batch: inout EventBatch, _ work: Work
  ) throws(Fault) -> Cursor? {
    try work.check()
    batch.removeAll()
    let isForward = direction == .forward
    let all = events.indices.filter { isAfter($0, cursor) == isForward }
    let taken = (isForward ? all : all.reversed()).prefix(min(count, pageSize))
    var places = partitions.indices.map { place($0, in: cursor) }
    for index in taken {
      let event = events[index]
      places[partitionOf[index]] = isForward ? .after(event.position) : .before(event.position)
      append(event, index, to: &batch)
    }
    return taken.count < all.count ? Cursor(places) : nil
  }

  private func append(_ event: StoredEvent, _ index: Int, to batch: inout EventBatch) {
    var record = EventRecord(position: event.position)
    record.time = event.time
    record.marks = event.marks
    record.indexInFrame = Int32(index)
    record.partition = Int32(partitionOf[index])
    record.size = Int32(clamping: event.size)
    record.stream = batch.append(event.stream.utf8)
    record.type = event.type.map { batch.append($0.utf8) } ?? .null
    record.key = event.key.map { batch.append($0) } ?? .null
    record.value = event.rawValue.map { batch.append($0) } ?? .null
    batch.records.append(record)
  }

  package func seek(_ target: Target, _ work: Work) throws(Fault) -> Cursor {
    let index: Int?
    switch target {
    case .start: return Cursor(.start)
    case .end: return Cursor(.end)
    case .time(let time): index = events.firstIndex { $0.time.map { $0 >= time } ?? false }
    case .position(let text): index = events.firstIndex { $0.positionText == text }
    case .fraction(let share): index = Int(Double(events.count) * share)
    }
    if case .position(let text) = target, index == nil {
      throw Fault(.usage, "seek", text, "no event stands at this position")
    }
    guard let index, index < events.count else { return Cursor(.end) }
    return cursor(.before, at: index)
  }

  package func cursor(_ side: CursorSide, _ event: StoredEvent) -> Cursor {
    let found = events.firstIndex { $0.position == event.position && $0.partition == event.partition }
    return found.map { cursor(side, at: $0) } ?? Cursor(.end)
  }

  private func cursor(_ side: CursorSide, at index: Int) -> Cursor {
    var places = partitions.map { _ in Cursor.Place.start }
    for earlier in 0..<(side == .before ? index : index + 1) {
      places[partitionOf[earlier]] = .after(events[earlier].position)
    }
    return Cursor(places)
  }

  package func event(_ index: Int, of batch: EventBatch) -> StoredEvent {
    events[Int(batch.records[index].indexInFrame)]
  }
}

extension StoredEvent {
  /// An event with a JSON payload, for tests: position `n`, version `n`, one second later each.
  package init(
    _ n: Int, _ type: String?, _ json: String?, stream: String = "Account-1", partition: Int32? = nil,
    meta: String? = nil
  ) {
    self.init(source: "memory", stream: stream, position: Position(UInt64(n)), positionText: String(n))
    self.type = type
    self.partition = partition.map { .number($0) }
    version = String(n)
    id = "id-\(n)"
    time = Instant(seconds: 1_735_689_600 + Int64(n), digits: 0)
    data = json.map { .json(Array($0.utf8)) } ?? .null
    rawValue = json.map { Array($0.utf8) }
    if json == nil { marks.insert(.tombstone) }
    self.meta = meta.map { .json(Array($0.utf8)) } ?? .absent
    size = json?.utf8.count ?? 0
  }
}
