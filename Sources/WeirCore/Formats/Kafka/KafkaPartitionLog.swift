/// The records of one partition, or those with one key, in the order of their offsets.
///
/// A position is (offset, layer): layer 0 is the log, others are files that wait for their removal
/// (`--deleted`). It prints as the offset.
final class KafkaPartitionLog: EventLog {
  /// A read returns after so many bytes of events, whatever their number.
  static let pageBytes = 8 << 20
  /// A read that finds no event with its key returns after so many bytes of batches.
  static let searchBytes = 64 << 20

  let stream: StreamID
  let partitions: [PartitionID?]
  let isMergedByTime = false
  let partition: KafkaPartition
  let options: ReadOptions
  private let label: String
  private let mapper: EventMapper

  init(_ partition: KafkaPartition, stream: StreamID, label: String, options: ReadOptions) {
    self.partition = partition
    self.stream = stream
    self.label = label
    self.options = options
    partitions = [.number(partition.id.partition)]
    mapper = EventMapper(rules: options.mapping, kind: .record)
  }

  var shared: KafkaShared { partition.shared }

  /// What is shown. Looks for the last stable offset only where it matters.
  func view(_ layout: KafkaPartition.Layout, _ scratch: KafkaScratch, _ work: Work) throws(Fault) -> KafkaView
  {
    let start = partition.start(layout)
    var view = KafkaView(
      floor: options.deleted ? 0 : start, ceiling: .max, start: start, options: options, key: stream.key)
    if options.committed {
      view.ceiling = try layout.transactions.lastStableOffset(scratch, work) ?? .max
    }
    return view
  }

  func read(
    _ cursor: Cursor, _ direction: Direction, count: Int, into batch: inout EventBatch, _ work: Work
  ) throws(Fault) -> Cursor? {
    batch.removeAll()
    let layout = try partition.layout()
    let place = cursor.places.first ?? .start
    var taken = batch
    // The buffers are lent to the closure, which may not capture an inout parameter by reference and throw
    // typed.
    batch = EventBatch()
    defer { batch = taken }
    return try shared.scratches.with { scratch throws(Fault) in
      let view = try view(layout, scratch, work)
      var reader = try KafkaReader(layout, view, place, direction, shared, scratch)
      let last = try reader.fill(&taken, count: count, scratch, work)
      guard let last else { return nil }
      return Cursor(direction == .forward ? .after(last) : .before(last))
    }
  }

  func cursor(_ side: CursorSide, _ event: StoredEvent) -> Cursor {
    Cursor(side == .before ? .before(event.position) : .after(event.position))
  }

  func event(_ index: Int, of batch: EventBatch) -> StoredEvent {
    let record = batch.records[index]
    var event = StoredEvent(
      source: label, stream: partition.id.topic, position: record.position,
      positionText: String(record.position.signed))
    event.partition = .number(partition.id.partition)
    event.key = batch.slice(record.key).map(Array.init)
    event.rawValue = batch.slice(record.value).map(Array.init)
    event.time = record.time
    event.size = Int(record.size)
    event.marks = record.marks
    event.indexInFrame = record.indexInFrame < 0 ? nil : Int(record.indexInFrame)
    if batch.frames.indices.contains(Int(record.frame)) { event.provenance = batch.frames[Int(record.frame)] }
    for index in record.headers where batch.headers.indices.contains(Int(index)) {
      let header = batch.headers[Int(index)]
      event.headers.append(
        (
          name: batch.slice(header.name).map(Array.init) ?? [],
          value: batch.slice(header.value).map(Array.init)
        ))
    }
    if event.marks.contains(.control) { describeControl(&event) } else { mapper.map(&event) }
    return event
  }

  /// A control record's key is its type, its value the broker's own.
  private func describeControl(_ event: inout StoredEvent) {
    let control = KafkaControl(key: event.key ?? [])
    event.type = control?.name
    let value = event.rawValue ?? []
    event.data = control?.json(value).map { .json($0) } ?? (event.rawValue == nil ? .null : .bytes(value))
  }
}

/// One call of `read`: merges the streams of the live log and, on request, of the files to be removed.
struct KafkaReader {
  private var streams: [KafkaRecordStream] = []
  private let view: KafkaView
  private let direction: Direction
  /// The offset taken last from the live log, to know which deleted records it still has.
  private var lastLive: Int64?

  init(
    _ layout: KafkaPartition.Layout, _ view: KafkaView, _ place: Cursor.Place, _ direction: Direction,
    _ shared: KafkaShared, _ scratch: KafkaScratch
  ) throws(Fault) {
    self.view = view
    self.direction = direction
    for run in [layout.live] + (view.options.deleted ? layout.deleted : []) {
      let entry = KafkaEntry(place, layer: run.layer, direction, floor: view.floor)
      streams.append(try KafkaRecordStream(run, layout, entry, view, shared, scratch))
    }
    if streams.count > 1, direction == .forward {
      lastLive = try liveOffset(at: place, layout, shared, scratch)
    }
  }

  /// A forward read may begin between the live record of an offset and its deleted twins.
  private func liveOffset(
    at place: Cursor.Place, _ layout: KafkaPartition.Layout, _ shared: KafkaShared, _ scratch: KafkaScratch
  ) throws(Fault) -> Int64? {
    let position: Position
    switch place {
    case .start, .end: return nil
    case .before(let found), .after(let found): position = found
    }
    var before = KafkaEntry(.before(Position(signed: position.signed)), layer: 0, .forward, floor: view.floor)
    before.withGap = false
    var stream = try KafkaRecordStream(layout.live, layout, before, view, shared, scratch)
    try stream.load(scratch, Work())
    return stream.head == position.signed ? position.signed : nil
  }

  /// Adds up to `count` events to `batch`. Returns the position where it stopped, nil at the end.
  mutating func fill(_ batch: inout EventBatch, count: Int, _ scratch: KafkaScratch, _ work: Work)
    throws(Fault) -> Position?
  {
    var last: Position?
    while batch.records.count < max(count, 1), batch.bytes.count < KafkaPartitionLog.pageBytes,
      streams.reduce(0, { $0 + $1.bytes }) < KafkaPartitionLog.searchBytes
    {
      for index in streams.indices {
        try streams[index].load(scratch, work)
        for damage in streams[index].takeDamage() {
          batch.damage.append((before: batch.records.count, damage: damage))
        }
      }
      guard let next = nextStream(), let slab = streams[next].slab else { return nil }
      let wanted = view.key == nil ? max(count, 1) - batch.records.count : Int.max
      let taken = streams[next].take(upTo: min(wanted, KafkaReader.most(slab)), before: limit(for: next))
      guard let edge = direction == .forward ? taken.last : taken.first else { return nil }
      append(taken, of: slab, layer: streams[next].run.layer, to: &batch)
      last = Position(streams[next].run, slab.offset(edge))
      if next == 0 { lastLive = slab.offset(edge) }
    }
    return last
  }

  /// Records taken at once: as many as hold a page of bytes, one at least.
  private static func most(_ slab: KafkaSlab) -> Int {
    let average = max(1, slab.batch.bytes.count / max(1, slab.batch.records.count))
    return max(1, KafkaPartitionLog.pageBytes / average)
  }

  /// The stream whose head comes first; of equal offsets the live log's does when reading forward.
  private func nextStream() -> Int? {
    var best: (index: Int, head: Int64)?
    for index in streams.indices {
      guard let head = streams[index].head else { continue }
      if let best, direction == .forward ? head >= best.head : head < best.head { continue }
      best = (index, head)
    }
    return best?.index
  }

  /// Records may be taken from a stream up to the next head among the others.
  private func limit(for index: Int) -> Int64? {
    var limit: Int64?
    for other in streams.indices where other != index {
      guard let head = streams[other].head else { continue }
      // At an equal offset the lower layer comes first forward, the higher one backward.
      let edge =
        direction == .forward
        ? (index < other && head != .max ? head + 1 : head)
        : (index > other && head != .min ? head - 1 : head)
      limit = limit.map { direction == .forward ? min($0, edge) : max($0, edge) } ?? edge
    }
    return limit
  }

  // MARK: Into the batch

  private func append(_ taken: Range<Int>, of slab: KafkaSlab, layer: UInt64, to batch: inout EventBatch) {
    let writer = KafkaBatchWriter(slab, layer: layer, start: view.start)
    let liveHead = streams.count > 1 ? streams[0].head : nil
    func marks(_ offset: Int64) -> Marks {
      var marks = slab.marks
      if offset < view.start { marks.insert(.deleted) }
      if layer > 0, offset == lastLive || offset == liveHead { marks.insert(.superseded) }
      return marks
    }
    if let key = view.key {
      for index in direction == .forward ? Array(taken) : taken.reversed()
      where slab.batch.key(index, equals: key) {
        writer.append(index..<index + 1, direction, marks, to: &batch)
      }
    } else {
      writer.append(taken, direction, marks, to: &batch)
    }
  }
}

extension Position {
  init(_ run: KafkaRun, _ offset: Int64) {
    self.init(signed: offset)
    b = run.layer
  }
}

extension KafkaDecodedBatch {
  /// Whether a record has exactly this key.
  func key(_ index: Int, equals key: [UInt8]) -> Bool {
    let record = records[index]
    return Int(record.keyCount) == key.count && bytes[record.key].elementsEqual(key)
  }
}
