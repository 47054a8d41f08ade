/// The SQL that reads rows of one event table. Every name is quoted, every value bound, and text is compared
/// byte by byte whatever the column's own collation.
struct RowQuery: Sendable {
  /// Columns of every row query, in this order; what the table has not is NULL.
  enum Field: Int32, CaseIterable {
    case key, row, version, type, id, time, hidden, kind, mappedKey, stream, stream2, data, meta
  }

  let table: EventTable
  let options: ReadOptions

  private var from: String { "FROM main.\(SQLiteTable.quote(table.table.name))" }

  /// The select list; `light` leaves the payload and metadata out.
  private func fields(light: Bool) -> String {
    let columns = table.columns
    func quoted(_ name: String?) -> String { name.map(SQLiteTable.quote) ?? "NULL" }
    let expressions: [String] = Field.allCases.map { field in
      switch field {
      case .key: table.key ?? quoted(columns.version)
      case .row: table.table.rowid ?? quoted(columns.version)
      case .version: quoted(columns.version)
      case .type: quoted(columns.type)
      case .id: quoted(columns.id)
      case .time: quoted(columns.time)
      case .hidden: quoted(columns.hidden)
      case .kind: quoted(columns.kind)
      case .mappedKey: quoted(columns.key)
      case .stream: table.streamExpressions.first ?? "NULL"
      case .stream2: table.streamExpressions.count > 1 ? table.streamExpressions[1] : "NULL"
      case .data: light ? "NULL" : quoted(columns.data)
      case .meta: light ? "NULL" : quoted(columns.meta)
      }
    }
    return "SELECT " + expressions.joined(separator: ", ")
  }

  /// `stream IS ? AND stream2 IS ?`, to be bound first. IS also finds NULL, and goes through the index alike.
  private var isStream: [String] {
    table.streamExpressions.map { "\($0) IS ? COLLATE BINARY" }
  }

  private func select(_ conditions: [String], order: String, light: Bool = false) -> String {
    let clause = conditions.isEmpty ? "" : " WHERE " + conditions.joined(separator: " AND ")
    return "\(fields(light: light)) \(from)\(clause) ORDER BY \(order) LIMIT ?"
  }

  /// Rows from a key on, that key included. Binds: stream values (when `ofStream`), key, limit.
  func byKey(_ direction: Direction, ofStream: Bool, visibleOnly: Bool = true, light: Bool = false) -> String
  {
    let key = table.key ?? "NULL"
    var conditions = ofStream ? isStream : []
    conditions.append("\(key) \(direction == .forward ? ">=" : "<=") ?")
    if visibleOnly, let visible = table.visible(options) { conditions.append(visible) }
    return select(conditions, order: "\(key)\(direction == .forward ? "" : " DESC")", light: light)
  }

  /// Rows of one stream by version, then key. Binds: stream values, version, key, limit.
  func byVersion(_ direction: Direction, including: Bool) -> String {
    let pair = "(\(version), \(table.key ?? "NULL"))"
    let sign = (direction == .forward ? ">" : "<") + (including ? "=" : "")
    var conditions = isStream + ["\(pair) \(sign) (?, ?)"]
    if let visible = table.visible(options) { conditions.append(visible) }
    let suffix = direction == .forward ? "" : " DESC"
    return select(conditions, order: "\(version)\(suffix), \(table.key ?? "NULL")\(suffix)")
  }

  /// Rows of a table WITHOUT ROWID within one stream, by version. Binds: stream values, version, limit.
  func withinStream(_ direction: Direction) -> String {
    let conditions =
      isStream + [
        "\(version) \(direction == .forward ? ">=" : "<=") ?", "typeof(\(version)) = 'integer'",
      ]
    return select(conditions, order: "\(version)\(direction == .forward ? "" : " DESC")")
  }

  var version: String { table.columns.version.map(SQLiteTable.quote) ?? "NULL" }

  /// One row when a version of the stream is no integer. Binds: stream values.
  var oddVersion: String {
    "SELECT 1 \(from) WHERE \((isStream + ["typeof(\(version)) <> 'integer'"]).joined(separator: " AND ")) LIMIT 1"
  }

  /// One row when the stream has any row at all. Binds: stream values.
  var exists: String { "SELECT 1 \(from) WHERE \(isStream.joined(separator: " AND ")) LIMIT 1" }

  /// Every stream's stored values, each once.
  var names: String {
    "SELECT DISTINCT \(table.streamExpressions.joined(separator: ", ")) \(from)"
  }

  /// The least and greatest key, in one row. Two lookups: together they would read the whole table.
  var bounds: String {
    let key = table.key ?? "NULL"
    return "SELECT (SELECT min(\(key)) \(from)), (SELECT max(\(key)) \(from))"
  }

  /// Rows of a stream that `cat` shows. Binds: stream values.
  var count: String {
    let conditions = isStream + (table.visible(options).map { [$0] } ?? [])
    return "SELECT count(*) \(from) WHERE \(conditions.joined(separator: " AND "))"
  }

  /// Version and key of a stream's first shown row by version whose key is not less. Binds: stream values,
  /// key.
  var versionAtKey: String {
    let conditions = isStream + ["\(table.key ?? "NULL") >= ?"] + (table.visible(options).map { [$0] } ?? [])
    return "SELECT \(version), \(table.key ?? "NULL") \(from) WHERE \(conditions.joined(separator: " AND "))"
      + " ORDER BY \(version), \(table.key ?? "NULL") LIMIT 1"
  }

  /// Version and key of a stream's row by its number among those shown. Binds: stream values, number from 0.
  var nth: String {
    let conditions = isStream + (table.visible(options).map { [$0] } ?? [])
    let order = table.access == .byVersion ? "\(version), \(table.key ?? "1")" : table.key ?? "1"
    return "SELECT \(version), \(table.key ?? "NULL") \(from) WHERE \(conditions.joined(separator: " AND "))"
      + " ORDER BY \(order) LIMIT 1 OFFSET ?"
  }

  private var streams: String {
    table.streamExpressions.map { "\($0) COLLATE BINARY" }.joined(separator: ", ")
  }

  /// One row a stream: stream values, count, least and greatest key, least version.
  var summaries: String {
    let clause = table.visible(options).map { " WHERE \($0)" } ?? ""
    let key = table.key ?? version
    return "SELECT \(table.streamExpressions.joined(separator: ", ")), count(*), "
      + "min(\(key)), max(\(key)), min(\(version)) \(from)\(clause) GROUP BY \(streams)"
  }

  /// The stream after a given one, in the order of an index that leads by streams. Binds: stream values when
  /// not `first`.
  func nextStream(first: Bool) -> String {
    let names = table.streamExpressions.joined(separator: ", ")
    let marks = table.streamExpressions.map { _ in "?" }.joined(separator: ", ")
    let clause = first ? "" : " WHERE (\(names)) > (\(marks))"
    return "SELECT \(names) \(from)\(clause) ORDER BY \(names) LIMIT 1"
  }
}
