package import WeirCore

/// A source's catalogue with its entries gathered into streams, made by a worker when the catalogue arrives.
package struct StreamIndex: Sendable {
  /// The entries of one stream or topic: one, or one a partition.
  struct Group: Sendable {
    var entries: Range<Int>
    /// Sum of the partitions' counts; nil when one of them is unknown.
    var count: Int?
    var isExact: Bool
    var lastTime: Instant?
  }

  var catalog: Catalog
  var groups: [Group] = []
  /// Columns of the longest stream name, about.
  private(set) var longestName = 0

  package init(_ catalog: Catalog) {
    self.catalog = catalog
    var start = 0
    let entries = catalog.entries
    while start < entries.count {
      var end = start + 1
      while end < entries.count, entries[end].stream.name == entries[start].stream.name { end += 1 }
      groups.append(StreamIndex.group(entries, start..<end))
      longestName = max(longestName, entries[start].stream.name.utf8.count)
      start = end
    }
  }

  private static func group(_ entries: [CatalogEntry], _ range: Range<Int>) -> Group {
    var group = Group(entries: range, count: 0, isExact: true)
    for entry in entries[range] {
      switch entry.count {
      case .exact(let count): group.count = group.count.map { $0 &+ count }
      case .atMost(let count, _):
        group.count = group.count.map { $0 &+ count }
        group.isExact = false
      case .unknown:
        group.count = nil
        group.isExact = false
      }
      if let time = entry.lastTime, group.lastTime.map({ $0 < time }) ?? true { group.lastTime = time }
    }
    return group
  }

  /// Bytes that could not be read, in pieces; torn tails and untrusted sidecars are none.
  var corrupt: [Damage] { catalog.damage.filter { $0.kind == .corrupt } }

  /// True when the stream is a topic whose partitions are shown below it.
  func isTopic(_ group: Group) -> Bool { catalog.entries[group.entries.lowerBound].stream.partition != nil }

  func name(_ group: Group) -> String { catalog.entries[group.entries.lowerBound].stream.name }

  /// Events in all streams; nil when unknown.
  var total: (count: Int, isExact: Bool)? {
    var sum = 0
    var isExact = true
    for group in groups {
      guard let count = group.count else { return nil }
      sum &+= count
      isExact = isExact && group.isExact
    }
    return (sum, isExact)
  }

  /// Time span of the entries in a log; nil when none of them knows.
  func span(of stream: StreamID) -> TimeSpan? {
    var first: Instant?
    var last: Instant?
    for entry in catalog.entries where stream.name.isEmpty || entry.stream.name == stream.name {
      guard stream.partition == nil || entry.stream.partition == stream.partition else { continue }
      if let time = entry.firstTime, first.map({ time < $0 }) ?? true { first = time }
      if let time = entry.lastTime, last.map({ time > $0 }) ?? true { last = time }
    }
    guard let first, let last else { return nil }
    return TimeSpan(first: first, last: last)
  }

  /// The entries of a log.
  func entries(of stream: StreamID) -> [CatalogEntry] {
    guard !stream.name.isEmpty else { return catalog.entries }
    // Sorted by name: found in logarithmic time, a source may hold a million streams.
    var low = 0
    var high = groups.count
    while low < high {
      let middle = (low + high) / 2
      if name(groups[middle]) < stream.name { low = middle + 1 } else { high = middle }
    }
    guard low < groups.count, name(groups[low]) == stream.name else {
      // A reader that sorts otherwise.
      return catalog.entries.filter { $0.stream.name == stream.name }
    }
    return catalog.entries[groups[low].entries].filter {
      stream.partition == nil || $0.stream.partition == stream.partition
    }
  }

  /// Number of events of a log, as far as the catalogue knows.
  func count(of stream: StreamID) -> EventCount {
    guard stream.key == nil else { return .unknown(why: "one key of a topic") }
    var sum = 0
    var limit: String?
    for entry in entries(of: stream) {
      switch entry.count {
      case .exact(let count): sum &+= count
      case .atMost(let count, let why):
        sum &+= count
        limit = why
      case .unknown(let why): return .unknown(why: why)
      }
    }
    return limit.map { .atMost(sum, why: $0) } ?? .exact(sum)
  }
}
