import WeirCore

/// RFC 6902: a list of operations, made all or none. A single operation may stand without its list.
enum JSONPatch {
  /// Which operation could not be made, and why.
  struct Refusal: Error, CustomStringConvertible {
    /// From 1.
    var number: Int
    var operation: String
    var reason: String

    var description: String { "operation \(number) (\(operation)): \(reason)" }
  }

  static func apply(_ patch: JSONValue, to state: JSONValue) throws(Refusal) -> JSONValue {
    let operations: [JSONValue]
    switch patch {
    case .array(let elements): operations = elements
    case .object: operations = [patch]
    default:
      throw Refusal(number: 1, operation: "?", reason: "the payload is no list of JSON Patch operations")
    }
    var state = state
    for (index, operation) in operations.enumerated() {
      let name = operation["op"]?.string ?? "?"
      let path = operation["path"]?.string
      do throws(Reason) {
        try apply(name, path, operation, to: &state)
      } catch {
        throw Refusal(
          number: index + 1, operation: name + (path.map { " " + $0 } ?? ""), reason: error.text)
      }
    }
    return state
  }

  private struct Reason: Error {
    var text: String
    init(_ text: String) { self.text = text }
  }

  private static func apply(
    _ name: String, _ path: String?, _ operation: JSONValue, to state: inout JSONValue
  ) throws(Reason) {
    guard let path else { throw Reason("it has no `path`") }
    let place = try pointer(path)
    func value() throws(Reason) -> JSONValue {
      guard let value = operation["value"] else { throw Reason("it has no `value`") }
      return value
    }
    func source() throws(Reason) -> [String] {
      guard let from = operation["from"]?.string else { throw Reason("it has no `from`") }
      return try pointer(from)
    }
    switch name {
    case "add": try add(try value(), at: place[...], to: &state)
    case "remove": _ = try remove(at: place[...], from: &state)
    case "replace": try replace(with: try value(), at: place, in: &state)
    case "move":
      let from = try source()
      guard !(place.count > from.count && place.starts(with: from)) else {
        throw Reason("a value cannot move into itself")
      }
      let moved = try remove(at: from[...], from: &state)
      try add(moved, at: place[...], to: &state)
    case "copy": try add(try find(try source(), in: state), at: place[...], to: &state)
    case "test":
      guard isSame(try find(place, in: state), try value()) else { throw Reason("the value is another one") }
    default: throw Reason("there is no such operation: add, remove, replace, move, copy, test")
    }
  }

  /// The parts of an RFC 6901 pointer.
  private static func pointer(_ text: String) throws(Reason) -> [String] {
    guard !text.isEmpty else { return [] }
    guard text.first == "/" else { throw Reason("a pointer begins with `/`") }
    return text.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
      JSONValue.unescapePointer($0)
    }
  }

  private static func index(_ part: String, _ count: Int) throws(Reason) -> Int {
    guard let index = Int(part), String(index) == part, index >= 0, index < count else {
      throw Reason("the array has no element `\(part)`")
    }
    return index
  }

  private static func find(_ place: [String], in state: JSONValue) throws(Reason) -> JSONValue {
    var value = state
    for part in place {
      switch value {
      case .object:
        guard let member = value[part] else { throw Reason("there is no member `\(part)`") }
        value = member
      case .array(let elements): value = elements[try index(part, elements.count)]
      default: throw Reason("the pointer leads through a value that is no object or array")
      }
    }
    return value
  }

  /// Changes the container that holds the place's last part.
  private static func edit(
    _ place: ArraySlice<String>, in state: inout JSONValue,
    _ body: (inout JSONValue, String) throws(Reason) -> Void
  ) throws(Reason) {
    guard let part = place.first else { throw Reason("the whole document cannot be taken out") }
    guard place.count > 1 else { return try body(&state, part) }
    switch state {
    case .object(var members):
      guard let index = members.lastIndex(where: { $0.name == part }) else {
        throw Reason("there is no member `\(part)`")
      }
      try edit(place.dropFirst(), in: &members[index].value, body)
      state = .object(members)
    case .array(var elements):
      let index = try index(part, elements.count)
      try edit(place.dropFirst(), in: &elements[index], body)
      state = .array(elements)
    default: throw Reason("the pointer leads through a value that is no object or array")
    }
  }

  private static func add(
    _ value: JSONValue, at place: ArraySlice<String>, to state: inout JSONValue
  ) throws(Reason) {
    guard !place.isEmpty else {
      state = value
      return
    }
    try edit(place, in: &state) { (container, part) throws(Reason) in
      switch container {
      case .object(var members):
        if let index = members.lastIndex(where: { $0.name == part }) {
          members[index].value = value
        } else {
          members.append(JSONMember(part, value))
        }
        container = .object(members)
      case .array(var elements):
        elements.insert(value, at: part == "-" ? elements.count : try index(part, elements.count + 1))
        container = .array(elements)
      default: throw Reason("the pointer leads through a value that is no object or array")
      }
    }
  }

  private static func remove(
    at place: ArraySlice<String>, from state: inout JSONValue
  ) throws(Reason) -> JSONValue {
    var removed = JSONValue.null
    try edit(place, in: &state) { (container, part) throws(Reason) in
      switch container {
      case .object(var members):
        guard let index = members.lastIndex(where: { $0.name == part }) else {
          throw Reason("there is no member `\(part)`")
        }
        removed = members.remove(at: index).value
        container = .object(members)
      case .array(var elements):
        removed = elements.remove(at: try index(part, elements.count))
        container = .array(elements)
      default: throw Reason("the pointer leads through a value that is no object or array")
      }
    }
    return removed
  }

  private static func replace(
    with value: JSONValue, at place: [String], in state: inout JSONValue
  ) throws(Reason) {
    guard !place.isEmpty else {
      state = value
      return
    }
    try edit(place[...], in: &state) { (container, part) throws(Reason) in
      switch container {
      case .object(var members):
        guard let index = members.lastIndex(where: { $0.name == part }) else {
          throw Reason("there is no member `\(part)`")
        }
        members[index].value = value
        container = .object(members)
      case .array(var elements):
        elements[try index(part, elements.count)] = value
        container = .array(elements)
      default: throw Reason("the pointer leads through a value that is no object or array")
      }
    }
  }

  /// Equality as `test` means it: numbers by value, members in any order.
  static func isSame(_ a: JSONValue, _ b: JSONValue) -> Bool {
    switch (a, b) {
    case (.number(let x), .number(let y)): return ExactNumber(x) == ExactNumber(y)
    case (.array(let x), .array(let y)): return x.count == y.count && zip(x, y).allSatisfy(isSame)
    case (.object(let x), .object(let y)):
      return x.count == y.count
        && x.allSatisfy { member in b[member.name].map { isSame(member.value, $0) } ?? false }
    default: return a == b
    }
  }
}
