/// NDJSON, JSON arrays and CloudEvents, from a file (plain, gzip, zstd) or standard input.
///
/// | container | recognised by | position |
/// |---|---|---|
/// | NDJSON, JSON Lines (also RFC 7464) | the first line is one whole JSON object | line number, from 1 |
/// | JSON array | the first character is `[` | index, from 0 |
/// | object with an array (`{"events":[…]}`) | an array of objects one level down | index, from 0 |
/// | JSON values over several lines | the first line is no whole object | line it begins on, from 1 |
///
/// A CloudEvent may stand in any of them. Everything is UTF-8.
final class TextSource: Source {
  let about: SourceAbout
  private let layout: any TextLayout
  private let file: TextFile

  init(path: String, _ spooled: Spool.Result, options: ReadOptions) throws(Fault) {
    let (layout, shape) = try TextSource.layout(of: spooled.bytes)
    let label = path == "-" ? "-" : String(path.split(separator: "/").last ?? "")
    file = TextFile(
      label: label, path: path, ownStream: label, pieceName: shape == .elements ? "element" : "line",
      countsFromZero: shape == .elements, mapper: EventMapper(rules: options.mapping, kind: .line),
      ending: spooled.damage)
    self.layout = layout
    var found = spooled.notes
    let log = TextLog(stream: .everything, layout: layout, file: file)
    var batch = EventBatch()
    _ = try log.read(Cursor(.start), .forward, count: 1, into: &batch, Work())
    var format = shape == .elements ? "json" : "ndjson"
    if !batch.records.isEmpty {
      let first = log.event(0, of: batch)
      let traces = file.mapper.explain(first)
      if traces.contains(where: { $0.contains("CloudEvent") }) { format = "cloudevents" }
      found += traces.map { "first event: \($0)" }
    }
    about = SourceAbout(label: label, address: path, kind: .store, format: format, notes: found)
  }

  private enum Shape { case lines, elements, concatenated }

  private static func layout(of bytes: any ByteSource) throws(Fault) -> (any TextLayout, Shape) {
    let head = try bytes.bytes(at: 0, count: 65_536)
    guard
      let first = head.firstIndex(where: {
        !JSONReader.isBlank($0) && ![0xEF, 0xBB, 0xBF, 0x1E].contains($0)
      })
    else {
      return (LineLayout(bytes), .lines)
    }
    if head[first] == UInt8(ascii: "["), !isBrokenFirstLine(head[first...]) {
      return (ElementLayout(bytes, shape: .array, start: UInt64(first)), .elements)
    }
    let end = head[first...].firstIndex(of: 0x0A)
    let firstLine = Array(head[first..<(end ?? head.count)])
    let next = end.flatMap { head[($0 + 1)...].first { !JSONReader.isBlank($0) } }
    if isWholeObject(firstLine)
      || (end == nil && head.count == 65_536 && arrayMember(head, from: first) == nil)
    {
      return (LineLayout(bytes), .lines)
    }
    if let array = arrayMember(head, from: first) {
      // Lists in every line, one below the other, are events of their own.
      if next == UInt8(ascii: "{"), JSONText.validate(firstLine) { return (LineLayout(bytes), .lines) }
      return (ElementLayout(bytes, shape: .member, start: UInt64(array)), .elements)
    }
    // A first line that is not whole: one object over several lines, unless the second line begins a new one.
    if let end, next == UInt8(ascii: "{"), !head[first..<end].elementsEqual([UInt8(ascii: "{")]) {
      return (LineLayout(bytes), .lines)
    }
    return (ElementLayout(bytes, shape: .concatenated, start: 0), .concatenated)
  }

  /// A `[` that only damage put there: the line neither goes on nor ends the array, and the next one is an
  /// event of its own.
  private static func isBrokenFirstLine(_ head: ArraySlice<UInt8>) -> Bool {
    let lines = head.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: true)
    guard lines.count > 1, let last = lines[0].last(where: { !JSONReader.isBlank($0) }) else { return false }
    return last == UInt8(ascii: "}") && isWholeObject(Array(lines[1]))
  }

  private static func isWholeObject(_ text: [UInt8]) -> Bool {
    var text = text[...]
    while let last = text.last, JSONReader.isBlank(last) { text.removeLast() }
    guard JSONText.validate(Array(text)) else { return false }
    // One object that holds its events in an array is not itself an event, unless it names its own type.
    let members = JSONMembers(Array(text))
    return members?.first(Names.type) != nil || arrayMember(Array(text), from: 0) == nil
  }

  /// Where the array begins in `{"events":[{…`, looking one level down. An object that names its own type
  /// before is an event whose list it is.
  private static func arrayMember(_ head: [UInt8], from first: Int) -> Int? {
    let names = ["events", "entries", "records", "Records", "value", "items", "Items", "messages"]
    return head.withUnsafeBufferPointer { buffer in
      var reader = JSONReader(buffer)
      reader.index = first
      guard reader.take(UInt8(ascii: "{")) else { return nil }
      repeat {
        reader.skipBlanks()
        guard let name = try? reader.string(), !Names.type.contains(name), name != "specversion" else {
          return nil
        }
        reader.skipBlanks()
        guard reader.take(UInt8(ascii: ":")) else { return nil }
        reader.skipBlanks()
        let at = reader.index
        if names.contains(name), reader.take(UInt8(ascii: "[")) {
          reader.skipBlanks()
          if reader.peek == UInt8(ascii: "{") { return at }
          reader.index = at
        }
        guard (try? JSONText.skipValue(&reader)) != nil else { return nil }
        reader.skipBlanks()
      } while reader.take(UInt8(ascii: ","))
      return nil
    }
  }

  func log(_ stream: StreamID) throws(Fault) -> any EventLog {
    TextLog(stream: stream, layout: layout, file: file)
  }

  func catalog(_ effort: CatalogEffort, _ work: Work) throws(Fault) -> Catalog {
    var catalog = Catalog()
    catalog.notes = about.notes
    switch effort {
    case .glance:
      catalog.entries = [unknown("not counted yet")]
    case .count(let limit):
      if let limit, layout.size > limit {
        var entry = unknown("the file is larger than \(limit >> 20) MiB")
        // No event is shorter than two bytes and a line break.
        entry.count = .atMost(
          Int(clamping: layout.size / 3), why: "the file is larger than \(limit >> 20) MiB")
        catalog.entries = [entry]
      } else {
        catalog = try counted(work)
      }
    }
    return catalog
  }

  private func unknown(_ why: String) -> CatalogEntry {
    var entry = CatalogEntry(stream: .everything, count: .unknown(why: why), format: about.format)
    entry.bytes = layout.size
    return entry
  }

  private func counted(_ work: Work) throws(Fault) -> Catalog {
    work.expect(Int(clamping: layout.size))
    var tally = StreamTally()
    let damage = try scan(work) { tally.add($0) }
    var catalog = Catalog()
    catalog.notes = about.notes
    catalog.damage = damage
    catalog.entries = tally.entries(format: about.format)
    return catalog
  }

  private func scan(_ work: Work, _ body: (StoredEvent) -> Void) throws(Fault) -> [Damage] {
    let log = TextLog(stream: .everything, layout: layout, file: file)
    var damage: [Damage] = []
    var batch = EventBatch()
    var next: Cursor? = Cursor(.start)
    while let cursor = next {
      next = try log.read(cursor, .forward, count: 4096, into: &batch, work)
      damage += batch.damage.map(\.damage)
      for index in batch.records.indices { body(log.event(index, of: batch)) }
    }
    return damage
  }

  func aggregates(_ stream: StreamID, _ work: Work) throws(Fault) -> [AggregateEntry] {
    work.expect(Int(clamping: layout.size))
    var tally = StreamTally()
    _ = try scan(work) { if stream.name.isEmpty || $0.stream == stream.name { tally.add($0) } }
    return tally.aggregates()
  }
}

/// Counts events by stream as they go by.
struct StreamTally {
  private struct Stream {
    var count = 0
    var bytes: UInt64 = 0
    var first = ""
    var last = ""
    var firstTime: Instant?
    var lastTime: Instant?
  }

  private var streams: [String: Stream] = [:]

  mutating func add(_ event: StoredEvent) {
    var stream = streams[event.stream] ?? Stream(first: event.positionText, firstTime: event.time)
    stream.count += 1
    stream.bytes += UInt64(event.size)
    stream.last = event.positionText
    stream.lastTime = event.time ?? stream.lastTime
    streams[event.stream] = stream
  }

  func entries(format: String) -> [CatalogEntry] {
    streams.sorted { $0.key < $1.key }.map { name, stream in
      var entry = CatalogEntry(stream: StreamID(name), count: .exact(stream.count), format: format)
      (entry.first, entry.last) = (stream.first, stream.last)
      (entry.firstTime, entry.lastTime) = (stream.firstTime, stream.lastTime)
      entry.bytes = stream.bytes
      return entry
    }
  }

  func aggregates() -> [AggregateEntry] {
    streams.sorted { $0.key < $1.key }.map { name, stream in
      AggregateEntry(name: name, stream: name, count: stream.count, first: stream.first, last: stream.last)
    }
  }
}
