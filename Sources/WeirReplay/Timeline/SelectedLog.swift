package import WeirCore

/// The events of a log that a fold puts into one state by its own word (`aggregate: e => …`, `partitionBy`,
/// `fromCategory`), as a log of their own: what a timeline of such a state is made of.
package final class SelectedLog: EventLog {
  package var stream: StreamID { base.stream }
  package var partitions: [PartitionID?] { base.partitions }
  package var isMergedByTime: Bool { base.isMergedByTime }
  private let base: any EventLog
  private let engine: any FoldEngine
  private let aggregate: String

  /// The engine is asked about every event that is read: whoever folds with it stages again after a read.
  package init(_ base: any EventLog, of aggregate: String, by engine: any FoldEngine) {
    (self.base, self.aggregate, self.engine) = (base, aggregate, engine)
  }

  package func read(
    _ cursor: Cursor, _ direction: Direction, count: Int, into batch: inout EventBatch, _ work: Work
  ) throws(Fault) -> Cursor? {
    let next = try base.read(cursor, direction, count: FoldLimits.batch, into: &batch, work)
    let own = try own(batch)
    guard own.count > count else {
      keep(own, in: &batch)
      return next
    }
    // Too many: once more, exactly as far as the last one that is wanted.
    let rest = try base.read(cursor, direction, count: own[count - 1] + 1, into: &batch, work)
    keep(own.prefix(count), in: &batch)
    return rest
  }

  private func keep(_ indexes: some Sequence<Int>, in batch: inout EventBatch) {
    let records = batch.records
    batch.records = indexes.filter(records.indices.contains).map { records[$0] }
  }

  /// Indexes of the records that belong to the aggregate.
  private func own(_ batch: EventBatch) throws(Fault) -> [Int] {
    var events: [StoredEvent] = []
    for index in batch.records.indices { events.append(base.event(index, of: batch)) }
    let keys: [String?]
    do throws(FoldStop) { keys = try self.keys(events) } catch {
      throw Fault(.foldFailed, "ask the fold for the aggregates of", stream.name, error.failure.description)
    }
    let selection = engine.about.selection
    return events.indices.filter { index in
      keys[index] == aggregate && (selection?.contains(events[index].aggregate) ?? true)
    }
  }

  private func keys(_ events: [StoredEvent]) throws(FoldStop) -> [String?] {
    switch engine.about.keys {
    case .aggregate: return events.map(\.aggregate)
    case .one(let name): return events.map { _ in name }
    case .asked:
      try engine.stage(events)
      let keys = try engine.keys()
      return events.indices.map { keys.indices.contains($0) ? keys[$0] : nil }
    }
  }

  package func seek(_ target: Target, _ work: Work) throws(Fault) -> Cursor { try base.seek(target, work) }
  package func cursor(_ side: CursorSide, _ event: StoredEvent) -> Cursor { base.cursor(side, event) }
  package func event(_ index: Int, of batch: EventBatch) -> StoredEvent { base.event(index, of: batch) }
}
