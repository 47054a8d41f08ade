import Synchronization

/// A batch, decompressed, with its records found. Immutable: readers on several threads share it.
final class KafkaDecodedBatch: Sendable {
  let header: KafkaBatchHeader
  /// What the records' slices count from: the decompressed records, of an older message the whole entry.
  let bytes: [UInt8]
  let records: [KafkaRecordSlices]
  /// What could not be read in it, though its CRC was right.
  let problem: String?

  init(header: KafkaBatchHeader, bytes: [UInt8], records: [KafkaRecordSlices], problem: String?) {
    (self.header, self.bytes, self.records, self.problem) = (header, bytes, records, problem)
  }

  func offset(_ index: Int) -> Int64 { header.baseOffset &+ Int64(records[index].offsetDelta) }

  /// Index of the first record at or after `offset`; the number of records when there is none.
  func index(of offset: Int64) -> Int {
    var low = 0
    var high = records.count
    while low < high {
      let middle = low + (high - low) / 2
      if self.offset(middle) < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  var memory: Int { bytes.count + records.count * MemoryLayout<KafkaRecordSlices>.stride + 200 }

  /// Reads and decodes the batch that `header` describes. `isTrusted` false: its CRC failed, and whatever can
  /// still be read is wanted.
  static func read(
    _ header: KafkaBatchHeader, _ source: any ByteSource, _ scratch: KafkaScratch, isTrusted: Bool = true
  ) throws(Fault) -> KafkaDecodedBatch {
    if scratch.frames.source !== source { scratch.frames.turn(to: source, readAhead: 16 << 10) }
    let block = try KafkaBlock.read(header, scratch.frames, scratch)
    return KafkaDecodedBatch(
      header: header, bytes: Array(block.bytes), records: Array(scratch.records[..<block.count]),
      problem: block.problem)
  }
}

/// A batch's records as they lie in a window or a decompressor's output: borrowed, until either is used
/// again. Their slices are the first `count` of `scratch.records`.
struct KafkaBlock {
  var bytes = UnsafeRawBufferPointer(start: nil, count: 0)
  var count = 0
  /// What could not be read in it.
  var problem: String?

  /// Finds the records of the batch that `header` describes, through a window on its file.
  static func read(_ header: KafkaBatchHeader, _ window: FrameWindow, _ scratch: KafkaScratch) throws(Fault)
    -> KafkaBlock
  {
    guard header.length <= Codec.limit else {
      let limit = Codec.limit >> 20
      return KafkaBlock(
        problem: "a batch of \(header.length >> 20) MiB is not decoded (the limit is \(limit) MiB)")
    }
    let stored = try window.view(at: header.position, count: header.length)
    guard stored.count == header.length else { return KafkaBlock(problem: "the file was cut meanwhile") }
    return header.magic < 2 ? legacy(header, stored, scratch) : current(header, stored, scratch)
  }

  private static func current(
    _ header: KafkaBatchHeader, _ stored: UnsafeRawBufferPointer, _ scratch: KafkaScratch
  ) -> KafkaBlock {
    guard let codec = header.codec, stored.count >= KafkaBatchHeader.size else {
      return KafkaBlock(problem: "a codec that does not exist")
    }
    let block: UnsafeRawBufferPointer
    do throws(CodecError) {
      let records = UnsafeRawBufferPointer(rebasing: stored[KafkaBatchHeader.size...])
      // A batch without records may be written without a block.
      block = records.isEmpty ? records : try scratch.decompressor.decompress(codec, records)
    } catch { return KafkaBlock(problem: error.description) }
    let outcome = KafkaRecordWalker.walk(block, expected: Int(header.recordCount), into: &scratch.records)
    return ordered(header, block, outcome.count, outcome.problem, scratch)
  }

  private static func legacy(
    _ header: KafkaBatchHeader, _ stored: UnsafeRawBufferPointer, _ scratch: KafkaScratch
  ) -> KafkaBlock {
    switch KafkaLegacySet.content(stored, scratch) {
    case .success(let content): return ordered(header, content.block, content.count, nil, scratch)
    case .failure(let flaw): return KafkaBlock(problem: flaw.reason)
    }
  }

  /// Offsets must ascend, or nothing could be looked up in them: what is out of order is left out.
  private static func ordered(
    _ header: KafkaBatchHeader, _ block: UnsafeRawBufferPointer, _ count: Int, _ problem: String?,
    _ scratch: KafkaScratch
  ) -> KafkaBlock {
    let good = scratch.records.withUnsafeBufferPointer { records in
      var good = 0
      var last: Int32 = -1
      while good < count, records[good].offsetDelta > last,
        records[good].offsetDelta <= header.lastOffsetDelta
      {
        last = records[good].offsetDelta
        good += 1
      }
      return good
    }
    let order = good < count ? "record \(good + 1) has an offset out of order" : nil
    return KafkaBlock(bytes: block, count: good, problem: order ?? problem)
  }
}

/// The batches that were decoded last, so that paging through a compressed one decompresses it once.
final class KafkaBatchCache: Sendable {
  /// Bytes kept in all; the newest batch is kept whatever its size up to `largest`.
  private static let capacity = 12 << 20
  private static let largest = 32 << 20

  private struct Key: Hashable {
    var segment: Int
    var position: UInt64
  }
  private struct State {
    var batches: [Key: (batch: KafkaDecodedBatch, used: Int)] = [:]
    var bytes = 0
    var clock = 0
  }
  private let state = Mutex(State())

  func batch(_ segment: Int, _ position: UInt64) -> KafkaDecodedBatch? {
    state.withLock { state in
      let key = Key(segment: segment, position: position)
      guard let entry = state.batches[key] else { return nil }
      state.clock += 1
      state.batches[key] = (entry.batch, state.clock)
      return entry.batch
    }
  }

  func add(_ segment: Int, _ batch: KafkaDecodedBatch) {
    guard batch.memory <= Self.largest else { return }
    state.withLock { state in
      let key = Key(segment: segment, position: batch.header.position)
      guard state.batches[key] == nil else { return }
      state.clock += 1
      state.batches[key] = (batch, state.clock)
      state.bytes += batch.memory
      if state.bytes > Self.capacity { Self.evict(&state, keeping: key) }
    }
  }

  /// Drops the older half, so that the search for the oldest is paid for once in many batches.
  private static func evict(_ state: inout State, keeping newest: Key) {
    let byAge = state.batches.sorted { $0.value.used < $1.value.used }
    for (key, entry) in byAge where key != newest && state.bytes > capacity / 2 {
      state.batches[key] = nil
      state.bytes -= entry.batch.memory
    }
  }
}
