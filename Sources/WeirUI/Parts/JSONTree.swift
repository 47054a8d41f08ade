import WeirCells
import WeirCore
import WeirReplay

/// A JSON value as foldable lines: the payload with its brackets, or a state without them.
struct JSONTree: Sendable, Equatable {
  enum Style: Sendable { case json, plain }

  struct Line: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
      case leaf
      /// A container's first line, with the number of its children.
      case open(Int)
      case folded(Int)
      /// The bracket that closes a container.
      case close
      /// So many lines more than are shown.
      case rest
    }

    var depth: Int
    var path: StatePath
    /// The member's name or the element's index; nil at the root.
    var label: String?
    /// A leaf's text, a container's brackets.
    var text: String
    var role: Role
    var kind: Kind
    /// Not the last of its siblings: JSON puts a comma.
    var hasComma = false
    /// Columns that the labels of its siblings take.
    var labelWidth = 0

    var isContainer: Bool {
      switch kind {
      case .open, .folded: true
      default: false
      }
    }
  }

  let style: Style
  private(set) var value: JSONValue = .null
  private(set) var lines: [Line] = []
  var folded: Set<StatePath> = []
  var position = ListPosition()

  /// A huge state must not make every key press slow; what is beyond is counted on the last line.
  static let lineLimit = 20_000
  /// Characters of one leaf that are kept for showing.
  static let textLimit = 4_096
  /// Containers with more children than this start folded, except at the root.
  static let crowd = 100
  /// Deeper nodes start folded.
  static let startDepth = 6
  static let labelLimit = 18

  init(style: Style) { self.style = style }

  var selectedLine: Line? { lines.indices.contains(position.selected) ? lines[position.selected] : nil }

  /// Shows another value. Folds and the selected path stay, so that stepping through a state keeps the eye
  /// where it is; `fresh` forgets them.
  mutating func show(_ value: JSONValue, visible: Int, fresh: Bool = false) {
    let path = fresh ? nil : selectedLine?.path
    self.value = value
    if fresh {
      folded = []
      position = ListPosition()
      JSONTree.foldCrowds(value, at: [], into: &folded)
    }
    rebuild()
    if let path { select(path, visible: visible) }
    position.select(position.selected, count: lines.count, visible: visible)
  }

  mutating func select(_ path: StatePath, visible: Int) {
    guard let index = lines.firstIndex(where: { $0.path == path && $0.kind != .close }) else { return }
    position.select(index, count: lines.count, visible: visible)
  }

  private static func foldCrowds(_ value: JSONValue, at path: [PathStep], into folded: inout Set<StatePath>) {
    let children = value.children
    guard !children.isEmpty else { return }
    if !path.isEmpty, children.count > crowd || path.count >= startDepth {
      folded.insert(StatePath(path))
      return
    }
    for (step, child) in children.prefix(lineLimit) { foldCrowds(child, at: path + [step], into: &folded) }
  }

  mutating func toggle(visible: Int) {
    guard let line = selectedLine, line.isContainer || line.kind == .close else { return }
    setFolded(!folded.contains(line.path), line.path, visible: visible)
  }

  mutating func expand(visible: Int) {
    guard let line = selectedLine else { return }
    switch line.kind {
    case .folded: setFolded(false, line.path, visible: visible)
    case .open: position.move(by: 1, count: lines.count, visible: visible)
    default: break
    }
  }

  /// Folds the node, or goes to its parent. False at a root that has nothing to fold.
  mutating func collapse(visible: Int) -> Bool {
    guard let line = selectedLine else { return false }
    if case .open = line.kind, !line.path.steps.isEmpty {
      setFolded(true, line.path, visible: visible)
      return true
    }
    guard !line.path.steps.isEmpty else { return false }
    let parent = line.kind == .close ? line.path : StatePath(Array(line.path.steps.dropLast()))
    guard style == .json || !parent.steps.isEmpty else { return false }
    select(parent, visible: visible)
    return true
  }

  mutating func toggleAll(visible: Int) {
    let paths = lines.filter { $0.isContainer && $0.path.steps.count == 1 }.map(\.path)
    let isOpen = paths.contains { !folded.contains($0) }
    let selected = selectedLine?.path
    folded = isOpen ? Set(paths) : []
    rebuild()
    if let selected, let top = selected.steps.first { select(StatePath([top]), visible: visible) }
    position.select(position.selected, count: lines.count, visible: visible)
  }

  private mutating func setFolded(_ fold: Bool, _ path: StatePath, visible: Int) {
    if fold { folded.insert(path) } else { folded.remove(path) }
    rebuild()
    select(path, visible: visible)
    position.select(position.selected, count: lines.count, visible: visible)
  }

  /// Opens everything above a path, so that it has a line.
  mutating func unfold(to path: StatePath) {
    for count in 0..<path.steps.count { folded.remove(StatePath(Array(path.steps.prefix(count)))) }
    rebuild()
  }

  private mutating func rebuild() {
    var builder = JSONLines(style: style, folded: folded)
    builder.add(value)
    lines = builder.finished()
  }
}

extension JSONValue {
  /// Members or elements with the step that leads to each; empty for a leaf.
  var children: [(step: PathStep, value: JSONValue)] {
    switch self {
    case .object(let members): members.map { (.member($0.name), $0.value) }
    case .array(let elements): elements.enumerated().map { (.index($0.offset), $0.element) }
    default: []
    }
  }
}

extension JSONTree {
  /// Selects the next line whose name or value holds the text; false when there is none.
  mutating func search(_ text: String, forward: Bool, visible: Int) -> Bool {
    let needle = Needle(text)
    let count = lines.count
    for distance in 1...max(1, count) {
      let index =
        (position.selected + (forward ? distance : count - distance % max(1, count))) % max(1, count)
      guard lines.indices.contains(index) else { continue }
      if needle.isIn((lines[index].label ?? "").utf8) || needle.isIn(lines[index].text.utf8) {
        position.select(index, count: count, visible: visible)
        return true
      }
    }
    return false
  }
}
