import CSQLite
package import WeirCore

/// A database that a test writes itself, with SQLite as it comes: journals, logs and all. Closed with the
/// last reference; while it is open, its files are those of a program at work.
package final class SQLiteWriter {
  package let path: String
  private let handle: OpaquePointer

  /// Opens or creates `path` and runs `sql` on it.
  package init(_ path: String, _ sql: String = "") throws(Fault) {
    var opened: OpaquePointer?
    guard sqlite3_open(path, &opened) == SQLITE_OK, let opened else {
      throw Fault(.unreadable, "write", path, "SQLite does not open it")
    }
    (self.path, handle) = (path, opened)
    try run(sql)
  }

  deinit { sqlite3_close(handle) }

  /// Any number of statements.
  package func run(_ sql: String) throws(Fault) {
    guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
      throw Fault(.unreadable, "write", path, String(cString: sqlite3_errmsg(handle)))
    }
  }

  /// Writes a database, closes it, and returns the bytes of its file.
  package static func bytes(_ sql: String) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    do { _ = try SQLiteWriter(folder.path + "/made.sqlite", sql) }
    let file = try FileBytes(path: folder.path + "/made.sqlite")
    return try file.bytes(at: 0, count: Int(file.size))
  }

  /// The files of a database as they are now, its log and journal among them, copied under the same names.
  package func copy(to folder: TemporaryFolder) throws -> String {
    let name = String(path.split(separator: "/").last ?? "")
    for suffix in ["", "-wal", "-journal"] {
      guard let file = try? FileBytes(path: path + suffix) else { continue }
      try folder.write(name + suffix, try file.bytes(at: 0, count: Int(file.size)))
    }
    return folder.path + "/" + name
  }
}
