import CKernels

/// The events of a text file, in the file's order: all of them, or those of one stream.
///
/// A position is (byte offset, number): it orders by the offset, and prints as the line's or element's
/// number.
final class TextLog: EventLog {
  let stream: StreamID
  let partitions: [PartitionID?] = [nil]
  let isMergedByTime = false
  private let layout: any TextLayout
  private let file: TextFile
  /// How much is read, unasked, only to give lines their numbers (a good guest).
  static let indexLimit: UInt64 = 1 << 30

  init(stream: StreamID, layout: any TextLayout, file: TextFile) {
    self.stream = stream
    self.layout = layout
    self.file = file
  }

  func read(
    _ cursor: Cursor, _ direction: Direction, count: Int, into batch: inout EventBatch, _ work: Work
  ) throws(Fault) -> Cursor? {
    batch.removeAll()
    let offset = try boundary(cursor, direction)
    if direction == .backward, layout.size <= TextLog.indexLimit {
      try layout.index(upTo: TextLog.indexLimit, Work())
    }
    if direction == .backward, cursor.places.first == .end { tellEnding(&batch) }
    let next = try layout.pieces(from: offset, direction, work) { piece in
      take(piece, into: &batch)
      return batch.records.count < count && batch.bytes.count < 8 << 20
    }
    if direction == .forward, next == nil { tellEnding(&batch) }
    return next.map { Cursor(.before(Position($0))) }
  }

  private func tellEnding(_ batch: inout EventBatch) {
    if let ending = file.ending { batch.damage.append((before: batch.records.count, damage: ending)) }
  }

  private func boundary(_ cursor: Cursor, _ direction: Direction) throws(Fault) -> UInt64 {
    switch cursor.places.first ?? .start {
    case .start: 0
    case .end: layout.size
    case .before(let position): position.a
    case .after(let position): try layout.end(ofPieceAt: position.a)
    }
  }

  private func take(_ piece: TextPiece, into batch: inout EventBatch) {
    if let problem = piece.problem { return report(piece, problem, .corrupt, &batch) }
    guard piece.range.upperBound - piece.range.lowerBound <= longestPiece else {
      report(piece, "longer than \(longestPiece >> 20) MiB", .corrupt, &batch)
      return
    }
    if !stream.name.isEmpty, !mayBelong(piece.bytes) { return }
    let content = Array(piece.bytes)
    if let (reason, isTorn) = problem(content, piece.range) {
      report(piece, reason, isTorn ? .tornTail : .corrupt, &batch)
      return
    }
    if !stream.name.isEmpty, file.event(content, piece).stream != stream.name { return }
    var record = EventRecord(position: Position(piece.range.lowerBound, piece.number ?? 0))
    record.value = batch.append(content)
    record.frame = Int32(batch.frames.count)
    record.size = Int32(content.count)
    batch.frames.append(.bytes(file: file.path, range: piece.range))
    batch.records.append(record)
  }

  /// A quick look before the text is parsed: a stream's name stands in its events, unless it is written with
  /// escapes.
  private func mayBelong(_ bytes: ArraySlice<UInt8>) -> Bool {
    if stream.name == file.ownStream { return true }
    let wanted = Array(stream.name.utf8)
    return bytes.withUnsafeBytes { text in
      weir_contains(text.baseAddress, text.count, wanted, wanted.count) != 0
        || weir_first_byte(text.baseAddress, text.count, 0x5C) < text.count
    }
  }

  /// Why a piece is not an event. The last piece of a file that nobody closed is torn, not damaged.
  private func problem(_ content: [UInt8], _ range: Range<UInt64>) -> (reason: String, isTorn: Bool)? {
    guard JSONText.isUTF8(content) else { return ("not UTF-8", false) }
    let error: JSONError? = content.withUnsafeBufferPointer { buffer in
      var reader = JSONReader(buffer)
      do throws(JSONError) {
        try JSONText.skipValue(&reader)
        reader.skipBlanks()
        return reader.isAtEnd ? nil : JSONError(at: reader.index, reason: "text after the value")
      } catch { return error }
    }
    guard let error else { return nil }
    let isTorn = range.upperBound >= layout.size || (layout as? ElementLayout)?.tornAt == range.lowerBound
    return ("not JSON: \(error.reason) at byte \(range.lowerBound + UInt64(error.at))", isTorn)
  }

  private func report(_ piece: TextPiece, _ reason: String, _ kind: Damage.Kind, _ batch: inout EventBatch) {
    let known = piece.problem == nil ? piece.number : nil
    let number = known.map { "\(file.pieceName) \($0): " } ?? ""
    let damage = Damage(kind, file: file.path, range: piece.range, reason: number + reason)
    batch.damage.append((before: batch.records.count, damage: damage))
  }

  func seek(_ target: Target, _ work: Work) throws(Fault) -> Cursor {
    switch target {
    case .start: return Cursor(.start)
    case .end: return Cursor(.end)
    case .fraction(let share): return Cursor(.before(Position(try layout.offset(atFraction: share, work))))
    case .position(let text):
      guard let number = UInt64(text) else {
        throw Fault(.usage, "seek", stream.name, "'\(text)' is not a line number")
      }
      return try layout.offset(ofNumber: number, work).map { Cursor(.before(Position($0))) } ?? Cursor(.end)
    case .time(let instant): return try seek(time: instant, work)
    }
  }

  /// Lines need not be in the order of their times, so the first one that is late enough is looked for from
  /// the start.
  private func seek(time: Instant, _ work: Work) throws(Fault) -> Cursor {
    var batch = EventBatch()
    var next: Cursor? = Cursor(.start)
    while let cursor = next {
      next = try read(cursor, .forward, count: 4096, into: &batch, work)
      for index in batch.records.indices {
        if let found = event(index, of: batch).time, found >= time {
          return Cursor(.before(batch.records[index].position))
        }
      }
    }
    return Cursor(.end)
  }

  func cursor(_ side: CursorSide, _ event: StoredEvent) -> Cursor {
    Cursor(side == .before ? .before(event.position) : .after(event.position))
  }

  func event(_ index: Int, of batch: EventBatch) -> StoredEvent {
    let record = batch.records[index]
    let content = Array(batch.slice(record.value) ?? [])
    let number = record.position.b == 0 && !file.countsFromZero ? nil : record.position.b
    var range = record.position.a..<record.position.a + UInt64(content.count)
    if case .bytes(_, let exact)? = batch.frames.indices.contains(Int(record.frame))
      ? batch.frames[Int(record.frame)] : nil
    {
      range = exact
    }
    return file.event(content, TextPiece(range: range, bytes: [], number: number))
  }
}

/// What all events of one text file share.
struct TextFile: Sendable {
  var label: String
  var path: String
  /// The stream of lines that name none: the file's name, `-` for standard input.
  var ownStream: String
  /// "line" or "element".
  var pieceName: String
  var countsFromZero: Bool
  var mapper: EventMapper
  /// What is wrong with the compressed stream that it was read from.
  var ending: Damage?

  func event(_ content: [UInt8], _ piece: TextPiece) -> StoredEvent {
    let offset = piece.range.lowerBound
    var event = StoredEvent(
      source: label, stream: ownStream, position: Position(offset, piece.number ?? 0),
      positionText: piece.number.map(String.init) ?? "byte \(offset)")
    event.rawValue = content
    event.size = content.count
    event.provenance = .bytes(file: path, range: piece.range)
    mapper.map(&event)
    return event
  }
}
