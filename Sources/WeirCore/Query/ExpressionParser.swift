/// A recursive-descent parser, one function a level of precedence.
struct ExpressionParser {
  private var lexer: ExpressionLexer
  private var depth = 0

  /// Brackets and signs nest at most this deep, so that evaluating cannot exhaust the stack.
  private static let depthLimit = 64

  init(_ source: String) { lexer = ExpressionLexer(source) }

  private func mistake(_ reason: String, at column: Int? = nil) -> Expression.Mistake {
    Expression.Mistake(column: column ?? lexer.column, reason: reason)
  }

  mutating func parse() throws(Expression.Mistake) -> Expression.Node {
    guard lexer.next != .end else { throw mistake("an expression is missing") }
    let node = try either()
    switch lexer.next {
    case .end: return node
    case .name(let word) where word == "and": throw mistake("write `&&` for and")
    case .name(let word) where word == "or": throw mistake("write `||` for or")
    case .symbol(")"): throw mistake("a bracket is closed that was never opened")
    default:
      let column = lexer.column
      _ = try lexer.take()
      throw mistake("an operator is missing before this", at: column)
    }
  }

  private mutating func either() throws(Expression.Mistake) -> Expression.Node {
    var node = try all()
    while try lexer.takeSymbol("||") { node = .either(node, try all()) }
    return node
  }

  private mutating func all() throws(Expression.Mistake) -> Expression.Node {
    var node = try comparison()
    while try lexer.takeSymbol("&&") { node = .all(node, try comparison()) }
    return node
  }

  private mutating func comparison() throws(Expression.Mistake) -> Expression.Node {
    let left = try sum()
    if case .name("in") = lexer.next {
      _ = try lexer.take()
      return try membership(of: left)
    }
    if lexer.next == .symbol("=~") { return try match(left) }
    for comparison in Expression.Comparison.allCases where lexer.next == .symbol(comparison.rawValue) {
      _ = try lexer.take()
      let node = Expression.Node.compare(left, comparison, try sum())
      if case .symbol(let symbol) = lexer.next, Expression.Comparison(rawValue: symbol) != nil {
        throw mistake("comparisons do not chain: join two of them with `&&`")
      }
      return node
    }
    return left
  }

  private mutating func match(_ left: Expression.Node) throws(Expression.Mistake) -> Expression.Node {
    _ = try lexer.take()
    let column = lexer.column
    let pattern: (pattern: String, flags: String)
    if lexer.next == .symbol("/") {
      pattern = try lexer.regex()
    } else if case .string(let text) = lexer.next {
      pattern = (text, "")
      _ = try lexer.take()
    } else {
      throw mistake("expected a regular expression between slashes after `=~`")
    }
    do throws(RegularExpression.Mistake) {
      return .match(left, try RegularExpression(pattern.pattern, flags: pattern.flags))
    } catch {
      let before = String(decoding: Array((pattern.pattern + "/").utf8.prefix(error.offset)), as: UTF8.self)
      throw mistake(error.reason, at: column + 1 + before.count)
    }
  }

  private mutating func membership(of left: Expression.Node) throws(Expression.Mistake) -> Expression.Node {
    guard try lexer.takeSymbol("(") else {
      let column = lexer.column
      guard case .path(let root, let steps) = try primary() else {
        throw mistake("expected `(` and a list, or a path, after `in`", at: column)
      }
      return .within(left, root, steps)
    }
    var list = [try sum()]
    while try lexer.takeSymbol(",") { list.append(try sum()) }
    try lexer.expect(")")
    return .oneOf(left, list)
  }

  private mutating func sum() throws(Expression.Mistake) -> Expression.Node {
    var node = try product()
    while true {
      if try lexer.takeSymbol("+") {
        node = .arithmetic(node, "+", try product())
      } else if try lexer.takeSymbol("-") {
        node = .arithmetic(node, "-", try product())
      } else {
        return node
      }
    }
  }

  private mutating func product() throws(Expression.Mistake) -> Expression.Node {
    var node = try unary()
    while true {
      if try lexer.takeSymbol("*") {
        node = .arithmetic(node, "*", try unary())
      } else if try lexer.takeSymbol("/") {
        node = .arithmetic(node, "/", try unary())
      } else {
        return node
      }
    }
  }

  private mutating func unary() throws(Expression.Mistake) -> Expression.Node {
    depth += 1
    defer { depth -= 1 }
    guard depth < ExpressionParser.depthLimit else { throw mistake("nested too deeply") }
    if try lexer.takeSymbol("!") { return .not(try unary()) }
    if try lexer.takeSymbol("-") { return .negative(try unary()) }
    return try primary()
  }

  private mutating func primary() throws(Expression.Mistake) -> Expression.Node {
    if lexer.next == .symbol("/") { throw mistake("a regular expression stands after `=~`") }
    if lexer.next == .symbol("[") { return try bare() }
    let column = lexer.column
    switch try lexer.take() {
    case .number(let digits): return .literal(.number(digits))
    case .string(let text): return .literal(.text(text))
    case .symbol("("):
      let node = try either()
      try lexer.expect(")")
      return node
    case .name(let name): return try named(name, at: column)
    case .end: throw mistake("the expression ends where a value is expected", at: column)
    case .symbol(let symbol): throw mistake("expected a value, not `\(symbol)`", at: column)
    }
  }

  private mutating func named(_ name: String, at column: Int) throws(Expression.Mistake) -> Expression.Node {
    switch name {
    case "true": return .literal(.bool(true))
    case "false": return .literal(.bool(false))
    case "null": return .literal(.null)
    case "undefined": throw mistake("a missing path is asked for with `has(path)`", at: column)
    case "not": throw mistake("write `!` for not", at: column)
    default: break
    }
    if lexer.next == .symbol("(") { return try call(name, at: column) }
    if name == "has" || name == "len" { throw mistake("expected `(` and a path after `\(name)`") }
    let (root, steps) = try path(name, at: column)
    return .path(root, steps)
  }

  /// `["a.b"]`: a member of the event whose name is no identifier. Events have none: a mistake that says so.
  private func bare() throws(Expression.Mistake) -> Expression.Node {
    throw mistake("a path begins with a name: `data[\"a.b\"]`, `state[\"a.b\"]`")
  }

  private mutating func call(_ name: String, at column: Int) throws(Expression.Mistake) -> Expression.Node {
    guard name == "has" || name == "len" else {
      throw mistake("there is no function `\(name)`: only `has(path)` and `len(path)`", at: column)
    }
    try lexer.expect("(")
    let start = lexer.column
    let (root, steps) = try path(try lexer.name("a path"), at: start)
    try lexer.expect(")")
    return name == "has" ? .has(root, steps) : .length(root, steps)
  }

  private mutating func path(_ name: String, at column: Int) throws(Expression.Mistake) -> (
    Expression.Root, [PathStep]
  ) {
    var steps: [PathStep] = []
    let root = Expression.Root(rawValue: name)
    if root == nil { steps.append(.member(name)) }
    try lexer.steps(into: &steps)
    if (root ?? .event) == .event, case .member(let first)? = steps.first,
      !ExpressionScope.eventMembers.contains(first)
    {
      throw mistake(
        "an event has no member `\(first)`: write `data.\(first)` or `state.\(first)`; its members are "
          + ExpressionScope.eventMembers.joined(separator: " "), at: column)
    }
    return (root ?? .event, steps)
  }
}
