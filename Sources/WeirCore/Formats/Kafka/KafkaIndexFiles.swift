/// A sidecar of entries of one width, looked up where it lies: a binary search that ends in one block costs a
/// few small reads, which beats reading 10 MiB. Nothing here is trusted by its users: an entry is where a
/// search begins.
struct KafkaEntryFile {
  /// So many entries are read at once when no more are left to choose from.
  private static let block = 256

  private let source: any ByteSource
  let width: Int
  /// Whole entries in the file, padding included.
  let count: Int

  init(_ source: any ByteSource, width: Int) {
    self.source = source
    self.width = width
    count = Int(min(source.size, 1 << 31)) / width
  }

  /// The bytes of one entry; nil where the file has become shorter.
  func entry(_ index: Int) -> [UInt8]? {
    let found = entries(index..<index + 1)
    return found.count == width ? found : nil
  }

  /// The bytes of some entries; fewer where the file has become shorter.
  private func entries(_ range: Range<Int>) -> [UInt8] {
    let bytes = try? source.bytes(at: UInt64(range.lowerBound) * UInt64(width), count: range.count * width)
    return bytes ?? []
  }

  /// Index of the last entry for which `isBelow` holds, given that it holds for all before it; nil when it
  /// holds for none.
  func last(where isBelow: (ArraySlice<UInt8>) -> Bool) -> Int? {
    var low = 0
    var high = count
    while high - low > Self.block {
      let middle = low + (high - low) / 2
      guard let bytes = entry(middle), isBelow(bytes[...]) else {
        high = middle
        continue
      }
      low = middle + 1
    }
    let start = low
    let bytes = entries(start..<high)
    high = min(high, start + bytes.count / width)
    while low < high {
      let middle = low + (high - low) / 2
      let at = (middle - start) * width
      if isBelow(bytes[at..<at + width]) { low = middle + 1 } else { high = middle }
    }
    return low == 0 ? nil : low - 1
  }
}

/// `.index`: where batches begin, one entry for about 4 KiB of log. Big-endian, 8 bytes each.
///
/// | at | bytes | field |
/// |---|---|---|
/// | 0 | 4 | last offset of what was appended at the position, minus the segment's base offset |
/// | 4 | 4 | position in the `.log` |
///
/// Both ascend. The active segment's file is preallocated with zeros; no real entry is (0, 0). No checksum.
/// Documented in Apache Kafka, `OffsetIndex`.
struct KafkaOffsetIndex {
  struct Entry: Equatable {
    var offset: Int64
    var position: UInt64
  }

  private let file: KafkaEntryFile
  private let base: Int64

  init(_ source: any ByteSource, base: Int64) {
    file = KafkaEntryFile(source, width: 8)
    self.base = base
  }

  /// The last entry whose offset is at most `offset`.
  func floor(_ offset: Int64) -> Entry? {
    file.last { bytes in entry(bytes).map { $0.offset <= offset } ?? false }.flatMap(at)
  }

  /// The last entry whose position is below `position`.
  func floor(position: UInt64) -> Entry? {
    file.last { bytes in entry(bytes).map { $0.position < position } ?? false }.flatMap(at)
  }

  /// The last entry before the padding.
  var last: Entry? { file.last { entry($0) != nil }.flatMap(at) }

  private func at(_ index: Int) -> Entry? { file.entry(index).flatMap { entry($0[...]) } }

  private func entry(_ bytes: ArraySlice<UInt8>) -> Entry? {
    let (relative, position) = bytes.withUnsafeBytes {
      (
        Int32(bigEndian: $0.loadUnaligned(fromByteOffset: 0, as: Int32.self)),
        Int32(bigEndian: $0.loadUnaligned(fromByteOffset: 4, as: Int32.self))
      )
    }
    guard relative >= 0, position > 0 else { return nil }
    let (offset, overflow) = base.addingReportingOverflow(Int64(relative))
    return overflow ? nil : Entry(offset: offset, position: UInt64(position))
  }
}

/// `.timeindex`: the largest time so far, and which batch carried it. Big-endian, 12 bytes each.
///
/// | at | bytes | field |
/// |---|---|---|
/// | 0 | 8 | the largest timestamp in the segment up to here, milliseconds |
/// | 8 | 4 | last offset of the batch that carries it, minus the segment's base offset |
///
/// Both never descend; preallocated zeros follow. No checksum. Documented in Apache Kafka, `TimeIndex`.
struct KafkaTimeIndex {
  struct Entry: Equatable {
    var timestamp: Int64
    var offset: Int64
  }

  private let file: KafkaEntryFile
  private let base: Int64

  init(_ source: any ByteSource, base: Int64) {
    file = KafkaEntryFile(source, width: 12)
    self.base = base
  }

  /// The last entry whose time is before `timestamp`.
  func floor(before timestamp: Int64) -> Entry? {
    file.last { bytes in entry(bytes).map { $0.timestamp < timestamp } ?? false }.flatMap(at)
  }

  /// The last entry before the padding: the segment's largest time once it is closed.
  var last: Entry? { file.last { entry($0) != nil }.flatMap(at) }

  private func at(_ index: Int) -> Entry? { file.entry(index).flatMap { entry($0[...]) } }

  private func entry(_ bytes: ArraySlice<UInt8>) -> Entry? {
    let (timestamp, relative) = bytes.withUnsafeBytes {
      (
        Int64(bigEndian: $0.loadUnaligned(fromByteOffset: 0, as: Int64.self)),
        Int32(bigEndian: $0.loadUnaligned(fromByteOffset: 8, as: Int32.self))
      )
    }
    guard timestamp > 0 || relative > 0, relative >= 0 else { return nil }
    let (offset, overflow) = base.addingReportingOverflow(Int64(relative))
    return overflow ? nil : Entry(timestamp: timestamp, offset: offset)
  }
}

/// `NNN.snapshot`: what the broker knew of the partition's producers before offset NNN. Big-endian.
///
/// | at | bytes | field |
/// |---|---|---|
/// | 0 | 2 | version, 1 |
/// | 2 | 4 | CRC-32C of bytes 6 to the end |
/// | 6 | 4 | how many entries |
/// | 10 | 46 each | producer ID i64, epoch i16, last sequence i32, last offset i64, offset delta i32,
/// timestamp i64, coordinator epoch i32, first offset of the open transaction i64 (-1: none is open) |
///
/// Documented in Apache Kafka, `ProducerStateManager`.
struct KafkaProducerSnapshot: Equatable {
  struct Producer: Equatable {
    var id: Int64
    var epoch: Int16
    var lastSequence: Int32
    var lastOffset: Int64
    var timestamp: Int64
    /// First offset of the transaction it has open.
    var openFrom: Int64?
  }

  static let entrySize = 46
  var producers: [Producer]

  /// nil when the version, size or CRC is not right.
  init?(_ bytes: [UInt8]) {
    let parsed: [Producer]? = bytes.withUnsafeBytes { all in
      var reader = ByteReader(all)
      return try? Self.parse(&reader)
    }
    guard let parsed else { return nil }
    producers = parsed
  }

  private static func parse(_ reader: inout ByteReader) throws(ByteReader.Shortage) -> [Producer]? {
    guard try reader.big(Int16.self) == 1 else { return nil }
    let crc = try reader.big(UInt32.self)
    guard Checksum.crc32c(UnsafeRawBufferPointer(rebasing: reader.bytes[reader.index...])) == crc else {
      return nil
    }
    let count = Int(try reader.big(Int32.self))
    guard count >= 0, count == reader.remaining / entrySize, reader.remaining % entrySize == 0 else {
      return nil
    }
    var producers: [Producer] = []
    producers.reserveCapacity(count)
    for _ in 0..<count {
      let id = try reader.big(Int64.self)
      let epoch = try reader.big(Int16.self)
      let sequence = try reader.big(Int32.self)
      let offset = try reader.big(Int64.self)
      _ = try reader.big(Int32.self)
      let time = try reader.big(Int64.self)
      _ = try reader.big(Int32.self)
      let open = try reader.big(Int64.self)
      producers.append(
        Producer(
          id: id, epoch: epoch, lastSequence: sequence, lastOffset: offset, timestamp: time,
          openFrom: open < 0 ? nil : open))
    }
    return producers
  }
}
