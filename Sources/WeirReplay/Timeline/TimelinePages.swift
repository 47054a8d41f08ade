import WeirCore

/// The events of a timeline, in pages of equal size: what is needed of every event in 24 bytes, the events
/// themselves while they fit a budget, and a cursor for each page to read it again.
struct TimelinePages {
  /// Events a page. Also the distance of the densest checkpoints: a step never folds more than this and one
  /// page's rest.
  static let pageSize = 256
  /// Payload bytes kept in memory. An aggregate's whole history is nearly always below it.
  static let byteBudget = 16 << 20

  /// What every event leaves behind, whether it is in memory or not.
  private struct Entry {
    var seconds: Int64
    var nanoseconds: Int32
    var digits: Int8
    var hasTime: Bool
    var type: Int32
  }

  private struct Page {
    var cursor: Cursor
    /// nil: to be read again.
    var events: [StoredEvent]?
    var bytes = 0
    var lastUse = 0
    /// nil: no version of the page is a number.
    var lowestVersion: Int64?
    var lowestPosition: Position
  }

  private let log: any EventLog
  private var entries: [Entry] = []
  private var pages: [Page] = []
  private var types: [String] = []
  private var typeNumbers: [String: Int32] = [:]
  private var bytes = 0
  private var clock = 0
  private var partition: PartitionID?
  /// True when events of several partitions are among them.
  private(set) var isSpread = false

  private let usesEventClock: Bool

  init(_ log: any EventLog, usesEventClock: Bool = false) {
    (self.log, self.usesEventClock) = (log, usesEventClock)
  }

  var count: Int { entries.count }
  var pageCount: Int { pages.count }

  /// The range of ordinals that page `page` holds.
  func range(ofPage page: Int) -> Range<Int> {
    page * TimelinePages.pageSize..<min((page + 1) * TimelinePages.pageSize, entries.count)
  }

  /// Adds the events that follow; `cursor` stands before the first of them. Every page but the last must be
  /// full.
  mutating func append(_ events: [StoredEvent], from cursor: Cursor) {
    for event in events { entries.append(entry(event)) }
    clock += 1
    let size = events.reduce(0) { $0 + ($1.rawValue?.count ?? 0) + 512 }
    if pages.isEmpty { partition = events.first?.partition }
    isSpread = isSpread || events.contains { $0.partition != partition }
    let versions = events.compactMap { $0.version.flatMap { Int64($0) } }
    pages.append(
      Page(
        cursor: cursor, events: events, bytes: size, lastUse: clock, lowestVersion: versions.min(),
        lowestPosition: events.map(\.position).min() ?? Position(0)))
    bytes += size
    evict()
  }

  /// True when the events of a page need not be read.
  func isHeld(_ page: Int) -> Bool { pages[page].events != nil }

  /// The moment after the last event whose version is at most `version`; nil where no version is a number.
  mutating func moment(version: Int64, _ work: Work) throws(Fault) -> Int? {
    guard pages.contains(where: { $0.lowestVersion != nil }) else { return nil }
    return try last(work) { page in
      page.lowestVersion.map { $0 <= version } ?? false
    } event: { event in
      event.version.flatMap { Int64($0) }.map { $0 <= version } ?? false
    }
  }

  /// The moment after the last event that stands before `end`.
  mutating func moment(before end: Position, _ work: Work) throws(Fault) -> Int {
    try last(work) {
      $0.lowestPosition < end
    } event: {
      $0.position < end
    }
  }

  /// The moment after the last event at `position` (`1403`, or `2@1403` with its partition); nil when there
  /// is none.
  mutating func moment(at position: String, _ work: Work) throws(Fault) -> Int? {
    let found = try last(work) { _ in
      true
    } event: { event in
      event.positionText == position
        || event.partition.map { "\($0)@\(event.positionText)" == position } ?? false
    }
    return found == 0 ? nil : found
  }

  /// Pages from the last to the first, only those that may hold what is looked for.
  private mutating func last(
    _ work: Work, page mayHold: (Page) -> Bool, event matches: (StoredEvent) -> Bool
  ) throws(Fault) -> Int {
    for page in pages.indices.reversed() where mayHold(pages[page]) {
      try work.check()
      let events = try events(ofPage: page, work)
      if let index = events.lastIndex(where: matches) { return range(ofPage: page).lowerBound + index + 1 }
    }
    return 0
  }

  private mutating func entry(_ event: StoredEvent) -> Entry {
    let type = event.shortType ?? ""
    let number = typeNumbers[type] ?? Int32(types.count)
    if number == types.count {
      types.append(type)
      typeNumbers[type] = number
    }
    let time = usesEventClock ? event.eventTime ?? event.time : event.placedTime
    return Entry(
      seconds: time?.seconds ?? 0, nanoseconds: time?.nanoseconds ?? 0, digits: time?.digits ?? 0,
      hasTime: time != nil, type: number)
  }

  /// The oldest unused pages go first; the newest stays whatever it weighs.
  private mutating func evict() {
    while bytes > TimelinePages.byteBudget {
      let held = pages.indices.filter { pages[$0].events != nil && pages[$0].lastUse < clock }
      guard let oldest = held.min(by: { pages[$0].lastUse < pages[$1].lastUse }) else { return }
      pages[oldest].events = nil
      bytes -= pages[oldest].bytes
    }
  }

  /// The events of a page, read again when they are no longer in memory.
  mutating func events(ofPage page: Int, _ work: Work) throws(Fault) -> [StoredEvent] {
    clock += 1
    pages[page].lastUse = clock
    if let events = pages[page].events { return events }
    let wanted = range(ofPage: page).count
    var found: [StoredEvent] = []
    var batch = EventBatch()
    var next: Cursor? = pages[page].cursor
    while let cursor = next, found.count < wanted {
      next = try log.read(cursor, .forward, count: wanted - found.count, into: &batch, work)
      for index in batch.records.indices where found.count < wanted {
        found.append(log.event(index, of: batch))
      }
    }
    guard found.count == wanted else {
      throw Fault(
        .unreadable, "read again", log.stream.name, "the history has become shorter since it was folded")
    }
    pages[page].events = found
    bytes += pages[page].bytes
    evict()
    return found
  }

  mutating func event(_ ordinal: Int, _ work: Work) throws(Fault) -> StoredEvent {
    let events = try events(ofPage: ordinal / TimelinePages.pageSize, work)
    return events[ordinal % TimelinePages.pageSize]
  }

  func time(_ ordinal: Int) -> Instant? {
    let entry = entries[ordinal]
    guard entry.hasTime else { return nil }
    return Instant(seconds: entry.seconds, nanoseconds: entry.nanoseconds, digits: entry.digits)
  }

  func type(_ ordinal: Int) -> String { types[Int(entries[ordinal].type)] }
}
