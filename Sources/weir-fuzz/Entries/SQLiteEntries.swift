import WeirCore

extension Entry {
  /// A database file.
  static let sqlite = Entry(name: "sqlite") { bytes in
    guard let first = bytes.first else { return }
    let path = SQLiteFolder.path
    Scratch.write(path, UnsafeRawBufferPointer(rebasing: bytes[1...]))
    Exercise(SQLiteFolder.options(first), isSymmetric: false).run(path)
  }

  /// What lies beside a good database: its write-ahead log or its journal.
  static let sqliteSidecars = Entry(name: "sqlite-sidecars") { bytes in
    guard let first = bytes.first else { return }
    let path = SQLiteFolder.goodPath
    let sidecar = path + (first & 1 == 0 ? "-wal" : "-journal")
    Scratch.write(sidecar, UnsafeRawBufferPointer(rebasing: bytes[1...]))
    Exercise(SQLiteFolder.options(first), isSymmetric: false).run(path)
    Scratch.write(sidecar, [])
  }
}

private enum SQLiteFolder {
  static let path = Scratch.make("sqlite") + "/a.sqlite"

  static let goodPath: String = {
    let path = Scratch.make("sqlite") + "/good.sqlite"
    Scratch.write(path, Seeds.database)
    return path
  }()

  static func options(_ bits: UInt8) -> ReadOptions {
    var options = ReadOptions()
    options.format = "sqlite"
    options.deleted = bits & 2 != 0
    options.snapshots = bits & 4 != 0
    return options
  }
}
