/// One opened thing. File formats implement it by frames and events; databases, played-out results and live
/// servers enter at events.
///
/// Every call may block and is made from a worker, never from the thread that draws. Long calls check their
/// `Work` once a batch.
package protocol Source: AnyObject, Sendable {
  var about: SourceAbout { get }
  /// Streams and partitions. With `.glance` from names, sidecars and the ends of files alone; with `.count`
  /// everything that can be counted by reading at most `limit` bytes.
  func catalog(_ effort: CatalogEffort, _ work: Work) throws(Fault) -> Catalog
  /// The events of one stream, partition, topic, key, or of everything.
  func log(_ stream: StreamID) throws(Fault) -> any EventLog
  /// The aggregates (streams of a store, keys of a topic) below `stream`, sorted by name.
  func aggregates(_ stream: StreamID, _ work: Work) throws(Fault) -> [AggregateEntry]
}

/// An ordered history that can be entered anywhere. Values, not sessions: any number of readers may use one
/// log.
package protocol EventLog: AnyObject, Sendable {
  var stream: StreamID { get }
  /// The partitions it is merged from, in the order of `Cursor.places`; one entry for anything ordered.
  var partitions: [PartitionID?] { get }
  /// True when the order between partitions is only that of their times.
  var isMergedByTime: Bool { get }
  /// Reads up to `count` events from `cursor` on into `batch`, emptying it first; backwards the newest comes
  /// first. Returns where to go on, nil once the log has ended in that direction. Fewer than `count` events
  /// may come at any time.
  func read(_ cursor: Cursor, _ direction: Direction, count: Int, into batch: inout EventBatch, _ work: Work)
    throws(Fault) -> Cursor?
  /// The cursor that stands right before what `target` names.
  func seek(_ target: Target, _ work: Work) throws(Fault) -> Cursor
  /// A cursor right before or after one event of this log.
  func cursor(_ side: CursorSide, _ event: StoredEvent) -> Cursor
  /// The event that a record of a batch is, decoded and mapped.
  func event(_ index: Int, of batch: EventBatch) -> StoredEvent
}

package enum CursorSide: Sendable { case before, after }

/// What a source is, for whoever opened it: label, format, what there is to say about it.
package struct SourceAbout: Sendable {
  package enum Kind: Sendable { case store, stream }

  /// Short name: the last part of the path.
  package var label: String
  /// The path or address as the user gave it.
  package var address: String
  package var kind: Kind
  /// The format's name: `kafka`, `emmett`, `ndjson`.
  package var format: String
  /// What wrote it and where things were found, one sentence a line; guesses say that they are guesses.
  package var notes: [String] = []

  package init(label: String, address: String, kind: Kind, format: String, notes: [String] = []) {
    self.label = label
    self.address = address
    self.kind = kind
    self.format = format
    self.notes = notes
  }
}

/// How hard to look.
package enum CatalogEffort: Sendable {
  case glance
  /// Count exactly as long as at most `limit` bytes must be read for it; nil: whatever it costs.
  case count(limit: UInt64?)
}

package struct Catalog: Sendable {
  /// Sorted by stream name, then partition.
  package var entries: [CatalogEntry] = []
  /// Sentences about the whole source: what was hidden, skipped or guessed.
  package var notes: [String] = []
  package var damage: [Damage] = []
  package init() {}
}

/// A number of events, and how sure it is.
package enum EventCount: Sendable, Equatable {
  case exact(Int)
  /// No more than this; why it is not known exactly.
  case atMost(Int, why: String)
  case unknown(why: String)
}

/// A stream of a store or one partition of a topic.
package struct CatalogEntry: Sendable {
  package var stream: StreamID
  /// First and last position that `cat` would print with the same flags; nil when empty or unknown.
  package var first: String?
  package var last: String?
  package var firstTime: Instant?
  package var lastTime: Instant?
  package var count: EventCount
  package var bytes: UInt64?
  package var format: String
  /// `__` topics, `$` streams: hidden unless asked.
  package var isInternal = false
  /// What is odd about it, in a sentence: "history begins at offset 777: 777 earlier events were deleted".
  package var notes: [String] = []

  package init(stream: StreamID, count: EventCount, format: String) {
    self.stream = stream
    self.count = count
    self.format = format
  }
}

package struct AggregateEntry: Sendable, Equatable {
  package var name: String
  /// The topic the key lives in; the aggregate's own name in a store.
  package var stream: String
  package var count: Int
  /// Positions of its first and last event, as the system writes them.
  package var first: String?
  package var last: String?

  package init(name: String, stream: String, count: Int, first: String? = nil, last: String? = nil) {
    self.name = name
    self.stream = stream
    self.count = count
    self.first = first
    self.last = last
  }
}

/// What a reader is asked to show, from the common flags of the command line.
package struct ReadOptions: Sendable, Equatable {
  /// Skips detection: a name from `weir formats`.
  package var format: String?
  package var mapping = MappingRules()
  package var committed = false
  package var control = false
  package var deleted = false
  package var showInternal = false
  package var damaged = false
  package var snapshots = false
  package var table: String?

  package init() {}
}

/// A source that can guess where the events of a key lie.
package protocol KeyedSource: Source {
  /// The partition of `topic` that the key's hash names; nil: no idea.
  func likelyPartition(of key: [UInt8], in topic: String) -> PartitionID?
}

/// A consumer group's place in one partition.
package struct GroupOffset: Sendable, Equatable {
  package var group: String
  package var stream: String
  package var partition: PartitionID
  /// Next position to read; nil when the group has none.
  package var committed: String?
  /// The log's end; nil when the partition is not here.
  package var end: String?
  package var lag: Int?
  package var pending: Int?

  package init(group: String, stream: String, partition: PartitionID) {
    self.group = group
    self.stream = stream
    self.partition = partition
  }
}

/// A source that knows consumer groups.
package protocol GroupSource: Source {
  func groups(_ work: Work) throws(Fault) -> [GroupOffset]
}

/// One line of `weir frames`.
package struct FrameEntry: Sendable, Equatable {
  package var offset: UInt64
  package var length: UInt64
  /// What it is, in the format's words: "batch v2 zstd".
  package var kind: String
  /// nil: this kind has no checksum.
  package var crcOK: Bool?
  package var records: Int?
  /// What is wrong with it; nil for a torn or a zero tail, which are no damage and say so in `kind`.
  package var damage: String?

  package init(offset: UInt64, length: UInt64, kind: String) {
    self.offset = offset
    self.length = length
    self.kind = kind
  }
}

/// One named field of a frame, for the hex view: which bytes, what they mean.
package struct FrameField: Sendable, Equatable {
  /// Range within the frame's stored bytes.
  package var range: Range<Int>
  package var name: String
  package var value: String

  package init(_ range: Range<Int>, _ name: String, _ value: String) {
    self.range = range
    self.name = name
    self.value = value
  }
}

/// What a compressed frame holds once undone: bytes that are in no file, with fields of their own.
package struct FrameContent: Sendable, Equatable {
  /// At most 1 MiB of it.
  package var bytes: [UInt8]
  /// Ranges within the undone bytes.
  package var fields: [FrameField]

  package init(bytes: [UInt8], fields: [FrameField]) {
    self.bytes = bytes
    self.fields = fields
  }
}

/// One frame in full: its bytes and what they mean.
package struct FrameDetail: Sendable, Equatable {
  /// Where the frame begins in its file.
  package var offset: UInt64
  /// Bytes of the frame as stored, whatever part of them is below.
  package var length: UInt64
  /// Its stored bytes, at most 1 MiB.
  package var bytes: [UInt8]
  package var fields: [FrameField]
  /// nil: it is not compressed, or cannot be undone.
  package var content: FrameContent?

  package init(
    offset: UInt64, length: UInt64, bytes: [UInt8], fields: [FrameField], content: FrameContent? = nil
  ) {
    self.offset = offset
    self.length = length
    self.bytes = bytes
    self.fields = fields
    self.content = content
  }
}

/// A source whose files consist of frames.
package protocol FrameSource: Source {
  /// Calls `body` for each frame of the files of `stream`, the file's name given first.
  func frames(of stream: StreamID, _ work: Work, _ body: (String, FrameEntry) -> Void) throws(Fault)
  /// The frame that the byte at `offset` of `file` lies in. Of its records all are named, or only number
  /// `record`, or the one that the byte lies in.
  func frame(_ file: String, at offset: UInt64, record: Int?) throws(Fault) -> FrameDetail
}
