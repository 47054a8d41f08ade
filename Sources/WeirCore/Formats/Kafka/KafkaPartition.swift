import Glibc
import Synchronization

/// One partition of a topic: its directory, what the broker's checkpoints say of it, and its segments, listed
/// when they are first asked for.
final class KafkaPartition: Sendable {
  /// What lies in the directory.
  struct Layout: Sendable {
    var live: KafkaRun
    /// Files that wait for their removal, each a run of its own, by base offset.
    var deleted: [KafkaRun] = []
    /// Ascending.
    var snapshots: [(offset: Int64, path: String)] = []
    var notes: [String] = []
    /// Every name in the directory.
    var names: [String] = []
    var transactions: KafkaTransactions
    var deletedTransactions: [KafkaTransactions] = []
  }

  let id: KafkaTopicPartition
  let state: KafkaDirectoryName.State
  /// The directory; of a single file, the file.
  let path: String
  /// What is put before a file's name in messages and provenance: `bank.accounts-2/`, or nothing.
  let prefix: String
  /// From the checkpoints of the log directory; nil where they have no row.
  let logStart: Int64?
  let highWatermark: Int64?
  let recoveryPoint: Int64?
  let cleanedTo: Int64?
  let shared: KafkaShared
  /// The one file this partition consists of, when a file was opened.
  private let onlyFile: String?
  /// Where the segment begins that follows the one file in its directory.
  private let following: Int64?
  private let known = Mutex<Layout?>(nil)

  init(
    id: KafkaTopicPartition, state: KafkaDirectoryName.State, path: String, prefix: String,
    checkpoints: KafkaRootCheckpoints, shared: KafkaShared, onlyFile: String? = nil,
    following: Int64? = nil
  ) {
    (self.id, self.state, self.path, self.prefix, self.shared) = (id, state, path, prefix, shared)
    (self.onlyFile, self.following) = (onlyFile, following)
    logStart = checkpoints.logStart[id]
    highWatermark = checkpoints.highWatermark[id]
    recoveryPoint = checkpoints.recoveryPoint[id]
    cleanedTo = checkpoints.cleaned[id]
  }

  var isInternal: Bool { id.topic.hasPrefix("__") }

  /// The segments and sidecars, as they were when first asked for.
  func layout() throws(Fault) -> Layout {
    if let layout = known.withLock({ $0 }) { return layout }
    let names = if let onlyFile { [onlyFile] } else { try Probe.names(in: path, limit: .max) }
    let layout = try list(names)
    return known.withLock { known in
      // Two threads may have listed at once: one answer counts, so that their caches agree.
      if let earlier = known { return earlier }
      known = layout
      return layout
    }
  }

  private func list(_ names: [String]) throws(Fault) -> Layout {
    var files: [KafkaSegmentName] = []
    // One file by itself may be called anything: a copy, or one of KRaft's snapshots.
    if let onlyFile, KafkaSegmentName(onlyFile) == nil { files.append(KafkaSegmentName(any: onlyFile)) }
    var snapshots: [(offset: Int64, path: String)] = []
    for name in names {
      if let segment = KafkaSegmentName(name) {
        files.append(segment)
      } else if name.hasSuffix(".snapshot"), name.utf8.count == 29, let offset = Int64(name.prefix(20)) {
        snapshots.append((offset, path + "/" + name))
      }
    }
    snapshots.sort { $0.offset < $1.offset }
    var notes: [String] = []
    let current = try chosen(files, &notes)
    let live = KafkaRun(layer: 0, segments: segments(current))
    var layout = Layout(
      live: live, snapshots: snapshots, notes: notes, names: names,
      transactions: KafkaTransactions(live, snapshots: snapshots))
    let gone = files.filter { $0.state == .deleted }.sorted { $0.base < $1.base }
    for (index, file) in gone.enumerated() where onlyFile == nil {
      layout.deleted.append(KafkaRun(layer: UInt64(index) + 1, segments: segments([file])))
    }
    layout.deletedTransactions = layout.deleted.map { KafkaTransactions($0, snapshots: []) }
    return layout
  }

  private func segments(_ files: [KafkaSegmentName]) -> [KafkaSegment] {
    files.indices.map { index in
      let file = files[index]
      let isLast = index == files.count - 1
      let next = isLast ? following : files[index + 1].base
      return KafkaSegment(
        base: file.base, path: onlyFile == nil ? path + "/" + file.name : path, name: prefix + file.name,
        state: file.state, endOffset: next ?? .max, isLast: next == nil, shared: shared)
    }
  }

  /// The files that make up the log now. A `.swap` file counts unless the compactor was still writing at or
  /// below it, and then stands for all segments that begin inside it.
  private func chosen(_ files: [KafkaSegmentName], _ notes: inout [String]) throws(Fault)
    -> [KafkaSegmentName]
  {
    if onlyFile != nil { return files }
    var current = files.filter { $0.state == .current }.sorted { $0.base < $1.base }
    let cleaned = files.filter { $0.state == .cleaned }
    let swaps = files.filter { $0.state == .swap }.sorted { $0.base < $1.base }
    if !cleaned.isEmpty { notes.append("\(cleaned.count) half-written files of the compactor were left out") }
    let unfinished = cleaned.map(\.base).min() ?? .max
    for swap in swaps {
      guard swap.base < unfinished else {
        notes.append("\(swap.name) was left out: the compaction it belongs to did not finish")
        continue
      }
      let end = try lastOffset(swap)
      current.removeAll { $0.base >= swap.base && $0.base <= max(end, swap.base) }
      current.append(swap)
      notes.append("\(swap.name) is read in place of the segments it replaces")
    }
    return current.sorted { $0.base < $1.base }
  }

  private func lastOffset(_ file: KafkaSegmentName) throws(Fault) -> Int64 {
    let run = KafkaRun(layer: 0, segments: segments([file]))
    return try shared.scratches.with { scratch throws(Fault) in
      var walk = try run.walk(to: .max, scratch)
      while let item = try walk.previous(scratch) {
        if let header = item.header { return header.lastOffset }
      }
      return file.base
    }
  }

  // MARK: Offsets

  /// The first offset that is not deleted.
  func start(_ layout: Layout) -> Int64 { max(logStart ?? 0, layout.live.firstBase ?? 0) }

  /// The offset that the next record will get, 0 for an empty partition: one past the last batch, or the
  /// number of the newest producer snapshot or segment where there is none.
  func end(_ scratch: KafkaScratch) throws(Fault) -> Int64 {
    let layout = try layout()
    var walk = try layout.live.walk(to: .max, scratch)
    while let item = try walk.previous(scratch) {
      if let header = item.header { return header.lastOffset == .max ? .max : header.lastOffset + 1 }
    }
    return max(layout.live.segments.last?.base ?? 0, logStart ?? 0)
  }
}

/// The checkpoints of a log directory.
struct KafkaRootCheckpoints: Sendable {
  var logStart: [KafkaTopicPartition: Int64] = [:]
  var highWatermark: [KafkaTopicPartition: Int64] = [:]
  var recoveryPoint: [KafkaTopicPartition: Int64] = [:]
  var cleaned: [KafkaTopicPartition: Int64] = [:]

  init() {}

  init(directory: String) {
    func read(_ name: String) -> [KafkaTopicPartition: Int64] {
      KafkaCheckpoint(path: directory + "/" + name).offsets
    }
    logStart = read("log-start-offset-checkpoint")
    highWatermark = read("replication-offset-checkpoint")
    recoveryPoint = read("recovery-point-offset-checkpoint")
    cleaned = read("cleaner-offset-checkpoint")
  }
}
