import CSQLite

/// Turns rows of an event table into records of a batch, and records into events.
struct RowDecoder: Sendable {
  let table: EventTable
  let options: ReadOptions
  let mapper: EventMapper
  /// What every event of the table carries.
  let label: String
  let path: String
  /// Set when the source shows several tables.
  let partition: PartitionID?

  /// Payloads whose compression would be undone to more than this stay compressed.
  private static let inflatedLimit = 64 << 20

  init(table: EventTable, options: ReadOptions, label: String, path: String, partition: PartitionID?) {
    self.table = table
    self.options = options
    self.label = label
    self.path = path
    self.partition = partition
    var rules = options.mapping
    rules.places = rules.places.filter { if case .column = $0.value { false } else { true } }
    mapper = EventMapper(rules: rules, kind: .row)
  }

  /// Positions are (key, version, row): the whole log orders by the first, a stream by the second and first.
  /// In a table WITHOUT ROWID: (number of the stream, version).
  static func position(key: Int64, version: Int64, row: Int64) -> Position {
    Position(
      Position(signed: key).a, Position(signed: version).a, Position(signed: row).a)
  }

  static func key(_ position: Position) -> Int64 { position.signed }
  static func version(_ position: Position) -> Int64 { Position(position.b).signed }
  static func row(_ position: Position) -> Int64 { Position(position.c).signed }

  /// Adds the row the statement stands on. `ordinal` is the stream's number in a table WITHOUT ROWID.
  func append(_ row: SQLiteStatement, ordinal: Int64? = nil, marks: Marks = [], to batch: inout EventBatch) {
    let version = row.integer(RowQuery.Field.version.rawValue)
    var record = EventRecord(
      position: RowDecoder.position(
        key: ordinal ?? row.integer(RowQuery.Field.key.rawValue), version: version,
        row: row.integer(RowQuery.Field.row.rawValue)))
    record.marks = marks
    record.stream = batch.append(stream(row).utf8)
    if let text = row.text(RowQuery.Field.version.rawValue) { record.version = batch.append(text.utf8) }
    record.type = copy(row, .type, &batch)
    if let id = EventTable.text(of: row.value(RowQuery.Field.id.rawValue), hexUUIDs: false) {
      record.id = batch.append(id.utf8)
    }
    record.key = copy(row, .mappedKey, &batch)
    record.time = SQLTime.instant(row, RowQuery.Field.time.rawValue)
    (record.value, record.size) = payload(row, &batch)
    record.meta = metadata(row, &batch)
    mark(&record, row)
    batch.records.append(record)
  }

  func stream(_ row: SQLiteStatement) -> String { table.name(ofStream: streamValues(row)) }

  func streamValues(_ row: SQLiteStatement) -> [SQLiteValue] {
    let first = row.value(RowQuery.Field.stream.rawValue)
    return table.streamExpressions.count == 1 ? [first] : [first, row.value(RowQuery.Field.stream2.rawValue)]
  }

  private func copy(_ row: SQLiteStatement, _ field: RowQuery.Field, _ batch: inout EventBatch) -> ByteSlice {
    row.bytes(field.rawValue) { batch.append($0) } ?? .null
  }

  /// The payload with the compression inside it undone, and its size as stored.
  private func payload(_ row: SQLiteStatement, _ batch: inout EventBatch) -> (ByteSlice, Int32) {
    let isBlob = row.type(RowQuery.Field.data.rawValue) == SQLITE_BLOB
    return row.bytes(RowQuery.Field.data.rawValue) { bytes in
      let size = Int32(clamping: bytes.count)
      if isBlob, let whole = Inflate.whole(bytes, limit: RowDecoder.inflatedLimit) {
        return (batch.append(whole), size)
      }
      return (batch.append(bytes), size)
    } ?? (.null, 0)
  }

  private func metadata(_ row: SQLiteStatement, _ batch: inout EventBatch) -> ByteSlice {
    guard !table.family.droppedMetadata.isEmpty else { return copy(row, .meta, &batch) }
    return row.bytes(RowQuery.Field.meta.rawValue) { bytes in
      batch.append(JSONText.removing(table.family.droppedMetadata, from: Array(bytes)))
    } ?? .null
  }

  private func mark(_ record: inout EventRecord, _ row: SQLiteStatement) {
    if table.isSnapshots { record.marks.insert(.snapshot) }
    if isHidden(row) { record.marks.insert(table.family.hiddenMark) }
    if table.columns.kind != nil, row.text(RowQuery.Field.kind.rawValue) == "C" {
      record.marks.insert(.command)
    }
  }

  /// The same test as `EventTable.visible`, on a row that was read without it.
  func isHidden(_ row: SQLiteStatement) -> Bool {
    guard table.columns.hidden != nil, let text = row.text(RowQuery.Field.hidden.rawValue) else {
      return false
    }
    return ["1", "true", "t"].contains(text.lowercased())
  }

  func event(_ record: EventRecord, of batch: EventBatch) -> StoredEvent {
    let position = record.position
    var event = StoredEvent(
      source: label, stream: batch.text(record.stream) ?? "", position: position,
      positionText: table.key == nil ? "" : String(RowDecoder.key(position)))
    event.partition = partition
    event.version = batch.text(record.version)
    event.type = batch.text(record.type)
    event.id = batch.text(record.id)
    event.key = batch.slice(record.key).map(Array.init)
    event.time = record.time
    event.rawValue = batch.slice(record.value).map(Array.init)
    if let meta = batch.slice(record.meta) { event.meta = Payload(sniffing: Array(meta)) }
    if case .json(let bytes) = event.meta, bytes == Array("null".utf8) { event.meta = .absent }
    event.data = data(event.rawValue, record)
    event.size = Int(record.size)
    event.marks = record.marks
    event.provenance = .row(file: path, table: table.table.name, row: RowDecoder.row(position))
    mapper.map(&event)
    return event
  }

  private func data(_ raw: [UInt8]?, _ record: EventRecord) -> Payload {
    // The mapping may say that the data is elsewhere, and then fills it.
    if table.columns.data == nil || mapper.rules.places[.data] != nil { return .absent }
    let payload = Payload(sniffing: raw)
    guard table.family.hasLenientJSON, case .text = payload, let raw,
      (try? JSONParser.parse(raw, lenient: true)) != nil
    else { return payload }
    return .json(JSONText.oneLine(raw))
  }
}

/// Times as SQLite stores keep them.
enum SQLTime {
  /// .NET ticks (100 ns since year 1) of the years 1966 to 2092.
  private static let ticks: ClosedRange<Int64> = 620_000_000_000_000_000...660_000_000_000_000_000
  private static let ticksAtEpoch: Int64 = 621_355_968_000_000_000

  /// Text is RFC 3339 or SQLite's own form, UTC where no zone is named; numbers count since the epoch, their
  /// unit told by their size. nil when it is no time.
  static func instant(_ row: SQLiteStatement, _ column: Int32) -> Instant? {
    switch row.type(column) {
    case SQLITE_TEXT: row.text(column).flatMap { EventMapper.time(.string($0)) }
    case SQLITE_INTEGER: instant(integer: row.integer(column))
    case SQLITE_FLOAT: instant(real: row.real(column))
    default: nil
    }
  }

  static func instant(integer value: Int64) -> Instant {
    guard ticks.contains(value) else { return TimeText.epoch(value) }
    let since = value - ticksAtEpoch
    let seconds = since >= 0 ? since / 10_000_000 : -((9_999_999 - since) / 10_000_000)
    return Instant(seconds: seconds, nanoseconds: Int32(since - seconds * 10_000_000) * 100, digits: 7)
  }

  /// Julian days of the years 1900 to 2132, as SQLite's own `julianday()` counts.
  private static let julianDays = 2_415_020.0...2_500_000.0
  private static let julianDayAtEpoch = 2_440_587.5

  /// A Julian day, seconds with a fraction, or milliseconds when they would otherwise lie beyond the year
  /// 5000.
  static func instant(real value: Double) -> Instant? {
    if julianDays.contains(value) {
      // A double holds such a day to 40 microseconds.
      let milliseconds = ((value - julianDayAtEpoch) * 86_400_000).rounded()
      return Instant(milliseconds: Int64(milliseconds))
    }
    let seconds = value.magnitude < 1e11 ? value : value / 1000
    guard seconds.magnitude < 1e12 else { return nil }
    let whole = seconds.rounded(.down)
    let microseconds = Int32(((seconds - whole) * 1e6).rounded())
    return microseconds >= 1_000_000
      ? Instant(seconds: Int64(whole) + 1, digits: 6)
      : Instant(seconds: Int64(whole), nanoseconds: microseconds * 1000, digits: 6)
  }
}

extension JSONText {
  /// An object's text without some members at its top; everything else stays as it stands. What is no object
  /// comes back as it is.
  static func removing(_ names: [String], from text: [UInt8]) -> [UInt8] {
    guard let members = JSONMembers(text), members.entries.count < JSONMembers.limit,
      members.entries.contains(where: { names.contains($0.name) })
    else { return text }
    var out: [UInt8] = [UInt8(ascii: "{")]
    for entry in members.entries where !names.contains(entry.name) {
      if out.count > 1 { out.append(UInt8(ascii: ",")) }
      JSONText.appendString(entry.name, to: &out)
      out.append(UInt8(ascii: ":"))
      out.append(contentsOf: text[entry.value])
    }
    out.append(UInt8(ascii: "}"))
    return out
  }
}
