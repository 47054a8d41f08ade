import Support
import Testing
import WeirCells
import WeirCore

@testable import WeirUI

/// The key table against everything that is made from it.
@Suite struct KeymapTests {
  @Test func everyActionHasAKeyAndAName() {
    for action in Action.allCases {
      let bound = KeyTable.all.filter { $0.action == action }
      #expect(!bound.isEmpty, "\(action.rawValue) cannot be reached")
      for binding in bound {
        #expect(!binding.keys.isEmpty && !binding.help.isEmpty)
        for key in binding.keys { #expect(Key(key)?.name == key, "\(key)") }
      }
    }
  }

  @Test func noKeyMeansTwoThingsInOnePlace() {
    for scope in Scope.allCases {
      var seen: [String: Action] = [:]
      for binding in KeyTable.all where binding.scope == scope {
        for key in binding.keys {
          #expect(
            seen[key] == nil, "\(key) in \(scope) is \(seen[key]?.rawValue ?? "") and \(binding.action)")
          seen[key] = binding.action
        }
      }
    }
  }

  /// `[ ] { }` are awkward on keyboards that need AltGr for them.
  @Test func bracketsHaveSecondKeys() {
    for binding in KeyTable.all {
      for (bracket, other) in [("[", ","), ("]", "."), ("{", "<"), ("}", ">")]
      where binding.keys.contains(bracket) {
        #expect(binding.keys.contains(other), "\(binding.scope) \(bracket)")
      }
    }
  }

  @Test func readmeListsTheKeys() {
    Golden.expect(section: "keys", of: "README.md", "\n" + Keymap().markdown())
  }

  @Test func theListIsWhole() {
    let list = Keymap().markdown()
    for binding in KeyTable.all {
      #expect(list.contains("| \(binding.help) | `\(binding.action.rawValue)` |"), "\(binding.help)")
      for key in binding.keys { #expect(list.contains("`\(Keymap.shown(key))`")) }
    }
  }

  /// Help of a pane, line by line: each key that it shows does, in that pane, what the line says.
  @Test(arguments: Place.allCases) func helpIsWhatKeysDo(place: Place) throws {
    let app = try place.app().press("?")
    let lines = helpLines(app)
    #expect(lines.count > 10)
    let scopes = app.state.scopes
    let keymap = app.state.environment.keymap
    for (keys, help, name) in lines {
      for shown in keys.split(separator: " ") {
        let names = Set(KeyTable.all.flatMap(\.keys)).filter { Keymap.shown($0) == shown }
        #expect(!names.isEmpty, "help shows a key that is none: \(shown)")
        for key in names {
          let bound = Key(key).flatMap { keymap.binding(for: $0, in: scopes) }
          #expect(bound?.action.rawValue == name && bound?.help == help, "\(place) \(shown): \(help)")
        }
      }
    }
    // And nothing that works is kept quiet.
    let told = Set(lines.map(\.name))
    for scope in scopes {
      for binding in KeyTable.all where binding.scope == scope {
        let works = binding.keys.contains { key in
          Key(key).flatMap { keymap.binding(for: $0, in: scopes) } == binding
        }
        #expect(!works || told.contains(binding.action.rawValue), "\(place) \(binding.action.rawValue)")
      }
    }
  }

  /// Every key that a pane's help shows does something there: other work, or another screen. A key that is
  /// refused says why, which is another screen as well.
  @Test(arguments: Place.allCases) func noKeyDoesNothing(place: Place) throws {
    let app = try place.app()
    let before = app.state
    let scopes = before.scopes
    let keys = Set(
      before.environment.keymap.bindings.filter { scopes.contains($0.scope) }.flatMap(\.keys))
    for name in keys.sorted() {
      guard let key = Key(name), let binding = before.environment.keymap.binding(for: key, in: scopes) else {
        continue
      }
      var after = before
      let effects = update(&after, .input(.key(key)))
      let seen = view(after, size: after.size) != view(before, size: before.size)
      #expect(seen || !effects.isEmpty, "\(place): \(name) (\(binding.help)) does nothing")
    }
  }

  /// The hints in the bottom line are keys that work now.
  @Test(arguments: Place.allCases) func hintsWork(place: Place) throws {
    let app = try place.app()
    let hints = KeyTable.all.filter { app.state.scopes.contains($0.scope) && $0.hint != nil }
    #expect(!hints.isEmpty)
    for binding in hints {
      guard let hint = binding.hint, app.bottom.contains(" \(hint) ") else { continue }
      #expect(app.state.refusal(of: binding.action) == nil, "\(place): \(hint)")
    }
  }

  @Test func overridesReplaceKeys() {
    var mistakes: [String] = []
    let keymap = Keymap(
      overrides: ["replay.next-change": ["c"], "zoom": ["Z"], "nonsense": ["x"], "find": ["no-key"]],
      mistakes: &mistakes)
    #expect(keymap.binding(for: .character("c"), in: [.replay])?.action == .nextChange)
    #expect(keymap.binding(for: .character("]"), in: [.replay]) == nil)
    #expect(keymap.binding(for: .character("Z"), in: [.everywhere])?.action == .zoom)
    #expect(keymap.binding(for: .character("i"), in: [.everywhere])?.action == .find)
    #expect(mistakes.count == 2)
    #expect(mistakes.contains { $0.contains("nonsense") } && mistakes.contains { $0.contains("no-key") })
  }
}

/// All lines of the help that is open.
private func helpLines(_ app: Driver) -> [(keys: String, help: String, name: String)] {
  guard case .help(let help)? = app.state.overlay else { return [] }
  return help.lines.compactMap { line in
    if case .key(let keys, let text, let name) = line { (keys, text, name) } else { nil }
  }
}

/// Each pane in a state in which all of its keys have something to do: in the middle of lists, with a search,
/// a filter, marks and findings.
enum Place: CaseIterable {
  case streams, events, inspector, timeline, state, changes, lanes

  func app() throws -> Driver {
    switch self {
    case .streams: return drive(.demo).press("2*down tab f").type("size > 0").press("enter shift-tab")
    case .events: return try browse()
    case .inspector: return try browse().press("tab 5*down")
    case .timeline: return replay()
    case .state: return replay().press("tab").press("g 4*down")
    case .changes: return replay().press("2*tab down")
    case .lanes: return replay().press("3*tab down")
    }
  }

  /// An event in the middle of a stream, found by a search; a filter; a payload longer than its pane.
  private func browse() throws -> Driver {
    let folder = try TemporaryFolder()
    let items = (0..<40).map { #"{"sku":"S-\#($0)","n":\#($0)}"# }.joined(separator: ",")
    let lines = (0..<80).map { n in
      #"{"stream":"Order-1","type":"Placed","id":"id-\#(n)","time":"2025-01-02T03:04:\#(10 + n % 50)Z","#
        + #""data":{"number":\#(n),"items":[\#(items)],"last":true}}"#
    }
    try folder.write("orders.ndjson", lines.joined(separator: "\n") + "\n")
    let app = drive(.files(["orders.ndjson"], in: folder))
    app.press("f").type("size > 0").press("enter t").type("40").press("enter")
    return app.press("/").type("sku").press("enter")
  }

  /// Past some broken invariants, with two marks and a search.
  private func replay() -> Driver {
    let app = drive(Story.replayNatively())
    app.press("m a 1 8 0 G m b /").type("note").press("enter")
    if self == .changes { app.press("1 G") }
    return app
  }
}

extension Story {
  /// The account in Replay with a built-in fold: no JavaScript needed.
  static func replayNatively() -> Story { replay(fold: "by-type") }
}
