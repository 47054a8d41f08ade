/// The one language of filters, breakpoints, bisect and watches (cli.md, "Expressions"): a subset of
/// JavaScript, parsed once, evaluated natively.
///
/// | precedence, lowest first | |
/// |---|---|
/// | `\|\|` | either |
/// | `&&` | both |
/// | `== != < <= > >= in =~` | comparisons; they do not chain |
/// | `+ -` then `* /` | numbers, exact as decimals up to 37 digits; `+` joins text |
/// | `! -` | not, minus |
/// | `has(path) len(path) ( ) path literal` | |
///
/// Literals: numbers, `'text'`, `"text"`, `true`, `false`, `null`, `/regex/flags` (after `=~`). Roots:
/// `event` (may be left out: `type`, `data.cents`), `state`, `before` (the state before the event). Members
/// of an event: see `ExpressionScope.eventMembers`; `type` is the full name as stored, `shortType` the part
/// after the last `.`, `$`, `+` or `:`.
///
/// Comparing a missing path is false, whatever the comparison. Numbers compare as exact decimals; text that
/// is a number compares with a number as that number (`data.amount > 100` for `"403.17"`), two texts by their
/// code points, and `time` with any text that is a time as a moment.
package struct Expression: Sendable, Equatable {
  /// The text as typed.
  package let source: String
  let root: Node

  /// A mistake, shown at its column.
  package struct Mistake: Error, Equatable, Sendable {
    /// From 1, in characters.
    package var column: Int
    package var reason: String

    package init(column: Int, reason: String) {
      self.column = column
      self.reason = reason
    }
  }

  /// What a path begins at.
  package enum Root: String, Sendable, CaseIterable { case event, state, before }

  /// A parsed expression. Nesting is bounded by the parser.
  indirect enum Node: Sendable {
    case literal(Operand)
    case path(Root, [PathStep])
    case has(Root, [PathStep])
    case length(Root, [PathStep])
    case not(Node)
    case negative(Node)
    case all(Node, Node)
    case either(Node, Node)
    case compare(Node, Comparison, Node)
    case arithmetic(Node, Character, Node)
    case match(Node, RegularExpression)
    case oneOf(Node, [Node])
    /// `x in path`: an element of the array there, or a member of the object.
    case within(Node, Root, [PathStep])
  }

  enum Comparison: String, Sendable, CaseIterable {
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }

  package init(parsing source: String) throws(Mistake) {
    self.source = source
    var parser = ExpressionParser(source)
    root = try parser.parse()
  }

  package static func == (a: Expression, b: Expression) -> Bool { a.source == b.source }

  /// The paths read below one root, in the order of the text, each once.
  package func paths(of root: Root) -> [[PathStep]] {
    var found: [[PathStep]] = []
    collect(self.root, root, into: &found)
    return found
  }

  private func collect(_ node: Node, _ wanted: Root, into found: inout [[PathStep]]) {
    switch node {
    case .literal: break
    case .path(let root, let steps), .has(let root, let steps), .length(let root, let steps):
      if root == wanted, !found.contains(steps) { found.append(steps) }
    case .not(let inner), .negative(let inner), .match(let inner, _): collect(inner, wanted, into: &found)
    case .all(let a, let b), .either(let a, let b), .compare(let a, _, let b), .arithmetic(let a, _, let b):
      collect(a, wanted, into: &found)
      collect(b, wanted, into: &found)
    case .oneOf(let inner, let list):
      collect(inner, wanted, into: &found)
      for element in list { collect(element, wanted, into: &found) }
    case .within(let inner, let root, let steps):
      collect(inner, wanted, into: &found)
      if root == wanted, !found.contains(steps) { found.append(steps) }
    }
  }

  /// Whether the expression is true here. `state` and `before` nil: there is none, and every path below them
  /// is missing.
  package func holds(event: StoredEvent?, state: JSONValue? = nil, before: JSONValue? = nil) -> Bool {
    holds(in: ExpressionScope(event: event, state: state, before: before))
  }

  package func holds(in scope: ExpressionScope) -> Bool { scope.evaluate(root).isTrue }

  /// The expression's value; nil when it is a missing path (or computed from one).
  package func value(event: StoredEvent?, state: JSONValue? = nil, before: JSONValue? = nil) -> JSONValue? {
    ExpressionScope(event: event, state: state, before: before).evaluate(root).json
  }
}
