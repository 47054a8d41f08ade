/// The aggregates of a topic are its record keys, across its partitions.
extension KafkaSource {
  /// Events read at a time.
  private static let step = 4_096

  func aggregates(_ stream: StreamID, _ work: Work) throws(Fault) -> [AggregateEntry] {
    let found = try partitions(of: stream)
    for partition in found { work.expect(Int(clamping: try partition.bytes())) }
    var entries: [AggregateEntry] = []
    var rest = found[...]
    while let topic = rest.first?.id.topic {
      var tally = KeyTally()
      for partition in rest.prefix(while: { $0.id.topic == topic }) {
        try count(partition, into: &tally, work)
        rest.removeFirst()
      }
      entries += tally.entries(of: topic) { String($0.signed) }
    }
    return entries.sorted { ($0.name, $0.stream) < ($1.name, $1.stream) }
  }

  private func count(_ partition: KafkaPartition, into tally: inout KeyTally, _ work: Work) throws(Fault) {
    let log = log(of: partition)
    var batch = EventBatch()
    var next: Cursor? = Cursor(.start)
    var counted: Provenance?
    while let cursor = next {
      try work.check()
      next = try log.read(cursor, .forward, count: Self.step, into: &batch, work)
      tally.add(batch, log: Int(partition.id.partition))
      // A frame may be given out in several parts, and is done when the first one is.
      for case .bytes(let file, let range) in batch.frames where counted != .bytes(file: file, range: range) {
        work.advance(by: Int(clamping: range.upperBound - range.lowerBound))
        counted = .bytes(file: file, range: range)
      }
    }
  }
}
