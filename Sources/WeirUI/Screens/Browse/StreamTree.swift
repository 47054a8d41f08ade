package import WeirCore

/// The rows of the streams pane, built again only when a catalogue, the filter, the order or a fold changes.
struct StreamTree: Sendable {
  enum Order: String, CaseIterable, Sendable { case name, count, last }

  enum Row: Hashable, Sendable {
    case source(Int)
    case topic(source: Int, group: Int)
    /// A partition of the topic above it.
    case partition(source: Int, entry: Int)
    case stream(source: Int, group: Int)
    /// What there is to say below a source: reading, a fault, nothing found.
    case note(source: Int)

    var source: Int {
      switch self {
      case .source(let source), .topic(let source, _), .partition(let source, _), .stream(let source, _),
        .note(let source):
        source
      }
    }
  }

  var rows: [Row] = []
  var position = ListPosition()
  var folded: Set<Int> = []
  /// Topics that show their partitions, as (source, name).
  var unfolded: Set<LogRef> = []
  var filter = ""
  var order = Order.name
  /// Streams that the filter hides.
  var hidden = 0

  var selectedRow: Row? { rows.indices.contains(position.selected) ? rows[position.selected] : nil }

  /// Makes the rows again and keeps the selection on the row it was on, where that still exists.
  mutating func rebuild(_ sources: [SourceState], visible: Int) {
    let kept = selectedRow
    rows.removeAll(keepingCapacity: true)
    hidden = 0
    for source in sources {
      rows.append(.source(source.index))
      guard !folded.contains(source.index) || !filter.isEmpty else { continue }
      guard let index = source.streams, !index.groups.isEmpty else {
        rows.append(.note(source: source.index))
        continue
      }
      append(index, source: source.index)
    }
    if let kept, let place = rows.firstIndex(of: kept) { position.selected = place }
    position.select(position.selected, count: rows.count, visible: visible)
  }

  private mutating func append(_ index: StreamIndex, source: Int) {
    let terms = NameFilter(filter)
    var order = Array(index.groups.indices)
    switch self.order {
    case .name: break
    case .count:
      let counts = index.groups.map { $0.count ?? -1 }
      order.sort { counts[$0] == counts[$1] ? $0 < $1 : counts[$0] > counts[$1] }
    case .last: order.sort { StreamTree.isLater(index.groups[$0], index.groups[$1]) }
    }
    for number in order {
      let group = index.groups[number]
      let name = index.name(group)
      guard terms.matches(name) else {
        hidden += 1
        continue
      }
      guard index.isTopic(group) else {
        rows.append(.stream(source: source, group: number))
        continue
      }
      rows.append(.topic(source: source, group: number))
      if unfolded.contains(LogRef(source: source, stream: StreamID(name))) {
        rows += group.entries.map { .partition(source: source, entry: $0) }
      }
    }
  }

  private static func isLater(_ a: StreamIndex.Group, _ b: StreamIndex.Group) -> Bool {
    switch (a.lastTime, b.lastTime) {
    case (let x?, let y?): y < x
    case (_?, nil): true
    default: false
    }
  }
}

/// Words that must all occur in a name, in any case and order. Fast: a source may hold a million names, and
/// this runs between two keys.
struct NameFilter {
  private let terms: [String]
  private let needles: [Needle]

  init(_ text: String) {
    terms = text.lowercased().split(separator: " ").map(String.init)
    needles = terms.map { Needle($0) }
  }

  func matches(_ name: String) -> Bool {
    if needles.allSatisfy({ $0.isIn(name.utf8) }) { return true }
    // The needles fold the case of ASCII alone.
    guard name.utf8.contains(where: { $0 >= 0x80 }) else { return false }
    let lower = name.lowercased()
    return terms.allSatisfy { lower.contains($0) }
  }
}

/// What is known about one opened source.
package struct SourceState: Sendable {
  let index: Int
  /// As the user gave it.
  let path: String
  var about: SourceAbout?
  var fault: Fault?
  var streams: StreamIndex?
  /// Sparklines of its streams; nil until they are here, or where they would cost too much.
  var activity: Activity?
  var activityGeneration = 0
  /// The catalogue is being read, or counted.
  var isReading = true
  var generation = 0
  /// Where it was opened at: what to select when the catalogue is there.
  var launch: Launch

  var label: String { about?.label ?? String(path.split(separator: "/").last ?? Substring(path)) }
}

/// One argument of the command line: what to open and where to stand in it.
package struct Launch: Equatable, Sendable {
  package var path: String
  /// nil: the whole source.
  package var stream: StreamID?
  /// nil: the newest event.
  package var target: Target?
  /// The address names an aggregate: it opens in Replay.
  package var opensReplay = false
  /// `--fold`.
  package var fold: String?

  package init(
    path: String, stream: StreamID? = nil, target: Target? = nil, opensReplay: Bool = false,
    fold: String? = nil
  ) {
    self.path = path
    self.stream = stream
    self.target = target
    self.opensReplay = opensReplay
    self.fold = fold
  }
}
