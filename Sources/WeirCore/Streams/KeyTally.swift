/// Counts the events of every record key of a topic as they go by, and remembers where each key's first and
/// last one stand. One number a record is hashed, no text is made until the end.
///
/// Keys on several partitions are one aggregate: its first and last event are those of the earliest and the
/// latest time, where there are times.
struct KeyTally {
  private struct Key {
    var bytes: [UInt8]
    var count = 0
    var first: EventRecord
    var last: EventRecord
    /// The partition that the first and the last one lie in.
    var firstLog: Int
    var lastLog: Int
    /// Another key with the same hash; -1: none.
    var next: Int = -1
  }

  private var keys: [Key] = []
  private var buckets: [UInt64: Int] = [:]
  /// Chosen anew for each tally, so that no file can be made whose keys all collide.
  private let seed = UInt64.random(in: 1 ... .max)

  /// Counts the keyed records of a batch. `log` numbers the partition it was read from; records without a
  /// key belong to no aggregate and are left out.
  mutating func add(_ batch: EventBatch, log: Int) {
    batch.bytes.withUnsafeBytes { bytes in
      for record in batch.records where !record.key.isNull {
        add(UnsafeRawBufferPointer(rebasing: bytes[record.key.range]), record, log)
      }
    }
  }

  private mutating func add(_ key: UnsafeRawBufferPointer, _ record: EventRecord, _ log: Int) {
    let hash = hash(key)
    var index = buckets[hash] ?? -1
    while index >= 0, !keys[index].bytes.elementsEqual(key) { index = keys[index].next }
    guard index >= 0 else {
      var fresh = Key(bytes: Array(key), count: 1, first: record, last: record, firstLog: log, lastLog: log)
      fresh.next = buckets[hash] ?? -1
      buckets[hash] = keys.count
      keys.append(fresh)
      return
    }
    keys[index].count += 1
    if log == keys[index].lastLog || !KeyTally.isEarlier(record, keys[index].last) {
      keys[index].last = record
      keys[index].lastLog = log
    }
    if log != keys[index].firstLog, KeyTally.isEarlier(record, keys[index].first) {
      keys[index].first = record
      keys[index].firstLog = log
    }
  }

  private static func isEarlier(_ a: EventRecord, _ b: EventRecord) -> Bool {
    (a.seconds, a.nanoseconds) < (b.seconds, b.nanoseconds)
  }

  /// Eight bytes at a time, each multiplied to 128 bits and folded.
  private func hash(_ key: UnsafeRawBufferPointer) -> UInt64 {
    var state = seed ^ UInt64(key.count)
    var index = 0
    while index + 8 <= key.count {
      state = KeyTally.mix(state ^ key.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      index += 8
    }
    var rest: UInt64 = 0
    while index < key.count {
      rest = rest << 8 | UInt64(key[index])
      index += 1
    }
    return KeyTally.mix(state ^ rest)
  }

  @inline(__always)
  private static func mix(_ value: UInt64) -> UInt64 {
    let (high, low) = value.multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    return high ^ low
  }

  /// The keys of one topic, in no order. `text` prints a position as the system writes it.
  func entries(of stream: String, text: (Position) -> String) -> [AggregateEntry] {
    keys.map { key in
      AggregateEntry(
        name: StoredEvent.keyText(key.bytes), stream: stream, count: key.count,
        first: text(key.first.position), last: text(key.last.position))
    }
  }
}
