/// Where Kafka's own producers put a record: the key's murmur2, made positive, modulo the number of
/// partitions. Other clients hash otherwise and topics grow, so it is a place to look first and no more.
/// Public source: Apache Kafka, `Utils.murmur2` and `BuiltInPartitioner`.
enum KafkaPartitioner {
  /// The partition, 0 ..< `count`, for a key that is not null; `count` is at least 1.
  static func partition(of key: [UInt8], count: Int32) -> Int32 {
    Int32(bitPattern: murmur2(key) & 0x7FFF_FFFF) % max(1, count)
  }

  /// Overflow is part of the function.
  static func murmur2(_ data: [UInt8]) -> UInt32 {
    let factor: UInt32 = 0x5BD1_E995
    var hash: UInt32 = 0x9747_B28C ^ UInt32(truncatingIfNeeded: data.count)
    var index = 0
    while index + 4 <= data.count {
      var word = UInt32(data[index]) | UInt32(data[index + 1]) << 8
      word |= UInt32(data[index + 2]) << 16 | UInt32(data[index + 3]) << 24
      word = word &* factor
      word ^= word >> 24
      hash = (hash &* factor) ^ (word &* factor)
      index += 4
    }
    let rest = data[index...]
    if !rest.isEmpty {
      for (place, byte) in rest.enumerated() { hash ^= UInt32(byte) << (8 * UInt32(place)) }
      hash = hash &* factor
    }
    hash ^= hash >> 13
    hash = hash &* factor
    return hash ^ hash >> 15
  }
}

extension KafkaSource: KeyedSource {
  func likelyPartition(of key: [UInt8], in topic: String) -> PartitionID? {
    let numbers = partitions.filter { $0.id.topic == topic }.map(\.id.partition)
    guard let last = numbers.max(), last < .max else { return nil }
    return .number(KafkaPartitioner.partition(of: key, count: last + 1))
  }
}
