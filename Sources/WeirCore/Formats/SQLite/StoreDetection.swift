/// Which tables of a database hold events, and what their columns are: by the families' signatures, then, for
/// what no family claims, by a guess from the columns' names. `--map FIELD=column:NAME` goes before both.
struct StoreDetection {
  let schema: SQLiteSchema
  let options: ReadOptions

  /// The tables to show: those of `options.table`, or every one that a family claims; without any, guesses;
  /// and, where no column of any table names a stream, tables that otherwise look like events.
  func tables() throws(Fault) -> [EventTable] {
    let candidates = try chosen()
    let wanted = candidates.filter { EventTable.isSnapshots($0) == options.snapshots || options.table != nil }
    var found = wanted.compactMap(claimed)
    let claimedNames = Set(found.map(\.table.name))
    let guesses = wanted.filter { !claimedNames.contains($0.name) }.compactMap(guessed)
    let withStreams = guesses.filter { !$0.columns.stream.isEmpty }
    if options.table != nil { return found + guesses }
    if found.isEmpty { return withStreams.isEmpty ? guesses : withStreams }
    if !withStreams.isEmpty {
      let names = withStreams.map(\.table.name).joined(separator: ", ")
      found[0].notes.append("left out, though they look like events too: \(names) (--table NAME shows one)")
    }
    return found
  }

  private func chosen() throws(Fault) -> [SQLiteTable] {
    guard let name = options.table else { return schema.tables }
    let lowered = name.lowercased()
    let found = schema.tables.filter { $0.name == name || $0.name.lowercased() == lowered }
    guard !found.isEmpty else {
      let known = schema.tables.prefix(20).map(\.name).joined(separator: ", ")
      throw Fault(
        .nothingThere, "open", name, "there is no table of this name",
        hint: known.isEmpty ? nil : "there are \(known)")
    }
    return found
  }

  private func claimed(_ table: SQLiteTable) -> EventTable? {
    guard let family = StoreFamily.all.first(where: { $0.matches(table) }) else { return nil }
    let roles = family.roles
    func first(_ names: [String]) -> String? { names.lazy.compactMap { table.column(plain: $0)?.name }.first }
    var columns = EventTable.Columns(
      stream: roles.stream.compactMap { table.column(plain: $0)?.name }, version: first(roles.version),
      position: first(roles.position), id: first(roles.id), type: first(roles.type), time: first(roles.time),
      data: first(roles.data), meta: first(roles.meta), hidden: first(roles.hidden), kind: first(roles.kind))
    guard columns.stream.count == roles.stream.count else { return nil }
    let mapped = apply(options.mapping, to: &columns, of: table)
    var notes: [String] = []
    if !family.isProven {
      notes.append("table \(table.name): \(family.title), by its columns (a guess)")
    } else {
      notes.append("table \(table.name): \(family.title)")
    }
    return EventTable(
      table: table, family: family, columns: columns, notes: notes + mapped + orderNotes(table))
  }

  private func guessed(_ table: SQLiteTable) -> EventTable? {
    let isAsked = options.table != nil
    var columns = GenericGuess(table: table).columns
    let mapped = apply(options.mapping, to: &columns, of: table)
    guard columns.data != nil || isAsked else { return nil }
    let isNamedLikeEvents = GenericGuess.names.contains { SQLiteTable.plain(table.name).contains($0) }
    let hasOrder = columns.version != nil || columns.type != nil && isNamedLikeEvents
    let looksLikeEvents =
      columns.stream.isEmpty
      ? columns.type != nil && isNamedLikeEvents
      : hasOrder && (isNamedLikeEvents || columns.type != nil && columns.version != nil)
    guard isAsked || !mapped.isEmpty || looksLikeEvents else { return nil }
    let family = StoreFamily(
      name: "sqlite", title: "a table of events", signature: [], roles: StoreFamily.Roles(stream: []))
    var notes = ["table \(table.name): a guess by the names of its columns: \(columns.described)"]
    if columns.stream.isEmpty {
      notes.append(
        "table \(table.name): no column names a stream, so that all its rows are one "
          + "(--map stream=column:NAME names one)")
    }
    return EventTable(
      table: table, family: family, columns: columns, notes: notes + mapped + orderNotes(table))
  }

  private func orderNotes(_ table: SQLiteTable) -> [String] {
    table.rowid == nil
      ? ["table \(table.name) has no row numbers: no global order, shown by stream and version"] : []
  }

  /// What `--map` says about columns; returns a sentence for each.
  private func apply(_ rules: MappingRules, to columns: inout EventTable.Columns, of table: SQLiteTable)
    -> [String]
  {
    var notes: [String] = []
    for field in MappingRules.Field.allCases {
      guard case .column(let name)? = rules.places[field] else { continue }
      guard let column = table.column(name)?.name else {
        notes.append("--map \(field.rawValue)=column:\(name): table \(table.name) has no such column")
        continue
      }
      switch field {
      case .stream: columns.stream = [column]
      case .type: columns.type = column
      case .id: columns.id = column
      case .version: columns.version = column
      case .time: columns.time = column
      case .key: columns.key = column
      case .meta: columns.meta = column
      case .data: columns.data = column
      }
      notes.append("\(field.rawValue): column \(column), as --map says")
    }
    return notes
  }
}

/// The parts of an unknown table, guessed from its columns' names (plain: lower case, no underscores). The
/// first name that exists counts; no column plays two parts.
struct GenericGuess {
  /// A table of events has one of these in its name.
  static let names = ["event", "journal", "message", "commit", "log", "snapshot", "outbox", "history"]

  private static let stream = [
    "streamid", "streamname", "stream", "aggregateid", "aggregaterootid", "aggregate", "entityid", "sourceid",
    "streamidinternal", "correlationstream", "subject", "channel",
  ]
  private static let version = [
    "version", "streamversion", "aggregateversion", "playhead", "sequence", "sequencenumber", "seqnr",
    "streamposition", "revision", "position",
    "seq",
  ]
  private static let position = ["globalposition", "globalindex", "ordering", "id", "offset", "seq"]
  private static let type = [
    "eventtype", "type", "messagetype", "eventname", "name", "eventclass", "payloadtype", "kind",
  ]
  private static let time = [
    "timestamp", "createdat", "occurredat", "occurredon", "recordedon", "recordedat", "created", "time",
    "createdutc", "insertedat", "ts", "date",
  ]
  private static let data = [
    "data", "payload", "eventdata", "eventpayload", "jsondata", "eventjson", "messagedata", "body", "state",
    "event", "json", "content",
  ]
  private static let meta = [
    "metadata", "meta", "eventmetadata", "jsonmetadata", "messagemetadata", "headers", "context",
  ]
  private static let id = ["eventid", "messageid", "uuid", "id"]

  private(set) var columns = EventTable.Columns()
  private var taken: Set<String> = []
  private let table: SQLiteTable

  init(table: SQLiteTable) {
    self.table = table
    columns.stream = take(GenericGuess.stream).map { [$0] } ?? []
    columns.type = take(GenericGuess.type)
    columns.data = take(GenericGuess.data)
    columns.meta = take(GenericGuess.meta)
    columns.version = take(GenericGuess.version)
    if let alias = table.rowidAlias?.name {
      taken.insert(alias)
      columns.position = alias
    } else {
      columns.position = take(GenericGuess.position, integers: true)
    }
    columns.id = take(GenericGuess.id)
    columns.time = take(GenericGuess.time)
  }

  private mutating func take(_ names: [String], integers: Bool = false) -> String? {
    for name in names {
      guard let column = table.column(plain: name), !taken.contains(column.name) else { continue }
      if integers, !column.type.contains("INT") { continue }
      taken.insert(column.name)
      return column.name
    }
    return nil
  }
}

extension EventTable.Columns {
  /// `stream = aggregate_id, version = version, …`
  var described: String {
    var parts = stream.isEmpty ? [] : ["stream = \(stream.joined(separator: "-"))"]
    let rest: [(String, String?)] = [
      ("version", version), ("position", position), ("type", type), ("id", id), ("time", time),
      ("data", data), ("meta", meta),
    ]
    parts += rest.compactMap { part, column in column.map { "\(part) = \($0)" } }
    return parts.joined(separator: ", ")
  }
}
