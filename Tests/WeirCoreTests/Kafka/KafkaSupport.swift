import Support
import Testing

@testable import WeirCore

/// What the Kafka tests share.
enum Kafka {
  static let logs = Fixtures.path("kafka/logs")
  static let legacy = Fixtures.path("kafka/legacy")
  static let demo = Fixtures.path("demo/kafka")

  static func open(_ path: String, _ change: (inout ReadOptions) -> Void = { _ in }) throws(Fault)
    -> KafkaSource
  {
    var options = ReadOptions()
    change(&options)
    return try KafkaSource(path: path, options: options)
  }

  /// All events of a stream, in one direction.
  static func read(
    _ source: any Source, _ topic: String = "", _ partition: Int32? = nil,
    _ direction: WeirCore.Direction = .forward, count: Int = 100
  ) throws(Fault) -> LogContent {
    let stream = StreamID(topic, partition: partition.map { .number($0) })
    return try LogContent(source.log(stream), direction, count: count)
  }

  /// What the scanner makes of bytes in memory.
  static func scan(
    _ bytes: [UInt8], readAhead: Int = FrameWindow.usualReadAhead, firstOffset: Int64 = 0,
    endOffset: Int64 = .max, isLast: Bool = true, verifies: Bool = true
  ) throws(Fault) -> [KafkaItem] {
    let source = MemoryBytes(name: "m", bytes)
    let scratch = KafkaScratch()
    scratch.turn(to: source, readAhead: readAhead)
    let bounds = KafkaSegmentScanner.Bounds(
      name: "m", size: source.size, firstOffset: firstOffset, endOffset: endOffset, isLast: isLast)
    var scanner = KafkaSegmentScanner(bounds, scratch: scratch, verifies: verifies)
    var items: [KafkaItem] = []
    while true {
      switch try scanner.next() {
      case .end: return items
      case .batch(let header): items.append(.batch(header))
      case .damage(let damage, let header): items.append(.damage(damage, header))
      }
    }
  }

  /// The values of a segment's records as text, by offset: everything that decodes.
  static func values(_ bytes: [UInt8], _ items: [KafkaItem]) throws(Fault) -> [Int64: String] {
    let source = MemoryBytes(name: "m", bytes)
    let scratch = KafkaScratch()
    var found: [Int64: String] = [:]
    for case .batch(let header) in items {
      let batch = try KafkaDecodedBatch.read(header, source, scratch)
      for (index, record) in batch.records.enumerated() {
        found[batch.offset(index)] = String(decoding: batch.bytes[record.value], as: UTF8.self)
      }
    }
    return found
  }
}

extension KafkaItem {
  var damage: Damage? { if case .damage(let damage, _) = self { damage } else { nil } }
}

extension LogContent {
  var offsets: [Int64] { events.map(\.position.signed) }
  var values: [String] { events.map { String(decoding: $0.rawValue ?? [], as: UTF8.self) } }
}

/// A file of lines of JSON, gzipped.
func jsonLines(_ path: String) throws -> [JSONValue] {
  let file = try FileBytes(path: path)
  let stored = try file.bytes(at: 0, count: Int(file.size))
  let decompressor = Decompressor()
  // What it undoes lives only as long as itself.
  let text = try withExtendedLifetime(decompressor) {
    try stored.withUnsafeBytes { Array(try decompressor.decompress(.gzip, $0)) }
  }
  return try text.split(separator: 0x0A).map { try JSONParser.parse($0) }
}
