import WeirCells
import WeirCore

/// The About tab: what is known about the log on the screen and its source: guesses as guesses, what was
/// deleted, hidden or could not be read.
extension AppState {
  /// Partitions and damaged places that are listed one by one.
  private static let listed = 200

  func aboutLines(width: Int) -> [TextLine] {
    guard let log = browse.events?.log ?? selectedLog, sources.indices.contains(log.source) else {
      return [TextLine("nothing is selected", .muted)]
    }
    let source = sources[log.source]
    var lines: [TextLine] = []
    func add(_ name: String, _ value: String?, _ role: Role = .text) {
      guard let value else { return }
      lines.append(TextLine(pieces: [(TextWidth.pad(name, to: 9) + "  ", .member), (value, role)]))
    }
    add("source", source.path)
    add(
      "format",
      source.about.map { "\($0.format), \($0.kind == .stream ? "an event stream" : "an event store")" })
    for note in source.about?.notes ?? [] { lines += sentence(note, width) }
    let entries = source.streams?.entries(of: log.stream) ?? []
    if !log.stream.name.isEmpty {
      lines.append(TextLine(""))
      add(entries.contains { $0.stream.partition != nil } ? "topic" : "stream", log.stream.name, .path)
      if let key = log.stream.key { add("key", StoredEvent.keyText(key), .path) }
      for entry in entries.prefix(Self.listed) { lines += about(entry, width) }
    }
    for note in source.streams?.catalog.notes ?? [] { lines += sentence(note, width) }
    lines += aboutDamage(source, width)
    return lines
  }

  private func sentence(_ text: String, _ width: Int, _ role: Role = .muted) -> [TextLine] {
    let isGuess = text.contains("guess")
    return TextLine.wrapped(text, width: max(10, width - 11), role: isGuess ? .guess : role).map { line in
      TextLine(pieces: [(String(repeating: " ", count: 11), .text)] + line.pieces)
    }
  }

  private func about(_ entry: CatalogEntry, _ width: Int) -> [TextLine] {
    var pieces: [(text: String, role: Role)] = []
    if let partition = entry.stream.partition {
      pieces.append((TextWidth.pad("partition \(partition)", to: 13), .member))
    }
    let count: String =
      switch entry.count {
      case .exact(let number): NumberText.count(number, "event")
      case .atMost(let number, let why): "at most \(NumberText.count(number, "event")): \(why)"
      case .unknown(let why): "not counted: \(why)"
      }
    if let first = entry.first, let last = entry.last {
      pieces.append(("\(NumberText.position(first)) … \(NumberText.position(last))  ", .position))
    }
    pieces.append((count, .text))
    if let bytes = entry.bytes { pieces.append((", " + NumberText.bytes(bytes), .size)) }
    if let first = entry.firstTime, let last = entry.lastTime {
      pieces.append(("  \(clock.full(first, digits: 0)) … \(clock.full(last, digits: 0))", .time))
    }
    return [TextLine(pieces: pieces)] + entry.notes.flatMap { sentence($0, width, .warning) }
  }

  private func aboutDamage(_ source: SourceState, _ width: Int) -> [TextLine] {
    let damage = source.streams?.catalog.damage.filter { $0.kind != .zeroTail } ?? []
    guard !damage.isEmpty else { return [] }
    var lines = [TextLine("")]
    for piece in damage.prefix(Self.listed) {
      let sign = piece.kind == .corrupt ? "✗ " : "· "
      let role: Role = piece.kind == .corrupt ? .damage : .warning
      lines += TextLine.wrapped(sign + piece.description, width: width, role: role)
    }
    if damage.count > Self.listed {
      lines.append(TextLine("and \(NumberText.grouped(damage.count - Self.listed)) more", .damage))
    }
    return lines
  }
}
