/// Where an event stands in its partition: up to 32 opaque bytes which only the reader that made them prints
/// and parses. Every reader encodes so that the order of the words is the order of the log.
package struct Position: Hashable, Sendable, Comparable {
  package var a: UInt64
  package var b: UInt64
  package var c: UInt64
  package var d: UInt64

  package init(_ a: UInt64, _ b: UInt64 = 0, _ c: UInt64 = 0, _ d: UInt64 = 0) {
    self.a = a
    self.b = b
    self.c = c
    self.d = d
  }

  /// A signed number (an offset, a rowid) that keeps its order.
  package init(signed value: Int64) { self.init(UInt64(bitPattern: value) ^ (1 << 63)) }
  /// The number given to `init(signed:)`.
  package var signed: Int64 { Int64(bitPattern: a ^ (1 << 63)) }

  package static func < (x: Position, y: Position) -> Bool { (x.a, x.b, x.c, x.d) < (y.a, y.b, y.c, y.d) }
}

/// One ordered part of a topic. Most systems number them; Kinesis names its shards.
package enum PartitionID: Hashable, Sendable, Comparable, CustomStringConvertible {
  case number(Int32)
  case name(String)

  package var description: String {
    switch self {
    case .number(let number): String(number)
    case .name(let name): name
    }
  }
}

/// What a log is asked for: a whole store or topic, one partition, one stream, one aggregate.
package struct StreamID: Hashable, Sendable {
  /// Stream or topic. Empty: everything in the source, in the log's order.
  package var name: String
  /// One partition of the topic; nil: all of them, merged by time at their heads.
  package var partition: PartitionID?
  /// One aggregate of a topic, by its record key's bytes; nil: every key. (An aggregate of a store is its
  /// stream.)
  package var key: [UInt8]?

  package init(_ name: String, partition: PartitionID? = nil, key: [UInt8]? = nil) {
    self.name = name
    self.partition = partition
    self.key = key
  }

  package static let everything = StreamID("")
}

/// A place between two events. One entry a partition, in the order of the log's own list of partitions.
package struct Cursor: Hashable, Sendable {
  package enum Place: Hashable, Sendable {
    case start
    case end
    /// Before the event at this position, or before the first one after it when there is none.
    case before(Position)
    /// After the event at this position, or before the first one after it when there is none.
    case after(Position)
  }

  package var places: [Place]

  package init(_ places: [Place]) { self.places = places }
  package init(_ place: Place) { places = [place] }
}

/// Which way to read.
package enum Direction: Sendable { case forward, backward }

/// Where to go, in the words of the user.
package enum Target: Hashable, Sendable {
  case start
  case end
  /// Before the first event whose time is >= this. (`--at` means everything up to and including: seek, then
  /// read.)
  case time(Instant)
  /// Before the event with this position, as the system writes it: `1403`, `1735808554632-0`.
  case position(String)
  /// A share of the log, 0 ... 1, by position or bytes, whichever is cheaper.
  case fraction(Double)
}
