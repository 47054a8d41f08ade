/// Where an event lies, so that its bytes can be reached from anything.
package enum Provenance: Hashable, Sendable {
  /// Byte range of a frame (a record, a line, a compressed batch) in a file.
  case bytes(file: String, range: Range<UInt64>)
  /// A row of a table.
  case row(file: String, table: String, row: Int64)
  /// An event of a live server.
  case remote(endpoint: String, position: String)
}

/// One event as a person reads it, built only for what is shown, printed or folded.
package struct StoredEvent: Sendable {
  /// The source's label.
  package var source: String
  /// Stream or topic, as stored.
  package var stream: String
  package var partition: PartitionID?
  package var position: Position
  /// The position as the system itself writes it.
  package var positionText: String
  package var version: String?
  package var key: [UInt8]?
  package var type: String?
  package var id: String?
  /// The log's own time. Of a text line, or a row without one, what the mapping found.
  package var time: Instant?
  /// What the mapping found in headers or payload, beside the log's own time or (Kafka's format 0) where the
  /// log has none.
  package var eventTime: Instant?
  /// Names and values in stored order; names that are not UTF-8 keep their bytes.
  package var headers: [(name: [UInt8], value: [UInt8]?)] = []
  package var meta: Payload = .absent
  package var data: Payload = .absent
  /// How the data was stored where `data.encoding` does not tell (avro, protobuf, fields); nil where it does.
  package var encoding: String?
  /// The stored value after decompression of its frame, before any decoding; nil when it is null. `--raw`
  /// prints it.
  package var rawValue: [UInt8]?
  /// Stored key + value bytes.
  package var size: Int = 0
  package var provenance: Provenance?
  /// Which record of its frame, from 0; nil when the frame is the record.
  package var indexInFrame: Int?
  package var marks: Marks = []
  /// Keys that only one family has (`bucket`, `db`, `subject`), printed as they are.
  package var extras: [(name: String, value: JSONValue)] = []

  package init(source: String, stream: String, position: Position, positionText: String) {
    self.source = source
    self.stream = stream
    self.position = position
    self.positionText = positionText
  }

  /// The time by which it is placed: the log's own, else what the mapping found.
  package var placedTime: Instant? { time ?? eventTime }

  /// What is folded: a topic's key (as text; bytes that are not UTF-8 in hexadecimal), else the stream.
  package var aggregate: String {
    partition == nil ? stream : key.map(StoredEvent.keyText) ?? stream
  }

  package static func keyText(_ key: [UInt8]) -> String {
    String(validating: key, as: UTF8.self) ?? "0x"
      + key.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// The type without its module path: the part after the last `.`, `$`, `+` or `:`, cut first at `,` or `[`.
  package var shortType: String? {
    type.map { full in
      let head = full.prefix { $0 != "," && $0 != "[" }
      let tail = head.lastIndex { ".$+:".contains($0) }.map { head[head.index(after: $0)...] } ?? head
      return tail.isEmpty ? full : String(tail)
    }
  }
}

/// A payload as it is: total, it never throws. What it decodes to is decided once, when the event is built.
package enum Payload: Sendable, Equatable {
  /// The source has no such column.
  case absent
  /// A null payload.
  case null
  /// Valid JSON text, as it stands in the source (numbers and member order untouched).
  case json([UInt8])
  case text(String)
  case bytes([UInt8])

  /// The name `encoding` prints.
  package var encoding: String? {
    switch self {
    case .absent, .null: nil
    case .json: "json"
    case .text: "text"
    case .bytes: "binary"
    }
  }
}
