/// One step from a value to a value inside it.
package enum PathStep: Hashable, Sendable {
  case member(String)
  case index(Int)
}

/// Paths as text, as JavaScript writes them: `transfers.out`, `notes[0]`, `["a.b"].c`. The empty path is the
/// whole value and prints as nothing.
package enum PathText {
  package static func text(_ steps: [PathStep]) -> String {
    var out = ""
    for step in steps {
      switch step {
      case .index(let index): out += "[\(index)]"
      case .member(let name) where isIdentifier(name): out += out.isEmpty ? name : "." + name
      case .member(let name):
        var quoted: [UInt8] = []
        JSONText.appendString(name, to: &quoted)
        out += "[" + String(decoding: quoted, as: UTF8.self) + "]"
      }
    }
    return out
  }

  /// Parses what `text` prints; also `['a.b']`. Throws the mistake at its column.
  package static func parse(_ text: String) throws(Expression.Mistake) -> [PathStep] {
    guard !text.isEmpty else { return [] }
    var lexer = ExpressionLexer(text)
    var steps: [PathStep] = []
    if lexer.next != .symbol("[") { steps.append(.member(try lexer.name("a member's name"))) }
    try lexer.steps(into: &steps)
    guard lexer.next == .end else {
      throw Expression.Mistake(column: lexer.column, reason: "a path goes on with `.name` or `[0]`")
    }
    return steps
  }

  /// A name that needs no quotes.
  package static func isIdentifier(_ name: String) -> Bool {
    guard let first = name.unicodeScalars.first, isStart(first) else { return false }
    return name.unicodeScalars.allSatisfy(isPart)
  }

  static func isStart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "_" || scalar == "$" || scalar.properties.isXIDStart
  }

  static func isPart(_ scalar: Unicode.Scalar) -> Bool {
    scalar == "$" || scalar.properties.isXIDContinue
  }
}

extension JSONValue {
  /// The value at a path below this one; nil where there is none. Of repeated members the last counts.
  package func value(at steps: some Sequence<PathStep>) -> JSONValue? {
    var current = self
    for step in steps {
      switch (step, current) {
      case (.member(let name), .object(let members)):
        guard let member = members.last(where: { $0.name == name }) else { return nil }
        current = member.value
      case (.index(let index), .array(let elements)):
        guard elements.indices.contains(index) else { return nil }
        current = elements[index]
      default: return nil
      }
    }
    return current
  }
}
