package import WeirCore

/// One record to be put into a batch or a message set.
package struct KafkaTestRecord: Sendable {
  package var key: [UInt8]?
  package var value: [UInt8]?
  package var headers: [(name: [UInt8], value: [UInt8]?)] = []
  package var offsetDelta: Int32
  package var timestampDelta: Int64

  package init(_ delta: Int32, key: String? = nil, value: String? = nil, timestampDelta: Int64? = nil) {
    offsetDelta = delta
    self.key = key.map { Array($0.utf8) }
    self.value = value.map { Array($0.utf8) }
    self.timestampDelta = timestampDelta ?? Int64(delta)
  }

  fileprivate var bytes: [UInt8] {
    var body = ByteBuilder([0])
    body.zigzag(timestampDelta)
    body.zigzag(Int64(offsetDelta))
    for part in [key, value] {
      body.zigzag(part.map { Int64($0.count) } ?? -1)
      body.append(part ?? [])
    }
    body.zigzag(Int64(headers.count))
    for header in headers {
      body.zigzag(Int64(header.name.count))
      body.append(header.name)
      body.zigzag(header.value.map { Int64($0.count) } ?? -1)
      body.append(header.value ?? [])
    }
    var whole = ByteBuilder()
    whole.zigzag(Int64(body.count))
    whole.append(body.bytes)
    return whole.bytes
  }
}

/// A batch of magic 2, field by field; what is not set is what a plain producer writes.
package struct KafkaTestBatch: Sendable {
  package var baseOffset: Int64
  package var leaderEpoch: Int32 = 0
  package var codec = Codec.none
  package var isLogAppendTime = false
  package var isTransactional = false
  package var isControl = false
  package var hasDeleteHorizon = false
  /// nil: that of the last record.
  package var lastOffsetDelta: Int32?
  package var baseTimestamp: Int64 = 1_700_000_000_000
  /// nil: the largest of the records.
  package var maxTimestamp: Int64?
  package var producerId: Int64 = -1
  package var producerEpoch: Int16 = -1
  package var baseSequence: Int32 = -1
  /// nil: as many as there are.
  package var recordCount: Int32?
  package var records: [KafkaTestRecord]
  /// What stands in the place of the records; nil: the records, compressed.
  package var body: [UInt8]?
  /// Changes the batch before its CRC is made.
  package var batchLength: Int32?

  package init(_ baseOffset: Int64, _ records: [KafkaTestRecord]) {
    self.baseOffset = baseOffset
    self.records = records
  }

  /// `count` records with the values `v0`, `v1` … and one key.
  package init(_ baseOffset: Int64, count: Int32, key: String? = "k", codec: Codec = .none) {
    self.init(
      baseOffset,
      (0..<count).map { KafkaTestRecord($0, key: key, value: "v\(baseOffset &+ Int64($0))") })
    self.codec = codec
  }

  /// Written in a transaction of `producer`.
  package func inTransaction(of producer: Int64, epoch: Int16 = 0) -> KafkaTestBatch {
    var copy = self
    (copy.producerId, copy.producerEpoch, copy.isTransactional) = (producer, epoch, true)
    return copy
  }

  /// The marker that ends a transaction: type 1 commits, 0 aborts.
  package static func marker(_ offset: Int64, _ producer: Int64, commits: Bool, epoch: Int16 = 0)
    -> KafkaTestBatch
  {
    var record = KafkaTestRecord(0)
    record.key = [0, 0, 0, commits ? 1 : 0]
    record.value = [0, 0, 0, 0, 0, 7]
    var batch = KafkaTestBatch(offset, [record]).inTransaction(of: producer, epoch: epoch)
    batch.isControl = true
    return batch
  }

  package var block: [UInt8] { records.flatMap(\.bytes) }

  package var bytes: [UInt8] {
    let body = body ?? StoredFrames.wrap(codec, block)
    var out = ByteBuilder()
    out.big(baseOffset)
    out.big(batchLength ?? Int32(truncatingIfNeeded: body.count + 49))
    out.big(leaderEpoch)
    out.append([2])
    out.big(UInt32(0))
    out.big(attributes)
    out.big(lastOffsetDelta ?? records.last?.offsetDelta ?? 0)
    out.big(baseTimestamp)
    out.big(maxTimestamp ?? baseTimestamp &+ (records.map(\.timestampDelta).max() ?? 0))
    out.big(producerId)
    out.big(producerEpoch)
    out.big(baseSequence)
    out.big(recordCount ?? Int32(records.count))
    out.append(body)
    let crc = out.bytes[21...].withUnsafeBytes { Checksum.crc32c($0) }
    out.patch(17, crc)
    return out.bytes
  }

  private var attributes: Int16 {
    Int16(codec.rawValue) | (isLogAppendTime ? 8 : 0) | (isTransactional ? 16 : 0) | (isControl ? 32 : 0)
      | (hasDeleteHorizon ? 64 : 0)
  }
}

/// A message of magic 0 or 1, or a compressed set of them.
package struct KafkaTestMessage: Sendable {
  package var magic: UInt8
  package var offset: Int64
  package var attributes: UInt8 = 0
  /// Of magic 1 alone.
  package var timestamp: Int64
  package var key: [UInt8]?
  package var value: [UInt8]?

  package init(
    magic: UInt8, _ offset: Int64, key: String? = "k", value: String? = nil,
    timestamp: Int64 = 1_500_000_000_000
  ) {
    (self.magic, self.offset, self.timestamp) = (magic, offset, timestamp)
    self.key = key.map { Array($0.utf8) }
    self.value = Array((value ?? "v\(offset)").utf8)
  }

  /// A wrapper around messages, whose offsets stand as they are given.
  package init(wrapping inner: [KafkaTestMessage], _ codec: Codec, at offset: Int64, timestamp: Int64? = nil)
  {
    magic = inner.first?.magic ?? 1
    self.offset = offset
    attributes = codec.rawValue
    self.timestamp = timestamp ?? inner.map(\.timestamp).max() ?? -1
    key = nil
    value = StoredFrames.wrap(codec, inner.flatMap(\.bytes), oldLZ4: magic == 0)
  }

  package var bytes: [UInt8] {
    var message = ByteBuilder([magic, attributes])
    if magic == 1 { message.big(timestamp) }
    for part in [key, value] {
      message.big(part.map { Int32($0.count) } ?? -1)
      message.append(part ?? [])
    }
    var out = ByteBuilder()
    out.big(offset)
    out.big(Int32(message.count + 4))
    out.big(message.bytes.withUnsafeBytes { Checksum.crc32($0) })
    out.append(message.bytes)
    return out.bytes
  }
}

/// Frames of each codec whose content is stored as it is: enough to be undone, made without a compressor.
package enum StoredFrames {
  /// `oldLZ4`: with the header checksum that writers of magic 0 made.
  package static func wrap(_ codec: Codec, _ content: [UInt8], oldLZ4: Bool = false) -> [UInt8] {
    switch codec {
    case .none: content
    case .gzip: gzip(content)
    case .snappy: snappy(content)
    case .lz4: lz4(content, isOld: oldLZ4)
    case .zstd: zstd(content)
    }
  }

  /// Pieces of at most `size` bytes, at least one.
  private static func pieces(_ content: [UInt8], _ size: Int) -> [ArraySlice<UInt8>] {
    content.isEmpty
      ? [[]]
      : stride(from: 0, to: content.count, by: size).map { content[$0..<min($0 + size, content.count)] }
  }

  private static func gzip(_ content: [UInt8]) -> [UInt8] {
    var out = ByteBuilder([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
    let parts = pieces(content, 65_535)
    for (index, part) in parts.enumerated() {
      out.append([index == parts.count - 1 ? 1 : 0])
      out.little(UInt16(part.count))
      out.little(~UInt16(part.count))
      out.append(part)
    }
    out.little(content.withUnsafeBytes { Checksum.crc32($0) })
    out.little(UInt32(content.count))
    return out.bytes
  }

  /// Java's container around raw blocks of literals.
  private static func snappy(_ content: [UInt8]) -> [UInt8] {
    var out = ByteBuilder([0x82, 0x53, 0x4E, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
    for part in pieces(content, 32_768) {
      var block = ByteBuilder(varint(part.count))
      if !part.isEmpty {
        block.append([61 << 2])
        block.little(UInt16(part.count - 1))
        block.append(part)
      }
      out.big(UInt32(block.count))
      out.append(block.bytes)
    }
    return out.bytes
  }

  private static func varint(_ value: Int) -> [UInt8] {
    var rest = value
    var out: [UInt8] = []
    while rest >= 0x80 {
      out.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    return out + [UInt8(rest)]
  }

  private static func lz4(_ content: [UInt8], isOld: Bool) -> [UInt8] {
    var out = ByteBuilder([0x04, 0x22, 0x4D, 0x18, 0x60, 0x40])
    let counted = isOld ? out.bytes[...] : out.bytes[4...]
    out.append([UInt8(truncatingIfNeeded: counted.withUnsafeBytes { Checksum.xxh32($0) } >> 8)])
    for part in pieces(content, 65_536) where !part.isEmpty {
      out.little(UInt32(part.count) | 1 << 31)
      out.append(part)
    }
    out.little(UInt32(0))
    return out.bytes
  }

  private static func zstd(_ content: [UInt8]) -> [UInt8] {
    var out = ByteBuilder([0x28, 0xB5, 0x2F, 0xFD, 0x00, 0x58])
    let parts = pieces(content, 65_536)
    for (index, part) in parts.enumerated() {
      let header = UInt32(part.count) << 3 | (index == parts.count - 1 ? 1 : 0)
      out.append([UInt8(header & 255), UInt8(header >> 8 & 255), UInt8(header >> 16 & 255)])
      out.append(part)
    }
    return out.bytes
  }
}

/// A log directory of a test's own making.
package final class KafkaTestDirectory: Sendable {
  package let folder: TemporaryFolder
  package var path: String { folder.path }

  package init() throws(Fault) { folder = try TemporaryFolder() }

  /// Writes a segment file; `suffix` is put after `.log`.
  @discardableResult
  package func segment(_ partition: String, _ base: Int64, _ content: [UInt8], suffix: String = "")
    throws(Fault) -> String
  {
    try file(partition, KafkaTestDirectory.name(base, "log" + suffix), content)
  }

  @discardableResult
  package func segment(_ partition: String, _ base: Int64, _ batches: [KafkaTestBatch], suffix: String = "")
    throws(Fault) -> String
  {
    try segment(partition, base, batches.flatMap(\.bytes), suffix: suffix)
  }

  /// Any file of a partition.
  @discardableResult
  package func file(_ partition: String, _ name: String, _ content: [UInt8]) throws(Fault) -> String {
    try folder.directory(partition)
    return try folder.write(partition + "/" + name, content)
  }

  /// Twenty digits and what follows the dot.
  package static func name(_ base: Int64, _ ending: String) -> String {
    let digits = String(base)
    return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits + "." + ending
  }

  /// A checkpoint file of the directory, a row each.
  package func checkpoint(_ name: String, _ rows: [String]) throws(Fault) {
    try folder.write(name, "0\n\(rows.count)\n" + rows.map { $0 + "\n" }.joined())
  }
}
