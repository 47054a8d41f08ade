import Glibc

extension KafkaSource {
  func catalog(_ effort: CatalogEffort, _ work: Work) throws(Fault) -> Catalog {
    var catalog = Catalog()
    catalog.notes = notes
    let shown = visible
    let hidden = Set(partitions.map(\.id.topic)).subtracting(shown.map(\.id.topic)).sorted()
    if !hidden.isEmpty {
      let isOne = hidden.count == 1
      catalog.notes.append(
        "\(hidden.count) internal topic\(isOne ? "" : "s") not shown: \(hidden.joined(separator: ", "))")
    }
    var budget: UInt64 = 0
    if case .count(let limit) = effort { budget = limit ?? .max }
    for partition in shown {
      try work.check()
      catalog.entries.append(try entry(partition, &budget, &catalog.damage, work))
    }
    catalog.damage += shared.sidecars.all
    return catalog
  }

  /// One line of the catalog. Counts when that costs no more than what is left of `budget`, in bytes.
  private func entry(
    _ partition: KafkaPartition, _ budget: inout UInt64, _ damage: inout [Damage], _ work: Work
  ) throws(Fault) -> CatalogEntry {
    let log = log(of: partition)
    let layout = try partition.layout()
    let bytes = try partition.bytes()
    let deleted = options.deleted ? layout.deleted.flatMap(\.segments).reduce(0) { $0 + $1.storedSize } : 0
    var entry = CatalogEntry(
      stream: StreamID(partition.id.topic, partition: .number(partition.id.partition)), count: .exact(0),
      format: "kafka")
    entry.bytes = bytes + deleted
    entry.isInternal = partition.isInternal
    let ends = try ends(log, work)
    entry.first = ends.first.map { String($0.position.signed) }
    entry.last = ends.last.map { String($0.position.signed) }
    entry.firstTime = ends.first?.time
    entry.lastTime = ends.last?.time
    if bytes + deleted <= budget {
      budget -= bytes + deleted
      entry.count = .exact(try KafkaCounter(log).count(&damage, work))
    } else if let first = ends.first?.position.signed, let last = ends.last?.position.signed {
      let why = "offsets \(first) to \(last); \(bytes + deleted) bytes were not read to count them"
      entry.count = .atMost(
        Int(clamping: last.subtractingReportingOverflow(first).partialValue &+ 1), why: why)
    }
    entry.notes = try KafkaNotes(partition, layout).all(first: ends.first?.position.signed)
    return entry
  }

  /// The first and the last record that `cat` would print.
  private func ends(_ log: KafkaPartitionLog, _ work: Work) throws(Fault) -> (
    first: EventRecord?, last: EventRecord?
  ) {
    func one(_ place: Cursor.Place, _ direction: Direction) throws(Fault) -> EventRecord? {
      var batch = EventBatch()
      var next: Cursor? = Cursor(place)
      while let cursor = next, batch.records.isEmpty {
        next = try log.read(cursor, direction, count: 1, into: &batch, work)
      }
      return batch.records.first
    }
    guard let first = try one(.start, .forward) else { return (nil, nil) }
    return (first, try one(.end, .backward))
  }
}

extension KafkaPartition {
  /// Stored size of the live segments, in bytes.
  func bytes() throws(Fault) -> UInt64 { try layout().live.segments.reduce(0) { $0 + $1.storedSize } }
}

extension KafkaSegment {
  /// The file's size now, without opening it; 0 when it is gone.
  var storedSize: UInt64 {
    var status = stat()
    return stat(path, &status) == 0 ? UInt64(max(status.st_size, 0)) : 0
  }
}

/// Counts what `cat` prints of a partition, by the headers of batches whose CRC is right. Records are decoded
/// only where a batch is shown in part.
struct KafkaCounter {
  private let log: KafkaPartitionLog

  init(_ log: KafkaPartitionLog) { self.log = log }

  /// The number of events; what is damaged is added to `damage`.
  func count(_ damage: inout [Damage], _ work: Work) throws(Fault) -> Int {
    let layout = try log.partition.layout()
    if log.options.damaged || (log.options.deleted && !layout.deleted.isEmpty) {
      return try byReading(&damage, work)
    }
    let sizes = layout.live.segments.map(\.storedSize)
    work.expect(Int(clamping: sizes.reduce(0, +)))
    var found: [Damage] = []
    let total = try log.shared.scratches.with { scratch throws(Fault) in
      let view = try log.view(layout, scratch, work)
      var total = 0
      for segment in layout.live.segments {
        total += try byHeaders(segment, layout, view, &found, scratch, work)
      }
      return total
    }
    damage += found
    return total
  }

  private func byHeaders(
    _ segment: KafkaSegment, _ layout: KafkaPartition.Layout, _ view: KafkaView, _ damage: inout [Damage],
    _ scratch: KafkaScratch, _ work: Work
  ) throws(Fault) -> Int {
    var total = 0
    var found: [Damage] = []
    // A scratch of its own: looking for a transaction's fate moves the other one's windows.
    try log.shared.scratches.with { own throws(Fault) in
      try KafkaSweep(.batches, own, work).run(segment) { item throws(Fault) in
        switch item {
        case .damage(let damage): found.append(damage)
        case .batch(let header, _): total += try shown(header, segment, layout, view, scratch, work)
        }
      }
    }
    damage += found
    return total
  }

  /// How many records of a batch are shown.
  private func shown(
    _ header: KafkaBatchHeader, _ segment: KafkaSegment, _ layout: KafkaPartition.Layout, _ view: KafkaView,
    _ scratch: KafkaScratch, _ work: Work
  ) throws(Fault) -> Int {
    guard header.lastOffset >= view.floor, header.baseOffset < view.ceiling else { return 0 }
    if header.isControl, !view.options.control { return 0 }
    if view.options.committed, header.isTransactional, !header.isControl {
      guard case .committed = try layout.transactions.fate(of: header, scratch, work) else { return 0 }
    }
    if header.baseOffset >= view.floor, header.lastOffset < view.ceiling { return Int(header.recordCount) }
    let batch = try KafkaDecodedBatch.read(header, segment.open(), scratch)
    return batch.index(of: view.ceiling) - batch.index(of: view.floor)
  }

  private func byReading(_ damage: inout [Damage], _ work: Work) throws(Fault) -> Int {
    var total = 0
    var batch = EventBatch()
    var next: Cursor? = Cursor(.start)
    while let cursor = next {
      next = try log.read(cursor, .forward, count: 8192, into: &batch, work)
      total += batch.records.count
      damage += batch.damage.map(\.damage)
    }
    return total
  }
}

/// What the sidecars of a partition say, in sentences for `ls -v` and whoever asks. None of it hides
/// anything.
struct KafkaNotes {
  private let partition: KafkaPartition
  private let layout: KafkaPartition.Layout

  init(_ partition: KafkaPartition, _ layout: KafkaPartition.Layout) {
    (self.partition, self.layout) = (partition, layout)
  }

  func all(first: Int64?) throws(Fault) -> [String] {
    var notes: [String] = []
    let start = partition.start(layout)
    if start > 0 {
      notes.append("history begins at offset \(start): up to \(start) earlier events were deleted")
    }
    if !layout.deleted.isEmpty {
      notes.append("\(layout.deleted.count) deleted segments are still on disk (--deleted shows them)")
    }
    if let mark = partition.highWatermark { notes.append("high watermark \(mark) when it was last written") }
    if let point = partition.recoveryPoint { notes.append("known to be on disk up to offset \(point)") }
    if let cleaned = partition.cleanedTo { notes.append("compacted up to offset \(cleaned)") }
    notes += producers() + epochs() + topicID()
    return notes + layout.notes
  }

  private func producers() -> [String] {
    guard let newest = layout.snapshots.last else { return [] }
    guard let file = try? FileBytes(path: newest.path), file.size < 64 << 20,
      let bytes = try? file.bytes(at: 0, count: Int(file.size)), let snapshot = KafkaProducerSnapshot(bytes)
    else { return ["the producer snapshot at offset \(newest.offset) cannot be read"] }
    let open = snapshot.producers.filter { $0.openFrom != nil }.count
    let words = "\(snapshot.producers.count) idempotent producers known at offset \(newest.offset)"
    return [open == 0 ? words : words + ", \(open) with an open transaction"]
  }

  private func epochs() -> [String] {
    let epochs = KafkaCheckpoint(path: partition.path + "/leader-epoch-checkpoint").epochs
    guard let last = epochs.last else { return [] }
    return ["leader epoch \(last.epoch) from offset \(last.start) on, \(epochs.count) known"]
  }

  private func topicID() -> [String] {
    let text = KafkaCheckpoint.text(partition.path + "/partition.metadata") ?? ""
    return KafkaProperties.parse(text)["topic_id"].map { ["topic ID \($0)"] } ?? []
  }
}
