import WeirCore

/// `--where`, `--grep`, `--type`, `--key`: all that are given must hold.
struct EventFilter {
  private let expression: Expression?
  private let text: [UInt8]?
  private let type: String?
  private let key: [UInt8]?

  init(_ invocation: Invocation) throws(Fault) {
    expression = try invocation.value("where").map { (text) throws(Fault) in try EventFilter.expression(text)
    }
    text = invocation.value("grep").map { Array($0.utf8) }
    type = invocation.value("type")
    key = invocation.value("key").map { Array($0.utf8) }
  }

  /// Parses an expression; a mistake is shown at its column.
  static func expression(_ text: String) throws(Fault) -> Expression {
    do throws(Expression.Mistake) {
      return try Expression(parsing: text)
    } catch {
      let pointer = String(repeating: " ", count: max(0, error.column - 1)) + "^"
      throw Fault(
        .usage, "understand", "the expression",
        "column \(error.column): \(error.reason)\n  \(text)\n  \(pointer)")
    }
  }

  func passes(_ event: StoredEvent) -> Bool {
    if let key, event.key.map({ $0 != key }) ?? (event.stream != String(decoding: key, as: UTF8.self)) {
      return false
    }
    if let type, event.type != type, event.shortType != type { return false }
    if let text, !EventFilter.contains(text, event) { return false }
    if let expression, !expression.holds(event: event) { return false }
    return true
  }

  private static func contains(_ text: [UInt8], _ event: StoredEvent) -> Bool {
    if occurs(text, in: event.rawValue ?? []) || occurs(text, in: event.key ?? []) { return true }
    if case .json(let meta) = event.meta, occurs(text, in: meta) { return true }
    if [event.type, event.id, event.stream].contains(where: { occurs(text, in: Array(($0 ?? "").utf8)) }) {
      return true
    }
    return event.headers.contains { occurs(text, in: $0.value ?? []) || occurs(text, in: $0.name) }
  }

  private static func occurs(_ text: [UInt8], in bytes: [UInt8]) -> Bool {
    ByteSearch.contains(text, in: bytes)
  }
}

/// Where `--from` and `--to` cut a log.
struct Bounds {
  private(set) var start = Cursor(.start)
  private(set) var end = Cursor(.end)
  private var fromTime: Instant?
  private var toTime: Instant?
  /// Where `--to` ends: before this position, but with the event that has this text.
  private var toPosition: (before: Position, text: String)?
  private let isOrdered: Bool

  init(from: String?, to: String?, _ log: any EventLog, _ context: Context) throws(Fault) {
    isOrdered = log.partitions.count == 1
    start = Cursor(log.partitions.map { _ in .start })
    end = Cursor(log.partitions.map { _ in .end })
    var fromInstant: Instant?
    if let from {
      if let time = Bounds.time(from, relativeTo: nil, context) {
        fromTime = time
        fromInstant = time
        if !context.usesEventClock { start = try log.seek(.time(time), context.work) }
      } else {
        start = try log.seek(.position(from), context.work)
      }
    }
    if let to {
      if let time = Bounds.time(to, relativeTo: fromInstant, context) {
        toTime = time
      } else {
        toPosition = try Bounds.position(to, log, context)
      }
    }
  }

  /// A bare number is a position unless it is long enough for an epoch; `+2h` counts from `--from`.
  private static func time(_ text: String, relativeTo from: Instant?, _ context: Context) -> Instant? {
    if Int64(text) != nil, text.count < 9 { return nil }
    if text.first == "+", let from {
      let span = "-" + text.dropFirst()
      guard let back = TimePhrase.parse(span, zone: context.zone, now: from) else { return nil }
      return Instant(
        seconds: 2 * from.seconds - back.seconds, nanoseconds: from.nanoseconds, digits: from.digits)
    }
    return context.time(text)
  }

  private static func position(_ text: String, _ log: any EventLog, _ context: Context) throws(Fault)
    -> (before: Position, text: String)?
  {
    guard log.partitions.count == 1 else {
      throw Fault(
        .usage, "end at", text, "positions belong to one partition", hint: "name it: #\(log.stream.name)/0")
    }
    let cursor = try log.seek(.position(text), context.work)
    if case .before(let position)? = cursor.places.first { return (position, text) }
    return nil
  }

  func contains(_ event: StoredEvent, _ context: Context) -> Bool {
    if let fromTime, let time = context.time(of: event), time < fromTime { return false }
    if let toTime, let time = context.time(of: event), time > toTime { return false }
    return !isBeyond(event)
  }

  private func isBeyond(_ event: StoredEvent) -> Bool {
    guard let toPosition else { return false }
    return event.position >= toPosition.before && event.positionText != toPosition.text
  }

  /// True when nothing later in this direction can be within the bounds any more. Times may run backwards, so
  /// they never say so.
  func isPast(_ event: StoredEvent, _ direction: Direction, _ context: Context) -> Bool {
    direction == .forward && isOrdered && isBeyond(event)
  }
}
