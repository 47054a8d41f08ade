package import WeirCore

extension StatePath {
  /// The state as a whole.
  package static let whole = StatePath([])

  /// As JavaScript writes it: `transfers.out`, `notes[0]`, `["a.b"].c`; empty for the whole state.
  package var text: String { PathText.text(steps) }

  /// Parses `text`; the mistake has its column.
  package init(parsing text: String) throws(Expression.Mistake) {
    self.init(try PathText.parse(text))
  }

  /// This path and everything below it.
  package func contains(_ other: StatePath) -> Bool { other.steps.starts(with: steps) }
}

extension StatePath: CustomStringConvertible {
  package var description: String { text }
}

extension JSONValue {
  /// The value at a path of the state; nil where there is none.
  package func value(at path: StatePath) -> JSONValue? { value(at: path.steps) }

  /// Puts `value` at a path, making objects for members that are not there. An index one past the end
  /// appends; false when the path leads through a value that is no container, or to an index further out.
  @discardableResult
  package mutating func set(_ value: JSONValue, at steps: ArraySlice<PathStep>) -> Bool {
    guard let step = steps.first else {
      self = value
      return true
    }
    let rest = steps.dropFirst()
    switch (step, self) {
    case (.member(let name), .object(var members)):
      self = .null  // Lets `members` be changed in place.
      let index = members.lastIndex { $0.name == name } ?? members.count
      if index == members.count { members.append(JSONMember(name, rest.isEmpty ? .null : .emptyObject)) }
      let done = members[index].value.set(value, at: rest)
      self = .object(members)
      return done
    case (.member(let name), .null):
      self = .object([JSONMember(name, rest.isEmpty ? .null : .emptyObject)])
      return set(value, at: [.member(name)] + rest)
    case (.index(let index), .array(var elements)):
      guard index >= 0, index <= elements.count else { return false }
      self = .null
      if index == elements.count { elements.append(rest.isEmpty ? .null : .emptyObject) }
      let done = elements[index].set(value, at: rest)
      self = .array(elements)
      return done
    default: return false
    }
  }

  /// Takes the value at a path out; false when there is none.
  @discardableResult
  package mutating func remove(at steps: ArraySlice<PathStep>) -> Bool {
    guard let step = steps.first else { return false }
    let rest = steps.dropFirst()
    switch (step, self) {
    case (.member(let name), .object(var members)):
      guard let index = members.lastIndex(where: { $0.name == name }) else { return false }
      self = .null
      let done: Bool
      if rest.isEmpty {
        members.remove(at: index)
        done = true
      } else {
        done = members[index].value.remove(at: rest)
      }
      self = .object(members)
      return done
    case (.index(let index), .array(var elements)):
      guard elements.indices.contains(index) else { return false }
      self = .null
      let done: Bool
      if rest.isEmpty {
        elements.remove(at: index)
        done = true
      } else {
        done = elements[index].remove(at: rest)
      }
      self = .array(elements)
      return done
    default: return false
    }
  }
}
