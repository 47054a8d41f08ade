import WeirCells
import WeirCore

/// What lies over a screen and takes all keys while it is there.
enum Overlay: Sendable {
  case prompt(Prompt)
  case palette(Palette)
  case help(Help)
  case menu(Menu)
  case hits(HitList)
}

/// One line being typed: text, cursor, editing keys.
struct LineInput: Sendable, Equatable {
  private(set) var characters: [Character] = []
  /// Characters before the cursor.
  private(set) var cursor = 0
  /// More is not meant for one line.
  static let limit = 4_096

  init(_ text: String = "") { set(text) }

  var text: String { String(characters) }
  var isEmpty: Bool { characters.isEmpty }

  mutating func set(_ text: String) {
    characters = Array(text.prefix(LineInput.limit))
    cursor = characters.count
  }

  /// Line breaks of pasted text become spaces.
  mutating func insert(_ text: String) {
    let fresh = text.prefix(LineInput.limit - min(LineInput.limit, characters.count)).map {
      $0.isNewline || $0 == "\t" ? " " : $0
    }
    characters.insert(contentsOf: fresh, at: cursor)
    cursor += fresh.count
  }

  /// Editing keys as in any shell. True when the text changed, nil when the key is none of them.
  mutating func edit(_ key: Key) -> Bool? {
    switch key {
    case .character(let character): insert(String(character))
    case .backspace:
      guard cursor > 0 else { return false }
      characters.remove(at: cursor - 1)
      cursor -= 1
    case .delete, .control("d"):
      guard cursor < characters.count else { return false }
      characters.remove(at: cursor)
    case .control("u"):
      characters.removeSubrange(0..<cursor)
      cursor = 0
    case .control("k"): characters.removeSubrange(cursor...)
    case .control("w"): eraseWord()
    default: return move(key) ? false : nil
    }
    return true
  }

  private mutating func move(_ key: Key) -> Bool {
    switch key {
    case .left, .control("b"): cursor = max(0, cursor - 1)
    case .right, .control("f"): cursor = min(characters.count, cursor + 1)
    case .home, .control("a"): cursor = 0
    case .end, .control("e"): cursor = characters.count
    default: return false
    }
    return true
  }

  private mutating func eraseWord() {
    var start = cursor
    while start > 0, characters[start - 1] == " " { start -= 1 }
    while start > 0, characters[start - 1] != " " { start -= 1 }
    characters.removeSubrange(start..<cursor)
    cursor = start
  }
}

/// A question in the bottom line.
struct Prompt: Sendable {
  enum Kind: String, Hashable, Sendable {
    case search, filter, names, goTo, find, bisect, write, tree

    /// What stands before the text.
    var label: String {
      switch self {
      case .search: "search"
      case .tree: "search here"
      case .filter: "show only events where"
      case .names: "names with"
      case .goTo: "go to"
      case .find: "find anywhere"
      case .bisect: "where did this turn"
      case .write: "write to"
      }
    }

    /// What can be typed, shown while nothing is.
    var example: String {
      switch self {
      case .search: "any text: a type, a key, a part of the payload"
      case .tree: "a name or a value"
      case .filter: "type == \"Deposited\" && data.cents > 1000"
      case .names: "part of a name"
      case .goTo: "2025-09-03 15:00 · yesterday 3pm · -2h · 1403 · 50% · +500"
      case .find: "an order number, a key, an event or correlation id"
      case .bisect: "state.balance < 0"
      case .write: "a file name; nothing is overwritten"
      }
    }
  }

  var kind: Kind
  var input = LineInput()
  /// A mistake, shown under its column (from 1; nil: no particular one).
  var mistake: (column: Int?, text: String)?
  /// What the text would do, as far as known: "keeps 12 of 31 rows".
  var preview: String?
  var generation = 0
  /// Which line of the history is shown, counted back from the newest; 0: what is being typed.
  var historyIndex = 0
  var draft = ""

  init(_ kind: Kind, text: String = "") {
    self.kind = kind
    input.set(text)
  }
}

/// Every action by its long name.
struct Palette: Sendable {
  var input = LineInput()
  var entries: [Entry] = []
  var position = ListPosition()

  struct Entry: Sendable, Equatable {
    var action: Action
    var help: String
    var keys: [String]
    /// Characters of "name  help" that the typed text matched.
    var matched: [Int] = []
    /// Why it does nothing now.
    var refusal: String?
  }
}

/// The keys of the focused pane.
struct Help: Sendable {
  var input = LineInput()
  var lines: [Line] = []
  var position = ListPosition()

  enum Line: Sendable, Equatable {
    case heading(String)
    case key(keys: String, help: String, name: String)
    case blank
  }
}

/// A short list to choose from: what to copy, which fold, which turn.
struct Menu: Sendable {
  enum Purpose: Sendable, Equatable { case folds, turns(String) }

  struct Item: Sendable, Equatable {
    var title: String
    var detail: String
    /// What choosing it means: a fold's name.
    var value: String
    /// The moment a turn leads to.
    var moment: Int?
    var role: Role = .text
  }

  var purpose: Purpose
  var title: String
  var items: [Item] = []
  var position = ListPosition()
  var isReading = false
  var generation = 0
  /// Said while there are no items.
  var emptyText = ""
}
