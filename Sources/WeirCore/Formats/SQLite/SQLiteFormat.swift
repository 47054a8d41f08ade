extension Format {
  /// SQLite databases, found by the first 16 bytes of the file.
  static let sqlite = Format(
    name: "sqlite", title: "SQLite event stores",
    summary:
      "Emmett, Python eventsourcing and tables known or guessed by their columns; the write-ahead log and a hot "
      + "journal are read too, without a lock and without writing. Payloads up to 64 MiB; no encrypted databases.",
    detects: { probe in !probe.isDirectory && probe.head.starts(with: Array("SQLite format 3\0".utf8)) },
    open: { path, options, work throws(Fault) in try SQLiteSource(path: path, options: options, work) })
}
