import CSQLite

/// One way through the rows of an event table: pages of records from any place, in both directions.
///
/// A page may run again from its start when the files changed under it, so `read` only adds to the batch.
protocol RowWalk: Sendable {
  /// Adds up to `count` records from `place` on; returns where to go on, nil at the end.
  func read(
    _ place: Cursor.Place, _ direction: Direction, count: Int, into batch: inout EventBatch,
    _ connection: SQLiteConnection
  ) throws(SQLiteError) -> Cursor.Place?
  /// The place right before the first row whose position is not less than `key`.
  func place(atKey key: Int64, _ connection: SQLiteConnection) throws(SQLiteError) -> Cursor.Place
  /// The place before the row at a share of the log, 0 ... 1.
  func place(atFraction share: Double, _ connection: SQLiteConnection) throws(SQLiteError) -> Cursor.Place
}

/// Bounds of one page.
enum PageLimit {
  /// A page ends early once this many bytes are in it: values are up to 64 MiB each.
  static let bytes = 8 << 20

  static func isFull(_ batch: EventBatch, _ count: Int) -> Bool {
    batch.records.count >= count || batch.bytes.count >= bytes
  }
}

extension Cursor.Place {
  /// The first key to look at, going in `direction`; nil when there is none.
  func key(_ direction: Direction) -> Int64? {
    switch (self, direction) {
    case (.start, .forward): return .min
    case (.end, .backward): return .max
    case (.start, .backward), (.end, .forward): return nil
    case (.before(let position), .forward), (.after(let position), .backward): return position.signed
    case (.after(let position), .forward): return RowStep.next(position.signed, .forward)
    case (.before(let position), .backward): return RowStep.next(position.signed, .backward)
    }
  }
}

enum RowStep {
  /// The key `distance` further on; nil beyond what a key can be.
  static func next(_ key: Int64, _ direction: Direction, by distance: Int64 = 1) -> Int64? {
    let (sum, overflow) =
      direction == .forward
      ? key.addingReportingOverflow(distance) : key.subtractingReportingOverflow(distance)
    return overflow ? nil : sum
  }

  /// The place behind a record, going in `direction`.
  static func place(behind record: EventRecord, _ direction: Direction) -> Cursor.Place {
    direction == .forward ? .after(record.position) : .before(record.position)
  }

  /// A share of the way between two keys.
  static func key(between low: Int64, and high: Int64, at share: Double) -> Int64 {
    guard share > 0, high > low else { return low }
    guard share < 1 else { return high }
    let width = Double(high.subtractingReportingOverflow(low).overflow ? Int64.max : high - low)
    let distance = Int64((width * share).rounded(.down).clamped(to: 0...9e18))
    return RowStep.next(low, .forward, by: distance).map { min($0, high) } ?? high
  }
}

extension Double {
  func clamped(to range: ClosedRange<Double>) -> Double { min(max(self, range.lowerBound), range.upperBound) }
}

/// Rows in the order of their key: the whole table, or the rows of one stream in it. What cannot be read is
/// jumped over and told (Salvage.swift).
struct KeyWalk: RowWalk {
  let query: RowQuery
  let decoder: RowDecoder
  /// The stored name of the only stream wanted; nil: all.
  let stream: [SQLiteValue]?
  /// Leaves payloads and metadata out, for counting.
  var isLight = false

  func read(
    _ place: Cursor.Place, _ direction: Direction, count: Int, into batch: inout EventBatch,
    _ connection: SQLiteConnection
  ) throws(SQLiteError) -> Cursor.Place? {
    guard let start = place.key(direction) else { return nil }
    let (records, bytes) = (batch.records.count, batch.bytes.count)
    do throws(SQLiteError) {
      let rows = try connection.statement(query.byKey(direction, ofStream: stream != nil, light: isLight))
      try rows.bind((stream ?? []) + [.integer(start), .integer(Int64(count))])
      var order = KeyOrder(start: start, direction)
      while try rows.step() {
        let key = rows.integer(RowQuery.Field.key.rawValue)
        // A cursor that does not move on would be read for ever.
        guard order.judge(key) == .inOrder else { throw .outOfOrder }
        order.accept(key, hasRecord: true)
        decoder.append(rows, to: &batch)
        if PageLimit.isFull(batch, count) { break }
      }
      rows.reset()
      guard PageLimit.isFull(batch, count), let last = batch.records.last else { return nil }
      return RowStep.place(behind: last, direction)
    } catch {
      guard error.isDamage else { throw error }
      batch.records.removeSubrange(records...)
      batch.bytes.removeSubrange(bytes...)
      return try salvage(from: start, direction, count, &batch, connection)
    }
  }

  func place(atKey key: Int64, _ connection: SQLiteConnection) throws(SQLiteError) -> Cursor.Place {
    .before(RowDecoder.position(key: key, version: .min, row: .min))
  }

  func place(atFraction share: Double, _ connection: SQLiteConnection) throws(SQLiteError) -> Cursor.Place {
    if let stream { return try nth(share, of: stream, connection) }
    let bounds = try connection.statement(query.bounds)
    guard try bounds.step(), !bounds.isNull(0) else { return .start }
    if share >= 1 { return .end }
    let key = RowStep.key(between: bounds.integer(0), and: bounds.integer(1), at: share)
    bounds.reset()
    return try place(atKey: key, connection)
  }

  private func nth(_ share: Double, of stream: [SQLiteValue], _ connection: SQLiteConnection)
    throws(SQLiteError) -> Cursor.Place
  {
    try StreamShare(query: query, stream: stream).place(share, connection)
  }
}

/// The row at a share of a stream, by counting its rows.
struct StreamShare {
  let query: RowQuery
  let stream: [SQLiteValue]

  func place(_ share: Double, _ connection: SQLiteConnection) throws(SQLiteError) -> Cursor.Place {
    if share >= 1 { return .end }
    let counting = try connection.statement(query.count)
    try counting.bind(stream)
    guard try counting.step(), share > 0 else { return .start }
    let number = Int64((Double(counting.integer(0)) * share).rounded(.down).clamped(to: 0...9e18))
    counting.reset()
    let row = try connection.statement(query.nth)
    try row.bind(stream + [.integer(number)])
    guard try row.step() else { return .end }
    let position = RowDecoder.position(key: row.integer(1), version: row.integer(0), row: .min)
    row.reset()
    return .before(position)
  }
}

/// Rows of one stream by version, through an index that leads by stream and version.
struct VersionWalk: RowWalk {
  let query: RowQuery
  let decoder: RowDecoder
  let stream: [SQLiteValue]

  /// Damage, here or in the index, is thrown: the caller goes on with a `KeyWalk`, which can jump over it.
  func read(
    _ place: Cursor.Place, _ direction: Direction, count: Int, into batch: inout EventBatch,
    _ connection: SQLiteConnection
  ) throws(SQLiteError) -> Cursor.Place? {
    let version: Int64
    let key: Int64
    var including = true
    switch (place, direction) {
    case (.start, .forward): (version, key) = (.min, .min)
    case (.end, .backward): (version, key) = (.max, .max)
    case (.start, .backward), (.end, .forward): return nil
    case (.before(let position), _), (.after(let position), _):
      (version, key) = (RowDecoder.version(position), RowDecoder.key(position))
      if case .before = place {
        including = direction == .forward
      } else {
        including = direction == .backward
      }
    }
    let rows = try connection.statement(query.byVersion(direction, including: including))
    try rows.bind(stream + [.integer(version), .integer(key), .integer(Int64(count))])
    var last = (version, key)
    while try rows.step() {
      let next = (
        rows.integer(RowQuery.Field.version.rawValue), rows.integer(RowQuery.Field.key.rawValue)
      )
      let isInOrder = direction == .forward ? next > last : next < last
      guard isInOrder || (including && next == last) else { throw .outOfOrder }
      (last, including) = (next, false)
      decoder.append(rows, to: &batch)
      if PageLimit.isFull(batch, count) { break }
    }
    rows.reset()
    guard PageLimit.isFull(batch, count), let last = batch.records.last else { return nil }
    return RowStep.place(behind: last, direction)
  }

  func place(atKey key: Int64, _ connection: SQLiteConnection) throws(SQLiteError) -> Cursor.Place {
    let row = try connection.statement(query.versionAtKey)
    try row.bind(stream + [.integer(key)])
    guard try row.step() else { return .end }
    let position = RowDecoder.position(key: row.integer(1), version: row.integer(0), row: .min)
    row.reset()
    return .before(position)
  }

  func place(atFraction share: Double, _ connection: SQLiteConnection) throws(SQLiteError) -> Cursor.Place {
    try StreamShare(query: query, stream: stream).place(share, connection)
  }
}
