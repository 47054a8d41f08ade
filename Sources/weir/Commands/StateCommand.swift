import WeirCells
import WeirCore
import WeirReplay

extension Commands {
  static let state = CommandSpec(
    name: "state", operands: "SOURCE AGGREGATE | SOURCE --all",
    summary: "an aggregate's state, now or at a moment",
    notes: [
      "Without --fold (or one in the configuration) the fold is a guess, and that is said. An aggregate without "
        + "an event yet at that moment has its initial state and 0 events; one that occurs nowhere is status 3."
    ],
    options: SharedOptions.moment + [
      OptionSpec("all", "every aggregate's state, one line each"),
      OptionSpec("where", value: "EXPR", "fold only events for which the expression holds"),
    ],
    examples: [
      (
        "weir state bank.sqlite Account-19b6554d --at 'last tuesday 3pm' --fold bank.fold.js",
        "as it was then"
      ),
      ("weir state logs#bank.accounts Account-19b6554d --version 17", "after its version 17"),
      ("weir state events.ndjson --all --json", "every aggregate, for scripts"),
    ]
  ) { invocation throws(Fault) in
    let context = try Context(invocation)
    var opened = try Opened(try invocation.operand(0, "a source"), invocation, context)
    let isAll = invocation.has("all")
    if !isAll { _ = try opened.takeAggregate(invocation) }
    return try StateOutput(invocation, opened).print(isAll: isAll)
  }
}

/// Folds and prints states.
struct StateOutput {
  private let invocation: Invocation
  private let opened: Opened
  private let context: Context

  init(_ invocation: Invocation, _ opened: Opened) {
    (self.invocation, self.opened) = (invocation, opened)
    context = opened.context
  }

  func print(isAll: Bool) throws(Fault) -> Int32 {
    let chosen = try opened.foldChoice(invocation).map { (choice) throws(Fault) in try Folds.engine(choice) }
    // A fold with its own idea of aggregates finds them in everything there is.
    let isOwn = chosen.map { $0.about.keys != .aggregate } ?? false
    let logs: [any EventLog]
    if isAll {
      logs = try CatPrinter.logs(opened)
    } else {
      logs = isOwn ? try CatPrinter.logs(opened.whole) : [try partition(of: try opened.log())]
    }
    guard let first = logs.first else { return ExitStatus.done }
    let engine: any FoldEngine
    if let chosen {
      engine = chosen
    } else {
      engine = NativeEngine(try Folds.guess(first, context.work))
      context.note("fold \(engine.about.name) (a guess; --fold chooses)")
    }
    for note in engine.about.notes { context.note("\(engine.about.name): \(note)") }
    let only = isAll ? nil : opened.address.key ?? opened.address.stream
    var folding = StateOfAll(engine, including: try condition(first))
    let states = try folding.states(of: logs, only: only, context.work)
    if let only, states.allSatisfy({ $0.events == 0 }) { try requireEvents(of: only, in: logs, engine) }
    var output = Output()
    if isAll, !context.json {
      table(states, &output)
    } else {
      for state in states where !isAll || state.events > 0 { emit(state, &output) }
    }
    output.flush()
    let damaged = context.report(folding.damage)
    context.report(failures: states.compactMap { $0.failure?.description })
    if states.contains(where: { $0.failure != nil }) { return ExitStatus.foldFailed }
    return damaged ? ExitStatus.found : ExitStatus.done
  }

  /// An aggregate that occurs nowhere is a mistake in its name (exit status 3), not an empty state.
  private func requireEvents(of name: String, in logs: [any EventLog], _ engine: any FoldEngine) throws(Fault)
  {
    var batch = EventBatch()
    for log in logs {
      let own = engine.about.keys == .aggregate ? log : SelectedLog(log, of: name, by: engine)
      var next: Cursor? = Cursor(own.partitions.map { _ in .start })
      while let cursor = next {
        next = try own.read(cursor, .forward, count: 1, into: &batch, context.work)
        if !batch.records.isEmpty { return }
      }
    }
    throw Folds.nowhere(name, opened.address)
  }

  /// A position belongs to one partition. For `--after` of a topic's key it is the one that has all the
  /// key's events, where there is such a one.
  private func partition(of log: any EventLog) throws(Fault) -> any EventLog {
    guard invocation.has("after"), log.partitions.count > 1 else { return log }
    var found: Set<PartitionID> = []
    var batch = EventBatch()
    var next: Cursor? = Cursor(log.partitions.map { _ in .start })
    while let cursor = next {
      next = try log.read(cursor, .forward, count: FoldLimits.batch, into: &batch, context.work)
      for record in batch.records {
        if let partition = log.partitions[Int(record.partition)] { found.insert(partition) }
      }
      if found.count > 1 { return log }
    }
    guard let only = found.first else { return log }
    var one = opened
    one.address.partition = only
    return try one.log()
  }

  /// Which events count: up to a time, a version, a position.
  private func condition(_ log: any EventLog) throws(Fault) -> (StoredEvent) -> Bool {
    let context = context
    var tests: [(StoredEvent) -> Bool] = []
    if let text = invocation.value("where") {
      let expression = try EventFilter.expression(text)
      tests.append { expression.holds(event: $0) }
    }
    if let at = opened.address.at {
      if Int64(at) != nil, at.count < 9 {
        tests.append(try StateOutput.upTo(version: at))
      } else if let time = context.time(at) {
        tests.append { context.time(of: $0).map { $0 <= time } ?? true }
      } else {
        throw Fault(
          .usage, "understand", "--at \(at)", "it is a time or a version",
          hint: "times: 2025-09-03 15:00, last tuesday 3pm, -2h, epoch seconds; --after takes a position")
      }
    }
    if let version = invocation.value("version") { tests.append(try StateOutput.upTo(version: version)) }
    if let position = invocation.value("after") {
      let end = try log.seek(.position(position), context.work)
      switch end.places.first {
      case .before(let end)?: tests.append { $0.position < end || $0.positionText == position }
      case .start?: tests.append { _ in false }
      default: break
      }
    }
    return { event in tests.allSatisfy { $0(event) } }
  }

  /// Versions are numbers; where events have none, positions are counted by.
  private static func upTo(version: String) throws(Fault) -> (StoredEvent) -> Bool {
    guard let last = Int64(version) else {
      throw Fault(.usage, "understand", "--version \(version)", "a version is a whole number")
    }
    return { event in
      (event.version ?? event.positionText).isEmpty
        || Int64(event.version ?? event.positionText).map { $0 <= last } ?? true
    }
  }

  private func table(_ states: [AggregateState], _ output: inout Output) {
    var columns = Columns([("aggregate", .left), ("events", .right), ("state", .left)])
    for state in states where state.events > 0 {
      let broken = state.brokenInvariants.isEmpty ? "" : "✗ "
      columns.add(cells: [
        .init(state.aggregate), .init(Columns.grouped(state.events)),
        .init(broken + state.folded.state.text, broken.isEmpty ? nil : .bad),
      ])
    }
    columns.print(to: &output, context.paint)
  }

  private func emit(_ state: AggregateState, _ output: inout Output) {
    if context.json {
      output.line(json(state))
      return
    }
    let paint = context.paint
    let events = state.events == 1 ? "1 event" : "\(Columns.grouped(state.events)) events"
    var place = state.position.map { "after \($0)" } ?? "before its first event"
    if let version = state.version { place += " (version \(version))" }
    output.line(
      paint(.heading, Printable.text(state.aggregate))
        + Printable.text("  \(events), \(place), digest \(state.folded.digest)"))
    if state.orderIsByTime { output.line("! its events come from several partitions, merged by time") }
    for line in PrettyState.lines(state.folded.state) { output.line(line) }
    if let result = state.folded.result {
      output.line("= result")
      for line in PrettyState.lines(result, indent: "  ") { output.line(line) }
    }
    for name in state.brokenInvariants {
      output.line(paint(.bad, "✗ broken: " + Printable.text(name)))
    }
    for path in state.folded.inexact {
      output.line(paint(.changed, "! JavaScript may have lost digits of " + Printable.text(path)))
    }
  }

  private func json(_ state: AggregateState) -> [UInt8] {
    var writer = EventJSON()
    writer.begin()
    writer.text("aggregate", state.aggregate)
    if let position = state.position { writer.text("position", position) }
    if let version = state.version { writer.text("version", version) }
    writer.integer("events", state.events)
    writer.value("state", state.folded.state)
    writer.text("digest", state.folded.digest)
    writer.value("inexact", .array(state.folded.inexact.map { .string($0) }))
    writer.value("invariants", .array(state.brokenInvariants.map { .string($0) }))
    if let result = state.folded.result { writer.value("result", result) }
    if state.orderIsByTime { writer.text("order", "by time") }
    if let failure = state.failure { writer.text("failure", failure.description) }
    return writer.end()
  }
}

/// A state over several lines, for people: the names of one object's values in one column.
enum PrettyState {
  /// Wider names push their value on.
  private static let nameWidth = 24

  static func lines(_ value: JSONValue, indent: String = "") -> [String] {
    switch value {
    case .object(let members) where !members.isEmpty:
      return nested(members.map { (Printable.text($0.name), $0.value) }, indent)
    case .array(let elements) where !elements.isEmpty:
      return nested(elements.enumerated().map { ("[\($0.offset)]", $0.element) }, indent)
    default: return [indent + Printable.text(value.text)]
    }
  }

  private static func nested(_ entries: [(name: String, value: JSONValue)], _ indent: String) -> [String] {
    let leaves = entries.filter { isLeaf($0.value) }
    let width = leaves.map { TextWidth.width(of: $0.name) }.filter { $0 <= nameWidth }.max() ?? 0
    return entries.flatMap { name, value in
      guard isLeaf(value) else { return [indent + name] + lines(value, indent: indent + "  ") }
      let blanks = String(repeating: " ", count: max(0, width - TextWidth.width(of: name)))
      return ["\(indent)\(name)\(blanks)  \(Printable.text(value.text))"]
    }
  }

  private static func isLeaf(_ value: JSONValue) -> Bool {
    value.members.map(\.isEmpty) ?? value.elements.map(\.isEmpty) ?? true
  }
}
