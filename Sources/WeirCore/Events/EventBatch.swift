/// Where a slice of a batch's buffer lies. `count` -1 is a null, which is not the same as empty.
package struct ByteSlice: Sendable, Equatable {
  package var offset: UInt32
  package var count: Int32

  package init(_ offset: Int, _ count: Int) {
    self.offset = UInt32(truncatingIfNeeded: offset)
    self.count = Int32(truncatingIfNeeded: count)
  }

  package static let null = ByteSlice(0, -1)
  package var isNull: Bool { count < 0 }
  package var range: Range<Int> { Int(offset)..<Int(offset) + Int(max(count, 0)) }
}

/// Facts about an event that change how it must be read.
package struct Marks: OptionSet, Hashable, Sendable {
  package let rawValue: UInt32
  package init(rawValue: UInt32) { self.rawValue = rawValue }

  /// A null payload: on a keyed topic, the key's deletion.
  package static let tombstone = Marks(rawValue: 1 << 0)
  /// A control record (transaction marker, leader change); no consumer sees it.
  package static let control = Marks(rawValue: 1 << 1)
  /// Written in a transaction that was aborted.
  package static let aborted = Marks(rawValue: 1 << 2)
  /// Written in a transaction that is still open.
  package static let open = Marks(rawValue: 1 << 3)
  /// Below the log start, or in a file waiting to be unlinked.
  package static let deleted = Marks(rawValue: 1 << 4)
  /// Found in a `.deleted` file while the same offset lives in a current segment.
  package static let superseded = Marks(rawValue: 1 << 5)
  /// Archived by the store's own means.
  package static let archived = Marks(rawValue: 1 << 6)
  package static let redacted = Marks(rawValue: 1 << 7)
  package static let duplicate = Marks(rawValue: 1 << 8)
  /// Decoded from inside a frame that failed its check (`--damaged`).
  package static let damaged = Marks(rawValue: 1 << 9)
  package static let snapshot = Marks(rawValue: 1 << 10)
  package static let link = Marks(rawValue: 1 << 11)
  package static let system = Marks(rawValue: 1 << 12)
  /// A command, not an event (Emmett's message_kind C).
  package static let command = Marks(rawValue: 1 << 13)

  private static let named: [(Marks, String)] = [
    (.tombstone, "tombstone"), (.control, "control"), (.aborted, "aborted"), (.open, "open"),
    (.deleted, "deleted"),
    (.superseded, "superseded"), (.archived, "archived"), (.redacted, "redacted"), (.duplicate, "duplicate"),
    (.damaged, "damaged"), (.snapshot, "snapshot"), (.link, "link"), (.system, "system"),
    (.command, "command"),
  ]

  /// The marks' names as `--json` prints them.
  package var names: [String] { Marks.named.filter { contains($0.0) }.map(\.1) }
}

/// One record of a batch: a trivial value, offsets into the batch's buffer. Kept free of references on
/// purpose: a class or a String for each record costs 2 to 11 times the whole decode.
package struct EventRecord: Sendable {
  package var position: Position
  /// The log's own time; `hasTime` false where it has none.
  package var seconds: Int64 = 0
  package var nanoseconds: Int32 = 0
  package var timeDigits: Int8 = 0
  package var hasTime = false
  package var marks: Marks = []
  /// Index into `EventBatch.frames`: the frame it lies in. -1: it lies in no file.
  package var frame: Int32 = -1
  /// Which record of that frame, from 0; -1 when the frame is the record.
  package var indexInFrame: Int32 = -1
  /// Index into the log's partitions.
  package var partition: Int32 = 0
  /// Stored size of key + value in bytes.
  package var size: Int32 = 0
  /// The columns a source has; null where it has none. In a stream, `type`, `id`, `stream` and `version` come
  /// from the mapping.
  package var stream = ByteSlice.null
  package var version = ByteSlice.null
  package var type = ByteSlice.null
  package var id = ByteSlice.null
  package var key = ByteSlice.null
  package var value = ByteSlice.null
  package var meta = ByteSlice.null
  /// Indexes into `EventBatch.headers`.
  package var headers: Range<Int32> = 0..<0

  package init(position: Position) { self.position = position }

  package var time: Instant? {
    get { hasTime ? Instant(seconds: seconds, nanoseconds: nanoseconds, digits: timeDigits) : nil }
    set {
      hasTime = newValue != nil
      seconds = newValue?.seconds ?? 0
      nanoseconds = newValue?.nanoseconds ?? 0
      timeDigits = newValue?.digits ?? 0
    }
  }
}

/// A name and a value; both may be any bytes, the value may be null, names repeat.
package struct HeaderSlices: Sendable, Equatable {
  package var name: ByteSlice
  package var value: ByteSlice
  package init(name: ByteSlice, value: ByteSlice) {
    self.name = name
    self.value = value
  }
}

/// Events in bulk: trivial records over one buffer, reused from call to call.
package struct EventBatch: Sendable {
  /// Decompressed bytes and copied columns; every `ByteSlice` points in here. At most 4 GiB, in practice a
  /// few MiB.
  package var bytes: [UInt8] = []
  package var records: [EventRecord] = []
  package var headers: [HeaderSlices] = []
  /// Provenance of the records, by `EventRecord.frame`.
  package var frames: [Provenance] = []
  /// What could not be read, each with the index of the record it stands before.
  package var damage: [(before: Int, damage: Damage)] = []

  package init() {}

  /// Forgets the content and keeps the storage.
  package mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    records.removeAll(keepingCapacity: true)
    headers.removeAll(keepingCapacity: true)
    frames.removeAll(keepingCapacity: true)
    damage.removeAll(keepingCapacity: true)
  }

  /// Copies bytes into the buffer and says where they stand.
  package mutating func append(_ content: some Collection<UInt8>) -> ByteSlice {
    let offset = bytes.count
    bytes.append(contentsOf: content)
    return ByteSlice(offset, bytes.count - offset)
  }

  package func slice(_ slice: ByteSlice) -> ArraySlice<UInt8>? { slice.isNull ? nil : bytes[slice.range] }
  package func text(_ slice: ByteSlice) -> String? {
    slice.isNull ? nil : String(decoding: bytes[slice.range], as: UTF8.self)
  }
}
