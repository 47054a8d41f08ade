/// The fields of a v2 header by Kafka's own names, in the order of their bytes (`KafkaBatchHeader`).
enum KafkaHeaderFields {
  /// `crc`: what is to be said of the checksum.
  static func fields(_ header: KafkaBatchHeader, crc: String) -> [FrameField] {
    let length = header.length - 12
    return [
      FrameField(0..<8, "baseOffset", String(header.baseOffset)),
      FrameField(8..<12, "batchLength", "\(length), so \(header.length) bytes in all"),
      FrameField(12..<16, "partitionLeaderEpoch", orNone(header.leaderEpoch)),
      FrameField(16..<17, "magic", String(header.magic)),
      FrameField(17..<21, "crc", crc),
      FrameField(21..<23, "attributes", attributes(header)),
      FrameField(23..<27, "lastOffsetDelta", "\(header.lastOffsetDelta), last offset \(header.lastOffset)"),
      FrameField(
        27..<35, "baseTimestamp",
        time(header.baseTimestamp) + (header.hasDeleteHorizon ? ", the delete horizon" : "")),
      FrameField(35..<43, "maxTimestamp", time(header.maxTimestamp)),
      FrameField(43..<51, "producerId", orNone(header.producerId)),
      FrameField(51..<53, "producerEpoch", orNone(header.producerEpoch)),
      FrameField(53..<57, "baseSequence", orNone(header.baseSequence)),
      FrameField(57..<61, "recordCount", String(header.recordCount)),
    ]
  }

  private static func attributes(_ header: KafkaBatchHeader) -> String {
    var words = [header.codec?.name ?? "codec \(header.attributes & 7), which does not exist"]
    words.append(header.isLogAppendTime ? "LogAppendTime" : "CreateTime")
    if header.isTransactional { words.append("transactional") }
    if header.isControl { words.append("control") }
    if header.hasDeleteHorizon { words.append("delete horizon") }
    return words.joined(separator: ", ")
  }

  static func orNone(_ value: some SignedInteger) -> String { value == -1 ? "-1, none" : String(value) }

  static func time(_ milliseconds: Int64) -> String {
    milliseconds < 0
      ? "\(milliseconds), none"
      : "\(milliseconds), " + TimeText.rfc3339(Instant(milliseconds: milliseconds))
  }

  static func hex(_ value: UInt32) -> String {
    let digits = String(value, radix: 16)
    return "0x" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
  }
}

/// The fields of one record of a v2 batch (`KafkaRecordWalker`), read once more for their places.
struct KafkaRecordFields {
  private let batch: KafkaDecodedBatch
  private let index: Int
  /// Where the records begin in the bytes that the ranges count from.
  private let shift: Int
  private var found: [FrameField] = []

  init(_ batch: KafkaDecodedBatch, _ index: Int, shift: Int) {
    (self.batch, self.index, self.shift) = (batch, index, shift)
  }

  /// A line for the record as a whole.
  static func heading(_ batch: KafkaDecodedBatch, _ index: Int, shift: Int) -> FrameField {
    let record = batch.records[index]
    let time = batch.header.timestamp(delta: record.timestampDelta)
    let when = time.map { ", " + TimeText.rfc3339(Instant(milliseconds: $0)) } ?? ""
    return FrameField(
      Int(record.start) + shift..<Int(record.end) + shift, "record \(index)",
      "offset \(batch.offset(index))\(when)")
  }

  func fields() -> [FrameField] {
    var copy = self
    copy.found.append(Self.heading(batch, index, shift: shift))
    // The walker has been over the same bytes, so nothing is missing; if it were, the rest stays unnamed.
    batch.bytes.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes, at: Int(batch.records[index].start))
      try? copy.read(&reader)
    }
    return copy.found
  }

  private mutating func read(_ reader: inout ByteReader) throws(ByteReader.Shortage) {
    try number("length", &reader) { "\($0) bytes follow" }
    add(try reader.slice(1), "attributes", String(reader.bytes[reader.index - 1]))
    try number("timestampDelta", &reader) { String($0) }
    try number("offsetDelta", &reader) { String($0) }
    try blob("key", &reader)
    try blob("value", &reader)
    let count = try number("headerCount", &reader) { String($0) }
    for header in 0..<max(count, 0) {
      try blob("header \(header) key", &reader)
      try blob("header \(header) value", &reader)
    }
  }

  private mutating func add(_ range: Range<Int>, _ name: String, _ value: String) {
    found.append(FrameField(range.lowerBound + shift..<range.upperBound + shift, name, value))
  }

  @discardableResult
  private mutating func number(_ name: String, _ reader: inout ByteReader, _ words: (Int64) -> String)
    throws(ByteReader.Shortage) -> Int64
  {
    let start = reader.index
    let value = try reader.zigzag()
    add(start..<reader.index, name, words(value))
    return value
  }

  private mutating func blob(_ name: String, _ reader: inout ByteReader) throws(ByteReader.Shortage) {
    let count = try number(name + "Length", &reader) { $0 < 0 ? "\($0), null" : String($0) }
    guard count >= 0 else { return }
    let range = try reader.slice(Int(clamping: count))
    add(range, name, BlobText.short(reader.bytes[range]))
  }
}

/// The fields of one message of magic 0 or 1 (`KafkaLegacySet`).
enum KafkaMessageFields {
  /// The fields of the message that begins at `start` of `bytes`. `header`: of an entry of the file, not of
  /// one inside another.
  static func fields(_ bytes: [UInt8], at start: Int, in header: KafkaBatchHeader?) -> [FrameField] {
    var found: [FrameField] = []
    bytes.withUnsafeBytes { all in
      var reader = ByteReader(all, at: start)
      try? read(&reader, header, &found)
    }
    return found
  }

  private static func read(
    _ reader: inout ByteReader, _ header: KafkaBatchHeader?, _ found: inout [FrameField]
  ) throws(ByteReader.Shortage) {
    let start = reader.index
    func add(_ count: Int, _ name: String, _ value: String) {
      found.append(FrameField(reader.index - count..<reader.index, name, value))
    }
    let isSet = header.map { $0.codec != Codec.none } ?? false
    let offset = try reader.big(Int64.self)
    add(8, "offset", isSet ? "\(offset), that of the last message inside" : String(offset))
    let size = try reader.big(Int32.self)
    add(4, "messageSize", String(size))
    let crc = try reader.big(UInt32.self)
    let covered = start + 16..<max(start + 16, start + 12 + Int(size))
    add(4, "crc", KafkaHeaderFields.hex(crc) + verdict(crc, covered, reader.bytes))
    let magic = try reader.big(Int8.self)
    add(1, "magic", String(magic))
    let attributes = try reader.big(UInt8.self)
    add(1, "attributes", words(attributes, magic))
    if magic == 1 { add(8, "timestamp", KafkaHeaderFields.time(try reader.big(Int64.self))) }
    try blob("key", &reader, &found)
    if isSet {
      let count = try reader.big(Int32.self)
      add(4, "valueLength", String(count))
      let range = reader.index..<reader.index + max(0, Int(count))
      found.append(FrameField(range, "value", "\(header?.recordCount ?? 0) messages, compressed"))
    } else {
      try blob("value", &reader, &found)
    }
  }

  private static func verdict(_ crc: UInt32, _ covered: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> String
  {
    let words = "CRC-32 of bytes \(covered.lowerBound) ..< \(covered.upperBound)"
    guard covered.upperBound <= bytes.count else { return ", \(words)" }
    let isRight = Checksum.crc32(UnsafeRawBufferPointer(rebasing: bytes[covered])) == crc
    return ", \(isRight ? "right" : "WRONG"): \(words)"
  }

  private static func words(_ attributes: UInt8, _ magic: Int8) -> String {
    let codec = Codec(rawValue: attributes & 7)?.name ?? "codec \(attributes & 7)"
    return magic == 0 ? codec : codec + (attributes & 8 != 0 ? ", LogAppendTime" : ", CreateTime")
  }

  private static func blob(_ name: String, _ reader: inout ByteReader, _ found: inout [FrameField])
    throws(ByteReader.Shortage)
  {
    let start = reader.index
    let count = try reader.big(Int32.self)
    found.append(
      FrameField(start..<reader.index, name + "Length", count < 0 ? "\(count), null" : String(count)))
    guard count >= 0 else { return }
    let range = try reader.slice(Int(count))
    found.append(FrameField(range, name, BlobText.short(reader.bytes[range])))
  }
}

/// Bytes in a few words: text where they are text, else how many there are.
enum BlobText {
  private static let most = 120

  static func short(_ bytes: Slice<UnsafeRawBufferPointer>) -> String {
    let head = Array(bytes.prefix(most * 4))
    if bytes.isEmpty { return "empty" }
    // The cut may be inside a character.
    for drop in 0..<min(4, head.count) {
      if bytes.count == head.count, drop > 0 { break }
      if let text = String(validating: head.dropLast(drop), as: UTF8.self) {
        return text.count > most || bytes.count > head.count ? text.prefix(most) + "…" : text
      }
    }
    return "\(bytes.count) bytes, not text"
  }
}
