import WeirCore
import WeirReplay

extension Commands {
  static let replay = CommandSpec(
    name: "replay", operands: "SOURCE AGGREGATE",
    summary: "every step: the event, what it changed, the state's digest",
    notes: [
      "--from and --to take a version (a position where events have none), a time, start or end. The status "
        + "is 1 when an invariant is broken at a printed step, 4 when the fold failed anywhere."
    ],
    options: SharedOptions.range + [OptionSpec("full", "also the state after every step")],
    examples: [
      ("weir replay logs#bank.accounts Account-19b6554d --fold bank.fold.js", "an account's life"),
      ("weir replay bank.sqlite Account-19b6554d --json --full", "with every state, for scripts"),
    ]
  ) { invocation throws(Fault) in
    let opened = try Replayed(invocation)
    let moments = Moments(session: opened.session, context: opened.context)
    let from = try invocation.value("from").map { (text) throws(Fault) in try moments.firstEvent(from: text) }
    let to = try invocation.value("to").map { (text) throws(Fault) in try moments.moment(text) }
    let limit = try invocation.number("limit") ?? .max
    return try opened.printSteps(from: from ?? 1, to: to, limit: limit, full: invocation.has("full"))
  }

  static let diff = CommandSpec(
    name: "diff", operands: "SOURCE AGGREGATE --from X --to Y", summary: "what changed between two moments",
    notes: [
      "--from (start, unless told) and --to (end) take a version (a position where events have none) or a "
        + "time; both moments come after what they name. The status is 1 when there is a difference."
    ],
    options: Array(SharedOptions.range.prefix(2)),
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
    let names = changes.map(\.path.text)
    for change in changes {
      if opened.context.json {
        output.line(ReplayOutput.json(change))
      } else {
        output.line(ReplayOutput.line(change, beside: names, opened.context.paint))
      }
    }
    output.flush()
    return try opened.status(changes.isEmpty ? ExitStatus.done : ExitStatus.found)
  }

  static let bisect = CommandSpec(
    name: "bisect", operands: "SOURCE AGGREGATE --when EXPR",
    summary: "every moment at which a condition turned true or false",
    notes: [
      "The condition reads state.PATH and before.PATH (the state after and before an event) and the event "
        + "(type, data.PATH, meta.PATH, time …). Before the first event it is false. The status is 1 when it "
        + "was ever true."
    ],
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
    try opened.print(turns)
    if turns.isEmpty { opened.context.note("it never turns true") }
    return try opened.status(turns.contains(where: \.now) ? ExitStatus.found : ExitStatus.done)
  }

  static let history = CommandSpec(
    name: "history", operands: "SOURCE AGGREGATE PATH",
    summary: "every change of one field, with the event that made it",
    examples: [("weir history bank.sqlite Account-19b6554d balance", "the balance, event by event")]
  ) { invocation throws(Fault) in
    let opened = try Replayed(invocation)
    let text = try invocation.operand(opened.operandsUsed, "a path")
    try opened.printHistory(of: try Replayed.path(text))
    return try opened.status(ExitStatus.done)
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
    try opened.printBlame(of: path)
    return try opened.status(ExitStatus.done)
  }
}
