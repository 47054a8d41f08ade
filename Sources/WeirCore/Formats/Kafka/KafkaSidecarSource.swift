/// A file beside the segments, opened by itself: it holds no events, but its entries can be looked at.
///
/// What its entries mean is in `KafkaIndexFiles` and `KafkaCheckpoints`. Numbers in an `.index` count from
/// the base offset, which is the number in the file's name.
final class KafkaSidecarSource: FrameSource {
  let about: SourceAbout
  private let path: String
  private let name: KafkaSidecarName

  init(path: String, name: KafkaSidecarName) {
    let label = path.split(separator: "/").last.map(String.init) ?? path
    (self.path, self.name) = (path, name)
    about = SourceAbout(
      label: label, address: path, kind: .stream, format: "kafka",
      notes: ["\(name.words): it holds no events; weir frames shows its entries"])
  }

  func catalog(_ effort: CatalogEffort, _ work: Work) throws(Fault) -> Catalog { throw noEvents("list") }

  func log(_ stream: StreamID) throws(Fault) -> any EventLog { throw noEvents("read") }

  func aggregates(_ stream: StreamID, _ work: Work) throws(Fault) -> [AggregateEntry] {
    throw noEvents("list the aggregates of")
  }

  private func noEvents(_ operation: String) -> Fault {
    Fault(
      .nothingThere, operation, path, "\(name.words) holds no events", hint: "weir frames shows its entries")
  }

  func frames(of stream: StreamID, _ work: Work, _ body: (String, FrameEntry) -> Void) throws(Fault) {
    for frame in try read() {
      try work.check()
      body(about.label, frame.entry)
    }
  }

  func frame(_ file: String, at offset: UInt64, record: Int?) throws(Fault) -> FrameDetail {
    guard let frame = try read().first(where: { $0.range.contains(offset) }) else {
      throw Fault(.nothingThere, "read the frame of", file, "it has no byte \(offset)")
    }
    let bytes = try FileBytes(path: path).bytes(at: frame.entry.offset, count: KafkaFrameDetail.most)
    let length = Int(clamping: frame.entry.length)
    return FrameDetail(
      offset: frame.entry.offset, length: frame.entry.length, bytes: Array(bytes.prefix(length)),
      fields: frame.fields)
  }

  /// All frames of the file. Larger ones than any broker writes are read in part.
  private func read() throws(Fault) -> [KafkaSidecarFrame] {
    let file = try FileBytes(path: path)
    let bytes = try file.bytes(at: 0, count: KafkaSidecarFrame.largest)
    return KafkaSidecarFrame.frames(of: name, bytes)
  }
}

/// What a sidecar is, by its name.
struct KafkaSidecarName: Equatable, Sendable {
  enum Kind: String, Sendable {
    case index, timeindex, txnindex, snapshot, checkpoint
  }

  var kind: Kind
  /// The number in the name; 0 for a checkpoint, which has none.
  var base: Int64

  /// nil for anything else. Files that wait for their removal, or that the compactor writes, count too.
  init?(_ name: String) {
    if name.hasSuffix("-offset-checkpoint") || name == "leader-epoch-checkpoint" {
      (kind, base) = (.checkpoint, 0)
      return
    }
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count == 3, ["deleted", "cleaned", "swap"].contains(parts[2]) { parts.removeLast() }
    guard parts.count == 2, parts[0].utf8.count == 20, let base = Int64(parts[0]), base >= 0,
      let kind = Kind(rawValue: String(parts[1])), kind != .checkpoint
    else { return nil }
    (self.kind, self.base) = (kind, base)
  }

  var words: String {
    switch kind {
    case .index: "a segment's offset index"
    case .timeindex: "a segment's time index"
    case .txnindex: "a segment's index of aborted transactions"
    case .snapshot: "a snapshot of producer states"
    case .checkpoint: "a checkpoint"
    }
  }
}

/// One entry of a sidecar with its fields.
struct KafkaSidecarFrame {
  /// Bytes of a sidecar that are looked at; an index is at most 10 MiB unless configured larger.
  static let largest = 64 << 20

  var entry: FrameEntry
  var fields: [FrameField] = []

  var range: Range<UInt64> { entry.offset..<entry.offset + entry.length }

  init(_ range: Range<Int>, _ kind: String) {
    entry = FrameEntry(offset: UInt64(range.lowerBound), length: UInt64(range.count), kind: kind)
  }

  /// Adds a field of `count` bytes after the last one.
  mutating func field(_ count: Int, _ name: String, _ value: String) {
    let start = fields.last?.range.upperBound ?? 0
    fields.append(FrameField(start..<start + count, name, value))
  }

  static func frames(of name: KafkaSidecarName, _ bytes: [UInt8]) -> [KafkaSidecarFrame] {
    switch name.kind {
    case .checkpoint: return KafkaCheckpointFrames.frames(bytes)
    case .snapshot: return [snapshot(bytes)]
    case .index:
      return entries(bytes, width: 8) { reader, frame throws(ByteReader.Shortage) in
        try index(&reader, &frame, name.base)
      }
    case .timeindex:
      return entries(bytes, width: 12) { reader, frame throws(ByteReader.Shortage) in
        try time(&reader, &frame, name.base)
      }
    case .txnindex: return entries(bytes, width: 34, aborted)
    }
  }

  // MARK: Files of entries

  /// What an entry is ordered by: no number of a later entry is smaller.
  private typealias Order = (Int64, Int64)

  private static func entries(
    _ bytes: [UInt8], width: Int,
    _ read: (inout ByteReader, inout KafkaSidecarFrame) throws(ByteReader.Shortage) -> (Int64, Int64)
  ) -> [KafkaSidecarFrame] {
    // Preallocated zeros end the file; no entry of an index is zero.
    let used = bytes.lastIndex { $0 != 0 }.map { ($0 / width + 1) * width } ?? 0
    var found: [KafkaSidecarFrame] = []
    var last: Order = (.min, .min)
    bytes.withUnsafeBytes { all in
      for start in stride(from: 0, to: used, by: width) {
        let end = min(start + width, all.count)
        var frame = KafkaSidecarFrame(start..<end, "entry")
        var reader = ByteReader(all, at: start)
        do throws(ByteReader.Shortage) {
          let order = try read(&reader, &frame)
          if order.0 < last.0 || order.1 < last.1 { frame.entry.damage = "less than the entry before it" }
          last = order
        } catch {
          frame.fields = []
          frame.entry.kind = "torn tail: \(end - start) bytes, less than an entry"
        }
        found.append(frame)
      }
    }
    if used < bytes.count { found.append(KafkaSidecarFrame(used..<bytes.count, "zero tail")) }
    return found
  }

  private static func offset(_ relative: Int32, _ base: Int64) -> String {
    // Wrapping: the number in a name may be the largest there is.
    "\(relative), offset \(base &+ Int64(relative))"
  }

  private static func index(_ reader: inout ByteReader, _ frame: inout KafkaSidecarFrame, _ base: Int64)
    throws(ByteReader.Shortage) -> Order
  {
    let relative = try reader.big(Int32.self)
    let position = try reader.big(Int32.self)
    frame.entry.kind = "index entry: offset \(base &+ Int64(relative)) at byte \(position)"
    frame.field(4, "relativeOffset", offset(relative, base))
    frame.field(4, "position", String(position))
    return (Int64(relative), Int64(position))
  }

  private static func time(_ reader: inout ByteReader, _ frame: inout KafkaSidecarFrame, _ base: Int64)
    throws(ByteReader.Shortage) -> Order
  {
    let timestamp = try reader.big(Int64.self)
    let relative = try reader.big(Int32.self)
    let when = KafkaHeaderFields.time(timestamp)
    frame.entry.kind = "time index entry: \(when), at offset \(base &+ Int64(relative))"
    frame.field(8, "timestamp", KafkaHeaderFields.time(timestamp))
    frame.field(4, "relativeOffset", offset(relative, base))
    return (timestamp, Int64(relative))
  }

  /// `.txnindex`: the aborted transactions whose markers lie in the segment, 34 bytes each, big-endian.
  ///
  /// | at | bytes | field |
  /// |---|---|---|
  /// | 0 | 2 | version, 0 |
  /// | 2 | 8 | producer ID |
  /// | 10 | 8 | first offset of the transaction |
  /// | 18 | 8 | offset of its abort marker |
  /// | 26 | 8 | last stable offset then |
  ///
  /// No checksum, and nothing tells that an entry is missing; so it is shown, and marks come from the markers
  /// themselves (`KafkaTransactions`). Documented in Apache Kafka, `AbortedTxn`.
  private static func aborted(_ reader: inout ByteReader, _ frame: inout KafkaSidecarFrame)
    throws(ByteReader.Shortage) -> Order
  {
    let version = try reader.big(Int16.self)
    let producer = try reader.big(Int64.self)
    let first = try reader.big(Int64.self)
    let marker = try reader.big(Int64.self)
    frame.entry.kind = "aborted transaction: producer \(producer), offsets \(first) to \(marker)"
    frame.field(2, "version", String(version))
    frame.field(8, "producerId", String(producer))
    frame.field(8, "firstOffset", String(first))
    frame.field(8, "lastOffset", "\(marker), its ABORT marker")
    frame.field(8, "lastStableOffset", String(try reader.big(Int64.self)))
    return (marker, 0)
  }

  // MARK: Producer snapshot

  private static func snapshot(_ bytes: [UInt8]) -> KafkaSidecarFrame {
    var frame = KafkaSidecarFrame(0..<bytes.count, "producer snapshot")
    bytes.withUnsafeBytes { all in
      var reader = ByteReader(all)
      do throws(ByteReader.Shortage) { try read(&reader, &frame) } catch {
        frame.entry.damage = "ends after \(bytes.count) bytes"
      }
    }
    return frame
  }

  private static func read(_ reader: inout ByteReader, _ frame: inout KafkaSidecarFrame)
    throws(ByteReader.Shortage)
  {
    let version = try reader.big(Int16.self)
    frame.field(2, "version", String(version))
    let stored = try reader.big(UInt32.self)
    let covered = UnsafeRawBufferPointer(rebasing: reader.bytes[reader.index...])
    let isRight = Checksum.crc32c(covered) == stored
    let words = "CRC-32C of bytes 6 ..< \(reader.bytes.count)"
    frame.field(4, "crc", "\(KafkaHeaderFields.hex(stored)), \(isRight ? "right" : "WRONG"): \(words)")
    frame.entry.crcOK = isRight
    if !isRight { frame.entry.damage = "CRC mismatch" }
    let count = try reader.big(Int32.self)
    frame.field(4, "producers", String(count))
    frame.entry.records = Int(count)
    while !reader.isAtEnd { try producer(&reader, &frame) }
  }

  private static func producer(_ reader: inout ByteReader, _ frame: inout KafkaSidecarFrame)
    throws(ByteReader.Shortage)
  {
    frame.field(8, "producerId", String(try reader.big(Int64.self)))
    frame.field(2, "producerEpoch", String(try reader.big(Int16.self)))
    frame.field(4, "lastSequence", String(try reader.big(Int32.self)))
    frame.field(8, "lastOffset", String(try reader.big(Int64.self)))
    frame.field(4, "offsetDelta", String(try reader.big(Int32.self)))
    frame.field(8, "timestamp", KafkaHeaderFields.time(try reader.big(Int64.self)))
    frame.field(4, "coordinatorEpoch", KafkaHeaderFields.orNone(try reader.big(Int32.self)))
    let open = try reader.big(Int64.self)
    frame.field(8, "currentTxnFirstOffset", open < 0 ? "\(open), no open transaction" : "\(open), open")
  }
}

/// The lines of a text checkpoint (`KafkaCheckpoint`).
enum KafkaCheckpointFrames {
  static func frames(_ bytes: [UInt8]) -> [KafkaSidecarFrame] {
    var found: [KafkaSidecarFrame] = []
    var start = 0
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
      found.append(line(found.count, start..<end, bytes))
      start = end
    }
    return found
  }

  private static func line(_ number: Int, _ range: Range<Int>, _ bytes: [UInt8]) -> KafkaSidecarFrame {
    let kinds = ["checkpoint version", "checkpoint count"]
    var frame = KafkaSidecarFrame(range, kinds.indices.contains(number) ? kinds[number] : "checkpoint row")
    let words = bytes[range].split(whereSeparator: { $0 == 0x20 || $0 == 0x0A })
    let names: [Int: [String]] = [2: ["epoch", "startOffset"], 3: ["topic", "partition", "offset"]]
    let isRow = number >= kinds.count
    let content = bytes[range].last == 0x0A ? bytes[range].dropLast() : bytes[range]
    frame.entry.kind += ": " + String(decoding: content, as: UTF8.self)
    let known = isRow ? names[words.count] : words.count == 1 ? [kinds[number]] : nil
    guard let known else {
      frame.entry.damage = "a line of \(words.count) words"
      return frame
    }
    for (name, word) in zip(known, words) {
      let place = word.startIndex - range.lowerBound..<word.endIndex - range.lowerBound
      frame.fields.append(FrameField(place, name, String(decoding: word, as: UTF8.self)))
      if name != "topic", frame.entry.damage == nil, Int64(String(decoding: word, as: UTF8.self)) == nil {
        frame.entry.damage = "the \(name) is no number"
      }
    }
    return frame
  }
}
