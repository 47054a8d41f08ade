import WeirCore

extension Commands {
  static let cat = CommandSpec(
    name: "cat", operands: "SOURCE[#STREAM]…", summary: "events, in the log's order",
    notes: [
      "--from and --to take a time (2025-09-03 15:00, last tuesday 3pm, -2h, epoch seconds) or a position; "
        + "--to may be +2h, counted from --from. Both ends are included.",
      "Marks: tombstone (a null value), control (a transaction's marker), aborted and open (of transactions), "
        + "deleted (below the log start, in .deleted files, deleted rows), superseded (the same offset lives in "
        + "a current segment), archived, redacted, duplicate, damaged (its frame failed its check), snapshot, "
        + "link, system.",
    ],
    options: SharedOptions.range + SharedOptions.filters + [
      OptionSpec("tail", value: "N", "only the last N"),
      OptionSpec("reverse", "newest first"),
      OptionSpec("raw", "also the stored key and value, as base64"),
    ],
    examples: [
      ("weir cat logs#bank.accounts --tail 20", "the last twenty events of a topic"),
      ("weir cat bank.sqlite --where 'data.cents > 100000' --json", "a filter, for scripts"),
      ("weir cat logs --from '2025-09-03 15:00' --to '+2h' --type Deposited", "a time range of one type"),
      ("kcat … | weir cat - --grep 8f1c", "standard input"),
    ]
  ) { invocation throws(Fault) in
    _ = try invocation.operand(0, "a source")
    let context = try Context(invocation)
    var printer = try CatPrinter(invocation, context)
    for operand in invocation.operands {
      let opened = try Opened(operand, invocation, context)
      try printer.print(opened)
    }
    return printer.finish()
  }
}

/// Prints events one by one, by whatever filters were given.
struct CatPrinter {
  private let context: Context
  private let raw: Bool
  private let direction: Direction
  private let tail: Int?
  private var left: Int
  private let filter: EventFilter
  private let from: String?
  private let to: String?
  private var output = Output()
  private var foundDamage = false
  private var columns = GrowingColumns()
  private var hasPrinted = false

  init(_ invocation: Invocation, _ context: Context) throws(Fault) {
    self.context = context
    raw = invocation.has("raw")
    direction = invocation.has("reverse") ? .backward : .forward
    tail = try invocation.number("tail")
    left = try invocation.number("limit") ?? .max
    filter = try EventFilter(invocation)
    from = invocation.value("from")
    to = invocation.value("to")
  }

  mutating func print(_ opened: Opened) throws(Fault) {
    // Whole sources print topic by topic, as their catalogue lists them; a store is one log.
    let logs = try CatPrinter.logs(opened)
    for log in logs where left > 0 { try print(log, opened.address.at) }
    if hasPrinted { return }
    // An aggregate that occurs nowhere is a mistake in its name.
    let id = opened.streamID
    guard id.key != nil || (opened.source.about.kind == .store && !id.name.isEmpty) else { return }
    for log in logs {
      var batch = EventBatch()
      var next: Cursor? = Cursor(log.partitions.map { _ in .start })
      while let cursor = next {
        next = try log.read(cursor, .forward, count: 1, into: &batch, context.work)
        if !batch.records.isEmpty || !batch.damage.isEmpty { return }
      }
    }
    throw Folds.nowhere(opened.address.key ?? id.name, opened.address)
  }

  static func logs(_ opened: Opened) throws(Fault) -> [any EventLog] {
    let id = opened.streamID
    guard id.name.isEmpty, opened.source.about.kind == .stream else { return [try opened.source.log(id)] }
    var names: [String] = []
    for entry in try opened.source.catalog(.glance, opened.context.work).entries
    where names.last != entry.stream.name {
      names.append(entry.stream.name)
    }
    var logs: [any EventLog] = []
    for name in names {
      logs.append(try opened.source.log(StreamID(name, partition: id.partition, key: id.key)))
    }
    return logs
  }

  private mutating func print(_ log: any EventLog, _ at: String?) throws(Fault) {
    let bounds = try Bounds(from: from ?? at, to: to, log, context)
    if let tail, direction == .forward {
      for event in try last(tail, of: log, bounds).reversed() where left > 0 {
        left -= 1
        emit(event)
      }
      return
    }
    var tail = tail ?? .max
    guard tail > 0 else { return }
    try walk(log, bounds, direction) { printer, event in
      printer.left -= 1
      tail -= 1
      printer.emit(event)
      return printer.left > 0 && tail > 0
    }
  }

  private func last(_ count: Int, of log: any EventLog, _ bounds: Bounds) throws(Fault) -> [StoredEvent] {
    var found: [StoredEvent] = []
    guard count > 0 else { return [] }
    var copy = self
    try copy.walk(log, bounds, .backward) { _, event in
      found.append(event)
      return found.count < count
    }
    return found
  }

  /// Walks the log within the bounds; `body` returns false to stop.
  private mutating func walk(
    _ log: any EventLog, _ bounds: Bounds, _ direction: Direction,
    _ body: (inout CatPrinter, StoredEvent) -> Bool
  ) throws(Fault) {
    var next: Cursor? = direction == .forward ? bounds.start : bounds.end
    var batch = EventBatch()
    while let cursor = next {
      next = try log.read(cursor, direction, count: 1024, into: &batch, context.work)
      if context.report(batch.damage.map(\.damage)) { foundDamage = true }
      for index in batch.records.indices {
        let event = log.event(index, of: batch)
        if bounds.isPast(event, direction, context) { return }
        guard bounds.contains(event, context), filter.passes(event) else { continue }
        guard body(&self, event) else { return }
      }
    }
  }

  private mutating func emit(_ event: StoredEvent) {
    hasPrinted = true
    if context.json {
      output.line(EventJSON.object(event, raw: raw))
    } else {
      output.line(EventLine.text(event, context, &columns))
    }
  }

  mutating func finish() -> Int32 {
    output.flush()
    return foundDamage ? ExitStatus.found : ExitStatus.done
  }
}

/// One event as one line for people.
enum EventLine {
  static func text(_ event: StoredEvent, _ context: Context, _ columns: inout GrowingColumns) -> String {
    let paint = context.paint
    let position = (event.partition.map { "\($0)@" } ?? "") + event.positionText
    let stream = event.stream + (event.key.map { "~" + StoredEvent.keyText($0) } ?? "")
    // A time that the mapping found, not the log's own, says so.
    let isFound = event.time == nil && event.eventTime != nil
    let time = context.time(of: event).map { (isFound ? "~" : "") + context.zone.text($0) } ?? "-"
    var parts = [
      paint(.muted, columns.pad(time, 0)), columns.pad(Printable.text(position), 1, .right),
      columns.pad(Printable.text(stream), 2),
      paint(.type, columns.pad(Printable.text(event.shortType ?? "-"), 3)),
    ]
    if !event.marks.isEmpty {
      parts.append(paint(.changed, "[" + event.marks.names.joined(separator: " ") + "]"))
    }
    let data = data(event)
    if !data.isEmpty { parts.append(data) }
    return parts.joined(separator: "  ")
  }

  /// The payload in one line, harmless; empty when there is none.
  static func data(_ event: StoredEvent) -> String {
    switch event.data {
    case .absent: ""
    case .null: "null"
    case .json(let json): Printable.text(String(decoding: json, as: UTF8.self))
    case .text(let text): Printable.text(text)
    case .bytes(let bytes): "\(Columns.size(UInt64(bytes.count))) of bytes"
    }
  }
}
