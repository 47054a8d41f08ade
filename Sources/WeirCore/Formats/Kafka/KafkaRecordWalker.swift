/// Where one record's parts lie in its batch's records, and its two deltas. A trivial value: one is written
/// for every record of every batch.
package struct KafkaRecordSlices: Sendable, Equatable {
  /// Whole record, its length prefix included.
  package var start: Int32 = 0
  package var end: Int32 = 0
  package var keyAt: Int32 = 0
  /// -1: null.
  package var keyCount: Int32 = -1
  package var valueAt: Int32 = 0
  /// -1: null.
  package var valueCount: Int32 = -1
  /// Where the first header begins.
  package var headersAt: Int32 = 0
  package var headerCount: Int32 = 0
  package var offsetDelta: Int32 = 0
  package var timestampDelta: Int64 = 0

  package init() {}

  package var key: Range<Int> { Int(keyAt)..<Int(keyAt) + Int(max(keyCount, 0)) }
  package var value: Range<Int> { Int(valueAt)..<Int(valueAt) + Int(max(valueCount, 0)) }
}

/// Walks the records of a batch, magic 2. All numbers are zig-zag varints of at most five (time: ten) bytes.
///
/// | field | |
/// |---|---|
/// | length | bytes after this field |
/// | attributes | one byte, unused |
/// | timestamp delta | to the batch's base timestamp |
/// | offset delta | to the batch's base offset |
/// | key length, key | -1: null |
/// | value length, value | -1: null |
/// | header count | then for each: name length, name, value length (-1: null), value |
///
/// A record fills its length exactly, and the records fill the (decompressed) block exactly. The batch's CRC
/// covers them as stored. Documented in Apache Kafka, `DefaultRecord`.
package enum KafkaRecordWalker {
  /// The smallest record: its length and six fields of one byte. Bounds how many records a block can hold.
  static let smallestRecord = 7

  package struct Outcome: Sendable, Equatable {
    /// How many records were understood.
    package var count: Int
    /// What is wrong with the next one, or after the last; nil when the block is exactly `expected` records.
    package var problem: String?
  }

  /// Writes the slices of up to `expected` records to the front of `records`, which grows as needed and is
  /// reused from batch to batch. Never allocates more than the block can hold, whatever `expected` says.
  package static func walk(
    _ block: UnsafeRawBufferPointer, expected: Int, into records: inout [KafkaRecordSlices]
  ) -> Outcome {
    let room = min(max(expected, 0), block.count / smallestRecord)
    if records.count < room {
      records.append(contentsOf: repeatElement(KafkaRecordSlices(), count: room - records.count))
    }
    guard block.count <= Int(Int32.max) else { return Outcome(count: 0, problem: "a block over 2 GiB") }
    var cursor = Cursor(bytes: block)
    let count = records.withUnsafeMutableBufferPointer { target in
      for index in 0..<room where !cursor.record(&target[index]) { return index }
      return room
    }
    if count < expected {
      return Outcome(count: count, problem: "record \(count + 1) of \(expected) is broken")
    }
    guard cursor.index == block.count else {
      return Outcome(count: count, problem: "\(block.count - cursor.index) bytes after the last record")
    }
    return Outcome(count: count, problem: nil)
  }

  /// Calls `body` with name and value (nil: null) of each header of a record.
  package static func headers(
    of record: KafkaRecordSlices, in block: UnsafeRawBufferPointer,
    _ body: (_ name: Range<Int>, _ value: Range<Int>?) -> Void
  ) {
    var cursor = Cursor(bytes: block, index: Int(record.headersAt))
    let limit = Int(record.end)
    for _ in 0..<max(record.headerCount, 0) {
      guard let name = cursor.size(limit), name >= 0 else { return }
      let nameRange = cursor.index..<cursor.index + name
      cursor.index += name
      guard let value = cursor.size(limit) else { return }
      body(nameRange, value < 0 ? nil : cursor.index..<cursor.index + value)
      cursor.index += max(value, 0)
    }
  }

  /// The cursor's own varints, because `ByteReader` throws, and a throw per field costs more than the field.
  private struct Cursor {
    let bytes: UnsafeRawBufferPointer
    var index = 0
    /// Set when a number runs over its end; checked once a record.
    var failed = false

    /// An unsigned varint that ends before `limit`; sets `failed` and gives 0 otherwise.
    @inline(__always)
    mutating func number(_ limit: Int) -> UInt64 {
      guard index < limit else {
        failed = true
        return 0
      }
      let first = bytes[index]
      if first < 0x80 {
        index += 1
        return UInt64(first)
      }
      return longNumber(limit)
    }

    private mutating func longNumber(_ limit: Int) -> UInt64 {
      var value: UInt64 = 0
      var shift: UInt64 = 0
      while index < limit, shift < 70 {
        let byte = bytes[index]
        index += 1
        if shift < 64 { value |= UInt64(byte & 0x7F) << shift }
        if byte < 0x80 { return value }
        shift += 7
      }
      failed = true
      return 0
    }

    @inline(__always)
    mutating func zigzag(_ limit: Int) -> Int64 {
      let value = number(limit)
      return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A length of -1 (null) or more that fits what is left before `limit`.
    @inline(__always)
    mutating func size(_ limit: Int) -> Int? {
      let value = zigzag(limit)
      guard !failed, value >= -1, value <= Int64(limit - index) else { return nil }
      return Int(value)
    }

    @inline(__always)
    mutating func record(_ out: inout KafkaRecordSlices) -> Bool {
      let start = index
      guard let length = size(bytes.count), length >= KafkaRecordWalker.smallestRecord - 1 else {
        return false
      }
      let limit = index + length
      index += 1
      let timestampDelta = zigzag(limit)
      let offsetDelta = zigzag(limit)
      guard let key = size(limit) else { return false }
      let keyAt = index
      index += max(key, 0)
      guard let value = size(limit) else { return false }
      let valueAt = index
      index += max(value, 0)
      let headers = zigzag(limit)
      let headersAt = index
      if headers != 0, !skipHeaders(headers, limit) { return false }
      guard !failed, index == limit, let delta = Int32(exactly: offsetDelta) else { return false }
      out.start = Int32(truncatingIfNeeded: start)
      out.end = Int32(truncatingIfNeeded: limit)
      out.keyAt = Int32(truncatingIfNeeded: keyAt)
      out.keyCount = Int32(truncatingIfNeeded: key)
      out.valueAt = Int32(truncatingIfNeeded: valueAt)
      out.valueCount = Int32(truncatingIfNeeded: value)
      out.headersAt = Int32(truncatingIfNeeded: headersAt)
      out.headerCount = Int32(truncatingIfNeeded: headers)
      out.offsetDelta = delta
      out.timestampDelta = timestampDelta
      return true
    }

    private mutating func skipHeaders(_ count: Int64, _ limit: Int) -> Bool {
      // A header takes two bytes at least.
      guard count > 0, count <= Int64(limit - index) / 2 else { return false }
      for _ in 0..<count {
        guard let name = size(limit), name >= 0 else { return false }
        index += name
        guard let value = size(limit) else { return false }
        index += max(value, 0)
      }
      return true
    }
  }
}
