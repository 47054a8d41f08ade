/// A kind of source that weir can open: one line in `Format.all`, one folder in Formats.
package struct Format: Sendable {
  /// How `--format` and `weir formats` name it.
  package var name: String
  package var title: String
  /// What it is found by, and its limits, a sentence each.
  package var summary: String
  /// True when the path holds this format, by its content first and its name second. Cheap: a few small
  /// reads.
  package var detects: @Sendable (Probe) -> Bool
  package var open: @Sendable (String, ReadOptions, Work) throws(Fault) -> any Source
}

extension Format {
  /// Every format, in the order they are asked: magic bytes before checksums before names.
  package static let all: [Format] = [.sqlite, .kafka, .text]

  /// Opens a path: detects its format, unless `options.format` names one.
  package static func open(_ path: String, _ options: ReadOptions, _ work: Work) throws(Fault) -> any Source {
    let probe = try Probe(path: path)
    if let name = options.format {
      guard let format = all.first(where: { $0.name == name }) else {
        let known = all.map(\.name).joined(separator: ", ")
        throw Fault(.usage, "open", path, "no format is called '\(name)'", hint: "known: \(known)")
      }
      return try format.open(path, options, work)
    }
    guard let format = all.first(where: { $0.detects(probe) }) else {
      let reason =
        !probe.isDirectory && probe.size == 0 && path != "-" ? "the file is empty" : "no format recognised"
      throw Fault(.nothingThere, "open", path, reason, hint: advice(probe))
    }
    return try format.open(path, options, work)
  }

  /// What to do about a path in which nothing was recognised, told by its name.
  private static func advice(_ probe: Probe) -> String {
    for suffix in ["-wal", "-shm", "-journal"] where probe.path.hasSuffix(suffix) && !probe.isDirectory {
      return "it belongs to a database: open \(probe.path.dropLast(suffix.count)), it is read along with it"
    }
    let databases = [".db", ".sqlite", ".sqlite3", ".db3"]
    if probe.size > 0, databases.contains(where: { probe.name.lowercased().hasSuffix($0) }) {
      return "without SQLite's header it is an encrypted database, or none"
    }
    return "weir formats lists what can be opened"
  }
}
