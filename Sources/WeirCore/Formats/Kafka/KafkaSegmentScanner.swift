/// Walks one segment file from batch to batch, in the order of their bytes.
///
/// Damage never stops it: what is wrong comes out as a value with its bytes, and the walk goes on at the next
/// batch that can be trusted (`KafkaResync`). A scanner gives strictly ascending offsets: the CRC does not
/// cover the base offset, so a batch whose offsets run into its neighbours', or out of the segment, is damage
/// too.
///
/// | at the end of the file | is |
/// |---|---|
/// | nothing | the end |
/// | zeros alone | a zero tail: preallocated, or left by a crash |
/// | part of an entry in the partition's last segment | a torn tail, or the broker at work |
/// | a bad CRC there, and no batch after it | a torn tail: the broker would cut it off |
/// | the same in an older segment, or with batches after it | damage |
struct KafkaSegmentScanner {
  enum Step {
    case batch(KafkaBatchHeader)
    /// Bytes that are not a batch. With a header where one stands there by which its records can still be
    /// read (`--damaged`): it tells how long the batch is, and its offsets fit between its neighbours'.
    case damage(Damage, KafkaBatchHeader?)
    case end
  }

  /// What is known of a segment from outside its bytes.
  struct Bounds {
    /// The file's name in messages.
    var name: String
    /// Bytes of the file that count.
    var size: UInt64
    /// No record is below this offset: the number in the file's name.
    var firstOffset: Int64 = 0
    /// All records are below this offset: the next segment's number.
    var endOffset: Int64 = .max
    /// Is a torn tail to be expected?
    var isLast = true
  }

  let bounds: Bounds
  let scratch: KafkaScratch
  /// Checks every CRC. Without, only headers are looked at, as an index needs it.
  let verifies: Bool
  private(set) var position: UInt64
  /// Offset of the last record before `position`; nil when the scan began in the middle.
  private var previous: Int64?
  private var search = KafkaResync()
  /// A batch of magic 2 was met. Older messages come before them, if at all.
  private var hasCurrent = false
  /// The last offset of damage that was given with a header.
  private var salvaged: Int64 = -1

  /// Starts at `position`, which must be the beginning of a batch. The scratch's window is on the segment.
  /// `previous` is the last offset before it, where that is known.
  init(
    _ bounds: Bounds, scratch: KafkaScratch, at position: UInt64 = 0, previous: Int64? = nil,
    verifies: Bool = true
  ) {
    self.bounds = bounds
    self.scratch = scratch
    self.position = position
    self.verifies = verifies
    self.previous = previous ?? (position == 0 ? bounds.firstOffset - 1 : nil)
  }

  mutating func next() throws(Fault) -> Step {
    guard position < bounds.size else { return .end }
    let left = bounds.size - position
    let head = try scratch.window.view(at: position, count: Int(min(left, UInt64(KafkaBatchHeader.size))))
    guard left >= UInt64(KafkaBatchHeader.prefixSize), head.count >= KafkaBatchHeader.prefixSize else {
      return try tail(head)
    }
    if head[16] < 2, !isZero(head) { return try legacy(left) }
    guard let header = KafkaBatchHeader(head, position: position) else {
      // Shorter than a batch, but an older message may still be in there.
      let isShort = left < UInt64(KafkaLegacySet.smallestEntry) || isZero(head)
      return isShort ? try tail(head) : try bad("\(left) bytes, less than the beginning of a batch", nil)
    }
    // Nothing of a preallocated tail is a header: offset, length and magic are all zero.
    if header.length == 12, header.baseOffset == 0, header.magic == 0 { return try zeros(header) }
    if let flaw = header.flaw { return try bad(flaw, header.magic == 2 ? header : nil) }
    guard UInt64(header.length) <= left else {
      return try bad("a batch of \(header.length) bytes, but only \(left) are left", nil)
    }
    if verifies, try !header.isIntact(in: scratch.window) { return try bad("CRC mismatch", header) }
    return try accept(header)
  }

  // MARK: What was found

  /// A batch that is whole. Its offsets are believed only where they fit what stands around it.
  private mutating func accept(_ header: KafkaBatchHeader) throws(Fault) -> Step {
    if let misfit = try misfit(header) {
      position = header.end
      let reason = "\(misfit) (the CRC does not cover offsets)"
      let damage = Damage(.corrupt, file: bounds.name, range: header.range, reason: reason)
      return .damage(damage, try repaired(header))
    }
    position = header.end
    previous = header.lastOffset
    if header.magic == 2 { hasCurrent = true }
    return .batch(header)
  }

  private func misfit(_ header: KafkaBatchHeader) throws(Fault) -> String? {
    let (base, last) = (header.baseOffset, header.lastOffset)
    if base < bounds.firstOffset { return "offset \(base) in a segment that begins at \(bounds.firstOffset)" }
    if last >= bounds.endOffset {
      return "offset \(last), but the next segment begins at \(bounds.endOffset)"
    }
    if let previous {
      if base <= previous { return "offset \(base) after \(previous)" }
      // Without a gap before it, its offset is confirmed by its neighbour's.
      if base == previous + 1 { return nil }
    }
    guard let next = try peek(header.end), next.baseOffset <= last else { return nil }
    return try isContradicted(header, by: next)
      ? "offset \(base), but the next batch begins at \(next.baseOffset)" : nil
  }

  /// Of two batches that cannot both be right, whether the first one is wrong. `next` begins at or before the
  /// last offset of `header`, whose own offset nothing before it confirms.
  private func isContradicted(_ header: KafkaBatchHeader, by next: KafkaBatchHeader) throws(Fault) -> Bool {
    let low = previous ?? bounds.firstOffset - 1
    guard next.baseOffset > low else { return false }
    func span(_ header: KafkaBatchHeader) -> Int64 { Int64(header.lastOffsetDelta) + 1 }
    if let after = try peek(next.end) {
      // The one after tells which of the two it goes on from.
      if after.baseOffset == next.lastOffset &+ 1 { return true }
      if after.baseOffset &- span(next) == header.lastOffset &+ 1 { return false }
    }
    // Without a gap before it, it would end right before the next.
    return low &+ span(header) &+ 1 == next.baseOffset || next.baseOffset < header.baseOffset
  }

  /// What an entry at `position` says of itself, if there can be one.
  private func peek(_ position: UInt64) throws(Fault) -> KafkaBatchHeader? {
    guard position < bounds.size else { return nil }
    let bytes = try scratch.probe.view(at: position, count: KafkaBatchHeader.size)
    guard bytes.count >= KafkaBatchHeader.prefixSize else { return nil }
    if bytes[16] < 2 {
      let left = bounds.size - position
      return try? KafkaLegacySet.header(at: position, left: left, scratch).get()
    }
    guard let header = KafkaBatchHeader(bytes, position: position), header.flaw == nil else { return nil }
    return header
  }

  /// An entry of magic 0 or 1: its header as a batch would have it.
  private mutating func legacy(_ left: UInt64) throws(Fault) -> Step {
    switch try KafkaLegacySet.header(at: position, left: left, scratch) {
    case .success(let header):
      search.meetsLegacy = true
      return try accept(header)
    case .failure(let flaw):
      let unchecked = try KafkaLegacySet.header(at: position, left: left, checked: false, scratch)
      return try bad(flaw.reason, try? unchecked.get())
    }
  }

  private func isZero(_ bytes: UnsafeRawBufferPointer) -> Bool { bytes.allSatisfy { $0 == 0 } }

  /// Fewer bytes are left than any entry has.
  private mutating func tail(_ bytes: UnsafeRawBufferPointer) throws(Fault) -> Step {
    let range = position..<bounds.size
    position = bounds.size
    if isZero(bytes) {
      return .damage(Damage(.zeroTail, file: bounds.name, range: range, reason: "zeros"), nil)
    }
    let reason = "\(range.count) bytes, less than the beginning of a batch"
    return .damage(
      Damage(bounds.isLast ? .tornTail : .corrupt, file: bounds.name, range: range, reason: reason), nil)
  }

  private mutating func zeros(_ header: KafkaBatchHeader) throws(Fault) -> Step {
    guard try scratch.probe.isZero(from: position, to: bounds.size) else {
      return try bad("zeros where a batch should begin", nil)
    }
    let range = position..<bounds.size
    position = bounds.size
    return .damage(Damage(.zeroTail, file: bounds.name, range: range, reason: "zeros"), nil)
  }

  /// Finds where reading can go on, and says what lies before it.
  private mutating func bad(_ reason: String, _ claimed: KafkaBatchHeader?) throws(Fault) -> Step {
    let from = position
    let floor = previous.map { $0 == .max ? $0 : $0 + 1 } ?? bounds.firstOffset
    search.meetsLegacy = search.meetsLegacy || !hasCurrent
    let resume: UInt64?
    if let end = try KafkaLegacySet.claimedEnd(at: from, scratch) {
      // What is stored inside a broken set may look like messages, with offsets of its own.
      resume = try search.search(from: end, to: bounds.size, bounds: bounds, floor: floor, scratch: scratch)
    } else {
      resume = try search.resume(
        after: from, claimed: claimed, bounds: bounds, floor: floor, scratch: scratch)
    }
    position = resume ?? bounds.size
    let isTorn = resume == nil && bounds.isLast
    let damage = Damage(
      isTorn ? .tornTail : .corrupt, file: bounds.name, range: from..<position, reason: reason)
    // The header is worth something when it says itself where reading goes on, and in its place.
    guard let claimed, claimed.end == position, claimed.magic < 2 || claimed.flaw == nil,
      claimed.baseOffset >= floor, claimed.baseOffset > salvaged, claimed.lastOffset < bounds.endOffset
    else { return .damage(damage, nil) }
    if let next = try peek(position), next.baseOffset <= claimed.lastOffset { return .damage(damage, nil) }
    salvaged = claimed.lastOffset
    return .damage(damage, claimed)
  }

  /// The header of a batch with a wrong offset as it was written, where its neighbours leave room for exactly
  /// one offset; nil where they do not tell.
  private mutating func repaired(_ header: KafkaBatchHeader) throws(Fault) -> KafkaBatchHeader? {
    guard let previous, let next = try peek(header.end), header.lastOffsetDelta < .max,
      previous &+ 1 &+ Int64(header.lastOffsetDelta) &+ 1 == next.baseOffset, next.baseOffset > previous,
      previous >= salvaged
    else { return nil }
    var copy = header
    copy.baseOffset = previous &+ 1
    salvaged = copy.lastOffset
    return copy
  }
}

extension KafkaBatchHeader {
  /// A frame is checked through a window of this size, so that a forged length costs no memory.
  private static let step = 1 << 20

  /// Whether the CRC of a v2 batch is right. False when the file ends before the batch does.
  func isIntact(in window: FrameWindow) throws(Fault) -> Bool {
    if length <= Self.step {
      let bytes = try window.view(at: position, count: length)
      guard bytes.count == length else { return false }
      return Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[Self.coveredFrom...])) == crc
    }
    var running: UInt32 = 0
    var at = position + UInt64(Self.coveredFrom)
    while at < end {
      let wanted = Int(min(end - at, UInt64(Self.step)))
      let bytes = try window.view(at: at, count: wanted)
      guard bytes.count == wanted else { return false }
      running = Checksum.crc32c(bytes, from: running)
      at += UInt64(wanted)
    }
    return running == crc
  }
}
