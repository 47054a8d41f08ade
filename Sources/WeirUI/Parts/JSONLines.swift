import WeirCells
import WeirCore
import WeirReplay

/// Lays a JSON value out as lines.
struct JSONLines {
  private let style: JSONTree.Style
  private let folded: Set<StatePath>
  private var lines: [JSONTree.Line] = []
  private var dropped = 0

  init(style: JSONTree.Style, folded: Set<StatePath>) {
    self.style = style
    self.folded = folded
  }

  mutating func add(_ root: JSONValue) {
    switch root {
    case .object, .array:
      if style == .json {
        add(root, at: [], label: nil, width: 0, comma: false)
      } else if root.children.isEmpty {
        append(JSONLines.leaf(root, at: [], label: nil, width: 0, depth: 0, plain: true))
      } else {
        addChildren(of: root, at: [], depth: 0)
      }
    default: append(JSONLines.leaf(root, at: [], label: nil, width: 0, depth: 0, plain: style == .plain))
    }
  }

  consuming func finished() -> [JSONTree.Line] {
    if dropped > 0 {
      lines.append(
        JSONTree.Line(
          depth: 0, path: StatePath([]), text: "… \(NumberText.grouped(dropped)) more lines: fold something",
          role: .muted,
          kind: .rest))
    }
    return lines
  }

  private mutating func append(_ line: JSONTree.Line) {
    if lines.count < JSONTree.lineLimit { lines.append(line) } else { dropped += 1 }
  }

  /// Nests as deep as `JSONParser.depthLimit` allows, no deeper.
  private mutating func add(
    _ value: JSONValue, at steps: [PathStep], label: String?, width: Int, comma: Bool
  ) {
    let path = StatePath(steps)
    let depth = style == .json ? steps.count : max(0, steps.count - 1)
    let count = value.childCount
    guard count > 0 else {
      var line = JSONLines.leaf(
        value, at: steps, label: label, width: width, depth: depth, plain: style == .plain)
      line.hasComma = comma
      append(line)
      return
    }
    let isArray = value.elements != nil
    let isFolded = folded.contains(path)
    var line = JSONTree.Line(
      depth: depth, path: path, label: label, text: isArray ? "[" : "{", role: .punctuation,
      kind: isFolded ? .folded(count) : .open(count))
    line.labelWidth = width
    line.hasComma = isFolded && comma
    append(line)
    guard !isFolded else { return }
    addChildren(of: value, at: steps, depth: depth + 1)
    guard style == .json else { return }
    var close = JSONTree.Line(
      depth: depth, path: path, text: isArray ? "]" : "}", role: .punctuation, kind: .close)
    close.hasComma = comma
    append(close)
  }

  private mutating func addChildren(of value: JSONValue, at steps: [PathStep], depth: Int) {
    let children = value.children
    let labels = children.prefix(JSONTree.lineLimit).map { JSONLines.label($0.step) }
    let widest = style == .plain ? labels.prefix(200).map { TextWidth.width(of: $0) }.max() ?? 0 : 0
    for (index, child) in children.enumerated() {
      guard index < labels.count, lines.count < JSONTree.lineLimit else {
        dropped += children.count - index
        return
      }
      add(
        child.value, at: steps + [child.step], label: style == .json && isArray(value) ? nil : labels[index],
        width: min(widest, JSONTree.labelLimit), comma: index < children.count - 1)
    }
  }

  private func isArray(_ value: JSONValue) -> Bool { value.elements != nil }

  private static func label(_ step: PathStep) -> String {
    switch step {
    case .member(let name): String(name.prefix(JSONTree.textLimit))
    case .index(let index): String(index)
    }
  }

  private static func leaf(
    _ value: JSONValue, at steps: [PathStep], label: String?, width: Int, depth: Int, plain: Bool
  ) -> JSONTree.Line {
    let (text, role) = leafText(value, plain: plain)
    var line = JSONTree.Line(
      depth: depth, path: StatePath(steps), label: label, text: text, role: role, kind: .leaf)
    line.labelWidth = width
    return line
  }

  /// How a leaf reads, and what it is. Plain: a string without quotes, a number in groups of digits.
  static func leafText(_ value: JSONValue, plain: Bool) -> (String, Role) {
    switch value {
    case .null: return ("null", .null)
    case .bool(let flag): return (flag ? "true" : "false", .keyword)
    case .number(let text): return (plain ? NumberText.grouped(digits: cut(text)) : cut(text), .number)
    case .string(let text):
      guard !plain else { return (text.isEmpty ? "\"\"" : cut(text), .string) }
      var quoted: [UInt8] = []
      JSONText.appendString(cut(text), to: &quoted)
      return (String(decoding: quoted, as: UTF8.self), .string)
    case .array: return ("[]", .punctuation)
    case .object: return ("{}", .punctuation)
    }
  }

  private static func cut(_ text: String) -> String {
    text.utf8.count <= JSONTree.textLimit ? text : String(text.prefix(JSONTree.textLimit)) + "…"
  }
}

extension JSONValue {
  var childCount: Int {
    switch self {
    case .object(let members): members.count
    case .array(let elements): elements.count
    default: 0
    }
  }
}
