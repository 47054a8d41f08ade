package import WeirCore

/// The engine of JavaScript folds: columns in, reports out, over a context in a worker process (or in this
/// one).
///
/// `@unchecked Sendable`: confined to one worker at a time by its owner (`FoldEngine`).
package final class JavaScriptEngine: FoldEngine, @unchecked Sendable {
  package private(set) var about: FoldAbout
  private let host: any JavaScriptHost
  private let options: FoldOptions
  private let module: ModuleText
  private let source: String
  private var positions: [String] = []
  private var slowEvents = 0
  private var restarts = 0

  /// Stops and restarts after which a fold is given up: each may have cost its whole time limit.
  private static let patience = 25

  /// Loads a fold. `name` is the file's name, as failures show it.
  package init(name: String, source: String, options: FoldOptions = FoldOptions()) throws(FoldStop) {
    self.options = options
    self.source = source
    about = FoldAbout(name: name, dialect: .weir)
    do throws(ModuleText.Refusal) {
      module = try ModuleText(source, file: name)
    } catch { throw .unusable(FoldFailure(message: error.reason, file: name, line: error.line)) }
    host =
      options.inProcess
      ? InProcessHost() : WorkerHost(executable: options.executable, memoryBytes: options.memoryBytes)
    try load()
  }

  private var longCall: UInt32 { options.eventMilliseconds &* 10 }

  // MARK: Loading

  private func load() throws(FoldStop) {
    do throws(HostLoss) {
      try host.start()
      _ = try host.call("begin", Array(about.name.utf8), milliseconds: longCall)
      try check(try host.evaluate(module.script, url: about.name, milliseconds: longCall))
      try check(try host.evaluate(Array(module.collector.utf8), url: "weir:exports", milliseconds: longCall))
      let text = try check(try host.call("loaded", [], milliseconds: longCall))
      about = describe(try? JSONParser.parse(text))
    } catch { throw refused ?? .unusable(FoldFailure(message: error.reason, file: about.name)) }
    if let refused { throw refused }
  }

  /// What the script's own failure to load was.
  private var refused: FoldStop?

  @discardableResult
  private func check(_ reply: HostReply) throws(HostLoss) -> [UInt8] {
    switch reply {
    case .text(let text): return text
    case .threw(let text):
      var failure = JavaScriptEngine.failure(text, file: about.name)
      if failure.message.hasPrefix("SyntaxError"), ModuleText.looksLikeTypeScript(source) {
        failure.message += " (\(ModuleText.typeScript))"
      }
      refused = .unusable(failure)
      throw HostLoss(reason: failure.message)
    case .slow: throw HostLoss(reason: "the script takes longer than \(longCall / 1000) s to load")
    }
  }

  private func describe(_ loaded: JSONValue?) -> FoldAbout {
    var about = FoldAbout(name: about.name, dialect: .weir)
    guard let loaded else { return about }
    about.dialect = loaded["dialect"]?.string.flatMap { FoldAbout.Dialect(rawValue: $0) } ?? .weir
    if case .bool(true)? = loaded["asked"] { about.keys = .asked }
    if let name = loaded["one"]?.string { about.keys = .one(name) }
    func names(_ member: String) -> [String]? { loaded[member]?.elements.map { $0.compactMap(\.string) } }
    if loaded["streams"] != nil || loaded["categories"] != nil {
      about.selection = FoldSelection(
        streams: Set(names("streams") ?? []), categories: Set(names("categories") ?? []))
    }
    about.invariants = names("invariants") ?? []
    about.notes = names("notes") ?? []
    for text in names("lanes") ?? [] {
      do throws(Expression.Mistake) {
        about.lanes.append(try StatePath(parsing: text))
      } catch { about.notes.append("lanes: `\(text)`: \(error.reason)") }
    }
    return about
  }

  static func failure(_ text: [UInt8], file: String, position: String? = nil) -> FoldFailure {
    let value = try? JSONParser.parse(text)
    return failure(value ?? .null, file: file, position: position)
  }

  static func failure(_ value: JSONValue, file: String, position: String? = nil) -> FoldFailure {
    func number(_ name: String) -> Int? {
      if case .number(let text)? = value[name] { Int(text) } else { nil }
    }
    return FoldFailure(
      message: value["message"]?.string ?? "the fold failed", file: file, line: number("line"),
      column: number("column"), position: position)
  }

  // MARK: The engine

  package func stage(_ events: [StoredEvent]) throws(FoldStop) {
    let columns = EventColumns(Array(events.prefix(FoldLimits.batch)))
    positions = events.map(\.positionText)
    for (index, word) in columns.words.enumerated() { host.columns[index] = word }
    _ = try call("stage", columns.message)
  }

  package func keys() throws(FoldStop) -> [String?] {
    let text = try call("keys", [])
    return (try? JSONParser.parse(text))?.elements?.map(\.string) ?? []
  }

  package func fold(_ range: Range<Int>, into slots: FoldSlots, watching: [Watch]) throws(FoldStop)
    -> FoldReport
  {
    let range = range.clamped(to: 0..<positions.count)
    var single = -1
    switch slots {
    case .one(let slot): single = slot
    case .each(let each):
      for (index, slot) in zip(range, each) { host.columns[DriverLayout.slotOffset + index] = slot }
    }
    let request = JSONValue.object([
      JSONMember("from", .int(range.lowerBound)), JSONMember("to", .int(range.upperBound)),
      JSONMember("slot", .int(single)),
      JSONMember("watches", .array(watching.prefix(FoldLimits.watches).map(JavaScriptEngine.watch))),
    ])
    var reply = try send("fold", request.compact, milliseconds: options.eventMilliseconds)
    while case .slow = reply {
      slowEvents += 1
      guard slowEvents <= JavaScriptEngine.patience else {
        throw .unusable(failure("\(slowEvents) events ran into the time limit: the fold is given up"))
      }
      let reason = "stopped: one event takes longer than \(options.eventMilliseconds) ms"
      reply = try send(
        "resume", JSONValue.object([JSONMember("message", .string(reason))]).compact,
        milliseconds: options.eventMilliseconds)
    }
    return report(try settled(reply))
  }

  private static func watch(_ watch: Watch) -> JSONValue {
    let steps: [JSONValue] = watch.path.steps.map { step in
      switch step {
      case .member(let name): .string(name)
      case .index(let index): .int(index)
      }
    }
    return .array([.array(steps), .bool(watch.wantsValue)])
  }

  package func states(of slots: [Int]) throws(FoldStop) -> [FoldedState] {
    let text = try call("states", JSONValue.array(slots.map { .int($0) }).compact)
    let elements: [JSONValue]
    do throws(JSONError) {
      elements = try JSONParser.parse(text).elements ?? []
    } catch { throw .unusable(failure("the state cannot be read: \(error.reason)")) }
    var states: [FoldedState] = []
    for element in elements {
      if let failure = element["failure"] {
        throw .unusable(JavaScriptEngine.failure(failure, file: about.name))
      }
      var state = FoldedState(element["state"] ?? .null)
      state.inexact = element["inexact"]?.elements?.compactMap(\.string) ?? []
      if case .number(let text)? = element["broken"], let bits = Int(text) {
        state.broken = about.invariants.indices.filter { bits & (1 << $0) != 0 }
      }
      state.result = element["result"]
      states.append(state)
    }
    return states
  }

  @discardableResult
  package func copy(_ from: Int, to: Int) throws(FoldStop) -> Int {
    let text = try call("copy", Array("[\(from),\(to)]".utf8))
    return Int(String(decoding: text, as: UTF8.self)) ?? 0
  }

  package func drop(_ slots: [Int]) throws(FoldStop) {
    _ = try call("drop", JSONValue.array(slots.map { .int($0) }).compact)
  }

  package func restart() throws(FoldStop) {
    restarts += 1
    guard restarts <= JavaScriptEngine.patience else {
      throw .unusable(failure("its worker died \(restarts) times: the fold is given up"))
    }
    positions = []
    try load()
  }

  // MARK: Calls

  private func failure(_ message: String) -> FoldFailure { FoldFailure(message: message, file: about.name) }

  private func send(_ function: String, _ argument: [UInt8], milliseconds: UInt32) throws(FoldStop)
    -> HostReply
  {
    do throws(HostLoss) {
      return try host.call(function, argument, milliseconds: milliseconds)
    } catch {
      let index = Int(host.progress)
      let guilty = positions.indices.contains(index) ? index : nil
      throw .lost(
        at: guilty,
        FoldFailure(message: error.reason, file: about.name, position: guilty.map { positions[$0] }))
    }
  }

  private func settled(_ reply: HostReply) throws(FoldStop) -> [UInt8] {
    switch reply {
    case .text(let text): return text
    case .threw(let text): throw .unusable(JavaScriptEngine.failure(text, file: about.name))
    case .slow: throw .unusable(failure("it takes longer than \(longCall / 1000) s to print or copy a state"))
    }
  }

  private func call(_ function: String, _ argument: [UInt8]) throws(FoldStop) -> [UInt8] {
    try settled(try send(function, argument, milliseconds: longCall))
  }

  // MARK: Reports

  private func report(_ text: [UInt8]) -> FoldReport {
    var report = FoldReport()
    guard let value = try? JSONParser.parse(text) else { return report }
    func rows(_ name: String) -> [[JSONValue]] { value[name]?.elements?.compactMap(\.elements) ?? [] }
    func number(_ value: JSONValue) -> Int {
      if case .number(let text) = value { Int(text) ?? -1 } else { -1 }
    }
    for row in rows("failures") where row.count == 2 {
      let index = number(row[0])
      let position = positions.indices.contains(index) ? positions[index] : nil
      report.failures.append((index, JavaScriptEngine.failure(row[1], file: about.name, position: position)))
    }
    for row in rows("turns") where row.count == 3 {
      report.turns.append(
        .init(index: number(row[0]), invariant: number(row[1]), holds: row[2] == .bool(true)))
    }
    for row in rows("changes") where row.count >= 2 {
      report.changes.append(
        .init(index: number(row[0]), watch: number(row[1]), value: row.count > 2 ? row[2] : nil))
    }
    for row in rows("emitted") where row.count == 2 { report.emitted.append((number(row[0]), row[1])) }
    for row in rows("logs") where row.count == 2 { report.logs.append((number(row[0]), row[1].string ?? "")) }
    return report
  }
}
