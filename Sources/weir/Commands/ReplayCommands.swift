import WeirCore
import WeirReplay

extension Commands {
  static let replay = CommandSpec(
    name: "replay", operands: "SOURCE AGGREGATE",
    summary: "every step: the event, what it changed, the state's digest",
    options: SharedOptions.range + [OptionSpec("full", "also the state after every step")],
    examples: [
      ("weir replay logs#bank.accounts Account-19b6554d --fold bank.fold.js", "an account's life"),
      ("weir replay bank.sqlite Account-19b6554d --json --full", "with every state, for scripts"),
    ]
  ) { invocation throws(Fault) in
    let opened = try Replayed(invocation)
    let moments = Moments(session: opened.session, context: opened.context)
    let from = try invocation.value("from").map { (text) throws(Fault) in try moments.moment(text) } ?? 0
    let to = try invocation.value("to").map { (text) throws(Fault) in try moments.moment(text) }
    let limit = try invocation.number("limit") ?? .max
    return try opened.printSteps(from: max(from, 1), to: to, limit: limit, full: invocation.has("full"))
  }

  static let diff = CommandSpec(
    name: "diff", operands: "SOURCE AGGREGATE --from X --to Y", summary: "what changed between two moments",
    options: SharedOptions.range,
    examples: [
      (
        "weir diff bank.sqlite Account-19b6554d --from 2025-08-31 --to 2025-09-30",
        "what September did to an account"
      ),
      ("weir diff logs#bank.accounts KEY --from 17 --to end", "since version 17"),
    ]
  ) { invocation throws(Fault) in
    let opened = try Replayed(invocation)
    let moments = Moments(session: opened.session, context: opened.context)
    let from = try moments.moment(invocation.value("from") ?? "start")
    let to = try moments.moment(invocation.value("to") ?? "end")
    let changes = try opened.session.diff(from: from, to: to)
    var output = Output()
    for change in changes {
      output.line(opened.context.json ? ReplayOutput.json(change) : ReplayOutput.line(change))
    }
    output.flush()
    return changes.isEmpty ? ExitStatus.done : ExitStatus.found
  }

  static let bisect = CommandSpec(
    name: "bisect", operands: "SOURCE AGGREGATE --when EXPR",
    summary: "every moment at which a condition turned true or false",
    options: [OptionSpec("when", value: "EXPR", "an expression over state, before and event")],
    examples: [
      (
        "weir bisect logs#bank.accounts Account-19b6554d --when 'state.balance < 0'",
        "when the account was overdrawn"
      )
    ]
  ) { invocation throws(Fault) in
    let opened = try Replayed(invocation)
    guard let text = invocation.value("when") else {
      throw Fault(.usage, "bisect without", "--when", "it takes an expression, such as 'state.balance < 0'")
    }
    let turns = try opened.session.bisect(try EventFilter.expression(text), opened.context.work)
    var output = Output()
    for turn in turns { output.line(try opened.line(turn)) }
    output.flush()
    return turns.contains(where: \.now) ? ExitStatus.found : ExitStatus.done
  }

  static let history = CommandSpec(
    name: "history", operands: "SOURCE AGGREGATE PATH",
    summary: "every change of one field, with the event that made it",
    examples: [("weir history bank.sqlite Account-19b6554d balance", "the balance, event by event")]
  ) { invocation throws(Fault) in
    let opened = try Replayed(invocation)
    let text = try invocation.operand(opened.operandsUsed, "a path")
    let path = try Replayed.path(text)
    var output = Output()
    for moment in 1...max(opened.session.progress.events, 1) where moment <= opened.session.progress.events {
      let step = try opened.session.step(at: moment)
      for change in step.changes where path.contains(change.path) || change.path.contains(path) {
        output.line(try opened.line(change, ordinal: moment - 1))
      }
    }
    output.flush()
    return ExitStatus.done
  }
}

extension Commands {
  static let blame = CommandSpec(
    name: "blame", operands: "SOURCE AGGREGATE",
    summary: "for every field of the state: the event that last changed it",
    options: [OptionSpec("path", value: "PATH", "only this field and what is below it")],
    examples: [("weir blame bank.sqlite Account-19b6554d", "who set what")]
  ) { invocation throws(Fault) in
    let opened = try Replayed(invocation)
    let path = try invocation.value("path").map { (text) throws(Fault) in try Replayed.path(text) } ?? .whole
    var output = Output()
    for line in try opened.blame(path) { output.line(line) }
    output.flush()
    return ExitStatus.done
  }
}

/// An aggregate's timeline that a command opened and folded to the end.
struct Replayed {
  let context: Context
  let session: any ReplaySession
  /// How many operands named source and aggregate: 1 when the address named both.
  let operandsUsed: Int

  init(_ invocation: Invocation) throws(Fault) {
    let context = try Context(invocation)
    var opened = try Opened(try invocation.operand(0, "a source"), invocation, context)
    operandsUsed = try opened.takeAggregate(invocation)
    self.context = context
    session = try opened.replay(invocation)
    try session.load(context.work)
    guard session.progress.events > 0 else {
      throw Fault(
        .nothingThere, "replay", session.about.aggregate, "no event of it is in \(opened.address.path)")
    }
    let about = session.about
    if about.foldIsGuess { context.note("fold \(about.fold) (a guess; --fold chooses)") }
    if about.orderIsByTime { context.note("several partitions: merged by time") }
    for finding in try session.findings() where finding.isFailure { context.note(finding.text) }
  }

  static func path(_ text: String) throws(Fault) -> StatePath {
    do throws(Expression.Mistake) { return try StatePath(parsing: text) } catch {
      throw Fault(.usage, "understand the path", text, "column \(error.column): \(error.reason)")
    }
  }

  private func writer(_ ordinal: Int) throws(Fault) -> EventJSON {
    var writer = EventJSON()
    writer.begin()
    writer.reference(try session.event(ordinal), aggregate: session.about.aggregate)
    return writer
  }

  func line(_ turn: Turn) throws(Fault) -> [UInt8] {
    if context.json {
      var writer = try writer(turn.ordinal)
      writer.value("now", .bool(turn.now))
      return writer.end()
    }
    let event = try session.event(turn.ordinal)
    return Array(((turn.now ? "true   " : "false  ") + EventLine.text(event, context.zone)).utf8)
  }

  func line(_ change: StateChange, ordinal: Int) throws(Fault) -> [UInt8] {
    if context.json {
      var writer = try writer(ordinal)
      ReplayOutput.write(change, to: &writer)
      return writer.end()
    }
    let row = try session.rows(ordinal..<ordinal + 1)[0]
    return Array((ReplayOutput.head(row, context.zone) + "  ").utf8) + ReplayOutput.line(change)
  }

  /// One line a leaf of the final state: the event that last changed its value.
  func blame(_ path: StatePath) throws(Fault) -> [[UInt8]] {
    let count = session.progress.events
    var leaves: [(StatePath, JSONValue)] = []
    Leaves.collect(try session.step(at: count).state, path: []) { leaf, value in
      if path.contains(leaf) { leaves.append((leaf, value)) }
    }
    var lines: [[UInt8]] = []
    for (leaf, value) in leaves {
      guard let moment = try session.nextChange(of: leaf, from: count + 1, .backward, context.work) else {
        continue
      }
      if context.json {
        var writer = try writer(moment - 1)
        writer.text("path", leaf.text)
        writer.value("value", value)
        lines.append(writer.end())
      } else {
        let row = try session.rows(moment - 1..<moment)[0]
        let text = "\(leaf.text)  \(String(decoding: value.compact, as: UTF8.self))  "
        lines.append(Array((Printable.text(text) + ReplayOutput.head(row, context.zone)).utf8))
      }
    }
    return lines
  }

  func printSteps(from: Int, to: Int?, limit: Int, full: Bool) throws(Fault) -> Int32 {
    var output = Output()
    var found = false
    var printed = 0
    let last = to ?? session.progress.events
    var moment = from
    while moment <= last, printed < limit {
      let step = try session.step(at: moment)
      if !step.brokenInvariants.isEmpty { found = true }
      if context.json {
        output.line(try json(step, full: full))
      } else {
        try printStep(step, full: full, &output)
      }
      moment += 1
      printed += 1
    }
    output.flush()
    let failed = try session.findings().contains(where: \.isFailure)
    return failed ? ExitStatus.foldFailed : found ? ExitStatus.found : ExitStatus.done
  }

  private func json(_ step: ReplayStep, full: Bool) throws(Fault) -> [UInt8] {
    var writer = try writer(step.moment - 1)
    var changes: [JSONValue] = []
    for change in step.changes { changes.append(.object(ReplayOutput.members(change))) }
    writer.value("changes", .array(changes))
    writer.text("digest", step.digest)
    writer.value("invariants", .array(step.brokenInvariants.map { .string($0) }))
    if let failure = step.failure { writer.text("failure", failure.description) }
    if full { writer.value("state", step.state) }
    return writer.end()
  }

  private func printStep(_ step: ReplayStep, full: Bool, _ output: inout Output) throws(Fault) {
    let row = try session.rows(step.moment - 1..<step.moment)[0]
    output.line(ReplayOutput.head(row, context.zone) + "  " + step.digest)
    for change in step.changes { output.line(Array("    ".utf8) + ReplayOutput.line(change)) }
    for invariant in step.brokenInvariants { output.line("    ✗ broken: " + Printable.text(invariant)) }
    if let failure = step.failure { output.line("    ! " + Printable.text(failure.description)) }
    if full { output.line(Array("    = ".utf8) + step.state.compact) }
  }
}

enum ReplayOutput {
  static func members(_ change: StateChange) -> [JSONMember] {
    var members = [JSONMember("path", .string(change.path.text))]
    if let from = change.from { members.append(JSONMember("from", from)) }
    if let to = change.to { members.append(JSONMember("to", to)) }
    return members
  }

  static func write(_ change: StateChange, to writer: inout EventJSON) {
    for member in members(change) { writer.value(member.name, member.value) }
  }

  static func json(_ change: StateChange) -> [UInt8] { JSONValue.object(members(change)).compact }

  /// `~ balance  1203 → 791`
  static func line(_ change: StateChange) -> [UInt8] {
    let sign = change.from == nil ? "+" : change.to == nil ? "-" : "~"
    func text(_ value: JSONValue?) -> String {
      value.map { String(decoding: $0.compact, as: UTF8.self) } ?? ""
    }
    let values =
      change.from == nil
      ? text(change.to) : change.to == nil ? text(change.from) : "\(text(change.from)) → \(text(change.to))"
    return Array(Printable.text("\(sign) \(change.path.text)  \(values)").utf8)
  }

  static func head(_ row: ReplayRow, _ zone: Zone) -> String {
    let place = (row.partition.map { "\($0)@" } ?? "") + row.positionText
    return Printable.text("#\(row.ordinal + 1)  \(row.time.map(zone.text) ?? "-")  \(place)  \(row.type)")
  }
}

/// The leaves of a state: scalars and empty containers.
enum Leaves {
  static func collect(_ value: JSONValue, path: [PathStep], _ body: (StatePath, JSONValue) -> Void) {
    switch value {
    case .object(let members) where !members.isEmpty:
      for member in members { collect(member.value, path: path + [.member(member.name)], body) }
    case .array(let elements) where !elements.isEmpty:
      for (index, element) in elements.enumerated() { collect(element, path: path + [.index(index)], body) }
    default: body(StatePath(path), value)
    }
  }
}
