import Synchronization

/// What became of the transactions of one run, found by looking for their markers.
///
/// A transactional batch is decided by the next control batch of the same producer: COMMIT or ABORT. So a
/// page in the middle of a large log costs a walk over headers to the next marker, not over the log; what was
/// walked is remembered. A transaction is open when the newest producer snapshot, carried on to the log's
/// end, says so. Where no marker follows and nothing is open, the compactor has dropped the marker, which it
/// does only after all aborted records are gone: committed.
final class KafkaTransactions: Sendable {
  enum Fate: Sendable { case committed, aborted, open }

  /// Bytes walked at most to find the open transactions.
  private static let openLimit: UInt64 = 1 << 30
  private static let stretchLimit = 1024

  private struct Marker {
    var offset: Int64
    var isAbort: Bool
  }
  /// Offsets `start` ..< `end` have been walked.
  private struct Stretch {
    var start: Int64
    var end: Int64
    var reachesEnd = false
    var markers: [Int64: [Marker]] = [:]
  }
  private struct State {
    /// Ascending, apart from each other.
    var stretches: [Stretch] = []
    /// Producer to first offset; nil before it was looked for.
    var open: [Int64: Int64]?
  }

  private let run: KafkaRun
  /// Offsets that name `.snapshot` files, ascending, with their paths.
  private let snapshots: [(offset: Int64, path: String)]
  private let state = Mutex(State())

  init(_ run: KafkaRun, snapshots: [(offset: Int64, path: String)]) {
    self.run = run
    self.snapshots = snapshots
  }

  /// The fate of a transactional batch that is not a control batch.
  func fate(of header: KafkaBatchHeader, _ scratch: KafkaScratch, _ work: Work) throws(Fault) -> Fate {
    if let first = try open(scratch, work)[header.producerId], header.baseOffset >= first { return .open }
    return try marker(of: header.producerId, after: header.lastOffset, scratch, work) ?? .committed
  }

  /// The first offset that a `read_committed` consumer is not given yet; nil: it is given all.
  func lastStableOffset(_ scratch: KafkaScratch, _ work: Work) throws(Fault) -> Int64? {
    try open(scratch, work).values.min()
  }

  /// The fate that the next marker of `producer` after `offset` decides; nil when none follows.
  func marker(of producer: Int64, after offset: Int64, _ scratch: KafkaScratch, _ work: Work) throws(Fault)
    -> Fate?
  {
    try state.withLock { state throws(Fault) in
      var index: Int
      if let known = state.stretches.firstIndex(where: { $0.start <= offset && offset <= $0.end }) {
        index = known
      } else {
        if state.stretches.count >= Self.stretchLimit { state.stretches.removeAll() }
        index = state.stretches.firstIndex { $0.start > offset } ?? state.stretches.count
        state.stretches.insert(Stretch(start: offset, end: offset), at: index)
      }
      while true {
        if let found = state.stretches[index].markers[producer]?.first(where: { $0.offset > offset }) {
          return found.isAbort ? .aborted : .committed
        }
        guard !state.stretches[index].reachesEnd else { return nil }
        let stop = index + 1 < state.stretches.count ? state.stretches[index + 1].start : Int64.max
        try extend(&state.stretches[index], to: stop, until: producer, scratch, work)
        if index + 1 < state.stretches.count, state.stretches[index].end >= stop { Self.join(&state, index) }
      }
    }
  }

  /// Walks on until a marker of `producer` is met, `stop` is reached, or the run ends.
  private func extend(
    _ stretch: inout Stretch, to stop: Int64, until producer: Int64, _ scratch: KafkaScratch, _ work: Work
  ) throws(Fault) {
    var walk = try run.walk(to: stretch.end, scratch)
    while stretch.end < stop {
      try work.check()
      guard let item = try walk.next(scratch) else {
        stretch.reachesEnd = true
        return
      }
      guard case .batch(let header) = item, header.lastOffset >= stretch.end else { continue }
      stretch.end = header.lastOffset == .max ? .max : header.lastOffset + 1
      guard let isAbort = try Self.isAbort(header, walk.segment, scratch) else { continue }
      stretch.markers[header.producerId, default: []].append(
        Marker(offset: header.baseOffset, isAbort: isAbort))
      if header.producerId == producer { return }
    }
  }

  private static func join(_ state: inout State, _ index: Int) {
    let next = state.stretches.remove(at: index + 1)
    state.stretches[index].end = max(state.stretches[index].end, next.end)
    state.stretches[index].reachesEnd = next.reachesEnd
    state.stretches[index].markers.merge(next.markers) { mine, others in
      mine + others.filter { other in !mine.contains { $0.offset == other.offset } }
    }
  }

  /// Whether a batch is an ABORT marker (true) or a COMMIT marker (false); nil: neither.
  private static func isAbort(_ header: KafkaBatchHeader, _ segment: KafkaSegment, _ scratch: KafkaScratch)
    throws(Fault) -> Bool?
  {
    guard header.isControl, header.isTransactional else { return nil }
    let batch = try KafkaDecodedBatch.read(header, segment.open(), scratch)
    guard let record = batch.records.first else { return nil }
    switch KafkaControl(key: batch.bytes[record.key]) {
    case .abort: return true
    case .commit: return false
    default: return nil
    }
  }

  // MARK: Open transactions

  /// First offsets of the transactions that are open at the end of the run, by producer.
  func open(_ scratch: KafkaScratch, _ work: Work) throws(Fault) -> [Int64: Int64] {
    if let known = state.withLock({ $0.open }) { return known }
    var (open, from) = newestSnapshot(scratch)
    var walk = try run.walk(to: from, scratch)
    while let item = try walk.next(scratch) {
      try work.check()
      guard case .batch(let header) = item, header.isTransactional, header.lastOffset >= from else {
        continue
      }
      from = header.lastOffset
      if header.isControl {
        open[header.producerId] = nil
      } else if open[header.producerId] == nil {
        open[header.producerId] = header.baseOffset
      }
    }
    let found = open
    state.withLock { $0.open = found }
    return found
  }

  /// One past the last offset in the run; its last segment's base when that is empty.
  private static func end(of run: KafkaRun, _ scratch: KafkaScratch) throws(Fault) -> Int64 {
    var walk = try run.walk(to: .max, scratch)
    let base = run.segments.last?.base ?? 0
    while let item = try walk.previous(scratch) {
      guard let header = item.header else { continue }
      return max(base, header.lastOffset == .max ? .max : header.lastOffset + 1)
    }
    return base
  }

  /// The open transactions of the newest snapshot that is whole and lies in the run, and where it was taken.
  /// Without one: the beginning of as many segments as may be walked.
  private func newestSnapshot(_ scratch: KafkaScratch) -> ([Int64: Int64], Int64) {
    let first = run.firstBase ?? 0
    // One of later offsets speaks of records that were cut off since.
    let end = (try? Self.end(of: run, scratch)) ?? .max
    for snapshot in snapshots.reversed() where snapshot.offset >= first && snapshot.offset <= end {
      guard let file = try? FileBytes(path: snapshot.path), file.size < 64 << 20,
        let bytes = try? file.bytes(at: 0, count: Int(file.size)), let parsed = KafkaProducerSnapshot(bytes)
      else { continue }
      let open = parsed.producers.compactMap { producer in producer.openFrom.map { (producer.id, $0) } }
      return (Dictionary(open) { first, _ in first }, snapshot.offset)
    }
    var bytes: UInt64 = 0
    var from = first
    for segment in run.segments.reversed() {
      bytes += (try? segment.open().size) ?? 0
      if bytes > Self.openLimit { break }
      from = segment.base
    }
    return ([:], from)
  }
}

/// What a control record says, by its key: version i16, type i16.
enum KafkaControl: Int16, Sendable {
  case abort, commit, leaderChange, snapshotHeader, snapshotFooter, kraftVersion, kraftVoters

  init?(key: some Collection<UInt8>) {
    let bytes = Array(key.prefix(4))
    guard bytes.count == 4 else { return nil }
    self.init(rawValue: Int16(bytes[2]) << 8 | Int16(bytes[3]))
  }

  var name: String {
    switch self {
    case .abort: "ABORT"
    case .commit: "COMMIT"
    case .leaderChange: "LEADER_CHANGE"
    case .snapshotHeader: "SNAPSHOT_HEADER"
    case .snapshotFooter: "SNAPSHOT_FOOTER"
    case .kraftVersion: "KRAFT_VERSION"
    case .kraftVoters: "KRAFT_VOTERS"
    }
  }

  /// The value as JSON, as far as weir reads it: the coordinator epoch of a marker.
  func json(_ value: [UInt8]) -> [UInt8]? {
    guard self == .abort || self == .commit, value.count >= 6 else { return nil }
    let epoch = value[2..<6].reduce(Int32(0)) { $0 << 8 | Int32($1) }
    return Array("{\"coordinatorEpoch\":\(epoch)}".utf8)
  }
}
