/// A value while an expression is computed.
enum Operand: Sendable {
  case missing
  case null
  case bool(Bool)
  /// The number's text.
  case number(String)
  case text(String)
  /// An event's time: text that compares as a moment.
  case time(Instant)
  /// An array or object.
  case tree(JSONValue)

  init(_ value: JSONValue?) {
    switch value {
    case nil: self = .missing
    case .null?: self = .null
    case .bool(let flag)?: self = .bool(flag)
    case .number(let text)?: self = .number(text)
    case .string(let text)?: self = .text(text)
    case .array?, .object?: self = value.map { .tree($0) } ?? .missing
    }
  }

  /// JavaScript's truth: missing, null, false, 0 and empty text are false.
  var isTrue: Bool {
    switch self {
    case .missing, .null: false
    case .bool(let flag): flag
    case .number(let text): !(ExactNumber(text)?.isZero ?? false)
    case .text(let text): !text.isEmpty
    case .time, .tree: true
    }
  }

  var json: JSONValue? {
    switch self {
    case .missing: nil
    case .null: .null
    case .bool(let flag): .bool(flag)
    case .number(let text): .number(text)
    case .text(let text): .string(text)
    case .time(let time): .string(TimeText.rfc3339(time))
    case .tree(let value): value
    }
  }

  /// The number this is, or that its text is; nil for anything else.
  var number: ExactNumber? {
    switch self {
    case .number(let text), .text(let text): ExactNumber(text)
    default: nil
    }
  }

  /// What `=~` and `+` see; nil for what is missing or null.
  var text: String? {
    switch self {
    case .missing, .null: nil
    case .bool(let flag): flag ? "true" : "false"
    case .number(let text), .text(let text): text
    case .time(let time): TimeText.rfc3339(time)
    case .tree(let value): String(decoding: value.compact, as: UTF8.self)
    }
  }
}

/// What an expression is evaluated on. Payloads are not parsed before a path leads into them, and then only
/// the value at its end.
package struct ExpressionScope {
  /// What `event.` may be followed by; the other names only some sources have.
  package static let eventMembers = [
    "type", "shortType", "data", "meta", "headers", "key", "stream", "aggregate", "version", "time",
    "eventTime",
    "id", "position", "partition", "size", "marks", "encoding", "source", "bucket", "db", "subject",
    "properties",
    "annotations",
  ]

  package let event: StoredEvent?
  /// Gives the value of a path below `state` or `before`; nil where it is missing.
  private let lookUp: (Expression.Root, [PathStep]) -> JSONValue?

  package init(event: StoredEvent?, state: JSONValue?, before: JSONValue?) {
    self.init(event: event) { root, steps in (root == .state ? state : before)?.value(at: steps) }
  }

  /// For states that are not here as a whole, only the values of the paths that the expression reads.
  package init(event: StoredEvent?, lookUp: @escaping (Expression.Root, [PathStep]) -> JSONValue?) {
    self.event = event
    self.lookUp = lookUp
  }

  // MARK: Evaluating

  func evaluate(_ node: Expression.Node) -> Operand {
    switch node {
    case .literal(let operand): return operand
    case .path(let root, let steps): return operand(root, steps)
    case .has(let root, let steps):
      if case .missing = operand(root, steps) { return .bool(false) }
      return .bool(true)
    case .length(let root, let steps): return length(operand(root, steps))
    case .not(let inner): return .bool(!evaluate(inner).isTrue)
    case .negative(let inner): return arithmetic(.number("0"), "-", evaluate(inner))
    case .all(let a, let b):
      let left = evaluate(a)
      return left.isTrue ? evaluate(b) : left
    case .either(let a, let b):
      let left = evaluate(a)
      return left.isTrue ? left : evaluate(b)
    case .compare(let a, let comparison, let b): return .bool(compare(evaluate(a), comparison, evaluate(b)))
    case .arithmetic(let a, let sign, let b): return arithmetic(evaluate(a), sign, evaluate(b))
    case .match(let inner, let regex): return .bool(evaluate(inner).text.map(regex.matches) ?? false)
    case .oneOf(let inner, let list):
      let value = evaluate(inner)
      return .bool(list.contains { compare(value, .equal, evaluate($0)) })
    case .within(let inner, let root, let steps):
      return .bool(isWithin(evaluate(inner), operand(root, steps)))
    }
  }

  private func isWithin(_ value: Operand, _ whole: Operand) -> Bool {
    guard case .tree(let tree) = whole else { return false }
    if let elements = tree.elements {
      return elements.contains { compare(value, .equal, Operand($0)) }
    }
    return value.text.map { tree[$0] != nil } ?? false
  }

  private func length(_ operand: Operand) -> Operand {
    switch operand {
    case .text(let text): .number(String(text.unicodeScalars.count))
    case .tree(.array(let elements)): .number(String(elements.count))
    case .tree(.object(let members)): .number(String(members.count))
    default: .missing
    }
  }

  private func arithmetic(_ a: Operand, _ sign: Character, _ b: Operand) -> Operand {
    if case .number(let x) = a, case .number(let y) = b, let x = ExactNumber(x), let y = ExactNumber(y) {
      return ExactNumber.combine(x, sign, y).map { .number($0.text) } ?? .missing
    }
    if sign == "+", let x = a.text, let y = b.text { return .text(x + y) }
    guard let x = a.number, let y = b.number else { return .missing }
    return ExactNumber.combine(x, sign, y).map { .number($0.text) } ?? .missing
  }

  private func compare(_ a: Operand, _ comparison: Expression.Comparison, _ b: Operand) -> Bool {
    switch (a, b) {
    case (.missing, _), (_, .missing): return false
    case (.null, .null), (.bool, .bool), (.tree, .tree):
      let isEqual = a.json == b.json
      return comparison == .equal ? isEqual : comparison == .unequal && !isEqual
    case (.time(let x), .time(let y)): return order(x, y, comparison)
    case (.time(let x), .text(let y)):
      if let y = TimeText.parse(y) { return order(x, y, comparison) }
      return order(TimeText.rfc3339(x), y, comparison)
    case (.text(let x), .time(let y)):
      if let x = TimeText.parse(x) { return order(x, y, comparison) }
      return order(x, TimeText.rfc3339(y), comparison)
    case (.text(let x), .text(let y)): return order(x, y, comparison)
    case (.number, .number), (.number, .text), (.text, .number):
      guard let x = a.number, let y = b.number else { return comparison == .unequal }
      return order(x, y, comparison)
    default: return comparison == .unequal
    }
  }

  private func order<T: Comparable>(_ a: T, _ b: T, _ comparison: Expression.Comparison) -> Bool {
    switch comparison {
    case .equal: a == b
    case .unequal: a != b
    case .less: a < b
    case .lessOrEqual: a <= b
    case .greater: a > b
    case .greaterOrEqual: a >= b
    }
  }

  // MARK: Paths

  private func operand(_ root: Expression.Root, _ steps: [PathStep]) -> Operand {
    guard root == .event else { return Operand(lookUp(root, steps)) }
    guard let event, case .member(let name)? = steps.first else { return .missing }
    let rest = steps.dropFirst()
    switch name {
    case "data": return payload(event.data, rest)
    case "meta": return payload(event.meta, rest)
    case "headers": return header(event, rest)
    case "time": return rest.isEmpty ? event.time.map { .time($0) } ?? .missing : .missing
    case "eventTime": return rest.isEmpty ? event.eventTime.map { .time($0) } ?? .missing : .missing
    default: return Operand(member(name, of: event)?.value(at: rest))
    }
  }

  /// An event's members, except payloads, headers and times.
  // tidy: table
  private func member(_ name: String, of event: StoredEvent) -> JSONValue? {
    switch name {
    case "type": event.type.map { .string($0) }
    case "shortType": event.shortType.map { .string($0) }
    case "key": event.key.map { .string(StoredEvent.keyText($0)) }
    case "stream": .string(event.stream)
    case "aggregate": .string(event.aggregate)
    case "version": event.version.map { .string($0) }
    case "id": event.id.map { .string($0) }
    case "position": .string(event.positionText)
    case "partition":
      switch event.partition {
      case nil: nil
      case .number(let number)?: .int(number)
      case .name(let name)?: .string(name)
      }
    case "size": .int(event.size)
    case "marks": .array(event.marks.names.map { .string($0) })
    case "encoding": event.data.encoding.map { .string($0) }
    case "source": .string(event.source)
    default: event.extras.last { $0.name == name }?.value
    }
  }

  /// The last header of that name, as text; without a name all of them.
  private func header(_ event: StoredEvent, _ steps: ArraySlice<PathStep>) -> Operand {
    switch steps.first {
    case nil: return .tree(event.headerList)
    case .index?: return Operand(event.headerList.value(at: steps))
    case .member(let name)?:
      guard let header = event.headers.last(where: { $0.name.elementsEqual(name.utf8) }), steps.count == 1
      else {
        return .missing
      }
      return header.value.map { .text(String(decoding: $0, as: UTF8.self)) } ?? .null
    }
  }

  private func payload(_ payload: Payload, _ steps: ArraySlice<PathStep>) -> Operand {
    guard !steps.isEmpty, case .json(let bytes) = payload else {
      return steps.isEmpty ? Operand(payload.value) : .missing
    }
    return Operand(JSONText.value(at: steps, in: bytes))
  }
}
