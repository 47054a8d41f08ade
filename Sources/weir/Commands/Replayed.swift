import WeirCore
import WeirReplay

/// An aggregate's timeline that a command opened and folded to the end, and what the commands print of it.
struct Replayed {
  let context: Context
  let session: any ReplaySession
  /// How many operands named source and aggregate: 1 when the address named both.
  let operandsUsed: Int
  private let failures: [ReplayFinding]

  init(_ invocation: Invocation) throws(Fault) {
    let context = try Context(invocation)
    var opened = try Opened(try invocation.operand(0, "a source"), invocation, context)
    operandsUsed = try opened.takeAggregate(invocation)
    self.context = context
    session = try opened.replay(invocation)
    try session.load(context.work)
    let about = session.about
    guard session.progress.events > 0 else { throw Folds.nowhere(about.aggregate, opened.address) }
    if about.foldIsGuess { context.note("fold \(about.fold) (a guess; --fold chooses)") }
    if about.orderIsByTime { context.note("events of several partitions, merged by time") }
    failures = try session.findings().filter(\.isFailure)
    context.report(failures: failures.map(\.text))
  }

  /// A fold that failed at some event says so whatever else was found.
  func status(_ status: Int32) throws(Fault) -> Int32 {
    failures.isEmpty ? status : ExitStatus.foldFailed
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

  private func row(_ ordinal: Int) throws(Fault) -> ReplayRow {
    guard let row = try session.rows(ordinal..<ordinal + 1).first else {
      throw Fault(.usage, "go to", "#\(ordinal + 1)", "the timeline has \(session.progress.events) events")
    }
    return row
  }

  // MARK: Bisect

  func print(_ turns: [Turn]) throws(Fault) {
    var output = Output()
    var columns = GrowingColumns(first: "#\(session.progress.events)")
    for turn in turns {
      if context.json {
        var writer = try writer(turn.ordinal)
        writer.value("now", .bool(turn.now))
        output.line(writer.end())
      } else {
        let now = turn.now ? context.paint(.bad, "true ") : context.paint(.good, "false")
        let head = ReplayOutput.head(try row(turn.ordinal), context, &columns)
        let data = EventLine.data(try session.event(turn.ordinal))
        output.line("\(now)  \(head)  \(data)")
      }
    }
    output.flush()
  }

  // MARK: History and blame

  func printHistory(of path: StatePath) throws(Fault) {
    var output = Output()
    var columns = GrowingColumns(first: "#\(session.progress.events)")
    try session.history(of: path, context.work) { (changes) throws(Fault) in
      for field in changes {
        for change in ReplayOutput.changes(of: path, field) {
          if context.json {
            var writer = try writer(field.ordinal)
            ReplayOutput.write(change, to: &writer)
            output.line(writer.end())
          } else {
            let head = ReplayOutput.head(try row(field.ordinal), context, &columns)
            output.line(head + "  " + ReplayOutput.line(change, beside: [], context.paint))
          }
        }
      }
    }
    output.flush()
  }

  /// One line a leaf of the final state: the event that last changed its value.
  func printBlame(of path: StatePath) throws(Fault) {
    var leaves: [(path: StatePath, value: JSONValue)] = []
    Leaves.collect(try session.step(at: session.progress.events).state, path: []) { leaf, value in
      if path.contains(leaf) { leaves.append((leaf, value)) }
    }
    let ordinals = try session.lastChanges(of: leaves.map(\.path), context.work)
    var output = Output()
    var table = Columns([
      ("field", .left), ("value", .left), ("event", .right), ("time", .left), ("type", .left),
    ])
    for (leaf, ordinal) in zip(leaves, ordinals) {
      guard let ordinal else { continue }
      if context.json {
        var writer = try writer(ordinal)
        writer.text("path", leaf.path.text)
        writer.value("value", leaf.value)
        output.line(writer.end())
      } else {
        let row = try row(ordinal)
        table.add(cells: [
          .init(leaf.path.text), .init(leaf.value.text), .init("#\(ordinal + 1)"),
          .init(row.time.map(context.zone.text), .muted), .init(row.type, .type),
        ])
      }
    }
    if !context.json { table.print(to: &output, context.paint) }
    output.flush()
  }

  // MARK: Steps

  /// Steps that the timeline prepares at once.
  private static let block = 128

  func printSteps(from: Int, to: Int?, limit: Int, full: Bool) throws(Fault) -> Int32 {
    var output = Output()
    var columns = GrowingColumns(first: "#\(session.progress.events)")
    var found = false
    let end = min(to ?? .max, session.progress.events)
    var moment = from
    var left = limit
    while moment <= end, left > 0 {
      if (moment - from) % Replayed.block == 0 {
        // Asked for together, steps cost one walk.
        _ = try session.rows(moment - 1..<min(end, moment - 1 + min(left, Replayed.block)))
      }
      let step = try session.step(at: moment)
      if !step.brokenInvariants.isEmpty { found = true }
      if context.json {
        output.line(try json(step, full: full))
      } else {
        try print(step, full: full, &columns, &output)
      }
      moment += 1
      left -= 1
    }
    output.flush()
    return try status(found ? ExitStatus.found : ExitStatus.done)
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

  private func print(
    _ step: ReplayStep, full: Bool, _ columns: inout GrowingColumns, _ output: inout Output
  ) throws(Fault) {
    let paint = context.paint
    let head = ReplayOutput.head(try row(step.moment - 1), context, &columns)
    output.line(head + "  " + paint(.muted, step.digest))
    let names = step.changes.map(\.path.text)
    for change in step.changes { output.line("    " + ReplayOutput.line(change, beside: names, paint)) }
    for invariant in step.brokenInvariants {
      output.line("    " + paint(.bad, "✗ broken: " + Printable.text(invariant)))
    }
    if let failure = step.failure {
      output.line("    " + paint(.bad, "! " + Printable.text(failure.description)))
    }
    if full { output.line("    = " + Printable.text(step.state.text)) }
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

  /// What changed at a field: the field itself, or, where it stays an object or a list, the parts of it that
  /// changed.
  static func changes(of path: StatePath, _ field: FieldChange) -> [StateChange] {
    if let from = field.from, let to = field.to, from.members != nil || from.elements != nil {
      return StateDiff.between(from, to).map {
        StateChange(path: StatePath(path.steps + $0.path.steps), from: $0.from, to: $0.to)
      }
    }
    return [StateChange(path: path, from: field.from, to: field.to)]
  }

  /// `~ balance  1203 → 791`; `names` are the paths of the lines around it, to stand in one column with them.
  static func line(_ change: StateChange, beside names: [String], _ paint: Paint) -> String {
    func text(_ value: JSONValue?) -> String { Printable.text(value?.text ?? "") }
    let path = Printable.text(change.path.text.isEmpty ? "(state)" : change.path.text)
    let width = names.map(\.count).filter { $0 <= 24 }.max() ?? 0
    let name = Help.pad(path, width)
    switch (change.from, change.to) {
    case (nil, _): return paint(.added, "+ \(name)") + "  \(text(change.to))"
    case (_, nil): return paint(.removed, "- \(name)") + "  \(text(change.from))"
    default: return paint(.changed, "~ \(name)") + "  \(text(change.from)) → \(text(change.to))"
    }
  }

  /// `#12  2025-01-02 09:07:15.415  3@1  Deposited`
  static func head(_ row: ReplayRow, _ context: Context, _ columns: inout GrowingColumns) -> String {
    let place = (row.partition.map { "\($0)@" } ?? "") + row.positionText
    return [
      columns.pad("#\(row.ordinal + 1)", 0, .right),
      context.paint(.muted, columns.pad(row.time.map(context.zone.text) ?? "-", 1)),
      columns.pad(Printable.text(place), 2, .right),
      context.paint(.type, columns.pad(Printable.text(row.type), 3)),
    ].joined(separator: "  ")
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
