import WeirCore

extension Commands {
  static let ls = CommandSpec(
    name: "ls", operands: "SOURCE[#STREAM]…", summary: "streams and partitions: first, last, count, bytes",
    examples: [
      ("weir ls kafka-logs", "every topic's partitions"),
      ("weir ls -v events.ndjson", "and where type, id, version and time were found"),
      ("weir ls --json bank.sqlite | jq .count", "for scripts"),
    ]
  ) { invocation throws(Fault) in
    _ = try invocation.operand(0, "a source")
    let context = try Context(invocation)
    var found = false
    var output = Output()
    var sources = invocation.operands
    // `weir ls SOURCE STREAM`: a second word that is no path names a stream of the first.
    var stream: String?
    if sources.count == 2, Address.parse(sources[1]).path == sources[1], !FileNames.exists(sources[1]) {
      stream = sources.removeLast()
    }
    for operand in sources {
      var opened = try Opened(operand, invocation, context)
      if let stream { opened.address.stream = stream }
      found = try ListCommand.list(opened, invocation, &output) || found
    }
    output.flush()
    return found ? ExitStatus.found : ExitStatus.done
  }
}

enum ListCommand {
  /// Counts are exact while at most this many bytes have to be read for them.
  static let countLimit: UInt64 = 1 << 30

  static func list(_ opened: Opened, _ invocation: Invocation, _ output: inout Output) throws(Fault) -> Bool {
    let limit = invocation.has("count") ? nil : countLimit
    let catalog = try opened.source.catalog(.count(limit: limit), opened.context.work)
    let entries = catalog.entries.filter { entry in
      (opened.address.stream == nil || entry.stream.name == opened.address.stream)
        && (opened.address.partition == nil || entry.stream.partition == opened.address.partition)
    }
    if let stream = opened.address.stream, entries.isEmpty {
      throw Fault(.nothingThere, "list", "\(opened.address.path)#\(stream)", "no such stream")
    }
    if opened.context.json {
      for entry in entries { output.line(json(entry)) }
    } else {
      table(entries, opened.context, &output)
    }
    for entry in entries where invocation.has("verbose") || opened.address.stream != nil {
      for note in entry.notes { opened.context.note("\(name(entry)): \(note)") }
    }
    for note in catalog.notes where invocation.has("verbose") { opened.context.note(note) }
    return opened.context.report(catalog.damage)
  }

  static func name(_ entry: CatalogEntry) -> String {
    entry.stream.name + (entry.stream.partition.map { "/\($0)" } ?? "")
  }

  private static func json(_ entry: CatalogEntry) -> [UInt8] {
    var writer = EventJSON()
    writer.begin()
    writer.text("stream", entry.stream.name)
    writer.partition(entry.stream.partition)
    if let first = entry.first { writer.text("first", first) }
    if let last = entry.last { writer.text("last", last) }
    if let time = entry.firstTime { writer.text("firstTime", TimeText.rfc3339(time)) }
    if let time = entry.lastTime { writer.text("lastTime", TimeText.rfc3339(time)) }
    switch entry.count {
    case .exact(let count): writer.integer("count", count)
    case .atMost(let count, let why):
      writer.value("count", .null)
      writer.integer("atMost", count)
      writer.text("why", why)
    case .unknown(let why):
      writer.value("count", .null)
      writer.text("why", why)
    }
    if let bytes = entry.bytes { writer.integer("bytes", bytes) }
    writer.text("format", entry.format)
    if !entry.notes.isEmpty { writer.value("notes", .array(entry.notes.map { .string($0) })) }
    return writer.end()
  }

  private static func table(_ entries: [CatalogEntry], _ context: Context, _ output: inout Output) {
    // Where the terminal is too narrow for seconds, minutes do, and at last days.
    var columns = columns(entries, context, digits: nil, withFormat: true)
    func isTooWide() -> Bool { context.paint.width.map { columns.width > $0 } ?? false }
    for digits in [16, 10] {
      if isTooWide() { columns = self.columns(entries, context, digits: digits, withFormat: true) }
      if isTooWide() { columns = self.columns(entries, context, digits: digits, withFormat: false) }
    }
    columns.print(to: &output, context.paint)
  }

  /// `digits`: how much of a time is shown; nil: all of it.
  private static func columns(
    _ entries: [CatalogEntry], _ context: Context, digits: Int?, withFormat: Bool
  ) -> Columns {
    func time(_ instant: Instant) -> String { String(context.zone.text(instant).prefix(digits ?? .max)) }
    let hasPartitions = entries.contains { $0.stream.partition != nil }
    var columns = Columns([
      ("stream", .left), (hasPartitions ? "part" : "", .right), ("first", .right), ("last", .right),
      ("count", .right), ("bytes", .right), ("first time", .left), ("last time", .left),
      (withFormat ? "format" : "", .left),
    ])
    for entry in entries {
      let count: String =
        switch entry.count {
        case .exact(let count): Columns.grouped(count)
        case .atMost(let count, _): "≤ " + Columns.grouped(count)
        case .unknown: "?"
        }
      columns.add(cells: [
        .init(entry.stream.name.isEmpty ? "(all)" : entry.stream.name),
        .init(entry.stream.partition?.description), .init(entry.first), .init(entry.last), .init(count),
        .init(entry.bytes.map { Columns.size($0) }), .init(entry.firstTime.map(time), .muted),
        .init(entry.lastTime.map(time), .muted), .init(withFormat ? entry.format : nil, .muted),
      ])
    }
    return columns
  }
}
