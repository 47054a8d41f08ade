import CReadOnlyVFS
import CSQLite
import Glibc
import Synchronization

/// A database that may be written by somebody else while it is read, without a lock.
///
/// A read counts only when the files are the same before and after it; it is tried three times, then its
/// result is given all the same and the database is called moving. Connections are pooled: each reader has
/// one to itself, and one whose files have changed since it was opened is thrown away.
final class SQLiteDatabase: Sendable {
  private static let tries = 3
  /// Connections kept for the next reader; each holds up to 4 MiB of pages.
  private static let idleLimit = 4

  /// The path as it was given; messages and provenance use it.
  let path: String
  private let absolutePath: String
  private let isTolerant = Atomic<Bool>(false)
  private let moving = Atomic<Bool>(false)
  private let idle = Mutex<[(connection: SQLiteConnection, stamp: SQLiteStamp)]>([])

  init(path: String) {
    self.path = path
    absolutePath = path.hasPrefix("/") ? path : SQLiteDatabase.workingDirectory() + "/" + path
  }

  /// True while the last read found the files changing under it, three times in a row.
  var isMoving: Bool { moving.load(ordering: .relaxed) }
  /// True when the database opened only after SQLite was told to overlook what is wrong with it as a whole.
  var isMalformed: Bool { isTolerant.load(ordering: .relaxed) }
  /// Whether the database says that it keeps a write-ahead log (bytes 18 and 19 of its header are 2).
  var isInLogMode: Bool {
    let header = SQLiteStamp(path: absolutePath).database?.header ?? []
    return header.count > 19 && header[18] == 2
  }
  /// Size of the database file in bytes, without its log.
  var size: UInt64 { UInt64(max(0, SQLiteStamp(path: absolutePath).database?.size ?? 0)) }

  /// Runs `body` with a connection of its own. `body` may run up to three times and must begin anew each
  /// time.
  func read<T>(_ work: Work, _ body: (SQLiteConnection) throws(SQLiteError) -> T) throws(Fault) -> T {
    try work.check()
    var result: Result<T, SQLiteError> = .failure(SQLiteError(code: SQLITE_ERROR, message: ""))
    for _ in 0..<SQLiteDatabase.tries {
      let before = SQLiteStamp(path: absolutePath)
      let connection = try connection(for: before)
      do throws(SQLiteError) {
        result = .success(try connection.watched(by: work) { () throws(SQLiteError) in try body(connection) })
      } catch { result = .failure(error) }
      try work.check()
      if before.stillHolds(SQLiteStamp(path: absolutePath)) {
        moving.store(false, ordering: .relaxed)
        giveBack(connection, before)
        return try unwrap(result)
      }
    }
    moving.store(true, ordering: .relaxed)
    return try unwrap(result)
  }

  /// Opens with more tolerance from now on. False when that was done before.
  func becomeTolerant() -> Bool {
    idle.withLock { $0.removeAll() }
    return !isTolerant.exchange(true, ordering: .relaxed)
  }

  private func unwrap<T>(_ result: Result<T, SQLiteError>) throws(Fault) -> T {
    switch result {
    case .success(let value): return value
    case .failure(let error): throw fault("read", error)
    }
  }

  private func connection(for stamp: SQLiteStamp) throws(Fault) -> SQLiteConnection {
    let pooled = idle.withLock { idle in
      idle.removeAll { $0.stamp != stamp }
      return idle.popLast()?.connection
    }
    if let pooled { return pooled }
    do throws(SQLiteError) {
      return try SQLiteConnection(path: absolutePath, tolerant: isMalformed)
    } catch { throw fault("open", error) }
  }

  private func giveBack(_ connection: SQLiteConnection, _ stamp: SQLiteStamp) {
    idle.withLock { idle in
      if idle.count < SQLiteDatabase.idleLimit { idle.append((connection, stamp)) }
    }
  }

  private func fault(_ operation: String, _ error: SQLiteError) -> Fault {
    if error.code == SQLITE_INTERRUPT { return .cancelled }
    guard error.code == SQLITE_CANTOPEN else {
      return Fault(.unreadable, operation, path, error.message, hint: "SQLite said so")
    }
    // SQLite only says that it could not open; the files say why.
    do throws(Fault) { _ = try FileBytes(path: path) } catch { return error }
    var status = stat()
    if lstat(absolutePath + "-journal", &status) == 0 {
      return Fault(
        .unreadable, operation, path,
        "a transaction did not finish and its journal (\(path)-journal) cannot be read or is too large")
    }
    return Fault(.unreadable, operation, path, error.message)
  }

  private static func workingDirectory() -> String {
    guard let buffer = getcwd(nil, 0) else { return "." }
    defer { free(buffer) }
    return String(cString: buffer)
  }
}
