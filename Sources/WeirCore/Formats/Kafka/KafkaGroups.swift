/// Committed offsets of consumer groups, from `__consumer_offsets` (the last value of a key counts).
///
/// Key: `type i16`; for types 0 and 1 then `group string, topic string, partition i32`. Value (OffsetCommit):
/// `version i16, offset i64`, then fields that are not needed here. Strings are `i16` length and bytes; from
/// version 4 on only what follows the offset is encoded otherwise. A null value removes the key. Commits of
/// aborted or open transactions do not count. Public source: Apache Kafka, `OffsetCommitKey/Value.json`.
extension KafkaSource: GroupSource {
  private static let offsetsTopic = "__consumer_offsets"
  private static let noCommit: Marks = [.aborted, .open, .control, .deleted, .damaged]

  func groups(_ work: Work) throws(Fault) -> [GroupOffset] {
    var found: [GroupKey: Int64] = [:]
    let log = try log(StreamID(KafkaSource.offsetsTopic))
    var batch = EventBatch()
    var next: Cursor? = Cursor(log.partitions.map { _ in .start })
    while let cursor = next {
      next = try log.read(cursor, .forward, count: 1024, into: &batch, work)
      for record in batch.records where record.marks.isDisjoint(with: KafkaSource.noCommit) {
        guard let key = batch.slice(record.key).flatMap({ GroupKey(Array($0)) }) else { continue }
        guard let value = batch.slice(record.value) else {
          found[key] = nil
          continue
        }
        // A version that is not known takes nothing back.
        if let offset = KafkaSource.committed(Array(value)) { found[key] = offset }
      }
    }
    let ends = try ends(work)
    return found.map { key, offset in
      var group = GroupOffset(group: key.group, stream: key.topic, partition: .number(key.partition))
      group.committed = String(offset)
      if let end = ends[StreamID(key.topic, partition: .number(key.partition))] {
        group.end = String(end)
        group.lag = Int(clamping: max(0, end.subtractingReportingOverflow(offset).partialValue))
      }
      return group
    }.sorted { ($0.group, $0.stream, $0.partition) < ($1.group, $1.stream, $1.partition) }
  }

  /// The log end offset of each partition that is here, as its last batch tells: markers count too.
  private func ends(_ work: Work) throws(Fault) -> [StreamID: Int64] {
    var ends: [StreamID: Int64] = [:]
    for partition in partitions {
      try work.check()
      let id = StreamID(partition.id.topic, partition: .number(partition.id.partition))
      ends[id] = try shared.scratches.with { scratch throws(Fault) in try partition.end(scratch) }
    }
    return ends
  }

  private static func committed(_ value: [UInt8]) -> Int64? {
    value.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      guard let version = try? reader.big(Int16.self), (0...4).contains(version) else { return nil }
      return try? reader.big(Int64.self)
    }
  }
}

private struct GroupKey: Hashable {
  var group: String
  var topic: String
  var partition: Int32

  /// nil for keys of other types (group metadata, members).
  init?(_ key: [UInt8]) {
    let parsed: (String, String, Int32)? = key.withUnsafeBytes { bytes in
      var reader = ByteReader(bytes)
      do throws(ByteReader.Shortage) {
        guard try reader.big(Int16.self) <= 1 else { return nil }
        let group = try GroupKey.string(&reader)
        let topic = try GroupKey.string(&reader)
        return (group, topic, try reader.big(Int32.self))
      } catch { return nil }
    }
    guard let parsed else { return nil }
    (group, topic, partition) = parsed
  }

  private static func string(_ reader: inout ByteReader) throws(ByteReader.Shortage) -> String {
    let range = try reader.slice(Int(try reader.big(Int16.self)))
    return String(decoding: UnsafeRawBufferPointer(rebasing: reader.bytes[range]), as: UTF8.self)
  }
}
