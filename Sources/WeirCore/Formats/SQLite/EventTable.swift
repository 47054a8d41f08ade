/// One table of events, resolved: which of its columns play which part, and in what order its rows stand.
struct EventTable: Sendable {
  /// What the log of the whole table is ordered by.
  enum Order: Sendable, Equatable {
    /// An integer that is unique and indexed: the row number (under any name), or a column.
    case key(String)
    /// A table WITHOUT ROWID: by stream, then version. There is no global order.
    case streamAndVersion
  }

  /// How one stream's rows are found.
  enum StreamAccess: Sendable, Equatable {
    /// An index leads by the stream's columns and then the version.
    case byVersion
    /// An index leads by the stream's columns and then the row number.
    case byKey
    /// No index helps: every row is looked at.
    case scan
  }

  let table: SQLiteTable
  let family: StoreFamily
  /// Column names as the table spells them.
  let columns: Columns
  let order: Order
  let access: StreamAccess
  /// True when the rows are snapshots of states, not events.
  let isSnapshots: Bool
  /// Where things were found, for `ls -v`; a guess says that it is one.
  var notes: [String]

  struct Columns: Sendable, Equatable {
    var stream: [String] = []
    var version: String?
    var position: String?
    var id: String?
    var type: String?
    var time: String?
    var data: String?
    var meta: String?
    var hidden: String?
    var kind: String?
    var key: String?
  }

  /// Without a column of streams all rows belong to one, called as the table is. nil for a table WITHOUT
  /// ROWID whose primary key is not stream and version: there is no order to page by.
  init?(table: SQLiteTable, family: StoreFamily, columns: Columns, notes: [String]) {
    self.table = table
    self.family = family
    var columns = columns
    (order, columns.position) = EventTable.order(of: table, columns)
    if order == .streamAndVersion {
      guard !columns.stream.isEmpty, let version = columns.version,
        table.indexes.contains(where: { $0.isUnique && $0.columns == columns.stream + [version] })
      else { return nil }
    }
    self.columns = columns
    isSnapshots = EventTable.isSnapshots(table)
    access = EventTable.access(table, columns, order)
    self.notes = notes
  }

  static func isSnapshots(_ table: SQLiteTable) -> Bool {
    SQLiteTable.plain(table.name).contains("snapshot")
  }

  /// The order, and the column it is by; nil where that is the row number. What the log is ordered by is what
  /// prints as position.
  private static func order(of table: SQLiteTable, _ columns: Columns) -> (Order, position: String?) {
    if let position = columns.position {
      let isAlias = table.rowidAlias?.name == position
      let isKey = table.indexes.contains { $0.isUnique && $0.isWhole && $0.columns == [position] }
      if isAlias || isKey { return (.key(SQLiteTable.quote(position)), position) }
    }
    guard let rowid = table.rowid else { return (.streamAndVersion, nil) }
    return (.key(rowid), table.rowidAlias?.name)
  }

  private static func access(_ table: SQLiteTable, _ columns: Columns, _ order: Order) -> StreamAccess {
    guard case .key(let key) = order else { return .byVersion }
    if columns.stream.isEmpty { return .byKey }
    let width = columns.stream.count
    let leading = table.indexes.filter { Set($0.columns.prefix(width)) == Set(columns.stream) }
    if let version = columns.version,
      leading.contains(where: { $0.columns.count > width && $0.columns[width] == version })
    {
      return .byVersion
    }
    let isRowid = key == table.rowid || columns.position == table.rowidAlias?.name
    return isRowid && leading.contains { $0.columns.count == width && $0.isWhole } ? .byKey : .scan
  }

  /// SQL for what names a stream: its columns, else the table's name.
  var streamExpressions: [String] {
    columns.stream.isEmpty ? [SQLiteTable.literal(table.name)] : columns.stream.map(SQLiteTable.quote)
  }

  /// The SQL expression the whole log is ordered by; nil without a global order.
  var key: String? { if case .key(let expression) = order { expression } else { nil } }

  /// Rows that the store itself no longer shows are left out unless asked for.
  func visible(_ options: ReadOptions) -> String? {
    guard let hidden = columns.hidden, !options.deleted else { return nil }
    return "lower(COALESCE(\(SQLiteTable.quote(hidden)), 0)) NOT IN ('1', 'true', 't')"
  }

  /// The stream of rows that name none.
  static let noStream = "(none)"

  /// The name under which a stream's stored columns are shown.
  func name(ofStream values: [SQLiteValue]) -> String {
    let name = values.map { EventTable.text(of: $0, hexUUIDs: family.hasHexUUIDs) ?? "" }
      .joined(separator: "-")
    return name.isEmpty ? EventTable.noStream : name
  }

  /// Whether a shown name need not lead back to what is stored: bytes that are no text, numbers with a point.
  static func isInexact(_ name: String) -> Bool { name.contains("\u{FFFD}") || Double(name) != nil }

  /// The stored values that may stand behind a shown name, most likely first.
  func values(ofStream name: String) -> [[SQLiteValue]] {
    guard columns.stream.count == 2 else { return EventTable.values(of: name).map { [$0] } }
    var splits: [[SQLiteValue]] = []
    for index in name.indices where name[index] == "-" {
      let rest = String(name[name.index(after: index)...])
      for value in EventTable.values(of: rest) { splits.append([.text(String(name[..<index])), value]) }
    }
    return splits
  }

  /// What a value of an identifying column may be stored as: text, a UUID without dashes or as 16 bytes, a
  /// number.
  private static func values(of name: String) -> [SQLiteValue] {
    var values: [SQLiteValue] = [.text(name)]
    if name == noStream { values += [.null, .text("")] }
    if let bytes = UUIDText.bytes(name) {
      values.append(.text(name.filter { $0 != "-" }))
      values.append(.blob(bytes))
    }
    if let number = Int64(name), String(number) == name { values.append(.integer(number)) }
    return values
  }

  /// A value as text; a UUID, stored as 16 bytes or as hexadecimal digits, prints with dashes.
  static func text(of value: SQLiteValue, hexUUIDs: Bool) -> String? {
    switch value {
    case .null: nil
    case .integer(let number): String(number)
    case .real(let number): String(number)
    case .text(let bytes):
      hexUUIDs ? UUIDText.dashed(hex: bytes) ?? UUIDText.plain(bytes) : UUIDText.plain(bytes)
    case .blob(let bytes): bytes.count == 16 ? UUIDText.dashed(bytes) : UUIDText.plain(bytes)
    }
  }
}

/// UUIDs as stores keep them.
enum UUIDText {
  static func plain(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  /// 16 bytes as 8-4-4-4-12 digits.
  static func dashed(_ bytes: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var out: [UInt8] = []
    out.reserveCapacity(36)
    for (index, byte) in bytes.prefix(16).enumerated() {
      if index == 4 || index == 6 || index == 8 || index == 10 { out.append(UInt8(ascii: "-")) }
      out.append(digits[Int(byte >> 4)])
      out.append(digits[Int(byte & 15)])
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// 32 hexadecimal digits with the dashes put in; nil for anything else.
  static func dashed(hex text: [UInt8]) -> String? {
    guard text.count == 32, text.allSatisfy({ digit($0) != nil }) else { return nil }
    var out: [UInt8] = []
    out.reserveCapacity(36)
    for (index, byte) in text.enumerated() {
      if index == 8 || index == 12 || index == 16 || index == 20 { out.append(UInt8(ascii: "-")) }
      out.append(byte)
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// The 16 bytes of a UUID with or without dashes; nil for anything else.
  static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8.filter { $0 != UInt8(ascii: "-") }.map(digit)
    guard digits.count == 32, text.utf8.count == 32 || text.utf8.count == 36 else { return nil }
    var out: [UInt8] = []
    for index in stride(from: 0, to: 32, by: 2) {
      guard let high = digits[index], let low = digits[index + 1] else { return nil }
      out.append(high << 4 | low)
    }
    return out
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x61...0x66: byte - 0x57
    case 0x41...0x46: byte - 0x37
    default: nil
    }
  }
}
