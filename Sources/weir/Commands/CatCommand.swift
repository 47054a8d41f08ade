import WeirCore

extension Commands {
  static let cat = CommandSpec(
    name: "cat", operands: "SOURCE[#STREAM]…", summary: "events, in the log's order",
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
      for event in try last(tail, of: log, bounds).reversed() { emit(event, log) }
      return
    }
    left = min(left, tail ?? left)
    try walk(log, bounds, direction) { printer, event in
      guard printer.left > 0 else { return false }
      printer.left -= 1
      printer.emit(event, log)
      return printer.left > 0
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

  private mutating func emit(_ event: StoredEvent, _ log: any EventLog) {
    if context.json {
      output.line(EventJSON.object(event, raw: raw))
    } else {
      output.line(EventLine.text(event, context.zone))
    }
  }

  mutating func finish() -> Int32 {
    output.flush()
    return foundDamage ? ExitStatus.found : ExitStatus.done
  }
}

/// One event as one line for people.
enum EventLine {
  static func text(_ event: StoredEvent, _ zone: Zone) -> String {
    // A time that is not the log's own says so.
    var parts = [event.time.map(zone.text) ?? event.eventTime.map { "~" + zone.text($0) } ?? "-"]
    parts.append((event.partition.map { "\($0)@" } ?? "") + event.positionText)
    parts.append(event.stream + (event.key.map { "~" + StoredEvent.keyText($0) } ?? ""))
    parts.append(event.shortType ?? "-")
    if !event.marks.isEmpty { parts.append("[" + event.marks.names.joined(separator: " ") + "]") }
    switch event.data {
    case .absent: break
    case .null: parts.append("null")
    case .json(let json): parts.append(String(decoding: json, as: UTF8.self))
    case .text(let text): parts.append(text)
    case .bytes(let bytes): parts.append("\(bytes.count) bytes")
    }
    return Printable.text(parts.joined(separator: "  "))
  }
}
