/// A JSON document with everything kept: digits of numbers, order and repetition of members. Also the state
/// of a fold.
package enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  /// The number's text, as written.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([JSONMember])

  package static let emptyObject = JSONValue.object([])
  package static func int(_ value: some BinaryInteger) -> JSONValue { .number(String(value)) }

  /// The last member of this name, as parsers take it; nil for anything but an object.
  package subscript(name: String) -> JSONValue? {
    guard case .object(let members) = self else { return nil }
    return members.last { $0.name == name }?.value
  }

  package var string: String? { if case .string(let text) = self { text } else { nil } }
  package var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  package var members: [JSONMember]? { if case .object(let members) = self { members } else { nil } }
}

package struct JSONMember: Sendable, Hashable {
  package var name: String
  package var value: JSONValue

  package init(_ name: String, _ value: JSONValue) {
    self.name = name
    self.value = value
  }
}
