import Glibc

/// What must stay as it is while a database without locks is read: sizes, times, the header's change counter,
/// the log's salts, the journal's header.
struct SQLiteStamp: Equatable {
  /// A file's identity and extent.
  struct File: Equatable {
    var inode: UInt64
    var size: Int64
    var seconds: Int
    var nanoseconds: Int
    /// The part of its header that changes with every change.
    var header: [UInt8]
  }

  var database: File?
  var log: File?
  var journal: File?

  init(path: String) {
    // 24: change counter, 28: pages, 92: the counter that the page count was written with.
    database = SQLiteStamp.file(path, header: 100)
    // 12: checkpoint number, 16: the two salts.
    log = SQLiteStamp.file(path + "-wal", header: 32)
    journal = SQLiteStamp.file(path + "-journal", header: 28)
  }

  private static func file(_ path: String, header count: Int) -> File? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    let header = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      initialized = max(0, pread(descriptor, buffer.baseAddress, count, 0))
    }
    return File(
      inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
      nanoseconds: status.st_mtim.tv_nsec, header: header)
  }

  /// Whether a reader that began at `self` still saw one state when the files had become `later`. A log that
  /// only grew under the same salts counts as unchanged: the frames that were indexed are where they were.
  func stillHolds(_ later: SQLiteStamp) -> Bool {
    guard database == later.database, journal == later.journal else { return false }
    guard let log, let laterLog = later.log else { return log == nil && later.log == nil }
    return log.inode == laterLog.inode && log.header == laterLog.header && log.size <= laterLog.size
  }
}
