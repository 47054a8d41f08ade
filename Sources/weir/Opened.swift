import Glibc
import WeirCore

/// A source that a command opened, with what its address said.
struct Opened {
  var source: any Source
  var address: Address
  var context: Context

  /// The stream, partition and key that address and flags name; everything when they name none.
  var streamID: StreamID {
    StreamID(
      address.stream ?? "", partition: address.partition, key: address.key.map { Array($0.utf8) })
  }

  /// Opens the operand's source and says what there is to say on standard error.
  init(_ operand: String, _ invocation: Invocation, _ context: Context) throws(Fault) {
    self.context = context
    address = Address.parse(operand)
    if let stream = invocation.value("stream") { address.stream = stream }
    if let partition = invocation.value("partition") {
      address.partition = Int32(partition).map { .number($0) } ?? .name(partition)
    }
    if let key = invocation.value("key"), invocation.command?.name != "cat" { address.key = key }
    if let at = invocation.value("at") { address.at = at }
    var options = context.options
    let rules = try Context.mapping(context.configuration.mapping(source: address.path))
    // What the command line says wins over the configuration.
    options.mapping.places.merge(rules.places) { flag, _ in flag }
    source = try Format.open(address.path, options, context.work)
    if invocation.has("verbose") {
      complain("\(source.about.address): \(source.about.format)")
      for note in source.about.notes { complain("\(source.about.label): \(note)") }
    }
  }

  /// The same source without the aggregate: the whole store or topic.
  var whole: Opened {
    var copy = self
    copy.address.key = nil
    if source.about.kind == .store { copy.address.stream = nil }
    return copy
  }

  /// The log that the address names, with what may be hidden checked against the catalogue.
  func log() throws(Fault) -> any EventLog { try source.log(streamID) }
}

/// What the common flags come to.
struct Context: Sendable {
  var options = ReadOptions()
  var zone = Zone.utc
  var usesEventClock = false
  var isQuiet = false
  var json = false
  var paint = Paint.plain
  let configuration: Configuration
  let work = Work()
  let now: Instant

  init(_ invocation: Invocation) throws(Fault) {
    now = Context.clock()
    var configuration = try Configuration(explicit: invocation.value("config"))
    configuration.applyFlags(invocation)
    self.configuration = configuration
    isQuiet = invocation.has("quiet")
    for mistake in configuration.mistakes where !isQuiet {
      complain("\(configuration.path ?? ""):\(mistake.line):\(mistake.column): \(mistake.text)")
    }
    json = invocation.has("json")
    paint = try Paint(invocation.value("color"))
    options.format = invocation.value("format")
    options.table = invocation.value("table")
    options.committed = invocation.has("committed")
    options.control = invocation.has("control")
    options.deleted = invocation.has("deleted")
    options.showInternal = invocation.has("internal")
    options.damaged = invocation.has("damaged")
    options.snapshots = invocation.has("snapshots")
    options.mapping = try Context.mapping(invocation.all("map"))
    usesEventClock = try Context.clock(invocation.value("clock"))
    let zoneName = configuration.zone.value
    guard let zone = Zone.named(zoneName) else {
      throw Fault(
        .usage, "show times in", zoneName, "this system has no such zone",
        hint: "it needs tzdata; --utc works")
    }
    self.zone = zone
  }

  static func clock() -> Instant {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Instant(seconds: Int64(now.tv_sec), nanoseconds: Int32(now.tv_nsec), digits: 3)
  }

  private static func clock(_ name: String?) throws(Fault) -> Bool {
    switch name {
    case nil, "recorded": return false
    case "event": return true
    case let other?: throw Fault(.usage, "understand", "--clock \(other)", "it is recorded or event")
    }
  }

  /// `FIELD=WHERE`, each.
  static func mapping(_ texts: [String]) throws(Fault) -> MappingRules {
    var rules = MappingRules()
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let field = MappingRules.Field(rawValue: String(parts[0])) else {
        let fields = MappingRules.Field.allCases.map(\.rawValue).joined(separator: ", ")
        throw Fault(.usage, "understand", "--map \(text)", "it is FIELD=WHERE", hint: "fields: \(fields)")
      }
      guard let place = place(parts[1]) else {
        throw Fault(
          .usage, "understand", "--map \(text)",
          "where is header:NAME, data:/POINTER, meta:/POINTER or column:NAME")
      }
      rules.places[field] = place
    }
    return rules
  }

  private static func place(_ text: Substring) -> MappingRules.Place? {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return nil }
    let value = String(parts[1])
    switch parts[0] {
    case "header" where !value.isEmpty: return .header(value)
    case "data" where value.isEmpty || value.hasPrefix("/"): return .data(value)
    case "meta" where value.isEmpty || value.hasPrefix("/"): return .meta(value)
    case "column" where !value.isEmpty: return .column(value)
    default: return nil
    }
  }

  /// The time a phrase names; nil when it names none. What it came to, and in which zone, is echoed on
  /// standard error.
  func time(_ phrase: String) -> Instant? {
    guard let instant = TimePhrase.parse(phrase, zone: zone, now: now) else { return nil }
    let absolute = TimeText.rfc3339(instant)
    if absolute != phrase {
      note("\(phrase) is \(absolute) (\(zone == .utc ? "UTC" : "\(zone.text(instant)) \(zone.title)"))")
    }
    return instant
  }

  /// The time by which an event is placed: the log's own where it has one; with `--clock event` what the
  /// mapping found first.
  func time(of event: StoredEvent) -> Instant? {
    usesEventClock ? event.eventTime ?? event.time : event.placedTime
  }

  /// Says a note on standard error, unless --quiet.
  func note(_ text: String) { if !isQuiet { complain(text) } }

  /// Names the events at which a fold failed on standard error: the same mistake once, with its first event.
  func report(failures: [String]) {
    var seen: [String: Int] = [:]
    var order: [(key: String, text: String)] = []
    for text in failures {
      // `fold.js:3:9: message (event 17)`: what stands before the event is the mistake.
      let key = text.firstRange(of: " (event ").map { String(text[..<$0.lowerBound]) } ?? text
      if seen[key] == nil { order.append((key, text)) }
      seen[key, default: 0] += 1
    }
    for (key, text) in order.prefix(20) {
      let more = (seen[key] ?? 1) - 1
      complain(text + (more > 0 ? " and at \(Columns.grouped(more)) more events" : ""))
    }
    if order.count > 20 { complain("and \(order.count - 20) other failures of the fold") }
  }

  /// Names damage on standard error; true when some of it counts for the exit status.
  func report(_ damage: [Damage]) -> Bool {
    for one in damage where one.kind != .zeroTail {
      if one.kind == .staleSidecar, isQuiet { continue }
      let kind =
        one.kind == .tornTail ? "torn tail: " : one.kind == .staleSidecar ? "not trusted: " : "damage: "
      complain(kind + one.description)
    }
    return damage.contains { $0.kind == .corrupt }
  }
}

extension Opened {
  /// Takes the aggregate from the address (`#Account-1`, `~KEY`) or from the next operand. Returns how many
  /// operands were used.
  mutating func takeAggregate(_ invocation: Invocation) throws(Fault) -> Int {
    let isStore = source.about.kind == .store
    if invocation.operands.count > 1, !(isStore && address.stream != nil), address.key == nil {
      let name = invocation.operands[1]
      if isStore { address.stream = name } else { address.key = name }
      try chooseTopic()
      return 2
    }
    guard isStore ? address.stream != nil : address.key != nil else {
      if !isStore, let topic = address.stream, invocation.operands.count == 1 {
        throw Fault(
          .usage, "go on without", "an aggregate", "\(topic) is a topic, and its aggregates are its keys",
          hint: "weir \(invocation.command?.name ?? "") \(address.path)#\(topic) KEY")
      }
      throw Fault(
        .usage, "go on without", "an aggregate",
        "usage: weir \(invocation.command?.name ?? "") SOURCE AGGREGATE",
        hint: "weir aggregates \(address.path) lists them")
    }
    try chooseTopic()
    return 1
  }

  /// A key alone means the one topic there is.
  private mutating func chooseTopic() throws(Fault) {
    guard source.about.kind == .stream, address.stream == nil else { return }
    let names = Set(try source.catalog(.glance, context.work).entries.map(\.stream.name))
    guard names.count == 1, let name = names.first else {
      throw Fault(
        .usage, "choose the topic of", address.key ?? "", "\(address.path) has \(names.count) topics",
        hint: "name one: \(address.path)#TOPIC")
    }
    address.stream = name
  }
}
