import WeirCells

/// The palette and the help screen are both views of the key table.
extension AppState {
  mutating func openPalette() {
    overlay = .palette(Palette())
    fillPalette()
  }

  mutating func fillPalette() {
    guard case .palette(var palette)? = overlay else { return }
    let query = palette.input.text
    var seen: Set<Action> = []
    var ranked: [(score: Int, entry: Palette.Entry)] = []
    for scope in scopes {
      for binding in environment.keymap.bindings
      where binding.scope == scope && !seen.contains(binding.action) {
        seen.insert(binding.action)
        guard binding.action != .palette else { continue }
        var entry = Palette.Entry(
          action: binding.action, help: binding.help,
          keys: environment.keymap.keys(of: binding.action, in: scopes))
        guard let match = Fuzzy.match(query, in: "\(binding.action.rawValue)  \(binding.help)") else {
          continue
        }
        entry.matched = match.places
        entry.refusal = refusal(of: binding.action)
        ranked.append((match.score, entry))
      }
    }
    // Equal scores keep the table's order: what concerns this pane comes first.
    let order = ranked.indices.sorted { (-ranked[$0].score, $0) < (-ranked[$1].score, $1) }
    palette.entries = order.map { ranked[$0].entry }
    palette.position = ListPosition()
    overlay = .palette(palette)
  }

  mutating func openHelp() {
    overlay = .help(Help())
    fillHelp()
  }

  mutating func fillHelp() {
    guard case .help(var help)? = overlay else { return }
    let terms = NameFilter(help.input.text)
    help.lines = []
    var shadowed: Set<String> = []
    for scope in scopes {
      var lines: [Help.Line] = []
      for binding in environment.keymap.bindings where binding.scope == scope {
        let keys = binding.keys.filter { !shadowed.contains($0) }
        guard !keys.isEmpty else { continue }
        let shown = keys.map(Keymap.shown).joined(separator: " ")
        guard terms.matches("\(shown) \(binding.help) \(binding.action.rawValue)") else {
          continue
        }
        lines.append(.key(keys: shown, help: binding.help, name: binding.action.rawValue))
      }
      shadowed.formUnion(environment.keymap.bindings.filter { $0.scope == scope }.flatMap(\.keys))
      guard !lines.isEmpty else { continue }
      if !help.lines.isEmpty { help.lines.append(.blank) }
      help.lines.append(.heading(scope.title))
      help.lines += lines
    }
    help.position = ListPosition()
    overlay = .help(help)
  }
}

/// Matching what was typed against a longer text: its characters in order, in any case.
enum Fuzzy {
  /// nil when a character is missing. Higher scores are better: beginnings of words and runs count more.
  static func match(_ query: String, in text: String) -> (score: Int, places: [Int])? {
    let wanted = query.lowercased().filter { $0 != " " }
    guard !wanted.isEmpty else { return (0, []) }
    let characters = Array(text.lowercased())
    var places: [Int] = []
    var score = 0
    var index = 0
    for character in wanted {
      guard let start = (index..<characters.count).first(where: { characters[$0] == character }) else {
        return nil
      }
      // A word's beginning further on is more likely meant than a letter inside a word.
      let word = (start..<characters.count).first {
        characters[$0] == character && ($0 == 0 || !characters[$0 - 1].isLetter)
      }
      let follows = places.last.map { $0 + 1 == start } ?? false
      let place =
        follows ? start : word.flatMap { rest($0, of: wanted, after: places.count, in: characters) } ?? start
      score += follows ? 6 : place == 0 || !characters[place - 1].isLetter ? 4 : 1
      score -= min(3, (place - index) / 8)
      places.append(place)
      index = place + 1
    }
    return (score, places)
  }

  /// The place, if the rest of the query still fits behind it.
  private static func rest(_ place: Int, of wanted: String, after count: Int, in text: [Character]) -> Int? {
    var index = place
    for character in wanted.dropFirst(count) {
      guard let found = (index..<text.count).first(where: { text[$0] == character }) else { return nil }
      index = found + 1
    }
    return place
  }
}
