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

  /// Opens a path.
  package static func open(_ path: String, _ options: ReadOptions, _ work: Work) throws(Fault) -> any Source {
    try recognise(path, options).open(path, options, work)
  }

  /// The format that a path holds, unless `options.format` names one.
  package static func recognise(_ path: String, _ options: ReadOptions) throws(Fault) -> Format {
    let probe = try Probe(path: path)
    if let name = options.format {
      guard let format = all.first(where: { $0.name == name }) else {
        let known = all.map(\.name).joined(separator: ", ")
        throw Fault(.usage, "open", path, "no format is called '\(name)'", hint: "known: \(known)")
      }
      return format
    }
    guard let format = all.first(where: { $0.detects(probe) }) else {
      let reason =
        !probe.isDirectory && probe.size == 0 && path != "-" ? "the file is empty" : "no format recognised"
      throw Fault(.nothingThere, "open", path, reason, hint: advice(probe))
    }
    return format
  }

  /// Names looked at in a folder that is no source itself, and those of them that are given.
  private static let looks = 512
  private static let gifts = 32

  /// What a folder that is no source itself holds one level down: names, sorted. Event files of text count
  /// by their endings alone, since any configuration file begins with a brace.
  package static func inside(_ probe: Probe) -> [String] {
    guard probe.isDirectory, !all.contains(where: { $0.detects(probe) }) else { return [] }
    var found: [String] = []
    for name in probe.entries.prefix(looks) where !name.hasPrefix(".") && found.count < gifts {
      guard let inner = try? Probe(path: probe.path + "/" + name),
        let format = all.first(where: { $0.detects(inner) })
      else { continue }
      let isEventText = [".ndjson", ".jsonl"].contains { name.contains($0) }
      if format.name != Format.text.name || isEventText { found.append(name) }
    }
    return found
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
    let found = inside(probe)
    guard !found.isEmpty else { return "weir formats lists what can be opened" }
    return "in there: " + found.prefix(6).joined(separator: ", ") + (found.count > 6 ? " and more" : "")
  }
}
