import WeirCore

/// Everything that can be done with a source that was opened, and the laws that hold whatever its bytes are.
struct Exercise {
  /// Events that are looked at in each direction. Small: an input is meant to take milliseconds.
  private static let limit = 4096
  /// Damage comes without events; a reader that never ends does not come to this many pages.
  private static let pageLimit = 100_000

  private let options: ReadOptions
  /// Both directions must give the same events. Not so in a database without checksums whose tree is
  /// damaged: there the way down to a row depends on where one comes from.
  private let isSymmetric: Bool

  init(_ options: ReadOptions, isSymmetric: Bool = true) {
    (self.options, self.isSymmetric) = (options, isSymmetric)
  }

  /// Opens `path` and walks through all that is there. A fault is an answer too.
  func run(_ path: String) {
    let work = Work()
    guard let source = try? Format.open(path, options, work) else { return }
    let catalog = try? source.catalog(.count(limit: 1 << 30), work)
    _ = try? source.catalog(.glance, work)
    for entry in (catalog?.entries ?? []).prefix(1) { walk(source, entry.stream) }
    walk(source, .everything)
    if let groups = source as? any GroupSource { _ = try? groups.groups(work) }
    if let frames = source as? any FrameSource { walk(frames) }
    for entry in ((try? source.aggregates(.everything, work)) ?? []).prefix(1) {
      walk(source, StreamID(entry.stream, key: Array(entry.name.utf8)))
    }
    _ = source.about.notes
  }

  private func walk(_ source: any Source, _ stream: StreamID) {
    guard let log = try? source.log(stream) else { return }
    let forward = read(log, .forward, count: 20)
    let backward = read(log, .backward, count: 100)
    if isSymmetric, let forward, let backward, forward.isWhole, backward.isWhole {
      if forward.positions != backward.positions.reversed() {
        fail("\(forward.positions.count) events forward, \(backward.positions.count) backward, or others")
      }
    }
    for target in [Target.fraction(0.5), .position("1"), .time(Instant(seconds: 1_736_000_000))] {
      guard let cursor = try? log.seek(target, Work()) else { continue }
      var batch = EventBatch()
      _ = try? log.read(cursor, .forward, count: 3, into: &batch, Work())
    }
  }

  private struct Content {
    var positions: [Position] = []
    /// Read to its end.
    var isWhole = false
  }

  /// Reads in pages of `count` and looks at each event; nil when the log could not be read.
  private func read(_ log: any EventLog, _ direction: Direction, count: Int) -> Content? {
    var content = Content()
    var batch = EventBatch()
    var next: Cursor? = Cursor(log.partitions.map { _ in direction == .forward ? .start : .end })
    var pages = 0
    while let cursor = next {
      guard let following = try? Optional(log.read(cursor, direction, count: count, into: &batch, Work()))
      else {
        return nil
      }
      next = following
      pages += 1
      if pages > Exercise.pageLimit { fail("a log without an end") }
      for index in batch.records.indices { look(at: log.event(index, of: batch)) }
      content.positions += batch.records.map(\.position)
      if content.positions.count > Exercise.limit { return content }
    }
    content.isWhole = true
    return content
  }

  private func look(at event: StoredEvent) {
    _ = event.shortType
    _ = event.aggregate
    if case .json(let bytes) = event.data {
      if (try? JSONParser.parse(bytes)) == nil, !Exercise.isDeep(bytes) {
        fail("a payload called JSON that is not")
      }
      _ = JSONText.oneLine(bytes)
    }
    _ = event.time.map { TimeText.rfc3339($0) }
    _ = event.eventTime.map { TimeText.rfc3339($0) }
  }

  /// Nested deeper than the parser follows, perhaps.
  static func isDeep(_ json: [UInt8]) -> Bool {
    json.count { $0 == UInt8(ascii: "[") || $0 == UInt8(ascii: "{") } > JSONParser.depthLimit
  }

  private func walk(_ source: any FrameSource) {
    var places: [(file: String, offset: UInt64)] = []
    try? source.frames(of: .everything, Work()) { file, frame in
      if places.count < 5 { places.append((file, frame.offset)) }
    }
    for place in places {
      _ = try? source.frame(place.file, at: place.offset, record: nil)
      _ = try? source.frame(place.file, at: place.offset + 70, record: 1)
    }
  }
}
