import Glibc

/// Finds the next batch after bytes that are none.
///
/// The size field of a bad batch is believed only when a plausible header stands where it points *and*
/// continues the bad batch's offsets: a flipped bit in a size could otherwise jump over good batches. Else
/// every place is tried: a header whose fields can be true and whose CRC over all of its bytes is right.
struct KafkaResync {
  /// Bytes looked at in one step.
  private static let step = 256 << 10
  /// Batches up to this size are always checked, in bytes.
  private static let smallBatch = 64 << 10

  /// Bytes that may still be spent on the CRCs of candidates: bytes made to look like headers of huge batches
  /// must not make a scan quadratic.
  private var budget = 256 << 20
  /// Messages of magic 0 and 1 are looked for as well: only where there have been some, for almost any byte
  /// may be their magic.
  var meetsLegacy = false

  /// Position of the next trustworthy batch after the bad one at `from`, nil when there is none.
  mutating func resume(
    after from: UInt64, claimed: KafkaBatchHeader?, bounds: KafkaSegmentScanner.Bounds, floor: Int64,
    scratch: KafkaScratch
  ) throws(Fault) -> UInt64? {
    if let claimed, claimed.flaw == nil, claimed.end < bounds.size {
      let bytes = try scratch.probe.view(at: claimed.end, count: KafkaBatchHeader.size)
      if let next = KafkaBatchHeader(bytes, position: claimed.end), next.flaw == nil,
        next.baseOffset == claimed.lastOffset &+ 1, next.baseOffset >= floor
      {
        return claimed.end
      }
    }
    return try search(from: from + 1, to: bounds.size, bounds: bounds, floor: floor, scratch: scratch)
  }

  /// The first batch that begins in `from` ..< `to` and is whole; its offsets lie in `floor` ..< the
  /// segment's end.
  mutating func search(
    from: UInt64, to: UInt64, bounds: KafkaSegmentScanner.Bounds, floor: Int64, scratch: KafkaScratch
  ) throws(Fault) -> UInt64? {
    let smallest = meetsLegacy ? KafkaLegacySet.smallestEntry : KafkaBatchHeader.size
    var at = from
    while at < to, at < bounds.size, bounds.size - at >= UInt64(smallest) {
      guard let written = scratch.window.source.data(from: at) else { return nil }
      // An entry's first bytes may be zeros at the end of a hole.
      if written - at > Self.step { at = written - UInt64(KafkaBatchHeader.size) }
      let wanted = Int(min(UInt64(Self.step), bounds.size - at))
      let count = try scratch.window.view(at: at, count: wanted).count
      guard count >= smallest else { return nil }
      var next = 0
      while true {
        // Asked for anew each time: looking at a candidate may have moved the window.
        let bytes = try scratch.window.view(at: at, count: count)
        guard let place = candidate(in: bytes, from: next, smallest) else { break }
        next = place + 1
        let position = at + UInt64(place)
        guard position < to else { return nil }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[place...])
        if try isBatch(rest, position, bounds, floor, scratch) { return position }
      }
      at += UInt64(count - smallest + 1)
    }
    return nil
  }

  /// The next place that looks like the beginning of an entry: the high bytes of its offset and length are
  /// zero in every entry that is not absurd, and byte 16 is a magic.
  private func candidate(in bytes: UnsafeRawBufferPointer, from index: Int, _ smallest: Int) -> Int? {
    let last = bytes.count - smallest
    guard let base = bytes.baseAddress else { return nil }
    var at = index
    while at <= last {
      if !meetsLegacy {
        guard let hit = memchr(base + at + 16, 2, last - at + 1) else { return nil }
        at = base.distance(to: UnsafeRawPointer(hit)) - 16
      }
      if bytes[at + 16] <= 2, bytes[at] == 0, bytes[at + 1] == 0, bytes[at + 8] < 0x10 { return at }
      at += 1
    }
    return nil
  }

  private mutating func isBatch(
    _ bytes: UnsafeRawBufferPointer, _ position: UInt64, _ bounds: KafkaSegmentScanner.Bounds, _ floor: Int64,
    _ scratch: KafkaScratch
  ) throws(Fault) -> Bool {
    let left = bounds.size - position
    if bytes[16] < 2 {
      guard let length = KafkaLegacySet.length(bytes), length <= left, afford(Int(length)) else {
        return false
      }
      guard case .success(let header) = try KafkaLegacySet.header(at: position, left: left, scratch) else {
        return false
      }
      return header.baseOffset >= floor && header.lastOffset < bounds.endOffset
    }
    guard let header = KafkaBatchHeader(bytes, position: position), header.flaw == nil,
      UInt64(header.length) <= left, header.baseOffset >= floor, header.lastOffset < bounds.endOffset,
      afford(header.length)
    else { return false }
    guard header.length <= bytes.count else { return try header.isIntact(in: scratch.probe) }
    let covered = bytes[KafkaBatchHeader.coveredFrom..<header.length]
    return Checksum.crc32c(UnsafeRawBufferPointer(rebasing: covered)) == header.crc
  }

  private mutating func afford(_ length: Int) -> Bool {
    budget -= length
    return budget > 0 || length <= Self.smallBatch
  }
}
