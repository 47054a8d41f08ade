import Synchronization

/// What all segments of a source share.
final class KafkaShared: Sendable {
  let files = KafkaFiles()
  let chunks = KafkaChunkCache()
  let batches = KafkaBatchCache()
  let scratches = KafkaScratchPool()
  let sidecars = KafkaSidecarNotes()
  private let segments = Atomic<Int>(0)

  /// A number that no other segment of the source has.
  func nextSegmentID() -> Int { segments.add(1, ordering: .relaxed).newValue }
}

/// One `.log` file, entered anywhere without reading all of it.
///
/// A place is found through the `.index`, whose entry is checked against the batch it names; without one, or
/// where it lies, by halving the file: from any byte on, the next batch is found by its header and CRC.
final class KafkaSegment: Sendable {
  /// Nearer than this, batches are simply walked, in bytes.
  private static let near: UInt64 = 128 << 10
  /// So far a probe looks for a batch, in bytes.
  private static let probeLimit: UInt64 = 1 << 20

  let id: Int
  /// The number in the file's name: no record is below it.
  let base: Int64
  let path: String
  /// The path as messages and provenance name it.
  let name: String
  let state: KafkaSegmentName.State
  /// All records are below: where the next segment begins.
  let endOffset: Int64
  let isLast: Bool
  private let shared: KafkaShared
  private let size = Mutex<UInt64?>(nil)
  private let latest = Mutex<Int64?>(nil)

  init(
    base: Int64, path: String, name: String, state: KafkaSegmentName.State, endOffset: Int64, isLast: Bool,
    shared: KafkaShared
  ) {
    id = shared.nextSegmentID()
    (self.base, self.path, self.name, self.state) = (base, path, name, state)
    (self.endOffset, self.isLast, self.shared) = (endOffset, isLast, shared)
  }

  /// The open file.
  func open() throws(Fault) -> FileBytes { try shared.files.open(path) }

  /// What is known of the segment, with the file's size when it was first looked at.
  func bounds(_ source: any ByteSource) -> KafkaSegmentScanner.Bounds {
    let known = size.withLock { known -> UInt64 in
      if let known { return known }
      known = source.size
      return source.size
    }
    return KafkaSegmentScanner.Bounds(
      name: name, size: known, firstOffset: base, endOffset: endOffset, isLast: isLast)
  }

  /// The latest time in it, once it was looked for.
  var knownLatestTime: Int64? {
    get { latest.withLock { $0 } }
    set { latest.withLock { $0 = newValue } }
  }

  // MARK: Chunks

  /// The chunk with the first batch that ends at or after `offset`; when there is none, the segment's last.
  func chunk(holding offset: Int64, _ scratch: KafkaScratch) throws(Fault) -> KafkaChunk {
    if let known = shared.chunks.first(id, where: { $0.holds(offset) }) { return known }
    let source = try open()
    let bounds = bounds(source)
    let start = bounds.size > Self.near ? try indexed(offset, source, bounds, scratch) : 0
    var chunk = try scan(from: start, source, scratch)
    // Each scan begins at or below the offset, or right after a chunk that ends below it: the offset may lie
    // in the gap between two chunks.
    func isBelow() -> Bool { !chunk.reachesEnd && chunk.lastOffset.map { $0 < offset } ?? true }
    if isBelow() {
      let nearer = try halve(to: offset, from: chunk.end, source, bounds, scratch)
      chunk = try scan(from: nearer, previous: nearer == chunk.end ? chunk.lastOffset : nil, source, scratch)
    }
    while isBelow() {
      chunk = try scan(from: chunk.end, previous: chunk.lastOffset, source, scratch)
    }
    return chunk
  }

  /// The chunk after `chunk`; nil at the segment's end. Each is twice as large as the one before, up to a
  /// limit.
  func chunk(after chunk: KafkaChunk, _ scratch: KafkaScratch) throws(Fault) -> KafkaChunk? {
    guard !chunk.reachesEnd else { return nil }
    if let known = shared.chunks.first(id, where: { $0.start == chunk.end }) { return known }
    let size = min(max((chunk.end - chunk.start) &* 2, KafkaChunk.usualSize), KafkaChunk.largestSize)
    return try scan(from: chunk.end, previous: chunk.lastOffset, size: size, open(), scratch)
  }

  /// The chunk before `chunk`; nil at the segment's start.
  func chunk(before chunk: KafkaChunk, _ scratch: KafkaScratch) throws(Fault) -> KafkaChunk? {
    let stop = chunk.start
    guard stop > 0 else { return nil }
    if let known = shared.chunks.first(id, where: { $0.end == stop }) { return known }
    let source = try open()
    var step = KafkaChunk.usualSize
    while true {
      // None: a batch larger than the step, or damage.
      if let start = try boundary(before: stop, by: step, source, scratch) {
        let found = try scan(from: start, stop: stop, source, scratch)
        // A start that was no real boundary shows as damage, or as a batch across the stop: then go further
        // back.
        if start == 0 || (found.end == stop && !found.hasDamage) || step > 4 << 20 { return found }
      }
      step *= 4
    }
  }

  /// The item that the byte at `position` lies in; nil beyond the end of the file.
  func item(at position: UInt64, _ scratch: KafkaScratch) throws(Fault) -> KafkaItem? {
    let source = try open()
    guard position < bounds(source).size else { return nil }
    var step = KafkaChunk.usualSize
    while true {
      if let start = try boundary(before: position + 1, by: step, source, scratch) {
        let chunk = try scan(from: start, stop: position + 1, source, scratch)
        // Damage may begin before the start that was found.
        let isSure = start == 0 || !chunk.hasDamage || step > 4 << 20
        if isSure { return chunk.items.first { $0.range.contains(position) } }
      }
      step *= 4
    }
  }

  /// Scans from `start`, a batch's beginning, up to `stop` or about `size` bytes, and remembers the result.
  private func scan(
    from start: UInt64, previous: Int64? = nil, size: UInt64 = KafkaChunk.usualSize, stop: UInt64? = nil,
    _ source: any ByteSource, _ scratch: KafkaScratch
  ) throws(Fault) -> KafkaChunk {
    scratch.turn(to: source, readAhead: Int(size + size / 2))
    var scanner = KafkaSegmentScanner(bounds(source), scratch: scratch, at: start, previous: previous)
    let goal = stop ?? start + size
    var items: [KafkaItem] = []
    var reachesEnd = false
    while scanner.position < goal, !reachesEnd {
      switch try scanner.next() {
      case .batch(let header): items.append(.batch(header))
      case .damage(let damage, let header): items.append(.damage(damage, header))
      case .end: reachesEnd = true
      }
    }
    reachesEnd = reachesEnd || scanner.position >= scanner.bounds.size
    let chunk = KafkaChunk(start: start, end: scanner.position, items: items, reachesEnd: reachesEnd)
    shared.chunks.add(id, chunk)
    return chunk
  }

  // MARK: Finding a place

  /// A batch's beginning, some `step` bytes before `stop`; 0 where the file begins there, nil when none is
  /// found.
  private func boundary(
    before stop: UInt64, by step: UInt64, _ source: any ByteSource, _ scratch: KafkaScratch
  ) throws(Fault) -> UInt64? {
    guard stop > step else { return 0 }
    let guess = stop - step
    scratch.turn(to: source, readAhead: 32 << 10)
    let bounds = bounds(source)
    if let entry = index()?.floor(position: guess + 1), guess - entry.position < step,
      try isRight(entry, bounds, scratch)
    {
      return entry.position
    }
    var search = try resync(scratch)
    return try search.search(from: guess, to: stop, bounds: bounds, floor: base, scratch: scratch)
  }

  /// Where the index says to begin for `offset`, if it is right; else the start of the file.
  private func indexed(
    _ offset: Int64, _ source: any ByteSource, _ bounds: KafkaSegmentScanner.Bounds, _ scratch: KafkaScratch
  ) throws(Fault) -> UInt64 {
    guard let entry = index()?.floor(offset) else { return 0 }
    scratch.turn(to: source, readAhead: 32 << 10)
    return try isRight(entry, bounds, scratch) ? entry.position : 0
  }

  func index() -> KafkaOffsetIndex? {
    guard let file = sidecar("index") else { return nil }
    return KafkaOffsetIndex(file, base: base)
  }

  func timeIndex() -> KafkaTimeIndex? {
    guard let file = sidecar("timeindex") else { return nil }
    return KafkaTimeIndex(file, base: base)
  }

  /// The sidecar of a current segment, open; nil when there is none.
  private func sidecar(_ suffix: String) -> FileBytes? {
    guard let path = sidecarPath(path, suffix) else { return nil }
    return try? shared.files.open(path)
  }

  private func sidecarPath(_ log: String, _ suffix: String) -> String? {
    guard let dot = log.range(ofLast: ".log") else { return nil }
    return log[..<dot.lowerBound] + "." + suffix + log[dot.upperBound...]
  }

  /// Whether a batch begins where an entry says, with offsets that the entry allows. What is found wrong is
  /// noted as a stale sidecar.
  func isRight(
    _ entry: KafkaOffsetIndex.Entry, _ bounds: KafkaSegmentScanner.Bounds, _ scratch: KafkaScratch
  ) throws(Fault) -> Bool {
    if entry.position < bounds.size {
      let bytes = try scratch.window.view(at: entry.position, count: KafkaBatchHeader.size)
      if let header = try header(bytes, at: entry.position, bounds, scratch), header.baseOffset >= base,
        header.lastOffset <= entry.offset
      {
        return true
      }
    }
    if let file = sidecar("index"), let name = sidecarPath(name, "index") {
      let reason = "says that offset \(entry.offset) is at byte \(entry.position), where it is not; not used"
      shared.sidecars.report(name, size: file.size, reason)
    }
    return false
  }

  func reportTimeIndex(_ entry: KafkaTimeIndex.Entry) {
    guard let file = sidecar("timeindex"), let name = sidecarPath(name, "timeindex") else { return }
    let reason = "its time \(entry.timestamp) at offset \(entry.offset) is not what the log says; not used"
    shared.sidecars.report(name, size: file.size, reason)
  }

  private func header(
    _ bytes: UnsafeRawBufferPointer, at position: UInt64, _ bounds: KafkaSegmentScanner.Bounds,
    _ scratch: KafkaScratch
  ) throws(Fault) -> KafkaBatchHeader? {
    guard bytes.count >= KafkaBatchHeader.prefixSize else { return nil }
    if bytes[16] < 2 {
      return try? KafkaLegacySet.header(at: position, left: bounds.size - position, scratch).get()
    }
    guard let header = KafkaBatchHeader(bytes, position: position), header.flaw == nil,
      UInt64(header.length) <= bounds.size - position, try header.isIntact(in: scratch.window)
    else { return nil }
    return header
  }

  /// Halves what is left of the file until the batch that begins at or before `offset` is near.
  private func halve(
    to offset: Int64, from: UInt64, _ source: any ByteSource, _ bounds: KafkaSegmentScanner.Bounds,
    _ scratch: KafkaScratch
  ) throws(Fault) -> UInt64 {
    var low = from
    var high = bounds.size
    guard high > low, high - low > Self.near else { return low }
    var search = try resync(scratch)
    scratch.turn(to: source, readAhead: 32 << 10)
    while high - low > Self.near {
      let middle = low + (high - low) / 2
      let found = try search.search(
        from: middle, to: min(high, middle + Self.probeLimit), bounds: bounds, floor: base, scratch: scratch)
      guard let found else {
        // Zeros, or one huge batch: what is looked for is probably before. If not, walking on finds it.
        high = middle
        continue
      }
      let bytes = try scratch.window.view(at: found, count: KafkaBatchHeader.size)
      if let header = try header(bytes, at: found, bounds, scratch), header.baseOffset <= offset {
        low = found
      } else {
        high = middle
      }
    }
    return low
  }

  /// A search that knows whether this is a segment of old messages.
  private func resync(_ scratch: KafkaScratch) throws(Fault) -> KafkaResync {
    var search = KafkaResync()
    let head = try open().bytes(at: 0, count: KafkaBatchHeader.prefixSize)
    search.meetsLegacy = head.count == KafkaBatchHeader.prefixSize && head[16] < 2
    return search
  }
}

extension String {
  /// The last place of `part`.
  func range(ofLast part: String) -> Range<String.Index>? {
    let wanted = Array(part.utf8)
    let all = utf8
    guard all.count >= wanted.count, !wanted.isEmpty else { return nil }
    var at = all.index(all.endIndex, offsetBy: -wanted.count)
    while true {
      let end = all.index(at, offsetBy: wanted.count)
      if all[at..<end].elementsEqual(wanted) { return at..<end }
      if at == all.startIndex { return nil }
      at = all.index(before: at)
    }
  }
}
