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
    var entries: [AggregateEntry] = []
    for stream in try AggregatesOutput.streams(opened) {
      entries += try opened.source.aggregates(stream, context.work)
    }
    var output = Output()
    if context.json {
      for entry in entries.prefix(limit) { output.line(AggregatesOutput.json(entry)) }
    } else {
      AggregatesOutput.table(Array(entries.prefix(limit)), context.paint, &output)
      if entries.count > limit {
        context.note("\(Columns.grouped(entries.count - limit)) more (--limit shows \(limit))")
      }
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
      GroupsOutput.table(groups, context.paint, &output)
    }
    output.flush()
    return ExitStatus.done
  }
}

private enum AggregatesOutput {
  /// The streams to look in: the one that is named, each topic of a log directory, or a whole store.
  static func streams(_ opened: Opened) throws(Fault) -> [StreamID] {
    let named = opened.streamID
    guard named.name.isEmpty, opened.source.about.kind == .stream else { return [named] }
    var names: [String] = []
    for entry in try opened.source.catalog(.glance, opened.context.work).entries
    where names.last != entry.stream.name {
      names.append(entry.stream.name)
    }
    return names.map { StreamID($0, partition: named.partition) }
  }

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

  static func table(_ entries: [AggregateEntry], _ paint: Paint, _ output: inout Output) {
    // In a store an aggregate is its stream: no need to say it twice.
    let hasStreams = entries.contains { $0.stream != $0.name }
    var columns = Columns([
      ("aggregate", .left), (hasStreams ? "stream" : "", .left), ("events", .right), ("first", .right),
      ("last", .right),
    ])
    for entry in entries {
      columns.add([
        entry.name, hasStreams ? entry.stream : "", Columns.grouped(entry.count), entry.first, entry.last,
      ])
    }
    columns.print(to: &output, paint)
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

  static func table(_ groups: [GroupOffset], _ paint: Paint, _ output: inout Output) {
    let hasPending = groups.contains { $0.pending != nil }
    var columns = Columns([
      ("group", .left), ("stream", .left), ("part", .right), ("committed", .right), ("end", .right),
      ("lag", .right), (hasPending ? "pending" : "", .right),
    ])
    for group in groups {
      columns.add(cells: [
        .init(group.group), .init(group.stream), .init(group.partition.description), .init(group.committed),
        .init(group.end),
        .init(group.lag.map { Columns.grouped(Int($0)) }, (group.lag ?? 0) > 0 ? .changed : .good),
        .init(group.pending.map { Columns.grouped(Int($0)) }),
      ])
    }
    columns.print(to: &output, paint)
  }
}
