/// The header of a record batch, magic 2 (Kafka 0.11 and later), and of what stands in its place in older
/// logs. All integers are big-endian.
///
/// | at | bytes | field |
/// |---|---|---|
/// | 0 | 8 | base offset: that of the first record as originally written |
/// | 8 | 4 | batch length: the bytes after this field |
/// | 12 | 4 | partition leader epoch, -1 none |
/// | 16 | 1 | magic |
/// | 17 | 4 | CRC-32C of bytes 21 to the end of the batch |
/// | 21 | 2 | attributes: bits 0-2 codec, 3 LogAppendTime, 4 transactional, 5 control, 6 delete horizon |
/// | 23 | 4 | last offset delta: last offset = base offset + this |
/// | 27 | 8 | base timestamp, milliseconds, -1 none |
/// | 35 | 8 | largest timestamp |
/// | 43 | 8 | producer ID, -1 none |
/// | 51 | 2 | producer epoch |
/// | 53 | 4 | base sequence |
/// | 57 | 4 | record count; less than last offset delta + 1 after compaction |
/// | 61 | | records, compressed as one block where the codec is not 0 |
///
/// The CRC does not cover the first 21 bytes: the broker sets base offset and leader epoch. So a base offset
/// is held against its neighbours, see `KafkaSegmentScanner`. Documented in Apache Kafka,
/// `DefaultRecordBatch`.
///
/// Entries of magic 0 and 1 begin alike (offset, length, and the magic at 16); see `KafkaLegacySet`. For them
/// the fields here are filled in as a batch would have them.
package struct KafkaBatchHeader: Sendable, Equatable {
  /// Bytes of a v2 header, which is also the smallest batch.
  package static let size = 61
  /// Bytes that every entry of any magic begins with: offset, length, …, magic.
  package static let prefixSize = 17
  /// Where the bytes begin that the CRC of a v2 batch covers.
  package static let coveredFrom = 21

  /// Where it begins in its file.
  package var position: UInt64
  package var baseOffset: Int64
  /// Stored bytes in all, header included.
  package var length: Int
  package var leaderEpoch: Int32
  package var magic: Int8
  package var crc: UInt32
  package var attributes: Int16
  package var lastOffsetDelta: Int32
  package var baseTimestamp: Int64
  package var maxTimestamp: Int64
  package var producerId: Int64
  package var producerEpoch: Int16
  package var baseSequence: Int32
  package var recordCount: Int32

  /// Reads a v2 header; nil when fewer than 61 bytes are there. Nothing is checked, not even the magic.
  @inline(__always)
  package init?(_ bytes: UnsafeRawBufferPointer, position: UInt64) {
    guard bytes.count >= Self.size else { return nil }
    @inline(__always) func big<T: FixedWidthInteger>(_ at: Int, _: T.Type) -> T {
      T(bigEndian: bytes.loadUnaligned(fromByteOffset: at, as: T.self))
    }
    self.position = position
    baseOffset = big(0, Int64.self)
    length = Int(big(8, Int32.self)) + 12
    leaderEpoch = big(12, Int32.self)
    magic = big(16, Int8.self)
    crc = big(17, UInt32.self)
    attributes = big(21, Int16.self)
    lastOffsetDelta = big(23, Int32.self)
    baseTimestamp = big(27, Int64.self)
    maxTimestamp = big(35, Int64.self)
    producerId = big(43, Int64.self)
    producerEpoch = big(51, Int16.self)
    baseSequence = big(53, Int32.self)
    recordCount = big(57, Int32.self)
  }

  /// One past its last byte.
  package var end: UInt64 { position &+ UInt64(max(length, 0)) }
  /// Offset of its last record as originally written. Exact for every header that `flaw` finds nothing in.
  package var lastOffset: Int64 { baseOffset &+ Int64(lastOffsetDelta) }
  package var range: Range<UInt64> { position..<max(position, end) }
  /// nil: a codec that does not exist.
  package var codec: Codec? { Codec(rawValue: UInt8(attributes & 7)) }
  /// The broker's clock set every record's time; otherwise its producer's did.
  package var isLogAppendTime: Bool { attributes & 8 != 0 }
  package var isTransactional: Bool { attributes & 16 != 0 }
  package var isControl: Bool { attributes & 32 != 0 }
  /// The base timestamp says when the compactor may drop the batch's tombstones; deltas still count from it.
  package var hasDeleteHorizon: Bool { attributes & 64 != 0 }

  /// What in the fields alone cannot be, in words; nil when a batch may look like this.
  package var flaw: String? {
    if magic != 2 { return "magic \(magic) is not known" }
    if length < Self.size { return "a length of \(length) bytes is less than a header" }
    if codec == nil { return "codec \(attributes & 7) does not exist" }
    if baseOffset < 0 || lastOffsetDelta < 0
      || baseOffset.addingReportingOverflow(Int64(lastOffsetDelta)).overflow
    {
      return "offset \(baseOffset) + \(lastOffsetDelta) cannot be"
    }
    // In a 64-bit sum: the delta may be the largest 32-bit number there is.
    if recordCount < 0 || Int64(recordCount) > Int64(lastOffsetDelta) + 1 {
      return "\(recordCount) records do not fit \(Int64(lastOffsetDelta) + 1) offsets"
    }
    return nil
  }

  /// The time of a record with this delta, milliseconds since 1970; nil where the log has none.
  @inline(__always)
  package func timestamp(delta: Int64) -> Int64? {
    // Wrapping is meant: a forged delta gives a wrong time, not a trap.
    let value = isLogAppendTime ? maxTimestamp : baseTimestamp &+ delta
    return value < 0 ? nil : value
  }
}
