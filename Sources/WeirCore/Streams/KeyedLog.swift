/// The events of another log that have exactly one key: an aggregate of a topic. For logs that cannot filter
/// by key themselves.
package final class KeyedLog: EventLog {
  /// Events looked at in one call before it returns with what it has.
  private static let patience = 65_536

  package let stream: StreamID
  package var partitions: [PartitionID?] { log.partitions }
  package var isMergedByTime: Bool { log.isMergedByTime }
  private let log: any EventLog
  private let key: [UInt8]

  package init(_ log: any EventLog, key: [UInt8]) {
    self.log = log
    self.key = key
    stream = StreamID(log.stream.name, partition: log.stream.partition, key: key)
  }

  package func read(
    _ cursor: Cursor, _ direction: Direction, count: Int, into batch: inout EventBatch, _ work: Work
  ) throws(Fault) -> Cursor? {
    batch.removeAll()
    var place = cursor
    var page = EventBatch()
    var seen = 0
    while batch.records.count < max(count, 1), seen < Self.patience {
      // No more than are still wanted, so that the inner cursor is also this one's.
      let wanted = max(count, 1) - batch.records.count
      let next = try log.read(place, direction, count: wanted, into: &page, work)
      seen += max(page.records.count, 1)
      keep(page, in: &batch)
      guard let next else { return nil }
      place = next
    }
    return place
  }

  private func keep(_ page: EventBatch, in batch: inout EventBatch) {
    var damage = page.damage[...]
    for index in page.records.indices {
      while let first = damage.first, first.before <= index {
        batch.damage.append((before: batch.records.count, damage: first.damage))
        damage.removeFirst()
      }
      guard let found = page.slice(page.records[index].key), found.elementsEqual(key) else { continue }
      batch.append(index, of: page, partition: page.records[index].partition)
    }
    for rest in damage { batch.damage.append((before: batch.records.count, damage: rest.damage)) }
  }

  package func seek(_ target: Target, _ work: Work) throws(Fault) -> Cursor { try log.seek(target, work) }

  package func cursor(_ side: CursorSide, _ event: StoredEvent) -> Cursor { log.cursor(side, event) }

  package func event(_ index: Int, of batch: EventBatch) -> StoredEvent { log.event(index, of: batch) }
}
