import Synchronization

/// What a scan meets: a batch that is whole, or bytes that are not.
enum KafkaItem: Sendable {
  case batch(KafkaBatchHeader)
  /// With a header where one stands there that tells how long the batch is.
  case damage(Damage, KafkaBatchHeader?)

  var header: KafkaBatchHeader? {
    if case .batch(let header) = self { header } else { nil }
  }

  /// Its bytes in the file.
  var range: Range<UInt64> {
    switch self {
    case .batch(let header): header.range
    case .damage(let damage, _): damage.range
    }
  }
}

/// A stretch of a segment, scanned and checked: the batches and the damage in it, in the order of their
/// bytes.
final class KafkaChunk: Sendable {
  /// Usual size in bytes: a few pages of events, scanned in some 10 µs.
  static let usualSize: UInt64 = 32 << 10
  /// Size when a reader goes on and on.
  static let largestSize: UInt64 = 512 << 10

  let start: UInt64
  let end: UInt64
  let items: [KafkaItem]
  /// Nothing follows in this segment.
  let reachesEnd: Bool
  let firstBase: Int64?
  let lastOffset: Int64?

  init(start: UInt64, end: UInt64, items: [KafkaItem], reachesEnd: Bool) {
    self.start = start
    self.end = end
    self.items = items
    self.reachesEnd = reachesEnd
    firstBase = items.lazy.compactMap(\.header).first?.baseOffset
    lastOffset = items.lazy.reversed().compactMap(\.header).first?.lastOffset
  }

  var hasDamage: Bool { items.contains { $0.header == nil } }

  /// Whether the first batch that ends at or after `offset` is in here.
  func holds(_ offset: Int64) -> Bool {
    guard let firstBase, let lastOffset, lastOffset >= offset else { return false }
    return start == 0 || firstBase <= offset
  }

  /// Index of the first batch that ends at or after `offset`; without one, the number of items.
  func index(of offset: Int64) -> Int {
    items.firstIndex { $0.header.map { $0.lastOffset >= offset } ?? false } ?? items.count
  }
}

/// The chunks that were scanned last, of all segments of a source.
final class KafkaChunkCache: Sendable {
  /// A chunk of the smallest batches holds about a thousand headers of 100 bytes.
  private static let capacity = 48
  private let recent = Mutex<[(segment: Int, chunk: KafkaChunk)]>([])

  func first(_ segment: Int, where matches: (KafkaChunk) -> Bool) -> KafkaChunk? {
    recent.withLock { list in
      guard let index = list.lastIndex(where: { $0.segment == segment && matches($0.chunk) }) else {
        return nil
      }
      let entry = list.remove(at: index)
      list.append(entry)
      return entry.chunk
    }
  }

  func add(_ segment: Int, _ chunk: KafkaChunk) {
    recent.withLock { list in
      if list.count >= Self.capacity { list.removeFirst() }
      list.append((segment, chunk))
    }
  }
}

/// Open files, so that a directory of a thousand segments needs few descriptors. Sizes are those of the first
/// look: what a broker appends meanwhile belongs to the next opening of the source.
final class KafkaFiles: Sendable {
  private static let capacity = 48

  private struct State {
    var recent: [(path: String, file: FileBytes)] = []
  }
  private let state = Mutex(State())

  /// The file at `path`, open.
  func open(_ path: String) throws(Fault) -> FileBytes {
    let known = state.withLock { state -> FileBytes? in
      guard let index = state.recent.lastIndex(where: { $0.path == path }) else { return nil }
      let entry = state.recent.remove(at: index)
      state.recent.append(entry)
      return entry.file
    }
    if let known { return known }
    let file = try FileBytes(path: path)
    state.withLock { state in
      if state.recent.count >= Self.capacity { state.recent.removeFirst() }
      state.recent.append((path, file))
    }
    return file
  }
}

/// Sidecars that disagree with the data, each told once.
final class KafkaSidecarNotes: Sendable {
  private static let limit = 1000
  private let found = Mutex<[Damage]>([])

  func report(_ file: String, size: UInt64, _ reason: String) {
    found.withLock { found in
      guard found.count < Self.limit, !found.contains(where: { $0.file == file }) else { return }
      found.append(Damage(.staleSidecar, file: file, range: 0..<size, reason: reason))
    }
  }

  var all: [Damage] { found.withLock { $0 } }
}
