import CSQLite

/// The real tables of a database, as far as reading events needs them. Views, virtual tables and SQLite's own
/// tables are left out: nothing that a schema could make run is ever asked.
struct SQLiteSchema: Sendable {
  /// More tables than this are not looked at; told in a note.
  static let tableLimit = 4096

  var tables: [SQLiteTable] = []
  /// Sentences about what was left out or could not be read.
  var notes: [String] = []

  init(_ connection: SQLiteConnection) throws(SQLiteError) {
    let list = try connection.statement(
      "SELECT name, sql, rootpage FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")
    var found: [(name: String, sql: String)] = []
    while try list.step() {
      guard let name = list.text(0), list.integer(2) > 0, !name.lowercased().hasPrefix("sqlite_") else {
        continue
      }
      guard found.count < SQLiteSchema.tableLimit else {
        notes.append("more than \(SQLiteSchema.tableLimit) tables: the rest was not looked at")
        break
      }
      found.append((name, list.text(1) ?? ""))
    }
    list.reset()
    for (name, sql) in found where !SQLiteSchema.isVirtual(sql) {
      do throws(SQLiteError) {
        tables.append(try SQLiteTable(name, connection))
      } catch {
        if error.code == SQLITE_INTERRUPT { throw error }
        notes.append("table \(name) cannot be read: \(error.message)")
      }
    }
  }

  private static func isVirtual(_ sql: String) -> Bool {
    let words = sql.prefix(200).split(whereSeparator: \.isWhitespace).prefix(2)
    return words.map { $0.lowercased() } == ["create", "virtual"]
  }
}

/// One table: its columns and what its indexes order.
struct SQLiteTable: Sendable {
  struct Column: Sendable, Equatable {
    var name: String
    /// The declared type, upper case.
    var type: String
    /// Its place in the primary key, from 1; 0: not part of it.
    var key: Int

    /// The name as signatures compare it: lower case, without underscores.
    var plain: String { SQLiteTable.plain(name) }
  }

  struct Index: Sendable, Equatable {
    /// Leading columns in order, up to the first that is an expression or not compared byte by byte.
    var columns: [String]
    var isUnique: Bool
    /// False when the index goes on after `columns` with something else.
    var isWhole: Bool
  }

  var name: String
  var columns: [Column]
  var indexes: [Index] = []
  /// What the row number is called here; nil for a table WITHOUT ROWID.
  var rowid: String?

  /// Reads the layout through PRAGMAs, which parse the schema and run nothing of it.
  init(_ name: String, _ connection: SQLiteConnection) throws(SQLiteError) {
    self.name = name
    columns = []
    let quoted = SQLiteTable.quote(name)
    let info = try connection.statement("PRAGMA main.table_xinfo(\(quoted))")
    while try info.step() {
      // Hidden and generated columns would be computed by the schema's own expressions.
      guard let column = info.text(1), info.integer(6) == 0 else { continue }
      columns.append(
        Column(name: column, type: (info.text(2) ?? "").uppercased(), key: Int(clamping: info.integer(5))))
    }
    info.reset()
    rowid = SQLiteTable.rowid(of: quoted, columns, connection)
    try readIndexes(quoted, connection)
  }

  private mutating func readIndexes(_ quoted: String, _ connection: SQLiteConnection) throws(SQLiteError) {
    var names: [(name: String, unique: Bool)] = []
    let list = try connection.statement("PRAGMA main.index_list(\(quoted))")
    while try list.step() {
      guard let name = list.text(1), list.integer(4) == 0, names.count < 64 else { continue }
      names.append((name, list.integer(2) != 0))
    }
    list.reset()
    for (name, unique) in names {
      var index = Index(columns: [], isUnique: unique, isWhole: true)
      let info = try connection.statement("PRAGMA main.index_xinfo(\(SQLiteTable.quote(name)))")
      while try info.step() {
        guard info.integer(5) != 0 else { continue }
        guard index.isWhole, let column = info.text(2), info.text(4)?.uppercased() == "BINARY" else {
          index.isWhole = false
          continue
        }
        index.columns.append(column)
      }
      info.reset()
      indexes.append(index)
    }
  }

  /// The first name of the row number that no column has taken; nil when the table has none.
  private static func rowid(of quoted: String, _ columns: [Column], _ connection: SQLiteConnection) -> String?
  {
    let taken = Set(columns.map { $0.name.lowercased() })
    return ["rowid", "_rowid_", "oid"].first { name in
      !taken.contains(name)
        && (try? connection.statement("SELECT \(name) FROM main.\(quoted) LIMIT 0")) != nil
    }
  }

  func column(_ name: String) -> Column? {
    let wanted = name.lowercased()
    return columns.first { $0.name.lowercased() == wanted }
  }

  func column(plain: String) -> Column? { columns.first { $0.plain == plain } }

  /// The column that is the row number under another name.
  var rowidAlias: Column? {
    let key = columns.filter { $0.key > 0 }
    return rowid != nil && key.count == 1 && key.first?.type == "INTEGER" ? key.first : nil
  }

  /// A name between double quotes, as SQL takes any name.
  static func quote(_ name: String) -> String { enclosed(name, "\"") }
  /// A text between single quotes.
  static func literal(_ text: String) -> String { enclosed(text, "'") }

  private static func enclosed(_ text: String, _ mark: Unicode.Scalar) -> String {
    var out = String(Character(mark))
    for character in text.unicodeScalars {
      out.unicodeScalars.append(character)
      if character == mark { out.unicodeScalars.append(character) }
    }
    return out + String(Character(mark))
  }

  static func plain(_ name: String) -> String { name.lowercased().filter { $0 != "_" } }
}
