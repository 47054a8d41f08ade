import Glibc
import Synchronization

/// One pass over a segment from its first byte to its last, for whatever has to look at all of it: counts,
/// times, keys. Every batch is looked at as deep as asked, nothing is copied or kept, and the file is mapped
/// where that is safe.
///
/// Checking a batch's CRC right before its records are walked brings them into the cache at the speed of
/// memory: the walk over cold records, which waits for each of them, takes more than twice as long.
struct KafkaSweep {
  enum Depth: Sendable {
    /// Headers alone, and that they follow each other.
    case headers
    /// Also the CRC of each batch.
    case batches
    /// Also the records.
    case records
  }

  /// What was found in one place; borrowed until the next.
  enum Item {
    /// The block is empty unless records were asked for.
    case batch(KafkaBatchHeader, KafkaBlock)
    case damage(Damage)
  }

  private let depth: Depth
  private let scratch: KafkaScratch
  private let work: Work

  init(_ depth: Depth, _ scratch: KafkaScratch, _ work: Work) {
    (self.depth, self.scratch, self.work) = (depth, scratch, work)
  }

  /// Calls `body` for everything in the segment, in the order of its bytes. A segment that retention has
  /// removed holds nothing.
  func run(_ segment: KafkaSegment, _ body: (Item) throws(Fault) -> Void) throws(Fault) {
    let source: any ByteSource
    do throws(Fault) { source = try MappedBytes.settled(segment.path) } catch {
      guard error.kind == .nothingThere else { throw error }
      return
    }
    scratch.turn(to: source, readAhead: FrameWindow.usualReadAhead)
    // Whoever is lent the scratch next must not find a mapping in it.
    defer { scratch.turn(to: MemoryBytes(name: "", []), readAhead: 64 << 10) }
    let mapped = source as? MappedBytes
    var scanner = KafkaSegmentScanner(
      segment.bounds(source), scratch: scratch, verifies: depth != .headers)
    while true {
      try work.check()
      let before = scanner.position
      let step = try scanner.next()
      work.advance(by: Int(clamping: scanner.position - before))
      mapped?.passes(from: before, to: scanner.position)
      switch step {
      case .end: return
      case .damage(let found, _): try body(.damage(found))
      case .batch(let header):
        let block = depth == .records ? try KafkaBlock.read(header, scratch.window, scratch) : KafkaBlock()
        try body(.batch(header, block))
        if let problem = block.problem {
          try body(.damage(Damage(.corrupt, file: segment.name, range: header.range, reason: problem)))
        }
      }
    }
  }
}

/// What a source holds in all, whatever of it is shown.
package struct KafkaTotals: Sendable, Equatable {
  package var batches = 0
  package var records = 0
  /// Bytes of all keys and values.
  package var contentBytes = 0
  /// Sum of the records' times, or of the batches' latest times when records were not looked at; modulo 2^64.
  package var timeSum: Int64 = 0
  package var damage: [Damage] = []

  package init() {}

  fileprivate mutating func add(_ header: KafkaBatchHeader, _ block: KafkaBlock, _ scratch: KafkaScratch) {
    batches += 1
    guard block.count > 0 else {
      records += Int(header.recordCount)
      timeSum &+= header.maxTimestamp
      return
    }
    records += block.count
    scratch.records.withUnsafeBufferPointer { slices in
      for index in 0..<block.count {
        contentBytes &+= Int(max(slices[index].keyCount, 0)) &+ Int(max(slices[index].valueCount, 0))
        timeSum &+= header.timestamp(delta: slices[index].timestampDelta) ?? 0
      }
    }
  }

  fileprivate mutating func add(_ other: KafkaTotals) {
    batches += other.batches
    records += other.records
    contentBytes &+= other.contentBytes
    timeSum &+= other.timeSum
    damage += other.damage
  }
}

extension KafkaTotals {
  /// How deep `of` looks: headers alone, also the CRC of each batch, also the records.
  package enum Depth: Sendable { case headers, batches, records }

  /// Looks at every segment of a Kafka source. Segments are spread over `threads`.
  package static func of(
    _ source: any Source, _ depth: Depth, threads: Int, _ work: Work
  ) throws(Fault) -> KafkaTotals {
    guard let source = source as? KafkaSource else { return KafkaTotals() }
    var segments: [KafkaSegment] = []
    for partition in try source.partitions(of: .everything) {
      segments += try partition.layout().live.segments
    }
    let (sweep, shared) = (depth.sweep, source.shared)
    let parts = try Parallel.map(segments, threads: threads) { segment throws(Fault) in
      var totals = KafkaTotals()
      try shared.scratches.with { scratch throws(Fault) in
        try KafkaSweep(sweep, scratch, work).run(segment) { item throws(Fault) in
          switch item {
          case .batch(let header, let block): totals.add(header, block, scratch)
          case .damage(let damage): totals.damage.append(damage)
          }
        }
      }
      return totals
    }
    return parts.reduce(into: KafkaTotals()) { $0.add($1) }
  }
}

extension KafkaTotals.Depth {
  fileprivate var sweep: KafkaSweep.Depth {
    switch self {
    case .headers: .headers
    case .batches: .batches
    case .records: .records
    }
  }
}
