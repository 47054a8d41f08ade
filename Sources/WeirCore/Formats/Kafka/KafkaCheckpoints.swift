/// A text checkpoint: a version line `0`, a line with the number of rows, then the rows, fields separated by
/// blanks.
///
/// | file | rows |
/// |---|---|
/// | `log-start-offset-checkpoint` | topic, partition, first offset that is not deleted |
/// | `replication-offset-checkpoint` | topic, partition, high watermark |
/// | `recovery-point-offset-checkpoint` | topic, partition, first offset that may not be on disk |
/// | `cleaner-offset-checkpoint` | topic, partition, first offset the compactor has not seen |
/// | `leader-epoch-checkpoint` (in a partition) | epoch, its first offset |
///
/// No checksum. A file may be empty; a row that does not parse is left out. Documented in Apache Kafka,
/// `CheckpointFile`.
struct KafkaCheckpoint: Equatable, Sendable {
  /// Larger files are not checkpoints, in bytes.
  static let largest = 16 << 20
  private(set) var rows: [[String]] = []

  init() {}

  init(_ text: String) {
    let lines = text.split(separator: "\n")
    guard lines.first == "0" else { return }
    rows = lines.dropFirst(2).map { $0.split(separator: " ").map(String.init) }
  }

  /// Reads a file; a missing or unreadable one has no rows.
  init(path: String) { self.init(KafkaCheckpoint.text(path) ?? "") }

  static func text(_ path: String) -> String? {
    guard let file = try? FileBytes(path: path), file.size <= UInt64(largest),
      let bytes = try? file.bytes(at: 0, count: largest)
    else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Rows of `topic partition offset`.
  var offsets: [KafkaTopicPartition: Int64] {
    var found: [KafkaTopicPartition: Int64] = [:]
    for row in rows where row.count == 3 {
      guard let partition = Int32(row[1]), let offset = Int64(row[2]), offset >= 0 else { continue }
      found[KafkaTopicPartition(topic: row[0], partition: partition)] = offset
    }
    return found
  }

  /// Rows of `epoch offset`.
  var epochs: [(epoch: Int32, start: Int64)] {
    rows.compactMap { row in
      guard row.count == 2, let epoch = Int32(row[0]), let start = Int64(row[1]) else { return nil }
      return (epoch, start)
    }
  }
}

struct KafkaTopicPartition: Hashable, Sendable, Comparable {
  var topic: String
  var partition: Int32

  static func < (a: Self, b: Self) -> Bool { (a.topic, a.partition) < (b.topic, b.partition) }
}

/// `key: value` or `key=value` lines: `partition.metadata` (version, topic_id) and `meta.properties` (a Java
/// properties file: `#` comments, `\:` escapes).
enum KafkaProperties {
  static func parse(_ text: String) -> [String: String] {
    var found: [String: String] = [:]
    for line in text.split(whereSeparator: \.isNewline) where line.first != "#" {
      guard let cut = line.firstIndex(where: { $0 == "=" || $0 == ":" }) else { continue }
      let value = line[line.index(after: cut)...].drop { $0 == " " }
      found[String(line[..<cut])] = String(value.filter { $0 != "\\" })
    }
    return found
  }
}

/// What a directory in a log directory is, by its name.
struct KafkaDirectoryName: Equatable, Sendable {
  enum State: String, Sendable {
    case current
    /// Scheduled for deletion.
    case delete
    /// Found at startup, not assigned to this broker.
    case stray
    /// Being copied here from another log directory.
    case future
  }

  var id: KafkaTopicPartition
  var state = State.current

  /// `TOPIC-PARTITION`, or `TOPIC-PARTITION.<32 hexadecimal digits>-delete` (-stray, -future). nil for
  /// anything else. A topic's name may contain `-` and `.` itself; it has at most 249 of `A-Z a-z 0-9 . _ -`.
  init?(_ name: String) {
    var body = Substring(name)
    if let dot = name.lastIndex(of: "."), let kind = Self.suffix(name[name.index(after: dot)...]) {
      state = kind
      body = name[..<dot]
    }
    guard let dash = body.lastIndex(of: "-") else { return nil }
    let topic = body[..<dash]
    let digits = body[body.index(after: dash)...]
    guard !topic.isEmpty, topic.utf8.count <= 249, topic.utf8.allSatisfy(Self.isLegal), !digits.isEmpty,
      digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let partition = Int32(digits),
      String(partition).utf8.count == digits.utf8.count
    else { return nil }
    id = KafkaTopicPartition(topic: String(topic), partition: partition)
  }

  private static func suffix(_ text: Substring) -> State? {
    guard let dash = text.firstIndex(of: "-"), text[..<dash].utf8.count == 32,
      text[..<dash].allSatisfy({ $0.isHexDigit })
    else { return nil }
    let state = State(rawValue: String(text[text.index(after: dash)...]))
    return state == .current ? nil : state
  }

  private static func isLegal(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }
}

/// A segment's file in a partition's directory, by its name: twenty digits, `.log`, and what happened to it.
struct KafkaSegmentName: Equatable, Sendable {
  enum State: Sendable {
    case current
    /// Awaiting its removal.
    case deleted
    /// Half-written by the compactor.
    case cleaned
    /// Finished by the compactor, not yet in place.
    case swap
  }

  var base: Int64
  var state: State
  var name: String

  init?(_ name: String) {
    let bytes = Array(name.utf8)
    guard bytes.count >= 24, bytes[20..<24].elementsEqual(".log".utf8),
      bytes[..<20].allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }), let base = Int64(name.prefix(20))
    else { return nil }
    switch String(decoding: bytes[24...], as: UTF8.self) {
    case "": state = .current
    case ".deleted": state = .deleted
    case ".cleaned": state = .cleaned
    case ".swap": state = .swap
    default: return nil
    }
    self.base = base
    self.name = name
  }

  /// A file that is read as a segment whatever it is called.
  init(any name: String) { (base, state, self.name) = (0, .current, name) }

  /// The name of a sidecar of a segment: `00000000000000000747.index`.
  static func sidecar(_ base: Int64, _ suffix: String) -> String {
    let digits = String(base)
    return String(repeating: "0", count: max(0, 20 - digits.utf8.count)) + digits + "." + suffix
  }
}
