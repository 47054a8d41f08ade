import WeirCells

/// Where a key means something. A pane looks in its own scope first, then in the wider ones.
package enum Scope: String, CaseIterable, Sendable {
  case streams, events, inspector
  case timeline, tree, lanes
  case browse, replay
  case lists
  case everywhere

  package var title: String {
    switch self {
    case .streams: "Streams"
    case .events: "Events"
    case .inspector: "Inspector"
    case .timeline: "Events of the replay"
    case .tree: "State and changes"
    case .lanes: "Lanes"
    case .browse: "Browse"
    case .replay: "Replay"
    case .lists: "Lists"
    case .everywhere: "Everywhere"
    }
  }
}

/// What must be there for a key to work. When it is not, the key says so instead of doing nothing.
enum Need: Sendable {
  case event, log, aggregate, field, findings, marks, search
  /// A line of a tree that has something below it; a tree that has something to fold.
  case node, tree
}

/// One line of the key table.
struct Binding: Sendable, Equatable {
  var scope: Scope
  /// Key names as `Key` reads them.
  var keys: [String]
  var action: Action
  /// What it does, for help and palette; starts in lower case.
  var help: String
  /// A word or two for the hint line; nil: not shown there.
  var hint: String?
  /// Shown in the hint line together with this opposite: "← → step".
  var pair: Action?
  var needs: Need?

  init(
    _ scope: Scope, _ keys: [String], _ action: Action, _ help: String, hint: String? = nil,
    pair: Action? = nil,
    needs: Need? = nil
  ) {
    self.scope = scope
    self.keys = keys
    self.action = action
    self.help = help
    self.hint = hint
    self.pair = pair
    self.needs = needs
  }
}

/// The key table with the user's changes.
package struct Keymap: Sendable {
  private(set) var bindings: [Binding]

  /// `overrides`: `action` or `scope.action` to key names, from the configuration; the keys given
  ///   replace the built-in ones.
  /// In `mistakes`: a sentence for each override that means nothing; all others count.
  package init(overrides: [String: [String]] = [:], mistakes: inout [String]) {
    bindings = KeyTable.all
    for (name, keys) in overrides.sorted(by: { $0.key < $1.key }) {
      let parts = name.split(separator: ".", maxSplits: 1)
      let scope = parts.count == 2 ? Scope(rawValue: String(parts[0])) : nil
      guard let action = Action(rawValue: String(parts.last ?? "")), parts.count == 1 || scope != nil else {
        mistakes.append("keys: there is no action “\(name)”; `weir config keys` lists them")
        continue
      }
      let unknown = keys.filter { Key($0) == nil }
      guard unknown.isEmpty else {
        mistakes.append(
          "keys: \(name): no key is called \(unknown.map { "“\($0)”" }.joined(separator: ", "))")
        continue
      }
      for index in bindings.indices
      where bindings[index].action == action && (scope == nil || Keymap.covers(scope, bindings[index].scope))
      {
        bindings[index].keys = keys
      }
    }
  }

  package init() {
    var none: [String] = []
    self.init(mistakes: &none)
  }

  /// `[keys.replay]` and `[keys.browse]` mean the panes of those screens as well.
  private static func covers(_ named: Scope?, _ scope: Scope) -> Bool {
    switch named {
    case .replay: [.replay, .timeline, .tree, .lanes].contains(scope)
    case .browse: [.browse, .streams, .events, .inspector].contains(scope)
    default: named == scope
    }
  }

  /// The binding of a key, looked up in the given scopes in turn.
  func binding(for key: Key, in scopes: [Scope]) -> Binding? {
    for scope in scopes {
      if let found = bindings.first(where: { $0.scope == scope && $0.keys.contains { Key($0) == key } }) {
        return found
      }
    }
    return nil
  }

  /// The keys of an action as shown to a person, seen from the given scopes.
  func keys(of action: Action, in scopes: [Scope]) -> [String] {
    for scope in scopes {
      if let found = bindings.first(where: { $0.scope == scope && $0.action == action }), !found.keys.isEmpty
      {
        return found.keys.map(Keymap.shown)
      }
    }
    return []
  }

  /// `Ctrl-P`, `⇧←`, `Enter`: a key's name as help and hints print it.
  static func shown(_ name: String) -> String {
    switch name {
    case "left": return "←"
    case "right": return "→"
    case "up": return "↑"
    case "down": return "↓"
    case "shift-left": return "⇧←"
    case "shift-right": return "⇧→"
    case "escape": return "Esc"
    case "pageup": return "PgUp"
    case "pagedown": return "PgDn"
    case "shift-tab": return "⇧Tab"
    case "enter", "tab", "space", "home", "end": return name.prefix(1).uppercased() + name.dropFirst()
    default:
      if name.hasPrefix("ctrl-") { return "Ctrl-" + name.dropFirst(5).uppercased() }
      if name.hasPrefix("f"), name.utf8.count > 1 { return name.uppercased() }
      return name
    }
  }

  /// Every binding as the configuration names it: `[keys.TABLE]`, action, key names, what it does.
  package var documented: [(table: String, action: String, keys: [String], help: String)] {
    bindings.map { ($0.scope.rawValue, $0.action.rawValue, $0.keys, $0.help) }
  }

  /// The README's list of keys, in Markdown.
  package func markdown() -> String {
    var out = ""
    for scope in [Scope.lists, .streams, .events, .inspector, .replay, .timeline, .tree, .everywhere] {
      let lines = bindings.filter { $0.scope == scope && !$0.keys.isEmpty }
      guard !lines.isEmpty else { continue }
      out += "\n**\(scope.title)**\n\n| keys | does | name |\n| --- | --- | --- |\n"
      for line in lines {
        let keys = line.keys.map { "`" + Keymap.shown($0) + "`" }.joined(separator: " ")
        out += "| \(keys) | \(line.help) | `\(line.action.rawValue)` |\n"
      }
    }
    return String(out.dropFirst())
  }
}
