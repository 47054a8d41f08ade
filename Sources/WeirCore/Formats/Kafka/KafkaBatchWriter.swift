/// Copies records of a decoded batch into an `EventBatch`: their bytes in one piece, their places as slices.
struct KafkaBatchWriter {
  private let slab: KafkaSlab
  private let layer: UInt64
  private let start: Int64

  init(_ slab: KafkaSlab, layer: UInt64, start: Int64) {
    (self.slab, self.layer, self.start) = (slab, layer, start)
  }

  /// Appends the records `taken`; backward the last one first.
  func append(
    _ taken: Range<Int>, _ direction: Direction, _ marks: (Int64) -> Marks, to batch: inout EventBatch
  ) {
    guard !taken.isEmpty else { return }
    let source = slab.batch
    let first = Int(source.records[taken.lowerBound].start)
    let last = Int(source.records[taken.upperBound - 1].end)
    // Where a slice of the block stands in the batch's buffer.
    let shift = batch.bytes.count - first
    batch.bytes.append(contentsOf: source.bytes[first..<last])
    let isBlock = source.header.codec != Codec.none
    if isBlock { batch.frames.append(frame(source.header.range)) }
    source.bytes.withUnsafeBytes { block in
      for step in 0..<taken.count {
        let index = direction == .forward ? taken.lowerBound + step : taken.upperBound - 1 - step
        var record = record(index, shift, marks)
        if !isBlock { batch.frames.append(frame(range(of: index))) }
        record.frame = Int32(truncatingIfNeeded: batch.frames.count - 1)
        record.indexInFrame = isBlock ? Int32(truncatingIfNeeded: index) : -1
        appendHeaders(source.records[index], block, shift, &record, &batch)
        batch.records.append(record)
      }
    }
  }

  private func record(_ index: Int, _ shift: Int, _ marks: (Int64) -> Marks) -> EventRecord {
    let source = slab.batch.records[index]
    let offset = slab.offset(index)
    var position = Position(signed: offset)
    position.b = layer
    var record = EventRecord(position: position)
    record.time = slab.batch.header.timestamp(delta: source.timestampDelta).map { Instant(milliseconds: $0) }
    record.marks = marks(offset)
    if source.valueCount < 0, !record.marks.contains(.control) { record.marks.insert(.tombstone) }
    record.size = max(source.keyCount, 0) &+ max(source.valueCount, 0)
    if source.keyCount >= 0 { record.key = ByteSlice(Int(source.keyAt) + shift, Int(source.keyCount)) }
    if source.valueCount >= 0 {
      record.value = ByteSlice(Int(source.valueAt) + shift, Int(source.valueCount))
    }
    return record
  }

  private func appendHeaders(
    _ source: KafkaRecordSlices, _ block: UnsafeRawBufferPointer, _ shift: Int, _ record: inout EventRecord,
    _ batch: inout EventBatch
  ) {
    guard source.headerCount > 0 else { return }
    let first = Int32(truncatingIfNeeded: batch.headers.count)
    KafkaRecordWalker.headers(of: source, in: block) { name, value in
      batch.headers.append(
        HeaderSlices(
          name: ByteSlice(name.lowerBound + shift, name.count),
          value: value.map { ByteSlice($0.lowerBound + shift, $0.count) } ?? .null))
    }
    record.headers = first..<Int32(truncatingIfNeeded: batch.headers.count)
  }

  /// Where a record of an uncompressed batch lies in its file.
  private func range(of index: Int) -> Range<UInt64> {
    let header = slab.batch.header
    let record = slab.batch.records[index]
    let block = header.position + UInt64(header.magic < 2 ? 0 : KafkaBatchHeader.size)
    return block + UInt64(record.start)..<block + UInt64(record.end)
  }

  private func frame(_ range: Range<UInt64>) -> Provenance { .bytes(file: slab.segment.name, range: range) }
}
