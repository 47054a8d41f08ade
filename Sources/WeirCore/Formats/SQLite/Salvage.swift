import CReadOnlyVFS
import CSQLite

/// Reading on past damage: rows that SQLite cannot read are jumped over, and told with the page they are on.
extension KeyWalk {
  /// Rows asked for at a time while going step by step; the page cache keeps their pages.
  private static let stride: Int64 = 512
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
        next = more ? RowStep.next(reached, direction) : nil
      } catch {
        guard error.isDamage else { throw error }
        next = try skip(from: reached, direction, error, &batch, connection)
      }
    }
    return next.map { direction == .forward ? .before(edge($0)) : .after(edge($0)) }
  }

  private func edge(_ key: Int64) -> Position { RowDecoder.position(key: key, version: .min, row: .min) }

  /// Reads rows until the page is full or the rows end; `reached` is the last key read, then, when this
  /// throws, the first one not read. True when more rows may follow.
  private func scan(
    from start: Int64, _ direction: Direction, _ count: Int, _ batch: inout EventBatch,
    _ connection: SQLiteConnection, _ reached: inout Int64
  ) throws(SQLiteError) -> Bool {
    let rows = try connection.statement(
      query.byKey(direction, ofStream: false, visibleOnly: false, light: isLight))
    try rows.bind([.integer(start), .integer(KeyWalk.stride)])
    defer { rows.reset() }
    var seen: Int64 = 0
    while try rows.step() {
      seen += 1
      let key = rows.integer(RowQuery.Field.key.rawValue)
      if isWanted(rows) { decoder.append(rows, to: &batch) }
      guard seen < KeyWalk.stride, !PageLimit.isFull(batch, count) else {
        reached = key
        return true
      }
      guard let following = RowStep.next(key, direction) else { return false }
      reached = following
    }
    return false
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
      _ = try firstKey(from: at, direction, connection)
      return true
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
    while good == nil {
      let probe = RowStep.next(at, direction, by: distance) ?? (direction == .forward ? .max : .min)
      if try isReadable(probe, direction, connection) {
        good = probe
      } else {
        if probe == .max || probe == .min { return nil }
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
