/// Segments whose offsets follow each other: the live ones of a partition, or one that waits to be deleted.
final class KafkaRun: Sendable {
  /// 0 for the live log; files that wait to be deleted come after it. Orders records of one offset.
  let layer: UInt64
  /// Ascending by base offset.
  let segments: [KafkaSegment]

  init(layer: UInt64, segments: [KafkaSegment]) {
    self.layer = layer
    self.segments = segments
  }

  /// The base of the first segment; nil when there is none.
  var firstBase: Int64? { segments.first?.base }

  /// A walk that stands before the first batch that ends at or after `offset`.
  func walk(to offset: Int64, _ scratch: KafkaScratch) throws(Fault) -> KafkaWalk {
    var low = 0
    var high = segments.count
    while low < high {
      let middle = low + (high - low) / 2
      if segments[middle].base <= offset { low = middle + 1 } else { high = middle }
    }
    let index = max(0, low - 1)
    guard segments.indices.contains(index) else { return KafkaWalk(self) }
    let chunk = try KafkaWalk.present(segments[index]) { segment throws(Fault) in
      try segment.chunk(holding: offset, scratch)
    }
    return KafkaWalk(self, segment: index, chunk: chunk, index: chunk?.index(of: offset) ?? 0)
  }
}

/// A place between two items of a run, which can go both ways over the borders of chunks and segments.
struct KafkaWalk {
  let run: KafkaRun
  private(set) var segmentIndex: Int
  private var chunk: KafkaChunk?
  private var index: Int

  /// Nowhere: the run has no segments.
  init(_ run: KafkaRun) { self.init(run, segment: 0, chunk: nil, index: 0) }

  init(_ run: KafkaRun, segment: Int, chunk: KafkaChunk?, index: Int) {
    (self.run, segmentIndex, self.chunk, self.index) = (run, segment, chunk, index)
  }

  /// The segment of the item that was returned last.
  var segment: KafkaSegment { run.segments[segmentIndex] }

  mutating func next(_ scratch: KafkaScratch) throws(Fault) -> KafkaItem? {
    while let chunk {
      if index < chunk.items.count {
        index += 1
        return chunk.items[index - 1]
      }
      if let following = try Self.present(
        segment,
        { segment throws(Fault) in
          try segment.chunk(after: chunk, scratch)
        })
      {
        self.chunk = following
      } else {
        guard segmentIndex + 1 < run.segments.count else { return nil }
        segmentIndex += 1
        // Offset -1: every batch ends after it.
        self.chunk = try Self.present(segment) { segment throws(Fault) in
          try segment.chunk(holding: -1, scratch)
        }
      }
      index = 0
    }
    return nil
  }

  mutating func previous(_ scratch: KafkaScratch) throws(Fault) -> KafkaItem? {
    while let chunk {
      if index > 0 {
        index -= 1
        return chunk.items[index]
      }
      if let preceding = try Self.present(
        segment,
        { segment throws(Fault) in
          try segment.chunk(before: chunk, scratch)
        })
      {
        self.chunk = preceding
      } else {
        guard segmentIndex > 0 else { return nil }
        segmentIndex -= 1
        self.chunk = try Self.present(segment) { segment throws(Fault) in
          try segment.chunk(holding: .max, scratch)
        }
      }
      index = self.chunk?.items.count ?? 0
    }
    return nil
  }

  /// Retention may remove a segment that was listed: then that is told in its place, and the walk goes on.
  static func present(_ segment: KafkaSegment, _ body: (KafkaSegment) throws(Fault) -> KafkaChunk?)
    throws(Fault)
    -> KafkaChunk?
  {
    do throws(Fault) { return try body(segment) } catch {
      guard error.kind == .nothingThere else { throw error }
      let gone = Damage(
        .staleSidecar, file: segment.name, range: 0..<0, reason: "was removed while it was read")
      return KafkaChunk(start: 0, end: 0, items: [.damage(gone, nil)], reachesEnd: true)
    }
  }
}
