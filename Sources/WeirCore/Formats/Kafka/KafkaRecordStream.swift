/// What of a partition is shown, and how its records are marked: the options, made into offsets.
struct KafkaView: Sendable {
  /// Records below are not shown.
  var floor: Int64
  /// Records at or above are not shown.
  var ceiling: Int64
  /// Records below it are deleted (shown only on request).
  var start: Int64
  var options: ReadOptions
  /// Only records with exactly this key.
  var key: [UInt8]?
}

/// A decoded batch of which some records are still to be taken.
struct KafkaSlab {
  let batch: KafkaDecodedBatch
  let segment: KafkaSegment
  var marks: Marks
  /// Indexes of the records not taken yet.
  var range: Range<Int>

  func offset(_ index: Int) -> Int64 { batch.offset(index) }
}

/// Where a stream of records begins.
struct KafkaEntry {
  var direction: Direction
  /// The walk begins at the batch that ends at or after this offset.
  var walkTo: Int64
  /// The first (backward: last) offset wanted.
  var bound: Int64
  /// Damage right at the place belongs to what follows.
  var withGap: Bool

  /// The entry that a place in a log is for the run of a layer. `floor`: where the log begins.
  init(_ place: Cursor.Place, layer: UInt64, _ direction: Direction, floor: Int64) {
    switch place {
    case .start:
      self.init(floor, isThere: direction == .forward, direction, withGap: direction == .forward)
    case .end: self.init(.max, isThere: true, direction, withGap: direction == .backward)
    case .before(let position):
      let isThere = direction == .forward ? layer >= position.b : layer < position.b
      self.init(position.signed, isThere: isThere, direction, withGap: direction == .backward)
    case .after(let position):
      let isThere = direction == .forward ? layer > position.b : layer <= position.b
      self.init(position.signed, isThere: isThere, direction, withGap: direction == .forward)
    }
  }

  /// `isThere`: the record at `offset` itself is wanted.
  private init(_ offset: Int64, isThere: Bool, _ direction: Direction, withGap: Bool) {
    self.direction = direction
    self.withGap = withGap
    if direction == .forward {
      (walkTo, bound) = (offset, isThere || offset == .max ? offset : offset + 1)
    } else {
      bound = isThere || offset == .min ? offset : offset - 1
      walkTo = bound
    }
  }
}

/// The records of one run, in one direction, batch by batch.
struct KafkaRecordStream {
  let run: KafkaRun
  let direction: Direction
  private let view: KafkaView
  private let transactions: KafkaTransactions
  /// Asked for what the run's own markers do not say: a deleted file's transactions end in the live log.
  private let laterTransactions: KafkaTransactions?
  private let shared: KafkaShared
  private var walk: KafkaWalk
  /// Records before (backward: after) it are not wanted.
  private var bound: Int64
  /// The next records; nil before the first `load` and at the end.
  private(set) var slab: KafkaSlab?
  private var isAtEnd = false
  /// Damage met since it was last taken.
  private var damage: [Damage] = []
  /// Bytes of the batches that were read.
  private(set) var bytes = 0

  /// Stands at an `entry`.
  init(
    _ run: KafkaRun, _ layout: KafkaPartition.Layout, _ entry: KafkaEntry, _ view: KafkaView,
    _ shared: KafkaShared, _ scratch: KafkaScratch
  ) throws(Fault) {
    (self.run, self.direction, self.view, self.shared) = (run, entry.direction, view, shared)
    let own = run.layer == 0 ? layout.transactions : layout.deletedTransactions[Int(run.layer) - 1]
    transactions = own
    laterTransactions = run.layer == 0 ? nil : layout.transactions
    bound = entry.bound
    walk = try run.walk(to: entry.walkTo, scratch)
    if direction == .backward {
      try enterBackward(entry, scratch)
    } else if entry.withGap || view.options.damaged {
      try stepBackOverDamage(entry, scratch)
    }
  }

  /// The walk stands before the batch that ends at or after the offset; when it begins at or before it, it
  /// holds wanted records and has to be passed first, and with it the damage right behind it if that is
  /// wanted.
  private mutating func enterBackward(_ entry: KafkaEntry, _ scratch: KafkaScratch) throws(Fault) {
    var ahead = walk
    while let item = try ahead.next(scratch) {
      guard let header = item.header else {
        let isWanted = salvage(item).map { $0.baseOffset <= entry.bound } ?? false
        if entry.withGap || isWanted { walk = ahead }
        continue
      }
      if header.baseOffset > entry.walkTo { break }
      walk = ahead
      if header.lastOffset > entry.walkTo { break }
    }
  }

  /// Damage right before the walk belongs to what follows the place, and so do the records that are read in
  /// it, as far as they were not passed yet.
  private mutating func stepBackOverDamage(_ entry: KafkaEntry, _ scratch: KafkaScratch) throws(Fault) {
    var ahead = walk
    if let header = try ahead.next(scratch)?.header, header.baseOffset < entry.bound { return }
    var behind = walk
    while let item = try behind.previous(scratch), item.header == nil {
      guard let header = salvage(item) else {
        if entry.withGap { walk = behind }
        continue
      }
      if header.lastOffset >= entry.bound { walk = behind }
      if header.baseOffset < entry.bound { return }
    }
  }

  /// The header of damage whose records are read.
  private func salvage(_ item: KafkaItem) -> KafkaBatchHeader? {
    if case .damage(_, let header) = item, view.options.damaged { header } else { nil }
  }

  /// Makes sure that `slab` has records, unless the run has ended in this direction.
  mutating func load(_ scratch: KafkaScratch, _ work: Work) throws(Fault) {
    while slab?.range.isEmpty ?? true, !isAtEnd {
      try work.check()
      slab = nil
      let item = direction == .forward ? try walk.next(scratch) : try walk.previous(scratch)
      switch item {
      case nil: isAtEnd = true
      case .damage(let found, let header)?:
        guard view.options.damaged, let header else {
          damage.append(found)
          continue
        }
        // A page may have ended inside it: then it has been told.
        let isNew = direction == .forward ? header.baseOffset >= bound : header.lastOffset <= bound
        if isNew { damage.append(found) }
        try take(header, isTrusted: false, scratch, work)
      case .batch(let header)?: try take(header, isTrusted: true, scratch, work)
      }
    }
  }

  private mutating func take(
    _ header: KafkaBatchHeader, isTrusted: Bool, _ scratch: KafkaScratch, _ work: Work
  )
    throws(Fault)
  {
    if direction == .forward, header.baseOffset >= view.ceiling {
      isAtEnd = true
      return
    }
    if direction == .backward, header.lastOffset < view.floor {
      isAtEnd = true
      return
    }
    guard let marks = try marks(header, scratch, work) else { return }
    let batch = try decoded(header, isTrusted, scratch)
    bytes += header.length
    if let problem = batch.problem, isTrusted {
      damage.append(Damage(.corrupt, file: walk.segment.name, range: header.range, reason: problem))
    }
    var low = batch.index(of: max(view.floor, direction == .forward ? bound : .min))
    let last = direction == .forward || bound == .max ? Int64.max : bound + 1
    let high = batch.index(of: min(view.ceiling, last))
    low = min(low, high)
    slab = KafkaSlab(
      batch: batch, segment: walk.segment, marks: isTrusted ? marks : marks.union(.damaged), range: low..<high
    )
  }

  private func decoded(_ header: KafkaBatchHeader, _ isTrusted: Bool, _ scratch: KafkaScratch) throws(Fault)
    -> KafkaDecodedBatch
  {
    let segment = walk.segment
    if let known = shared.batches.batch(segment.id, header.position) { return known }
    let batch = try KafkaDecodedBatch.read(header, segment.open(), scratch, isTrusted: isTrusted)
    shared.batches.add(segment.id, batch)
    return batch
  }

  /// The marks of a batch's records; nil when they are not shown.
  private func marks(_ header: KafkaBatchHeader, _ scratch: KafkaScratch, _ work: Work) throws(Fault)
    -> Marks?
  {
    var marks: Marks = run.layer > 0 || walk.segment.state == .deleted ? .deleted : []
    if header.isControl {
      guard view.options.control else { return nil }
      return marks.union(.control)
    }
    guard header.isTransactional else { return marks }
    switch try fate(header, scratch, work) {
    case .committed: break
    case .aborted: marks.insert(.aborted)
    case .open: marks.insert(.open)
    }
    return view.options.committed && !marks.isDisjoint(with: [.aborted, .open]) ? nil : marks
  }

  private func fate(_ header: KafkaBatchHeader, _ scratch: KafkaScratch, _ work: Work) throws(Fault)
    -> KafkaTransactions.Fate
  {
    guard let laterTransactions else { return try transactions.fate(of: header, scratch, work) }
    let (producer, last) = (header.producerId, header.lastOffset)
    if let found = try transactions.marker(of: producer, after: last, scratch, work) { return found }
    return try laterTransactions.fate(of: header, scratch, work)
  }

  // MARK: Taking

  /// Offset of the next record; nil at the end.
  var head: Int64? {
    guard let slab, !slab.range.isEmpty else { return nil }
    return slab.offset(direction == .forward ? slab.range.lowerBound : slab.range.upperBound - 1)
  }

  /// Removes up to `count` records that come before `limit` (exclusive) in this direction, and returns their
  /// indexes in `slab`, ascending.
  mutating func take(upTo count: Int, before limit: Int64?) -> Range<Int> {
    guard var slab, !slab.range.isEmpty else { return 0..<0 }
    let taken: Range<Int>
    if direction == .forward {
      let stop = limit.map { min(slab.batch.index(of: $0), slab.range.upperBound) } ?? slab.range.upperBound
      let start = slab.range.lowerBound
      taken = start..<max(start, min(stop, start + count))
      slab.range = taken.upperBound..<slab.range.upperBound
    } else {
      let low = limit.map { $0 == .max ? slab.range.upperBound : slab.batch.index(of: $0 + 1) } ?? 0
      let stop = max(low, slab.range.lowerBound)
      let end = slab.range.upperBound
      taken = min(end, max(stop, end - count))..<end
      slab.range = slab.range.lowerBound..<taken.lowerBound
    }
    self.slab = slab
    return taken
  }

  mutating func takeDamage() -> [Damage] {
    defer { damage.removeAll() }
    return damage
  }
}
