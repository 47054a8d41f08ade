/// The batches of a broker's files, as `weir frames` lists them: what stands at which bytes, whether its
/// checksum is right, and what is wrong with it.
extension KafkaSource: FrameSource {
  func frames(of stream: StreamID, _ work: Work, _ body: (String, FrameEntry) -> Void) throws(Fault) {
    for partition in try partitions(of: stream) {
      for segment in try segments(of: partition) {
        try KafkaFrameList(segment, shared).each(work, body)
      }
    }
  }

  /// The files that are read with these options, in the order of their names.
  private func segments(of partition: KafkaPartition) throws(Fault) -> [KafkaSegment] {
    let layout = try partition.layout()
    let deleted = options.deleted ? layout.deleted.flatMap(\.segments) : []
    return (layout.live.segments + deleted).sorted { ($0.base, $0.name) < ($1.base, $1.name) }
  }

  func frame(_ file: String, at offset: UInt64, record: Int?) throws(Fault) -> FrameDetail {
    let segment = try segment(named: file)
    return try shared.scratches.with { scratch throws(Fault) in
      guard let item = try segment.item(at: offset, scratch) else {
        throw Fault(.nothingThere, "read the frame of", file, "it has no byte \(offset)")
      }
      let builder = KafkaFrameDetail(segment, offset: offset, record: record)
      return try builder.detail(item, scratch)
    }
  }

  /// The segment that messages and provenance call `file`.
  private func segment(named file: String) throws(Fault) -> KafkaSegment {
    for partition in partitions where file.hasPrefix(partition.prefix) {
      let layout = try partition.layout()
      let all = layout.live.segments + layout.deleted.flatMap(\.segments)
      if let found = all.first(where: { $0.name == file }) { return found }
    }
    throw Fault(.nothingThere, "read a frame of", file, "this source has no such file")
  }
}

/// The frames of one segment file, from its first byte to its last.
struct KafkaFrameList {
  private let segment: KafkaSegment
  private let shared: KafkaShared

  init(_ segment: KafkaSegment, _ shared: KafkaShared) { (self.segment, self.shared) = (segment, shared) }

  func each(_ work: Work, _ body: (String, FrameEntry) -> Void) throws(Fault) {
    let source: FileBytes
    do throws(Fault) { source = try segment.open() } catch {
      // Retention may have removed it since it was listed.
      guard error.kind == .nothingThere else { throw error }
      return
    }
    try shared.scratches.with { scratch throws(Fault) in
      scratch.turn(to: source, readAhead: FrameWindow.usualReadAhead)
      var scanner = KafkaSegmentScanner(segment.bounds(source), scratch: scratch)
      while true {
        try work.check()
        switch try scanner.next() {
        case .end: return
        case .batch(let header):
          let batch = try KafkaDecodedBatch.read(header, source, scratch)
          body(segment.name, Self.entry(header, batch))
        case .damage(let damage, _):
          let header = try KafkaBatchHeader.standing(in: damage, source)
          let isIntact = try header.map { header throws(Fault) in try header.isIntact(in: scratch.probe) }
          body(segment.name, Self.entry(damage, header, isIntact))
        }
      }
    }
  }

  private static func entry(_ header: KafkaBatchHeader, _ batch: KafkaDecodedBatch) -> FrameEntry {
    var kind = header.kind
    if header.isControl {
      let control = batch.records.first.flatMap { KafkaControl(key: batch.bytes[$0.key]) }
      kind += control.map { " " + $0.name } ?? ""
    }
    var entry = FrameEntry(offset: header.position, length: UInt64(header.length), kind: kind)
    entry.crcOK = true
    entry.records = Int(header.recordCount)
    entry.damage = batch.problem
    return entry
  }

  private static func entry(_ damage: Damage, _ header: KafkaBatchHeader?, _ isIntact: Bool?) -> FrameEntry {
    var kind = header?.kind ?? ""
    switch damage.kind {
    case .zeroTail: kind = "zero tail"
    case .tornTail: kind = "torn tail: " + (header.map { $0.kind + ", " } ?? "") + damage.reason
    case .corrupt, .staleSidecar: if header == nil { kind = "no batch" }
    }
    var entry = FrameEntry(
      offset: damage.range.lowerBound, length: UInt64(damage.range.count), kind: kind)
    // Where no header stands, the scanner's reason is all there is to know the checksum by.
    entry.crcOK = isIntact ?? (damage.reason.hasPrefix("CRC mismatch") ? false : nil)
    entry.records = header.map { Int($0.recordCount) }
    entry.damage = damage.kind == .corrupt ? damage.reason : nil
    return entry
  }
}

extension KafkaBatchHeader {
  /// The header of a v2 batch that fills the bytes of `damage` exactly; nil where there is none.
  static func standing(in damage: Damage, _ source: any ByteSource) throws(Fault) -> KafkaBatchHeader? {
    guard damage.kind != .zeroTail else { return nil }
    let start = damage.range.lowerBound
    return try source.bytes(at: start, count: size).withUnsafeBytes { bytes in
      guard let header = KafkaBatchHeader(bytes, position: start), header.magic == 2,
        header.end == damage.range.upperBound
      else { return nil }
      return header
    }
  }

  /// "batch v2 zstd transactional": the message format, the codec, and what the attributes say.
  var kind: String {
    let name = magic >= 2 ? "batch" : codec == Codec.none ? "message" : "message set"
    var words = ["\(name) v\(magic)", codec?.name ?? "codec \(attributes & 7)"]
    if isTransactional { words.append("transactional") }
    if isControl { words.append("control") }
    return words.joined(separator: " ")
  }
}
