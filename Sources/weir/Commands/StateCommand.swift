import WeirCore
import WeirReplay

extension Commands {
  static let state = CommandSpec(
    name: "state", operands: "SOURCE AGGREGATE | SOURCE --all",
    summary: "an aggregate's state, now or at a moment",
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
    let logs = isAll ? try CatPrinter.logs(opened) : [try opened.log()]
    guard let first = logs.first else { return ExitStatus.done }
    let (engine, isGuess) = try Folds.engine(try opened.foldChoice(invocation), for: first, context.work)
    if isGuess { context.note("fold \(engine.about.name) (a guess; --fold chooses)") }
    let only = isAll ? nil : opened.address.key ?? opened.address.stream
    // A fold with its own idea of aggregates finds them in the whole log.
    let source = engine.about.keys != .aggregate && !isAll ? try CatPrinter.logs(opened.whole) : logs
    if let only { try requireEvents(of: only, in: source, engine) }
    var folding = StateOfAll(engine, including: try condition(first))
    let states = try folding.states(of: source, only: only, context.work)
    var output = Output()
    for state in states where !isAll || state.events > 0 { emit(state, isAll: isAll, &output) }
    output.flush()
    let damaged = context.report(folding.damage)
    for state in states { if let failure = state.failure { context.note("\(state.aggregate): \(failure)") } }
    if states.contains(where: { $0.failure != nil }) { return ExitStatus.foldFailed }
    return damaged ? ExitStatus.found : ExitStatus.done
  }

  /// An aggregate that occurs nowhere is a mistake in its name (exit status 3), not an empty state.
  private func requireEvents(of name: String, in logs: [any EventLog], _ engine: any FoldEngine) throws(Fault)
  {
    guard engine.about.keys == .aggregate else { return }
    var batch = EventBatch()
    for log in logs {
      var next: Cursor? = Cursor(log.partitions.map { _ in .start })
      while let cursor = next {
        next = try log.read(cursor, .forward, count: 1, into: &batch, context.work)
        if !batch.records.isEmpty { return }
      }
    }
    throw Fault(
      .nothingThere, "fold", name, "no event of it is in \(opened.address.path)",
      hint: "weir aggregates \(opened.address.path) lists them")
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
        tests.append(StateOutput.upTo(version: at))
      } else if let time = context.time(at) {
        tests.append { context.time(of: $0).map { $0 <= time } ?? true }
      } else {
        throw Fault(.usage, "understand", "--at \(at)", "it is a time or a version")
      }
    }
    if let version = invocation.value("version") { tests.append(StateOutput.upTo(version: version)) }
    if let position = invocation.value("after") {
      let end = try log.seek(.position(position), context.work)
      if log.partitions.count == 1, case .before(let last)? = end.places.first {
        tests.append { $0.position.a <= last.a }
      }
    }
    return { event in tests.allSatisfy { $0(event) } }
  }

  /// Versions are numbers nearly everywhere; where they are, they are compared as such.
  private static func upTo(version: String) -> (StoredEvent) -> Bool {
    { event in
      guard let found = event.version ?? Optional(event.positionText) else { return true }
      if let a = Int64(found), let b = Int64(version) { return a <= b }
      return found <= version
    }
  }

  private func emit(_ state: AggregateState, isAll: Bool, _ output: inout Output) {
    if context.json {
      output.line(json(state))
      return
    }
    if isAll {
      output.line(Array(Printable.text(state.aggregate + "  ").utf8) + state.folded.state.compact)
      return
    }
    let place = state.position.map { "after \($0)" } ?? "before its first event"
    output.line(
      Printable.text("\(state.aggregate)  \(state.events) events, \(place), digest \(state.folded.digest)"))
    for line in PrettyState.lines(state.folded.state) { output.line(line) }
    for name in state.brokenInvariants { output.line("✗ broken: " + Printable.text(name)) }
    for path in state.folded.inexact {
      output.line("! JavaScript may have lost digits of " + Printable.text(path))
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

/// A state over several lines, for people.
enum PrettyState {
  static func lines(_ value: JSONValue, indent: String = "") -> [String] {
    switch value {
    case .object(let members) where !members.isEmpty:
      return members.flatMap { nested(Printable.text($0.name), $0.value, indent) }
    case .array(let elements) where !elements.isEmpty:
      return elements.enumerated().flatMap { nested("[\($0.offset)]", $0.element, indent) }
    default: return [indent + Printable.text(String(decoding: value.compact, as: UTF8.self))]
    }
  }

  private static func nested(_ name: String, _ value: JSONValue, _ indent: String) -> [String] {
    let inner = lines(value, indent: indent + "  ")
    let isLeaf = value.members.map(\.isEmpty) ?? value.elements.map(\.isEmpty) ?? true
    return isLeaf ? ["\(indent)\(name)  \(inner[0].drop { $0 == " " })"] : ["\(indent)\(name)"] + inner
  }
}
