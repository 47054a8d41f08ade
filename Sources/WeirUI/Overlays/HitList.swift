import WeirCore

/// What an identifier was found in, as it comes: streams by their names first, then aggregates by their keys,
/// each once with the number of its events, then single events.
struct HitList: Sendable {
  var text: String
  var position = ListPosition()
  var generation: Int
  var isRunning = true
  var fault: Fault?
  /// Events that hold the text, in whatever part of them.
  private(set) var total = 0
  private var streams: [Hit] = []
  private var aggregates: [Hit] = []
  private var events: [Hit] = []
  /// Place of an aggregate's row among `aggregates`.
  private var places: [LogRef: Int] = [:]

  /// Rows of each kind that are kept; events beyond are counted.
  static let limit = 1_000

  init(text: String, generation: Int) {
    self.text = text
    self.generation = generation
  }

  var count: Int { streams.count + aggregates.count + events.count }
  var isEmpty: Bool { count == 0 }

  subscript(index: Int) -> Hit? {
    guard index >= 0 else { return nil }
    if index < streams.count { return streams[index] }
    if index < streams.count + aggregates.count { return aggregates[index - streams.count] }
    let rest = index - streams.count - aggregates.count
    return rest < events.count ? events[rest] : nil
  }

  var selected: Hit? { self[position.selected] }

  /// Takes more hits in; who has moved the selection keeps it where it is.
  mutating func add(_ hits: [Hit]) {
    let kept = position.selected > 0 ? selected : nil
    for hit in hits { add(hit) }
    guard let kept, let place = (0..<count).first(where: { self[$0]?.isSame(as: kept) ?? false }) else {
      return
    }
    position.top += place - position.selected
    position.selected = place
  }

  private mutating func add(_ hit: Hit) {
    guard case .event(let event, let part) = hit.place else {
      if streams.count < HitList.limit { streams.append(hit) }
      return
    }
    total += 1
    guard part == "key" || part == "stream" else {
      if events.count < HitList.limit { events.append(hit) }
      return
    }
    let log = LogRef(source: hit.source, stream: event.aggregate)
    if let place = places[log], case .aggregate(let newest, let count) = aggregates[place].place {
      aggregates[place].place = .aggregate(newest, count: count + 1)
    } else if aggregates.count < HitList.limit {
      places[log] = aggregates.count
      aggregates.append(Hit(source: hit.source, place: .aggregate(event, count: 1)))
    }
  }
}

extension Hit {
  /// The same row, whatever was counted since.
  func isSame(as other: Hit) -> Bool {
    if case .aggregate(let a, _) = place, case .aggregate(let b, _) = other.place {
      return source == other.source && a.aggregate == b.aggregate
    }
    return self == other
  }
}
