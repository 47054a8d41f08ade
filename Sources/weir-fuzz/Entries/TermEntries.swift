import CToml
import WeirCells
import WeirCore
import WeirTerminal

extension Entry {
  /// What a person types: expressions, paths, times, patterns.
  static let query = Entry(name: "query") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    if let expression = try? Expression(parsing: text) {
      for root in Expression.Root.allCases { _ = expression.paths(of: root) }
      _ = expression.holds(event: nil, state: TermEntries.state)
      _ = expression.value(event: TermEntries.event, state: TermEntries.state, before: .emptyObject)
    }
    if let path = try? PathText.parse(text) {
      guard (try? PathText.parse(PathText.text(path))) == path else { fail("a path printed is another") }
    }
    let now = Instant(seconds: 1_736_000_000)
    if let time = TimePhrase.parse(text, zone: .utc, now: now) { _ = TimeText.rfc3339(time) }
    if let number = ExactNumber(text) { _ = ExactNumber.combine(number, "*", number) }
    if let pattern = try? RegularExpression(text) {
      _ = pattern.matches("Deposited 12.50 to Account-19b6554d")
    }
    _ = Base64.decode(text)
  }

  /// Text on its way to the screen, and what a terminal sends.
  static let cells = Entry(name: "cells") { bytes in
    let text = String(decoding: bytes, as: UTF8.self)
    let width = TextWidth.width(of: text)
    for room in [0, 1, 2, 7, 40] {
      if TextWidth.width(of: TextWidth.clip(text, to: room, ellipsis: true)) > room {
        fail("clipped, too wide")
      }
      var grid = CellGrid(Size(columns: max(room, 1), rows: 2))
      if grid.put(text, at: Point(x: 0, y: 0), limit: room, ellipsis: true) > room {
        fail("put beyond its room")
      }
      if grid.rowText(1).contains(where: { $0 != " " }) { fail("written into another row") }
    }
    TextWidth.forEachGlyph(in: text) { glyph in
      let isVisible = glyph.base >= 0x20 && !(0x7F..<0xA0).contains(glyph.base)
      if !isVisible { fail("a control character on the screen") }
      return true
    }
    if TextWidth.width(of: TextWidth.pad(text, to: width + 3)) != width + 3 {
      fail("padded to another width")
    }
    var sequence = EscapeSequence()
    for scalar in text.unicodeScalars where sequence.next(scalar) != .more { sequence = EscapeSequence() }
    _ = sequence.cutShort()
  }

  /// Themes, configuration.
  static let settings = Entry(name: "settings") { bytes in
    let parsed = Theme.parse(String(decoding: bytes, as: UTF8.self), name: "fuzz") { _ in Theme.builtIn }
    _ = parsed.mistakes.map(\.description)
    var message = [CChar](repeating: 0, count: 512)
    var (line, column): (Int32, Int32) = (0, 0)
    let text = bytes.bindMemory(to: CChar.self)
    weir_toml_read(text.baseAddress, text.count, nil, { _, _, _, _, _, _ in }, &message, 512, &line, &column)
  }
}

private enum TermEntries {
  static let state =
    (try? JSONParser.parse(Array(#"{"balance":-5,"owner":{"name":"x"},"notes":["a"]}"#.utf8)))

  static let event: StoredEvent = {
    var event = StoredEvent(
      source: "s", stream: "Account-1", position: Position(signed: 5), positionText: "5")
    event.type = "Deposited"
    event.data = .json(Array(#"{"cents":1250,"to":"Account-2"}"#.utf8))
    return event
  }()
}
