import WeirCore

extension Commands {
  static let aggregates = CommandSpec(
    name: "aggregates", operands: "SOURCE[#STREAM]", summary: "the streams of a store, the keys of a topic",
    options: [OptionSpec("limit", value: "N", "print at most N")],
    examples: [
      ("weir aggregates logs#bank.accounts", "the topic's keys with counts, first and last position"),
      ("weir aggregates bank.sqlite --json", "for scripts"),
    ]
  ) { invocation throws(Fault) in
    let context = try Context(invocation)
    let opened = try Opened(try invocation.operand(0, "a source"), invocation, context)
    let limit = try invocation.number("limit") ?? .max
    let entries = try opened.source.aggregates(opened.streamID, context.work).prefix(limit)
    var output = Output()
    if context.json {
      for entry in entries { output.line(AggregatesOutput.json(entry)) }
    } else {
      AggregatesOutput.table(Array(entries), &output)
    }
    output.flush()
    return ExitStatus.done
  }

  static let groups = CommandSpec(
    name: "groups", operands: "SOURCE[#STREAM]", summary: "consumer groups: committed, end, lag",
    examples: [("weir groups kafka-logs", "every group's place in every partition")]
  ) { invocation throws(Fault) in
    let context = try Context(invocation)
    let opened = try Opened(try invocation.operand(0, "a source"), invocation, context)
    guard let source = opened.source as? any GroupSource else {
      throw Fault(
        .nothingThere, "list groups of", opened.address.path, "\(opened.source.about.format) knows no groups")
    }
    let groups = try source.groups(context.work).filter {
      opened.address.stream == nil || $0.stream == opened.address.stream
    }
    var output = Output()
    if context.json {
      for group in groups { output.line(GroupsOutput.json(group)) }
    } else {
      GroupsOutput.table(groups, &output)
    }
    output.flush()
    return ExitStatus.done
  }
}

private enum AggregatesOutput {
  static func json(_ entry: AggregateEntry) -> [UInt8] {
    var writer = EventJSON()
    writer.begin()
    writer.text("aggregate", entry.name)
    writer.text("stream", entry.stream)
    writer.integer("count", entry.count)
    if let first = entry.first { writer.text("first", first) }
    if let last = entry.last { writer.text("last", last) }
    return writer.end()
  }

  static func table(_ entries: [AggregateEntry], _ output: inout Output) {
    var columns = Columns([
      ("aggregate", .left), ("stream", .left), ("count", .right), ("first", .right), ("last", .right),
    ])
    for entry in entries {
      columns.add([entry.name, entry.stream, Columns.grouped(entry.count), entry.first, entry.last])
    }
    columns.print(to: &output)
  }
}

private enum GroupsOutput {
  static func json(_ group: GroupOffset) -> [UInt8] {
    var writer = EventJSON()
    writer.begin()
    writer.text("group", group.group)
    writer.text("stream", group.stream)
    writer.partition(group.partition)
    if let committed = group.committed { writer.text("committed", committed) }
    if let end = group.end { writer.text("end", end) }
    if let lag = group.lag { writer.integer("lag", lag) }
    if let pending = group.pending { writer.integer("pending", pending) }
    return writer.end()
  }

  static func table(_ groups: [GroupOffset], _ output: inout Output) {
    var columns = Columns([
      ("group", .left), ("stream", .left), ("part", .right), ("committed", .right), ("end", .right),
      ("lag", .right),
    ])
    for group in groups {
      columns.add([
        group.group, group.stream, group.partition.description, group.committed, group.end,
        group.lag.map(Columns.grouped),
      ])
    }
    columns.print(to: &output)
  }
}
