import CSQLite

/// What one stream of a table holds, counted.
struct StreamSummary: Sendable {
  /// As it is shown.
  var name: String
  var count: Int
  var firstKey: Int64
  var lastKey: Int64
  var firstVersion: Int64?
}

/// Counts the streams of one table: by one query where an index has the rows in order, else by looking at
/// every row, which also gets past damage.
struct SQLiteSummaries {
  let decoder: RowDecoder
  let query: RowQuery

  init(_ decoder: RowDecoder) {
    self.decoder = decoder
    query = RowQuery(table: decoder.table, options: decoder.options)
  }

  /// Sorted by the stored names. `damage` is what could not be read on the way.
  func all(_ connection: SQLiteConnection) throws(SQLiteError) -> (streams: [StreamSummary], damage: [Damage])
  {
    do throws(SQLiteError) {
      if try isOrdered(connection) { return (try grouped(connection), []) }
    } catch {
      guard error.isDamage else { throw error }
    }
    return try counted(connection)
  }

  /// False when SQLite would have to sort every row in memory.
  private func isOrdered(_ connection: SQLiteConnection) throws(SQLiteError) -> Bool {
    let plan = try connection.statement("EXPLAIN QUERY PLAN " + query.summaries)
    defer { plan.reset() }
    while try plan.step() {
      if plan.text(3)?.contains("TEMP B-TREE") ?? false { return false }
    }
    return true
  }

  private func grouped(_ connection: SQLiteConnection) throws(SQLiteError) -> [StreamSummary] {
    let width = Int32(decoder.table.streamExpressions.count)
    let rows = try connection.statement(query.summaries)
    defer { rows.reset() }
    var streams: [StreamSummary] = []
    while try rows.step() {
      streams.append(
        StreamSummary(
          name: decoder.table.name(ofStream: (0..<width).map(rows.value)),
          count: Int(clamping: rows.integer(width)),
          firstKey: rows.integer(width + 1), lastKey: rows.integer(width + 2),
          firstVersion: rows.type(width + 3) == SQLITE_INTEGER ? rows.integer(width + 3) : nil))
    }
    return streams
  }

  /// Looks at every row. Memory grows with the streams, not with the rows.
  private func counted(_ connection: SQLiteConnection) throws(SQLiteError) -> ([StreamSummary], [Damage]) {
    var tally = Tally()
    var damage: [Damage] = []
    let walk: any RowWalk =
      decoder.table.key == nil
      ? OrdinalWalk(
        query: query, decoder: decoder, dictionary: StreamDictionary(query), stream: nil)
      : KeyWalk(query: query, decoder: decoder, stream: nil, isLight: true)
    var batch = EventBatch()
    var next: Cursor.Place? = .start
    while let place = next {
      batch.removeAll()
      next = try walk.read(place, .forward, count: 4096, into: &batch, connection)
      damage += batch.damage.map(\.damage)
      for record in batch.records { tally.add(record, batch.text(record.stream) ?? "") }
    }
    return (tally.streams.sorted { $0.name < $1.name }, damage)
  }

  /// Streams by the name that is shown: rows are read in bulk here, and stored names would be copied twice.
  private struct Tally {
    var streams: [StreamSummary] = []
    private var places: [String: Int] = [:]

    mutating func add(_ record: EventRecord, _ name: String) {
      let key = RowDecoder.key(record.position)
      let version = RowDecoder.version(record.position)
      guard let place = places[name] else {
        places[name] = streams.count
        streams.append(
          StreamSummary(
            name: name, count: 1, firstKey: key, lastKey: key,
            firstVersion: record.version.isNull ? nil : version))
        return
      }
      streams[place].count += 1
      streams[place].lastKey = max(streams[place].lastKey, key)
      if let first = streams[place].firstVersion {
        streams[place].firstVersion = min(first, version)
      }
    }
  }
}
