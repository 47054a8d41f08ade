import CReadOnlyVFS
import CSQLite

/// What SQLite answered instead of doing what it was asked.
struct SQLiteError: Error, Equatable {
  /// The primary result code: SQLITE_CORRUPT, SQLITE_TOOBIG …
  var code: Int32
  var message: String

  /// Rows that do not come in the order asked for: an index or a page is damaged.
  static let outOfOrder = SQLiteError(code: SQLITE_CORRUPT, message: "rows stand out of order")

  /// The bytes are wrong or could not be read; another place of the file may still be fine.
  var isDamage: Bool {
    code == SQLITE_CORRUPT || code == SQLITE_TOOBIG || code == SQLITE_IOERR || code == SQLITE_NOTADB
  }
}

/// One connection to one database through the read-only file system, distrusting everything in the file.
///
/// `@unchecked Sendable`: the database's pool hands a connection to one reader at a time.
final class SQLiteConnection: @unchecked Sendable {
  /// Longest value that is read: 64 MiB. A longer one is damage, told with its row.
  static let valueLimit: Int32 = 64 << 20
  /// Virtual-machine steps between two looks at whether the user has cancelled.
  private static let stepsBetweenLooks: Int32 = 20_000
  /// Prepared statements kept; the queries of a few logs.
  private static let statementLimit = 64

  private let handle: OpaquePointer
  private var statements: [String: SQLiteStatement] = [:]

  /// Opens `path`. `tolerant` also opens what SQLite calls malformed as a whole: a file cut short, a schema
  /// with entries that do not parse.
  init(path: String, tolerant: Bool) throws(SQLiteError) {
    guard weir_register_readonly_vfs() == SQLITE_OK else {
      throw SQLiteError(code: SQLITE_ERROR, message: "SQLite could not be started")
    }
    var opened: OpaquePointer?
    // An absolute path never reads as a URI (`file:`) or a special name (`:memory:`), whatever is in it.
    let code = sqlite3_open_v2(
      path, &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE, "weir-readonly")
    guard let opened else { throw SQLiteError(code: SQLITE_NOMEM, message: "out of memory") }
    handle = opened
    // From here on deinit closes the handle, which SQLite makes even when opening failed.
    guard code == SQLITE_OK else { throw error(code) }
    limit()
    // Writing into the schema is what SQLite calls it; here it only means that a malformed one is put up
    // with. First, because what follows may read the schema already.
    _ = weir_sqlite_defend(handle, tolerant ? 0 : 1)
    if tolerant { try execute("PRAGMA writable_schema=ON") }
    try execute("PRAGMA temp_store=MEMORY")
    try execute("PRAGMA trusted_schema=OFF")
    try execute("PRAGMA query_only=ON")
    try execute("PRAGMA cell_size_check=ON")
    try execute("PRAGMA mmap_size=0")
    try execute("PRAGMA cache_size=-4096")
  }

  deinit {
    statements.removeAll()
    sqlite3_close_v2(handle)
  }

  private func limit() {
    sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, SQLiteConnection.valueLimit)
    sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, 1 << 20)
    sqlite3_limit(handle, SQLITE_LIMIT_VDBE_OP, 100_000)
    sqlite3_limit(handle, SQLITE_LIMIT_EXPR_DEPTH, 200)
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0)
    sqlite3_limit(handle, SQLITE_LIMIT_WORKER_THREADS, 0)
    sqlite3_extended_result_codes(handle, 0)
  }

  /// The statement of this text, ready for new values. The same one each time: do not use it within itself.
  func statement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    if let known = statements[sql] {
      known.reset()
      return known
    }
    var prepared: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard code == SQLITE_OK, let prepared else { throw error(code) }
    if statements.count >= SQLiteConnection.statementLimit { statements.removeAll() }
    let statement = SQLiteStatement(prepared, self)
    statements[sql] = statement
    return statement
  }

  func execute(_ sql: String) throws(SQLiteError) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw error(code) }
  }

  /// Runs `body`, which stops with SQLITE_INTERRUPT soon after `work` is cancelled.
  func watched<T>(by work: Work, _ body: () throws(SQLiteError) -> T) throws(SQLiteError) -> T {
    sqlite3_progress_handler(
      handle, SQLiteConnection.stepsBetweenLooks,
      { context in
        guard let context else { return 0 }
        return Unmanaged<Work>.fromOpaque(context).takeUnretainedValue().isCancelled ? 1 : 0
      }, Unmanaged.passUnretained(work).toOpaque())
    defer {
      sqlite3_progress_handler(handle, 0, nil, nil)
      for statement in statements.values { statement.reset() }
    }
    return try body()
  }

  func error(_ code: Int32) -> SQLiteError {
    SQLiteError(code: code & 0xFF, message: String(cString: sqlite3_errmsg(handle)))
  }

  /// Forgets the pages in memory, so that the next read shows which page it fails on.
  func dropCache() { sqlite3_db_release_memory(handle) }

  /// What the file system knows: the last page read, the journal's part.
  var status: weir_vfs_status {
    var status = weir_vfs_status()
    sqlite3_file_control(handle, "main", WEIR_FCNTL_STATUS, &status)
    return status
  }
}

/// A prepared query: bind from 1, step, read columns from 0.
final class SQLiteStatement {
  private let handle: OpaquePointer
  private unowned let connection: SQLiteConnection

  init(_ handle: OpaquePointer, _ connection: SQLiteConnection) {
    self.handle = handle
    self.connection = connection
  }

  deinit { sqlite3_finalize(handle) }

  func reset() {
    sqlite3_reset(handle)
    sqlite3_clear_bindings(handle)
  }

  func bind(_ values: [SQLiteValue]) throws(SQLiteError) {
    for (index, value) in values.enumerated() { try bind(value, at: Int32(index + 1)) }
  }

  private func bind(_ value: SQLiteValue, at index: Int32) throws(SQLiteError) {
    // SQLite copies the bytes (SQLITE_TRANSIENT).
    let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    let code: Int32 =
      switch value {
      case .null: sqlite3_bind_null(handle, index)
      case .integer(let number): sqlite3_bind_int64(handle, index, number)
      case .real(let number): sqlite3_bind_double(handle, index, number)
      case .text(let bytes):
        bytes.withUnsafeBytes { buffer in
          sqlite3_bind_text64(
            handle, index, buffer.baseAddress?.assumingMemoryBound(to: CChar.self) ?? weir_sqlite_empty(),
            UInt64(buffer.count), copied, UInt8(SQLITE_UTF8))
        }
      case .blob(let bytes):
        bytes.withUnsafeBytes { buffer in
          sqlite3_bind_blob64(
            handle, index, buffer.baseAddress ?? UnsafeRawPointer(weir_sqlite_empty()), UInt64(buffer.count),
            copied)
        }
      }
    guard code == SQLITE_OK else { throw connection.error(code) }
  }

  /// Moves to the next row; false after the last.
  func step() throws(SQLiteError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code: throw connection.error(code)
    }
  }

  func type(_ column: Int32) -> Int32 { sqlite3_column_type(handle, column) }
  func isNull(_ column: Int32) -> Bool { type(column) == SQLITE_NULL }
  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }
  func real(_ column: Int32) -> Double { sqlite3_column_double(handle, column) }

  func text(_ column: Int32) -> String? {
    bytes(column) { buffer in String(decoding: buffer, as: UTF8.self) }
  }

  /// The stored bytes of a blob, the UTF-8 of anything else; nil for NULL. They are gone with the next step.
  func bytes<T>(_ column: Int32, _ body: (UnsafeRawBufferPointer) -> T) -> T? {
    let kind = type(column)
    guard kind != SQLITE_NULL else { return nil }
    let start =
      kind == SQLITE_BLOB
      ? sqlite3_column_blob(handle, column) : UnsafeRawPointer(sqlite3_column_text(handle, column))
    let count = Int(sqlite3_column_bytes(handle, column))
    guard let start, count > 0 else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return body(UnsafeRawBufferPointer(start: start, count: count))
  }

  func value(_ column: Int32) -> SQLiteValue {
    switch type(column) {
    case SQLITE_INTEGER: .integer(integer(column))
    case SQLITE_FLOAT: .real(real(column))
    case SQLITE_TEXT: .text(bytes(column) { Array($0) } ?? [])
    case SQLITE_BLOB: .blob(bytes(column) { Array($0) } ?? [])
    default: .null
    }
  }
}

/// A value as a row holds it.
enum SQLiteValue: Hashable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text([UInt8])
  case blob([UInt8])

  static func text(_ text: String) -> SQLiteValue { .text(Array(text.utf8)) }
}
