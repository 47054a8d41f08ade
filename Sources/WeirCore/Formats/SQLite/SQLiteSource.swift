import CReadOnlyVFS
import CSQLite
import Synchronization

/// A SQLite database that holds one or more tables of events.
package final class SQLiteSource: Source {
  let database: SQLiteDatabase
  let tables: [EventTable]
  private let decoders: [RowDecoder]
  private let dictionaries: [StreamDictionary]
  private let base: SourceAbout
  /// What is wrong with the write-ahead log; told wherever reading begins.
  private let logDamage: Damage?
  let options: ReadOptions

  package var about: SourceAbout {
    var about = base
    if database.isMoving {
      about.notes.append("moving: the files changed while they were read, three times in a row")
    }
    return about
  }

  init(path: String, options: ReadOptions, _ work: Work) throws(Fault) {
    database = SQLiteDatabase(path: path)
    self.options = options
    let schema = try SQLiteSource.schema(of: database, work)
    let tables = try StoreDetection(schema: schema, options: options).tables()
    guard !tables.isEmpty else { throw SQLiteSource.nothing(path, schema, options) }
    self.tables = tables
    let label = path.split(separator: "/").last.map(String.init) ?? path
    decoders = tables.map { table in
      RowDecoder(
        table: table, options: options, label: label, path: path,
        partition: tables.count > 1 ? .name(table.table.name) : nil)
    }
    dictionaries = tables.map { StreamDictionary(RowQuery(table: $0, options: options)) }
    var notes = tables.flatMap(\.notes) + schema.notes
    if tables.count > 1 { notes.append("\(tables.count) tables, one after another (--table picks one)") }
    notes += try SQLiteSource.fileNotes(database, work)
    let check = SQLiteSource.check(database)
    if check.openFrames > 0 {
      notes.append("the write-ahead log ends in a transaction that is not finished: it is not shown")
    }
    logDamage = check.damage
    let formats = Set(tables.map(\.family.name))
    base = SourceAbout(
      label: label, address: path, kind: .store,
      format: formats.count == 1 ? formats.first ?? "sqlite" : "sqlite",
      notes: notes)
  }

  /// The schema; when the database as a whole is malformed, once more with SQLite told to overlook that.
  private static func schema(of database: SQLiteDatabase, _ work: Work) throws(Fault) -> SQLiteSchema {
    do throws(Fault) {
      return try database.read(work) { connection throws(SQLiteError) in try SQLiteSchema(connection) }
    } catch {
      guard error.kind == .unreadable, database.becomeTolerant() else { throw error }
      do throws(Fault) {
        return try database.read(work) { connection throws(SQLiteError) in try SQLiteSchema(connection) }
      } catch let second {
        // What SQLite said first is what is wrong.
        throw second.kind == .cancelled ? second : error
      }
    }
  }

  private static func nothing(_ path: String, _ schema: SQLiteSchema, _ options: ReadOptions) -> Fault {
    let names = schema.tables.prefix(20).map(\.name).joined(separator: ", ")
    if let table = options.table {
      return Fault(
        .nothingThere, "open", path, "table \(table) has neither row numbers nor a key of stream and version",
        hint: "nothing says in which order its rows stand")
    }
    if let commits = schema.tables.first(where: isNEventStore) {
      return Fault(
        .nothingThere, "open", path,
        "table \(commits.name) is a NEventStore of commits: several events to a row, which is not read yet",
        hint: "--table \(commits.name) shows the commits")
    }
    let what = options.snapshots ? "snapshots" : "events"
    return Fault(
      .nothingThere, "open", path,
      names.isEmpty ? "the database has no tables" : "no table looks like \(what); it has \(names)",
      hint: names.isEmpty ? nil : "--table NAME with --map stream=column:NAME names one")
  }

  private static func isNEventStore(_ table: SQLiteTable) -> Bool {
    ["streamrevision", "commitsequence", "commitid", "payload"].allSatisfy { table.column(plain: $0) != nil }
  }

  /// What the log and the journal beside the database mean for what is shown.
  private static func fileNotes(_ database: SQLiteDatabase, _ work: Work) throws(Fault) -> [String] {
    var notes: [String] = []
    let status = try database.read(work) { connection throws(SQLiteError) in connection.status }
    if status.journal_state == 1 {
      notes.append(
        "a transaction did not finish: \(status.journal_pages) pages are shown as they were before it, "
          + "from \(database.path)-journal")
    }
    if status.journal_state == 2 { notes.append("\(database.path)-journal is left over and was not used") }
    if database.isMalformed { notes.append("malformed: SQLite was told to read what it can") }
    return notes
  }

  private static func check(_ database: SQLiteDatabase) -> (openFrames: Int, damage: Damage?) {
    // Without a log beside it, or with one that is not ours to read, there is nothing to say here.
    guard database.isInLogMode, let file = try? FileBytes(path: database.path + "-wal"),
      let check = try? LogCheck(file)
    else { return (0, nil) }
    return (check.openFrames, check.damage)
  }

  // MARK: Logs

  package func log(_ stream: StreamID) throws(Fault) -> any EventLog {
    let chosen = decoders.indices.filter { index in
      guard let partition = stream.partition, decoders.count > 1 else { return true }
      return decoders[index].partition == partition
    }
    guard !chosen.isEmpty else {
      throw Fault(.nothingThere, "read", stream.name, "there is no such table among the stores here")
    }
    var logs: [SQLiteLog] = []
    for index in chosen {
      if stream.name.isEmpty {
        logs.append(log(stream, values: nil, index, told: logs.isEmpty ? logDamage : nil))
      } else if let values = try storedName(of: stream.name, index) {
        logs.append(log(stream, values: values, index, told: logs.isEmpty ? logDamage : nil))
      }
    }
    guard let first = logs.first else {
      throw Fault(.nothingThere, "read", stream.name, "there is no stream of this name")
    }
    return logs.count == 1 ? first : SQLiteTablesLog(stream: stream, logs: logs)
  }

  private func log(_ stream: StreamID, values: [SQLiteValue]?, _ index: Int, told: Damage? = nil)
    -> SQLiteLog
  {
    SQLiteLog(
      stream: stream, values: values, database: database, decoder: decoders[index],
      dictionary: dictionaries[index], told: told)
  }

  /// What a stream is called in the table; nil when it has no row there.
  private func storedName(of name: String, _ index: Int) throws(Fault) -> [SQLiteValue]? {
    let query = RowQuery(table: tables[index], options: options)
    return try database.read(Work()) { connection throws(SQLiteError) in
      for values in tables[index].values(ofStream: name) {
        do throws(SQLiteError) {
          let search = try connection.statement(query.exists)
          defer { search.reset() }
          try search.bind(values)
          if try search.step() { return values }
        } catch {
          // With a damaged index the name is looked for among the rows that can be read.
          guard error.isDamage else { throw error }
          return values
        }
      }
      return EventTable.isInexact(name)
        ? try SQLiteSource.search(name, tables[index], query, connection) : nil
    }
  }

  /// Looks through every stream for one that is shown under this name.
  private static func search(
    _ name: String, _ table: EventTable, _ query: RowQuery, _ connection: SQLiteConnection
  ) throws(SQLiteError) -> [SQLiteValue]? {
    let rows = try connection.statement(query.names)
    defer { rows.reset() }
    while try rows.step() {
      let values = table.streamExpressions.indices.map { rows.value(Int32($0)) }
      if table.name(ofStream: values) == name { return values }
    }
    return nil
  }

  // MARK: Catalog

  /// Streams whose first and last times are looked up; beyond, a list of names and counts must do.
  private static let timedStreams = 20_000
  /// A database up to this size is counted even for a glance: an index of it is read in well under a second.
  private static let glanceLimit: UInt64 = 256 << 20

  package func catalog(_ effort: CatalogEffort, _ work: Work) throws(Fault) -> Catalog {
    var catalog = Catalog()
    if let logDamage { catalog.damage.append(logDamage) }
    for index in tables.indices {
      if let limit = SQLiteSource.limit(effort), cost(index) > limit {
        try list(index, effort, work, into: &catalog)
      } else {
        try count(index, work, into: &catalog)
      }
    }
    if tables.count > 1 { catalog.entries.sort { $0.stream.name < $1.stream.name } }
    return catalog
  }

  private static func limit(_ effort: CatalogEffort) -> UInt64? {
    switch effort {
    case .glance: glanceLimit
    case .count(let limit): limit
    }
  }

  /// Bytes that counting reads, roughly: an index is a small part of a table of events.
  private func cost(_ index: Int) -> UInt64 {
    tables[index].access == .scan || tables[index].key == nil ? database.size : database.size / 4
  }

  private func summaries(_ index: Int, _ work: Work) throws(Fault) -> ([StreamSummary], [Damage]) {
    let summaries = SQLiteSummaries(decoders[index])
    return try database.read(work) { connection throws(SQLiteError) in try summaries.all(connection) }
  }

  private func count(_ index: Int, _ work: Work, into catalog: inout Catalog) throws(Fault) {
    let (streams, damage) = try summaries(index, work)
    catalog.damage += damage
    let isTimed = streams.count <= SQLiteSource.timedStreams
    let log = log(.everything, values: nil, index)
    for summary in streams {
      var entry = CatalogEntry(
        stream: StreamID(summary.name, partition: decoders[index].partition), count: .exact(summary.count),
        format: tables[index].family.name)
      if tables[index].key != nil {
        entry.first = String(summary.firstKey)
        entry.last = String(summary.lastKey)
        if isTimed {
          entry.firstTime = try time(summary.firstKey, log, work)
          entry.lastTime = summary.count == 1 ? entry.firstTime : try time(summary.lastKey, log, work)
        }
      }
      entry.notes = gap(summary, index)
      catalog.entries.append(entry)
    }
  }

  /// A stream that does not begin with its first version has lost its beginning: truncated, or archived.
  private func gap(_ summary: StreamSummary, _ index: Int) -> [String] {
    guard !tables[index].isSnapshots, let first = tables[index].family.firstVersion,
      let found = summary.firstVersion, found > first
    else { return [] }
    return [
      "history begins at version \(found): \(found.subtractingReportingOverflow(first).partialValue) "
        + "earlier events are not here"
    ]
  }

  private func time(_ key: Int64, _ log: SQLiteLog, _ work: Work) throws(Fault) -> Instant? {
    var batch = EventBatch()
    let cursor = Cursor(.before(RowDecoder.position(key: key, version: .min, row: .min)))
    _ = try log.read(cursor, .forward, count: 1, into: &batch, work)
    return batch.records.isEmpty ? nil : log.event(0, of: batch).time
  }

  /// Names alone, through the index, as many as a glance allows.
  private func list(_ index: Int, _ effort: CatalogEffort, _ work: Work, into catalog: inout Catalog)
    throws(Fault)
  {
    let limit = 5000
    let megabytes = database.size >> 20
    guard tables[index].access != .scan else {
      catalog.notes.append(
        "table \(tables[index].table.name): \(megabytes) MiB without an index of streams were not read (--count does)"
      )
      return
    }
    let query = RowQuery(table: tables[index], options: options)
    let names = try database.read(work) { connection throws(SQLiteError) in
      try StreamDictionary(query).some(limit, connection)
    }
    for name in names {
      catalog.entries.append(
        CatalogEntry(
          stream: StreamID(tables[index].name(ofStream: name), partition: decoders[index].partition),
          count: .unknown(why: "the database has \(megabytes) MiB"), format: tables[index].family.name))
    }
    if names.count == limit {
      catalog.notes.append(
        "table \(tables[index].table.name): the first \(limit) streams (--count lists all)")
    }
  }

  package func aggregates(_ stream: StreamID, _ work: Work) throws(Fault) -> [AggregateEntry] {
    var entries: [AggregateEntry] = []
    for index in tables.indices {
      if let partition = stream.partition, tables.count > 1, decoders[index].partition != partition {
        continue
      }
      for summary in try summaries(index, work).0 where stream.name.isEmpty || summary.name == stream.name {
        let hasKey = tables[index].key != nil
        entries.append(
          AggregateEntry(
            name: summary.name, stream: summary.name, count: summary.count,
            first: hasKey ? String(summary.firstKey) : nil, last: hasKey ? String(summary.lastKey) : nil))
      }
    }
    return tables.count > 1 ? entries.sorted { $0.name < $1.name } : entries
  }
}
