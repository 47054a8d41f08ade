/// Messages of magic 0 and 1 (before Kafka 0.11, or kept by old topics), one entry at a time. Integers are
/// big-endian.
///
/// | at | bytes | field |
/// |---|---|---|
/// | 0 | 8 | offset; of a compressed entry: that of its last inner message |
/// | 8 | 4 | size: the bytes after this field |
/// | 12 | 4 | CRC-32 (IEEE) of bytes 16 to the end of the entry |
/// | 16 | 1 | magic, 0 or 1 |
/// | 17 | 1 | attributes: bits 0-2 codec (gzip, snappy, lz4), bit 3 LogAppendTime (magic 1) |
/// | 18 | 8 | magic 1 alone: timestamp, milliseconds, -1 none |
/// | 18 or 26 | | key length i32 (-1 null), key, value length i32 (-1 null), value |
///
/// A compressed entry's value is a set of entries in this same layout and magic; a partial last one is left
/// out. Inner offsets of magic 1 count from 0 (`wrapper - last inner + inner`), those of magic 0 are
/// absolute; a wrapper at offset 0 holds absolute ones too (some clients). With bit 3 all inner messages have
/// the wrapper's timestamp. Documented in Apache Kafka, `LegacyRecord` and `AbstractLegacyRecordBatch`.
enum KafkaLegacySet {
  /// The smallest entry, magic 0 with null key and no value.
  static let smallestEntry = 26
  /// Entries larger than this are not read, in bytes.
  static let largestEntry = Codec.limit

  struct Flaw: Error, Equatable {
    var reason: String
    init(_ reason: String) { self.reason = reason }
  }

  /// Bytes of the entry that begins `bytes`, prefix included; nil when its size cannot be.
  static func length(_ bytes: UnsafeRawBufferPointer) -> UInt64? {
    guard bytes.count >= KafkaBatchHeader.prefixSize else { return nil }
    let size = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: Int32.self))
    return size < (bytes[16] == 0 ? 14 : 22) ? nil : UInt64(size) + 12
  }

  /// The entry at `position` as the header of a batch, checked with all CRCs; or what is wrong with it.
  /// `checked` false: its own CRC is not asked.
  static func header(
    at position: UInt64, left: UInt64, checked: Bool = true, _ scratch: KafkaScratch
  ) throws(Fault) -> Result<KafkaBatchHeader, Flaw> {
    let prefix = try scratch.probe.view(at: position, count: KafkaBatchHeader.prefixSize)
    guard let length = length(prefix) else { return .failure(Flaw("a message with an impossible size")) }
    guard length <= left else {
      return .failure(Flaw("a message of \(length) bytes, but only \(left) are left"))
    }
    guard length <= UInt64(largestEntry) else {
      return .failure(Flaw("a message of \(length) bytes is not read"))
    }
    if checked, try !isIntact(position, length, scratch.probe) { return .failure(Flaw("CRC mismatch")) }
    let entry = try scratch.probe.view(at: position, count: Int(length))
    switch content(entry, scratch) {
    case .success(let content): return .success(header(content, entry, position))
    case .failure(let flaw): return .failure(flaw)
    }
  }

  /// Where the compressed entry at `position` ends by its own words: its size and the size of its value say
  /// the same. nil when no such entry stands there. Its CRC is not looked at.
  static func claimedEnd(at position: UInt64, _ scratch: KafkaScratch) throws(Fault) -> UInt64? {
    let bytes = try scratch.probe.view(at: position, count: 34)
    guard bytes.count == 34, bytes[16] < 2, bytes[17] & 7 != 0, let length = length(bytes) else { return nil }
    let keyAt = bytes[16] == 0 ? 18 : 26
    let key = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: keyAt, as: Int32.self))
    let value = Int32(bigEndian: bytes.loadUnaligned(fromByteOffset: keyAt + 4, as: Int32.self))
    guard key == -1, value >= 0, UInt64(keyAt + 8) + UInt64(value) == length else { return nil }
    return position + length
  }

  /// Checks the CRC in steps, so that a forged size costs no memory.
  private static func isIntact(_ position: UInt64, _ length: UInt64, _ window: FrameWindow) throws(Fault)
    -> Bool
  {
    let head = try window.view(at: position, count: KafkaBatchHeader.prefixSize)
    guard head.count == KafkaBatchHeader.prefixSize else { return false }
    let wanted = UInt32(bigEndian: head.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    var running: UInt32 = 0
    var at = position + 16
    while at < position + length {
      let step = Int(min(position + length - at, 1 << 20))
      let bytes = try window.view(at: at, count: step)
      guard bytes.count == step else { return false }
      running = Checksum.crc32(bytes, from: running)
      at += UInt64(step)
    }
    return running == wanted
  }

  /// What an entry holds. The slices of its messages are in `scratch.records`.
  struct Content {
    /// Borrowed until the scratch is used again: what the slices count from.
    var block: UnsafeRawBufferPointer
    var baseOffset: Int64
    var lastOffset: Int64
    var count: Int
    var maxTimestamp: Int64
  }

  /// Reads the messages of an entry whose own CRC is right.
  static func content(_ entry: UnsafeRawBufferPointer, _ scratch: KafkaScratch) -> Result<Content, Flaw> {
    var outer = Reader(entry)
    guard let message = outer.message(), message.end == entry.count else {
      return .failure(Flaw("a message whose key and value do not fill it"))
    }
    guard let codec = message.codec, codec != .zstd else {
      return .failure(Flaw("codec \(message.attributes & 7) does not exist in magic \(message.magic)"))
    }
    var content = Content(
      block: entry, baseOffset: message.offset, lastOffset: message.offset, count: 1,
      maxTimestamp: message.timestamp)
    scratch.records.removeAll(keepingCapacity: true)
    if codec == .none {
      scratch.records.append(message.slices(offsetDelta: 0))
      return .success(content)
    }
    do throws(CodecError) {
      content.block = try decompress(codec, message, entry, scratch)
    } catch { return .failure(Flaw(error.description)) }
    return inner(&content, of: message, scratch).map { .failure($0) } ?? .success(content)
  }

  private static func decompress(
    _ codec: Codec, _ message: Message, _ entry: UnsafeRawBufferPointer, _ scratch: KafkaScratch
  ) throws(CodecError) -> UnsafeRawBufferPointer {
    guard message.valueCount > 0 else { throw CodecError(codec, "no data") }
    let value = UnsafeRawBufferPointer(
      rebasing: entry[message.valueAt..<message.valueAt + message.valueCount])
    guard codec == .lz4, message.magic == 0, value.count >= 7 else {
      return try scratch.decompressor.decompress(codec, value)
    }
    // Writers of magic 0 counted the frame's own magic into its header checksum: set it right in a copy.
    var copy = Array(value)
    let checksumAt = 6 + (copy[4] & 8 != 0 ? 8 : 0) + (copy[4] & 1 != 0 ? 4 : 0)
    guard checksumAt < copy.count else { throw CodecError(codec, "ends inside a frame") }
    copy[checksumAt] = copy.withUnsafeBytes { bytes in
      UInt8(truncatingIfNeeded: Checksum.xxh32(UnsafeRawBufferPointer(rebasing: bytes[4..<checksumAt])) >> 8)
    }
    var result: Result<UnsafeRawBufferPointer, CodecError> = .failure(CodecError(codec, ""))
    copy.withUnsafeBytes { bytes in
      do throws(CodecError) { result = .success(try scratch.decompressor.decompress(codec, bytes)) } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }

  private static func inner(_ content: inout Content, of wrapper: Message, _ scratch: KafkaScratch) -> Flaw? {
    var reader = Reader(content.block)
    var offsets: [Int64] = []
    content.maxTimestamp = wrapper.timestamp
    while let message = reader.message() {
      guard message.magic == wrapper.magic else { return Flaw("inner magic \(message.magic)") }
      guard message.codec == Codec.none else { return Flaw("a compressed message inside a compressed one") }
      guard message.isIntact(content.block) else { return Flaw("CRC mismatch of an inner message") }
      offsets.append(message.offset)
      scratch.records.append(message.slices(offsetDelta: 0))
      // The broker's clock set the wrapper's time, and with it that of all.
      if !wrapper.isLogAppendTime { content.maxTimestamp = max(content.maxTimestamp, message.timestamp) }
    }
    guard let first = offsets.first, let last = offsets.last else {
      return Flaw("a compressed message with nothing in it")
    }
    let isRelative = wrapper.magic == 1 && wrapper.offset != 0
    // Wrapping: forged offsets give a span that the next guard refuses.
    let shift = isRelative ? wrapper.offset &- last : 0
    content.baseOffset = first &+ shift
    content.lastOffset = last &+ shift
    content.count = offsets.count
    for index in offsets.indices {
      guard let delta = Int32(exactly: offsets[index] &- first), delta >= 0,
        index == 0 || offsets[index] > offsets[index - 1]
      else { return Flaw("inner offsets that do not ascend") }
      scratch.records[index].offsetDelta = delta
    }
    return content.baseOffset < 0 || content.lastOffset < content.baseOffset
      ? Flaw("impossible offsets") : nil
  }

  private static func header(_ content: Content, _ entry: UnsafeRawBufferPointer, _ position: UInt64)
    -> KafkaBatchHeader
  {
    // 61 bytes to begin with: the fields are set below, whatever they were.
    var header = KafkaBatchHeader(blankAt: position)
    header.length = entry.count
    header.magic = Int8(bitPattern: entry[16])
    header.crc = UInt32(bigEndian: entry.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    header.attributes = Int16(entry[17] & (header.magic == 0 ? 7 : 15))
    header.baseOffset = content.baseOffset
    header.lastOffsetDelta = Int32(truncatingIfNeeded: content.lastOffset &- content.baseOffset)
    header.recordCount = Int32(truncatingIfNeeded: content.count)
    header.maxTimestamp = content.maxTimestamp
    // Each message carries its own time: a delta to zero.
    header.baseTimestamp = 0
    return header
  }

  // MARK: One message

  struct Message {
    var start = 0
    var end = 0
    var offset: Int64 = 0
    var magic: UInt8 = 0
    var attributes: UInt8 = 0
    var timestamp: Int64 = -1
    var keyAt = 0
    var keyCount = -1
    var valueAt = 0
    var valueCount = -1

    var codec: Codec? { Codec(rawValue: attributes & 7) }
    var isLogAppendTime: Bool { magic == 1 && attributes & 8 != 0 }

    func isIntact(_ block: UnsafeRawBufferPointer) -> Bool {
      let stored = UInt32(bigEndian: block.loadUnaligned(fromByteOffset: start + 12, as: UInt32.self))
      return Checksum.crc32(UnsafeRawBufferPointer(rebasing: block[start + 16..<end])) == stored
    }

    func slices(offsetDelta: Int32) -> KafkaRecordSlices {
      var slices = KafkaRecordSlices()
      slices.start = Int32(truncatingIfNeeded: start)
      slices.end = Int32(truncatingIfNeeded: end)
      slices.keyAt = Int32(truncatingIfNeeded: keyAt)
      slices.keyCount = Int32(truncatingIfNeeded: keyCount)
      slices.valueAt = Int32(truncatingIfNeeded: valueAt)
      slices.valueCount = Int32(truncatingIfNeeded: valueCount)
      slices.offsetDelta = offsetDelta
      slices.timestampDelta = timestamp
      return slices
    }
  }

  /// Messages one after the other; nil at the end and at a message that is not whole.
  struct Reader {
    private var reader: ByteReader

    init(_ bytes: UnsafeRawBufferPointer) { reader = ByteReader(bytes) }

    mutating func message() -> Message? { try? read() }

    private mutating func read() throws(ByteReader.Shortage) -> Message {
      var message = Message()
      message.start = reader.index
      message.offset = try reader.big(Int64.self)
      let size = Int(try reader.big(Int32.self))
      message.end = try reader.slice(size).upperBound
      reader.index = message.start + 16
      message.magic = try reader.big(UInt8.self)
      message.attributes = try reader.big(UInt8.self)
      guard message.magic <= 1 else { throw ByteReader.Shortage(at: message.start) }
      if message.magic == 1 { message.timestamp = try reader.big(Int64.self) }
      (message.keyAt, message.keyCount) = try bytes()
      (message.valueAt, message.valueCount) = try bytes()
      guard reader.index == message.end else { throw ByteReader.Shortage(at: message.start) }
      return message
    }

    private mutating func bytes() throws(ByteReader.Shortage) -> (Int, Int) {
      let count = Int(try reader.big(Int32.self))
      guard count >= 0 else { return (reader.index, -1) }
      return (try reader.slice(count).lowerBound, count)
    }
  }
}

extension KafkaBatchHeader {
  /// A header with no producer, no epoch and no records.
  init(blankAt position: UInt64) {
    self.position = position
    (baseOffset, length, leaderEpoch, magic, crc, attributes) = (0, 0, -1, 0, 0, 0)
    (lastOffsetDelta, baseTimestamp, maxTimestamp) = (0, -1, -1)
    (producerId, producerEpoch, baseSequence, recordCount) = (-1, -1, -1, 0)
  }
}
