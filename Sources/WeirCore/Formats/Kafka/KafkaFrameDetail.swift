/// One frame of a segment file with every field named, for the hex view.
struct KafkaFrameDetail {
  /// Bytes of a frame that are shown at most.
  static let most = 1 << 20
  /// Fields named at most; a batch may hold a million records.
  static let mostFields = 20_000

  private let segment: KafkaSegment
  /// The byte that was asked for.
  private let wanted: UInt64
  private let record: Int?

  init(_ segment: KafkaSegment, offset: UInt64, record: Int?) {
    (self.segment, wanted, self.record) = (segment, offset, record)
  }

  func detail(_ item: KafkaItem, _ scratch: KafkaScratch) throws(Fault) -> FrameDetail {
    switch item {
    case .batch(let header): return try batch(header, nil, scratch)
    case .damage(let damage, _):
      guard let header = try KafkaBatchHeader.standing(in: damage, segment.open()) else {
        return try unreadable(damage)
      }
      return try batch(header, damage, scratch)
    }
  }

  private func unreadable(_ damage: Damage) throws(Fault) -> FrameDetail {
    let length = damage.range.upperBound - damage.range.lowerBound
    let bytes = try segment.open().bytes(
      at: damage.range.lowerBound, count: Int(min(length, UInt64(Self.most))))
    var fields = [FrameField(0..<Int(clamping: length), damage.kind.words, damage.reason)]
    // Not zeros, and of a known magic: what stands where a header would is worth naming, true or not.
    if damage.kind != .zeroTail, bytes.count >= KafkaLegacySet.smallestEntry, bytes[16] < 2 {
      fields += KafkaMessageFields.fields(bytes, at: 0, in: nil)
    }
    if damage.kind != .zeroTail, bytes.count >= KafkaBatchHeader.size, bytes[16] == 2 {
      bytes.withUnsafeBytes { all in
        guard let header = KafkaBatchHeader(all, position: damage.range.lowerBound) else { return }
        fields += KafkaHeaderFields.fields(header, crc: "not checked: \(damage.reason)")
      }
    }
    return FrameDetail(offset: damage.range.lowerBound, length: length, bytes: bytes, fields: fields)
  }

  private func batch(_ header: KafkaBatchHeader, _ damage: Damage?, _ scratch: KafkaScratch) throws(Fault)
    -> FrameDetail
  {
    let source = try segment.open()
    let stored = try source.bytes(at: header.position, count: min(header.length, Self.most))
    var detail = FrameDetail(
      offset: header.position, length: UInt64(header.length), bytes: stored, fields: [])
    if let damage { detail.fields.append(FrameField(0..<header.length, damage.kind.words, damage.reason)) }
    let batch = try KafkaDecodedBatch.read(header, source, scratch, isTrusted: damage == nil)
    if header.magic < 2 {
      legacy(header, batch, &detail)
    } else {
      current(header, batch, isIntact: try header.isIntact(in: window(source, scratch)), &detail)
    }
    if let problem = batch.problem {
      detail.fields.append(FrameField(header.recordsRange, "damage", problem))
    }
    return detail
  }

  private func window(_ source: FileBytes, _ scratch: KafkaScratch) -> FrameWindow {
    scratch.turn(to: source, readAhead: 32 << 10)
    return scratch.window
  }

  private func current(
    _ header: KafkaBatchHeader, _ batch: KafkaDecodedBatch, isIntact: Bool, _ detail: inout FrameDetail
  ) {
    let covers = "CRC-32C of bytes \(KafkaBatchHeader.coveredFrom) ..< \(header.length)"
    let stored = KafkaHeaderFields.hex(header.crc)
    detail.fields += KafkaHeaderFields.fields(
      header, crc: isIntact ? "\(stored), right: \(covers)" : "\(stored), WRONG: \(covers)")
    let chosen = chosen(header, batch)
    let base = KafkaBatchHeader.size
    guard let codec = header.codec, codec != .none else {
      for index in chosen where detail.fields.count < Self.mostFields {
        detail.fields += KafkaRecordFields(batch, index, shift: base).fields()
      }
      return noteRest(chosen, batch, &detail.fields)
    }
    detail.fields.append(
      FrameField(
        header.recordsRange, "records",
        "\(header.recordCount) records, \(header.recordsRange.count) bytes of \(codec.name)"
          + (batch.bytes.isEmpty ? "" : ", \(batch.bytes.count) bytes undone")))
    guard !batch.bytes.isEmpty else { return }
    detail.content = content(batch, chosen)
  }

  private func legacy(_ header: KafkaBatchHeader, _ batch: KafkaDecodedBatch, _ detail: inout FrameDetail) {
    detail.fields += KafkaMessageFields.fields(detail.bytes, at: 0, in: header)
    guard header.codec != Codec.none, !batch.bytes.isEmpty else { return }
    detail.content = content(batch, chosen(header, batch))
  }

  private func content(_ batch: KafkaDecodedBatch, _ chosen: Range<Int>) -> FrameContent {
    var content = FrameContent(bytes: Array(batch.bytes.prefix(Self.most)), fields: [])
    for index in chosen where content.fields.count < Self.mostFields {
      if batch.header.magic < 2 {
        let record = batch.records[index]
        content.fields.append(KafkaRecordFields.heading(batch, index, shift: 0))
        content.fields += KafkaMessageFields.fields(batch.bytes, at: Int(record.start), in: nil)
      } else {
        content.fields += KafkaRecordFields(batch, index, shift: 0).fields()
      }
    }
    noteRest(chosen, batch, &content.fields)
    return content
  }

  /// Says so where the records were too many to name all.
  private func noteRest(_ chosen: Range<Int>, _ batch: KafkaDecodedBatch, _ fields: inout [FrameField]) {
    guard fields.count >= Self.mostFields else { return }
    fields.append(FrameField(0..<0, "…", "only the first fields of \(chosen.count) records are named"))
  }

  /// The records that are named: the one asked for, the one that the byte lies in, or all.
  private func chosen(_ header: KafkaBatchHeader, _ batch: KafkaDecodedBatch) -> Range<Int> {
    let all = batch.records.indices
    if let record { return all.contains(record) ? record..<record + 1 : all }
    guard header.magic == 2, header.codec == Codec.none, wanted > header.position else { return all }
    let at = Int(wanted - header.position) - KafkaBatchHeader.size
    let found = all.first { Int(batch.records[$0].start) <= at && at < Int(batch.records[$0].end) }
    return found.map { $0..<$0 + 1 } ?? all
  }
}

extension KafkaBatchHeader {
  /// Where the records lie in the frame, compressed or not.
  var recordsRange: Range<Int> { min(Self.size, max(length, 0))..<max(length, 0) }
}

extension Damage.Kind {
  /// What a frame that cannot be read is called.
  var words: String {
    switch self {
    case .corrupt: "damage"
    case .tornTail: "torn tail"
    case .zeroTail: "zero tail"
    case .staleSidecar: "not trusted"
    }
  }
}
