import WeirCore
import WeirReplay

extension Commands {
  static let fold = CommandSpec(
    name: "fold", operands: "check FILE | guess SOURCE[#STREAM]",
    summary: "whether a fold file loads; which built-in fold fits a source",
    examples: [
      ("weir fold check bank.fold.js", "its dialect, what it folds by, its lanes and invariants"),
      ("weir fold guess logs#bank.accounts", "what weir uses when nobody chooses"),
    ]
  ) { invocation throws(Fault) in
    let context = try Context(invocation)
    let verb = try invocation.operand(0, "check or guess")
    var output = Output()
    defer { output.flush() }
    switch verb {
    case "check":
      let about = try Folds.engine(try invocation.operand(1, "a file")).about
      FoldOutput.print(about, context, &output)
    case "guess":
      let opened = try Opened(try invocation.operand(1, "a source"), invocation, context)
      for log in try CatPrinter.logs(opened) {
        let rule = try Folds.guess(log, context.work)
        let members = [
          JSONMember("stream", .string(log.stream.name)), JSONMember("fold", .string(rule.rawValue)),
          JSONMember("summary", .string(rule.summary)),
        ]
        let name = log.stream.name.isEmpty ? "" : Printable.text(log.stream.name) + ": "
        output.line(
          context.json
            ? JSONValue.object(members).text : "\(name)\(rule.rawValue) (a guess): \(rule.summary)")
      }
    default: throw Fault(.usage, "understand", "fold \(verb)", "it is check or guess")
    }
    return ExitStatus.done
  }
}

private enum FoldOutput {
  static func print(_ about: FoldAbout, _ context: Context, _ output: inout Output) {
    let keys: String =
      switch about.keys {
      case .aggregate: "each aggregate"
      case .asked: "what the fold says of each event"
      case .one(let name): "one state, \(name)"
      }
    if context.json {
      var members = [
        JSONMember("fold", .string(about.name)), JSONMember("dialect", .string(about.dialect.rawValue)),
        JSONMember("states", .string(keys)),
      ]
      members.append(JSONMember("lanes", .array(about.lanes.map { .string($0.text) })))
      members.append(JSONMember("invariants", .array(about.invariants.map { .string($0) })))
      members.append(JSONMember("notes", .array(about.notes.map { .string($0) })))
      output.line(JSONValue.object(members).compact)
      return
    }
    var columns = Columns([("", .left), ("", .left)])
    func add(_ name: String, _ value: String) { columns.add(cells: [.init(name, .muted), .init(value)]) }
    add("fold", about.name)
    add("dialect", about.dialect.rawValue)
    add("a state for", keys)
    if let selection = about.selection {
      add(
        "reads",
        (selection.streams.sorted() + selection.categories.sorted().map { "\($0)-…" }).joined(separator: ", ")
      )
    }
    if !about.lanes.isEmpty { add("lanes", about.lanes.map(\.text).joined(separator: ", ")) }
    for name in about.invariants { add("invariant", name) }
    for note in about.notes { add("note", note) }
    columns.print(to: &output, context.paint)
  }
}
