import Synchronization

/// The events of one table: all of them in the order of its key, or one stream's by version.
final class SQLiteLog: EventLog {
  let stream: StreamID
  let partitions: [PartitionID?]
  let isMergedByTime = false
  let decoder: RowDecoder
  private let database: SQLiteDatabase
  private let query: RowQuery
  private let walk: any RowWalk
  /// The way that can jump over damage; nil when `walk` is that way, or there is none.
  private let fallback: KeyWalk?
  private let values: [SQLiteValue]?
  /// Whether `fallback` is to be used from now on; nil: the versions have not been looked at yet.
  private let fallsBack: Mutex<Bool?>
  /// Damage of the source as a whole, told where reading begins.
  private let told: Damage?

  /// Up to so many keys a time is looked for one by one, which is right whatever order the times are in.
  private static let scannedKeys: Int64 = 200_000

  /// `values` are the stored names of the one stream wanted; nil: the whole table.
  init(
    stream: StreamID, values: [SQLiteValue]?, database: SQLiteDatabase, decoder: RowDecoder,
    dictionary: StreamDictionary, told: Damage? = nil
  ) {
    self.stream = stream
    self.told = told
    self.values = values
    self.database = database
    self.decoder = decoder
    partitions = [decoder.partition]
    let query = RowQuery(table: decoder.table, options: decoder.options)
    self.query = query
    let byKey = KeyWalk(query: query, decoder: decoder, stream: values)
    if decoder.table.key == nil {
      walk = OrdinalWalk(query: query, decoder: decoder, dictionary: dictionary, stream: values)
      fallback = nil
    } else if let values, decoder.table.access == .byVersion {
      walk = VersionWalk(query: query, decoder: decoder, stream: values)
      fallback = byKey
    } else {
      walk = byKey
      fallback = nil
    }
    fallsBack = Mutex(fallback == nil ? false : nil)
  }

  func read(
    _ cursor: Cursor, _ direction: Direction, count: Int, into batch: inout EventBatch, _ work: Work
  ) throws(Fault) -> Cursor? {
    let place = cursor.places.first ?? .start
    let wanted = max(1, count)
    let next: Cursor.Place? = try database.read(work) { connection throws(SQLiteError) in
      batch.removeAll()
      do throws(SQLiteError) {
        return try current(connection).read(place, direction, count: wanted, into: &batch, connection)
      } catch {
        guard error.isDamage, let fallback else { throw error }
        fallsBack.withLock { $0 = true }
        batch.removeAll()
        return try fallback.read(place, direction, count: wanted, into: &batch, connection)
      }
    }
    if let told, place == (direction == .forward ? .start : .end) {
      batch.damage.insert((before: 0, damage: told), at: 0)
    }
    work.advance(by: batch.bytes.count)
    return next.map { Cursor($0) }
  }

  /// By version, unless a version is not a number: then only the key orders the rows.
  private func current(_ connection: SQLiteConnection) throws(SQLiteError) -> any RowWalk {
    guard let fallback, let values else { return walk }
    if let known = fallsBack.withLock({ $0 }) { return known ? fallback : walk }
    let odd = try connection.statement(query.oddVersion)
    try odd.bind(values)
    let isOdd = try odd.step()
    odd.reset()
    fallsBack.withLock { $0 = isOdd }
    return isOdd ? fallback : walk
  }

  func seek(_ target: Target, _ work: Work) throws(Fault) -> Cursor {
    switch target {
    case .start: return Cursor(.start)
    case .end: return Cursor(.end)
    case .fraction(let share):
      return Cursor(
        try database.read(work) { connection throws(SQLiteError) in
          try current(connection).place(atFraction: share, connection)
        })
    case .position(let text):
      guard decoder.table.key != nil else {
        throw Fault(.usage, "seek", decoder.table.table.name, "this table has no positions, only versions")
      }
      guard let key = Int64(text) else {
        throw Fault(.usage, "seek", stream.name, "'\(text)' is not a position: positions here are numbers")
      }
      return Cursor(try place(atKey: key, work))
    case .time(let instant): return try seek(time: instant, work)
    }
  }

  private func place(atKey key: Int64, _ work: Work) throws(Fault) -> Cursor.Place {
    try database.read(work) { connection throws(SQLiteError) in
      try current(connection).place(atKey: key, connection)
    }
  }

  // MARK: Times

  private func seek(time: Instant, _ work: Work) throws(Fault) -> Cursor {
    if values == nil, let (low, high) = try bounds(work),
      high.subtractingReportingOverflow(low).overflow || high - low > SQLiteLog.scannedKeys
    {
      return try bisect(time, low, high, work)
    }
    var batch = EventBatch()
    var next: Cursor? = Cursor(.start)
    while let cursor = next {
      next = try read(cursor, .forward, count: 4096, into: &batch, work)
      for index in batch.records.indices {
        if let found = self.time(index, of: batch), found >= time {
          return Cursor(.before(batch.records[index].position))
        }
      }
    }
    return Cursor(.end)
  }

  private func time(_ index: Int, of batch: EventBatch) -> Instant? {
    batch.records[index].time ?? event(index, of: batch).time
  }

  private func bounds(_ work: Work) throws(Fault) -> (Int64, Int64)? {
    guard decoder.table.key != nil else { return nil }
    return try database.read(work) { connection throws(SQLiteError) in
      do throws(SQLiteError) {
        let bounds = try connection.statement(query.bounds)
        defer { bounds.reset() }
        return try bounds.step() && !bounds.isNull(0) ? (bounds.integer(0), bounds.integer(1)) : nil
      } catch {
        // A damaged end of the table: the walk from the start finds what can be read.
        guard error.isDamage else { throw error }
        return nil
      }
    }
  }

  /// In a large table times are taken to rise with the key, as a store writes them.
  private func bisect(_ time: Instant, _ low: Int64, _ high: Int64, _ work: Work) throws(Fault) -> Cursor {
    var (low, high) = (low, high)
    var batch = EventBatch()
    while low < high {
      let middle = low + Int64(bitPattern: UInt64(bitPattern: high &- low) / 2)
      let cursor = Cursor(try place(atKey: middle, work))
      _ = try read(cursor, .forward, count: 64, into: &batch, work)
      let found = batch.records.indices.lazy.compactMap { self.time($0, of: batch) }.first
      if let found, found < time { low = middle + 1 } else { high = middle }
    }
    _ = try read(Cursor(try place(atKey: low, work)), .forward, count: 1, into: &batch, work)
    guard let last = batch.records.first, let found = self.time(0, of: batch) else { return Cursor(.end) }
    return found < time ? Cursor(.end) : Cursor(.before(last.position))
  }

  func cursor(_ side: CursorSide, _ event: StoredEvent) -> Cursor {
    Cursor(side == .before ? .before(event.position) : .after(event.position))
  }

  func event(_ index: Int, of batch: EventBatch) -> StoredEvent {
    decoder.event(batch.records[index], of: batch)
  }
}

/// Several tables of one database, one after another: nothing says how their events fall between each other.
/// A partition is a table.
final class SQLiteTablesLog: EventLog {
  let stream: StreamID
  let partitions: [PartitionID?]
  let isMergedByTime = false
  private let logs: [SQLiteLog]

  init(stream: StreamID, logs: [SQLiteLog]) {
    self.stream = stream
    self.logs = logs
    partitions = logs.map(\.decoder.partition)
  }

  func read(
    _ cursor: Cursor, _ direction: Direction, count: Int, into batch: inout EventBatch, _ work: Work
  ) throws(Fault) -> Cursor? {
    batch.removeAll()
    var places = spread(cursor)
    let order = direction == .forward ? Array(logs.indices) : logs.indices.reversed()
    let end: Cursor.Place = direction == .forward ? .end : .start
    for index in order where places[index] != end {
      let next = try logs[index].read(Cursor(places[index]), direction, count: count, into: &batch, work)
      places[index] = next?.places.first ?? end
      for record in batch.records.indices { batch.records[record].partition = Int32(index) }
      if !batch.records.isEmpty || !batch.damage.isEmpty {
        return places.allSatisfy { $0 == end } ? nil : Cursor(places)
      }
    }
    return nil
  }

  private func spread(_ cursor: Cursor) -> [Cursor.Place] {
    if cursor.places.count == logs.count { return cursor.places }
    return logs.map { _ in cursor.places.first ?? .start }
  }

  func seek(_ target: Target, _ work: Work) throws(Fault) -> Cursor {
    var places: [Cursor.Place] = []
    if case .fraction(let share) = target {
      // Each table counts the same: which is larger is not worth reading them for.
      let scaled = min(max(share, 0), 1) * Double(logs.count)
      for (index, log) in logs.enumerated() {
        let part = Target.fraction(min(max(scaled - Double(index), 0), 1))
        places.append(try log.seek(part, work).places.first ?? .start)
      }
      return Cursor(places)
    }
    for log in logs { places.append(try log.seek(target, work).places.first ?? .start) }
    return Cursor(places)
  }

  func cursor(_ side: CursorSide, _ event: StoredEvent) -> Cursor {
    let at = logs.firstIndex { $0.decoder.partition == event.partition } ?? 0
    return Cursor(
      logs.indices.map { index in
        if index == at { return side == .before ? .before(event.position) : .after(event.position) }
        return index < at ? .end : .start
      })
  }

  func event(_ index: Int, of batch: EventBatch) -> StoredEvent {
    let table = Int(batch.records[index].partition)
    return (logs.indices.contains(table) ? logs[table] : logs[0]).event(index, of: batch)
  }
}
