import CReadOnlyVFS
import CSQLite

/// Reading on past damage: rows that SQLite cannot read, or that stand where their keys do not belong, are
/// jumped over, and told with the page they are on.
extension KeyWalk {
  /// Unreadable places told in one page; beyond, the page ends and the next goes on.
  private static let damageLimit = 256

  /// Like `read`, but looks at every row, so that it knows which ones it got past.
  func salvage(
    from start: Int64, _ direction: Direction, _ count: Int, _ batch: inout EventBatch,
    _ connection: SQLiteConnection
  ) throws(SQLiteError) -> Cursor.Place? {
    let told = batch.damage.count
    var next: Int64? = start
    while let at = next, !PageLimit.isFull(batch, count), batch.damage.count - told < KeyWalk.damageLimit {
      var reached = at
      do throws(SQLiteError) {
        let more = try scan(from: at, direction, count, &batch, connection, &reached)
        next = more ? reached : nil
      } catch {
        guard error.isDamage else { throw error }
        next = try skip(from: reached, direction, error, &batch, connection)
      }
    }
    return next.map { direction == .forward ? .before(edge($0)) : .after(edge($0)) }
  }

  private func edge(_ key: Int64) -> Position { RowDecoder.position(key: key, version: .min, row: .min) }

  /// Reads rows until the page is full or the rows end; `reached` is then where to go on, also when this
  /// throws. True when more rows may follow.
  private func scan(
    from start: Int64, _ direction: Direction, _ count: Int, _ batch: inout EventBatch,
    _ connection: SQLiteConnection, _ reached: inout Int64
  ) throws(SQLiteError) -> Bool {
    let rows = try connection.statement(
      query.byKey(direction, ofStream: false, visibleOnly: false, light: isLight))
    try rows.bind([.integer(start), .integer(-1)])
    defer { rows.reset() }
    var order = KeyOrder(start: start, direction)
    do throws(SQLiteError) {
      while try rows.step() {
        let key = rows.integer(RowQuery.Field.key.rawValue)
        let verdict = order.judge(key)
        if verdict == .inOrder, PageLimit.isFull(batch, count) { break }
        switch verdict {
        case .inOrder: break
        case .before: continue
        case .twice: tell("row \(key) is there twice", PagePlace(connection), &batch)
        case .insteadOfLast: retract(order, &batch)
        case .out:
          tell(outOfOrder(key), PagePlace(connection), &batch)
          continue
        }
        order.accept(key, hasRecord: isWanted(rows))
        if order.hasRecord { decoder.append(rows, to: &batch) }
      }
    } catch {
      // The row before an unreadable place may itself be what is wrong there: it counts when its key leads
      // to it.
      if let last = order.last, try !isFound(last, connection) {
        retract(order, &batch)
        order.dropLast()
      }
      reached = order.next ?? start
      throw error
    }
    guard let next = order.next, PageLimit.isFull(batch, count) else { return false }
    reached = next
    return true
  }

  private func outOfOrder(_ key: Int64) -> String { "row \(key) stands out of order; left out" }

  /// Takes back the row that was read last: the one after it shows that it does not belong there.
  private func retract(_ order: KeyOrder, _ batch: inout EventBatch) {
    guard let last = order.last else { return }
    if order.hasRecord, !batch.records.isEmpty { batch.records.removeLast() }
    let damage = Damage(
      .corrupt, file: decoder.path, range: 0..<0,
      reason: "table \(decoder.table.table.name): \(outOfOrder(last))")
    batch.damage.append((before: batch.records.count, damage: damage))
  }

  /// Whether a row is where its key leads.
  private func isFound(_ key: Int64, _ connection: SQLiteConnection) throws(SQLiteError) -> Bool {
    do throws(SQLiteError) {
      return try firstKey(from: key, .forward, connection) == key
    } catch {
      guard error.isDamage else { throw error }
      return error.code == SQLITE_TOOBIG
    }
  }

  private func isWanted(_ row: SQLiteStatement) -> Bool {
    if !query.options.deleted, decoder.isHidden(row) { return false }
    return stream.map { $0 == decoder.streamValues(row) } ?? true
  }

  /// Gets past what is wrong at `at`: tells it, and returns the next key that can be read; nil when nothing
  /// behind it can.
  private func skip(
    from at: Int64, _ direction: Direction, _ error: SQLiteError, _ batch: inout EventBatch,
    _ connection: SQLiteConnection
  ) throws(SQLiteError) -> Int64? {
    if let row = try lightRow(at, direction, error, &batch, connection) {
      return RowStep.next(row, direction)
    }
    let place = PagePlace(failing: connection) { () throws(SQLiteError) in
      _ = try firstKey(from: at, direction, connection)
    }
    let found = try nextReadable(after: at, direction, connection)
    let last = found.flatMap { RowStep.next($0, direction, by: -1) }
    let rows =
      last.map { $0 == at ? "row \(at)" : "rows \(min(at, $0)) to \(max(at, $0))" }
      ?? "everything \(direction == .forward ? "from" : "up to") row \(at)"
    tell("\(error.message); \(rows) left out", place, &batch)
    return found
  }

  /// A row whose payload alone is at fault: too long (shown without it), or on a bad page (shown with
  /// `--damaged`). Returns its key, nil when the row as a whole cannot be read.
  private func lightRow(
    _ at: Int64, _ direction: Direction, _ error: SQLiteError, _ batch: inout EventBatch,
    _ connection: SQLiteConnection
  ) throws(SQLiteError) -> Int64? {
    let isLong = error.code == SQLITE_TOOBIG
    guard isLong || query.options.damaged else { return nil }
    do throws(SQLiteError) {
      let sql = query.byKey(direction, ofStream: false, visibleOnly: false, light: true)
      let rows = try connection.statement(sql)
      try rows.bind([.integer(at), .integer(1)])
      defer { rows.reset() }
      guard try rows.step() else { return nil }
      let key = rows.integer(RowQuery.Field.key.rawValue)
      guard direction == .forward ? key >= at : key <= at else { return nil }
      if isWanted(rows) {
        let reason =
          isLong ? "longer than \(SQLiteConnection.valueLimit >> 20) MiB, not read" : error.message
        tell("the payload of row \(key): \(reason)", PagePlace(connection), &batch)
        decoder.append(rows, marks: .damaged, to: &batch)
      }
      return key
    } catch {
      guard error.isDamage else { throw error }
      return nil
    }
  }

  private func tell(_ what: String, _ place: PagePlace, _ batch: inout EventBatch) {
    let file = place.isInLog ? decoder.path + "-wal" : decoder.path
    let page = place.isInLog ? "" : "page \(place.page): "
    let damage = Damage(
      .corrupt, file: file, range: place.range, reason: "\(page)table \(decoder.table.table.name): \(what)")
    batch.damage.append((before: batch.records.count, damage: damage))
  }

  /// The key of the first row from `at` on, read whole; nil when there is none.
  private func firstKey(from at: Int64, _ direction: Direction, _ connection: SQLiteConnection)
    throws(SQLiteError) -> Int64?
  {
    let rows = try connection.statement(
      query.byKey(direction, ofStream: false, visibleOnly: false, light: isLight))
    try rows.bind([.integer(at), .integer(1)])
    defer { rows.reset() }
    return try rows.step() ? rows.integer(RowQuery.Field.key.rawValue) : nil
  }

  /// Whether a search from `at` on succeeds; a row that is only too long counts as one that can be shown.
  private func isReadable(_ at: Int64, _ direction: Direction, _ connection: SQLiteConnection)
    throws(SQLiteError) -> Bool
  {
    do throws(SQLiteError) {
      guard let key = try firstKey(from: at, direction, connection) else { return true }
      guard direction == .forward ? key >= at : key <= at else { return false }
      return try isFound(key, connection)
    } catch {
      guard error.isDamage else { throw error }
      return error.code == SQLITE_TOOBIG
    }
  }

  /// Doubles its steps until a key can be read, then halves back to the first that can: some 120 searches at
  /// most, however large the hole.
  private func nextReadable(after at: Int64, _ direction: Direction, _ connection: SQLiteConnection)
    throws(SQLiteError) -> Int64?
  {
    var bad = at
    var good: Int64?
    var distance: Int64 = 1
    let farthest: Int64 = direction == .forward ? .max : .min
    while good == nil {
      // Half of all keys lie further off than the largest distance.
      let probe = distance == .max ? farthest : RowStep.next(at, direction, by: distance) ?? farthest
      if try isReadable(probe, direction, connection) {
        good = probe
      } else {
        if probe == farthest { return nil }
        bad = probe
        distance = distance.multipliedReportingOverflow(by: 2).overflow ? .max : distance * 2
      }
    }
    guard var found = good else { return nil }
    while let middle = middle(bad, found), middle != bad, middle != found {
      if try isReadable(middle, direction, connection) { found = middle } else { bad = middle }
    }
    return found
  }

  private func middle(_ a: Int64, _ b: Int64) -> Int64? {
    // Half of each first: the sum of two keys need not fit.
    let half = a / 2 + b / 2 + (a % 2 + b % 2) / 2
    return half
  }
}

/// Tells rows that stand where their keys do not belong: keys must rise (fall, backwards) from row to row.
struct KeyOrder {
  enum Verdict {
    case inOrder
    /// Lies before the place that reading began at: a damaged key on the way led astray.
    case before
    /// The same key again: one of the two is not what it was, and nothing says which.
    case twice
    /// Does not belong here.
    case out
    /// Belongs here, and shows that the row before it does not.
    case insteadOfLast
  }

  private let start: Int64
  private let direction: Direction
  /// The last row in order, and the one before it.
  private(set) var last: Int64?
  private var secondLast: Int64?
  /// Whether the last row was wanted and stands in the batch.
  private(set) var hasRecord = false

  init(start: Int64, _ direction: Direction) {
    self.start = start
    self.direction = direction
  }

  /// Where to go on after the last row in order; nil when there is none, or nothing can follow it.
  var next: Int64? { last.flatMap { RowStep.next($0, direction) } }

  private func isBeyond(_ key: Int64, _ other: Int64) -> Bool {
    direction == .forward ? key > other : key < other
  }

  func judge(_ key: Int64) -> Verdict {
    if isBeyond(start, key) { return .before }
    guard let last, !isBeyond(key, last) else { return .inOrder }
    if key == last { return .twice }
    return secondLast.map { isBeyond(key, $0) } ?? true ? .insteadOfLast : .out
  }

  /// Forgets the last row.
  mutating func dropLast() { (last, secondLast, hasRecord) = (secondLast, nil, false) }

  mutating func accept(_ key: Int64, hasRecord: Bool) {
    if judge(key) == .inOrder { secondLast = last }
    last = key
    self.hasRecord = hasRecord
  }
}

/// Where SQLite last read: the page that a failed search stopped at.
struct PagePlace {
  var isInLog = false
  /// From 1; only right in the database file itself.
  var page: UInt64 = 0
  var range: Range<UInt64> = 0..<0

  init(_ connection: SQLiteConnection) {
    let status = connection.status
    guard status.last_read_size > 0 else { return }
    isInLog = status.last_read_in_wal != 0
    page = status.last_read_offset / UInt64(status.last_read_size) + 1
    let end = status.last_read_offset.addingReportingOverflow(UInt64(status.last_read_size))
    range = status.last_read_offset..<(end.overflow ? status.last_read_offset : end.partialValue)
  }

  /// Repeats what failed with an empty page cache, so that the bad page is the last one read.
  init(failing connection: SQLiteConnection, _ search: () throws(SQLiteError) -> Void) {
    connection.dropCache()
    do throws(SQLiteError) { try search() } catch {}
    self.init(connection)
  }
}
