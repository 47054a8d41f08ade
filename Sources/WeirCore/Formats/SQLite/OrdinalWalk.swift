import CSQLite
import Synchronization

/// Every stream of a table WITHOUT ROWID, in the table's order. A row's position is its stream's number in
/// here and its version; streams that begin later have no number, and are not shown until it is opened again.
final class StreamDictionary: Sendable {
  private let names = Mutex<[[SQLiteValue]]?>(nil)
  private let query: RowQuery

  init(_ query: RowQuery) { self.query = query }

  /// The streams' stored names, read once: one search in the primary key for each.
  func all(_ connection: SQLiteConnection) throws(SQLiteError) -> [[SQLiteValue]] {
    if let known = names.withLock({ $0 }) { return known }
    let found = try some(.max, connection)
    names.withLock { $0 = found }
    return found
  }

  /// The first `limit` of them.
  func some(_ limit: Int, _ connection: SQLiteConnection) throws(SQLiteError) -> [[SQLiteValue]] {
    var found: [[SQLiteValue]] = []
    var known: Set<[SQLiteValue]> = []
    while found.count < limit {
      let search = try connection.statement(query.nextStream(first: found.isEmpty))
      if let last = found.last { try search.bind(last) }
      guard try search.step() else { break }
      let name = query.table.streamExpressions.indices.map { search.value(Int32($0)) }
      // A name that does not move on (NULL in an old table's key, a damaged page) would be found for ever.
      guard known.insert(name).inserted, !name.contains(.null) else { break }
      found.append(name)
    }
    return found
  }
}

/// Rows of a table WITHOUT ROWID: stream after stream, each by version; or one stream.
struct OrdinalWalk: RowWalk {
  let query: RowQuery
  let decoder: RowDecoder
  let dictionary: StreamDictionary
  let stream: [SQLiteValue]?

  func read(
    _ place: Cursor.Place, _ direction: Direction, count: Int, into batch: inout EventBatch,
    _ connection: SQLiteConnection
  ) throws(SQLiteError) -> Cursor.Place? {
    let names = try dictionary.all(connection)
    guard !names.isEmpty, let (first, version) = start(place, direction, names.count) else { return nil }
    let only = stream.map { wanted in names.firstIndex(of: wanted) ?? -1 }
    let range = only.map { $0...$0 } ?? 0...(names.count - 1)
    var ordinal = direction == .forward ? max(first, range.lowerBound) : min(first, range.upperBound)
    var from: Int64? = ordinal == first ? version : direction == .forward ? .min : .max
    while range.contains(ordinal), names.indices.contains(ordinal) {
      let last = batch.records.count
      if let at = from { try page(ordinal, names[ordinal], at, direction, count, &batch, connection) }
      if PageLimit.isFull(batch, count), batch.records.count > last, let record = batch.records.last {
        return RowStep.place(behind: record, direction)
      }
      ordinal += direction == .forward ? 1 : -1
      from = direction == .forward ? .min : .max
    }
    return nil
  }

  /// The stream's number and the version to begin with; a nil version lies behind the stream's last.
  private func start(_ place: Cursor.Place, _ direction: Direction, _ count: Int) -> (Int, Int64?)? {
    switch (place, direction) {
    case (.start, .forward): return (0, .min)
    case (.end, .backward): return (count - 1, .max)
    case (.start, .backward), (.end, .forward): return nil
    case (.before(let position), .forward), (.after(let position), .backward):
      return (Int(clamping: RowDecoder.key(position)), RowDecoder.version(position))
    case (.after(let position), .forward), (.before(let position), .backward):
      return (
        Int(clamping: RowDecoder.key(position)), RowStep.next(RowDecoder.version(position), direction)
      )
    }
  }

  /// Rows of one stream. What cannot be read ends the stream: there is no row number to jump by.
  private func page(
    _ ordinal: Int, _ name: [SQLiteValue], _ version: Int64, _ direction: Direction, _ count: Int,
    _ batch: inout EventBatch, _ connection: SQLiteConnection
  ) throws(SQLiteError) {
    do throws(SQLiteError) {
      let rows = try connection.statement(query.withinStream(direction))
      try rows.bind(name + [.integer(version), .integer(Int64(count - batch.records.count))])
      defer { rows.reset() }
      var order = KeyOrder(start: version, direction)
      while try rows.step() {
        let version = rows.integer(RowQuery.Field.version.rawValue)
        guard order.judge(version) == .inOrder else { throw .outOfOrder }
        order.accept(version, hasRecord: true)
        decoder.append(rows, ordinal: Int64(ordinal), to: &batch)
        if PageLimit.isFull(batch, count) { return }
      }
    } catch {
      guard error.isDamage else { throw error }
      let place = PagePlace(connection)
      let damage = Damage(
        .corrupt, file: place.isInLog ? decoder.path + "-wal" : decoder.path, range: place.range,
        reason: "table \(decoder.table.table.name): \(error.message); the rest of stream "
          + "\(decoder.table.name(ofStream: name)) is left out")
      batch.damage.append((before: batch.records.count, damage: damage))
    }
  }

  func place(atKey key: Int64, _ connection: SQLiteConnection) throws(SQLiteError) -> Cursor.Place { .start }

  func place(atFraction share: Double, _ connection: SQLiteConnection) throws(SQLiteError) -> Cursor.Place {
    if let stream {
      let names = try dictionary.all(connection)
      guard let ordinal = names.firstIndex(of: stream) else { return .start }
      let place = try StreamShare(query: query, stream: stream).place(share, connection)
      guard case .before(let position) = place else { return place }
      return .before(
        RowDecoder.position(key: Int64(ordinal), version: RowDecoder.version(position), row: .min))
    }
    let count = try dictionary.all(connection).count
    guard share < 1 else { return .end }
    let ordinal = Int64((Double(count) * max(0, share)).rounded(.down))
    return .before(RowDecoder.position(key: ordinal, version: .min, row: .min))
  }
}
