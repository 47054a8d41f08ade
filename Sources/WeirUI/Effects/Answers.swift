import WeirCells
package import WeirCore
package import WeirReplay

/// What a list shows of an event: texts that fit cells, and no more of the payload than its beginning.
package struct EventSummary: Sendable, Equatable {
  package var stream: String
  package var partition: PartitionID?
  package var position: Position
  package var positionText: String
  package var version: String?
  package var key: String?
  package var type: String?
  package var id: String?
  package var time: Instant?
  /// The time was found in headers or payload; the log has none.
  package var timeIsGuess: Bool
  package var size: Int
  package var marks: Marks
  /// The payload's beginning on one line; empty where there is none.
  package var preview = ""
  /// What is folded when this event is entered.
  package var aggregate: StreamID
  /// Positions between the event before and this one that are not in the log; 0 where that is unknown.
  package var missingBefore = 0

  /// Longer texts are cut for lists; the inspector shows them whole.
  static let textLimit = 240

  package init(_ event: StoredEvent) {
    stream = EventSummary.cut(event.stream)
    partition = event.partition
    position = event.position
    positionText = event.positionText
    version = event.version
    key = event.key.map { EventSummary.cut(StoredEvent.keyText(Array($0.prefix(EventSummary.textLimit)))) }
    type = event.shortType.map(EventSummary.cut)
    id = event.id
    time = event.placedTime
    timeIsGuess = event.time == nil && event.eventTime != nil
    size = event.size
    marks = event.marks
    preview = PayloadPreview.line(event.data)
    aggregate = StreamID(event.stream, key: event.key)
  }

  private static func cut(_ text: String) -> String {
    text.utf8.count <= textLimit ? text : String(text.prefix(textLimit))
  }
}

/// One line of the events pane.
package struct EventRow: Sendable, Equatable {
  package enum Content: Sendable, Equatable {
    case event(EventSummary)
    /// Bytes that could not be read, with their place and reason.
    case damage(Damage)
    /// So many positions in a row are not in the log.
    case gap(Int)
  }

  package var content: Content
  /// nil for rows that are no events.
  package var ref: EventRef?

  var event: EventSummary? { if case .event(let summary) = content { summary } else { nil } }
}

/// A run of rows in the log's order, with the places at both of its ends.
package struct EventChunk: Sendable, Equatable {
  package var rows: [EventRow]
  /// Where reading backwards goes on; nil: the log begins here.
  package var low: Cursor?
  /// Where reading forwards goes on; nil: the log ends here.
  package var high: Cursor?
  /// Events that the filter left out.
  package var hidden: Int = 0
  package var widths = EventWidths()
}

/// The widest texts among some events, in columns, so that the columns of a list take what they need.
package struct EventWidths: Sendable, Equatable {
  var position = 0
  var type = 0
  var name = 0
  var preview = 0

  init() {}

  init(_ rows: [EventRow]) {
    for case .event(let event) in rows.map(\.content) {
      position = max(position, NumberText.position(event.positionText).utf8.count)
      if let text = event.type { type = max(type, TextWidth.width(of: EventSigns.text(event.marks) + text)) }
      name = max(name, TextWidth.width(of: event.key ?? event.stream))
      preview = max(preview, TextWidth.width(of: event.preview))
    }
  }

  mutating func widen(_ other: EventWidths) {
    position = max(position, other.position)
    type = max(type, other.type)
    name = max(name, other.name)
    preview = max(preview, other.preview)
  }
}

/// One event in full, decoded for the inspector.
package struct Inspection: Sendable {
  package enum Body: Sendable, Equatable {
    case absent, null
    case json(JSONValue)
    /// Text, with the reason why it is not shown as JSON where it looks like it.
    case text(String, note: String?)
    case bytes([UInt8])
  }

  package var event: StoredEvent
  package var data: Body
  package var meta: Body
  /// The event as `--json` prints it, for copying and writing.
  package var json: [UInt8]
  package var ref: EventRef
}

/// Which frame is wanted: the one that a byte of a file lies in, and one of its records.
package struct FramePlace: Sendable, Equatable {
  package var file: String
  package var offset: UInt64
  /// From 0; nil where the byte tells.
  package var record: Int?

  package init(file: String, offset: UInt64, record: Int?) {
    self.file = file
    self.offset = offset
    self.record = record
  }
}

/// The stored bytes of a frame and what they mean.
package struct FrameBytes: Sendable, Equatable {
  package var place: FramePlace
  package var detail: FrameDetail
}

/// Something found by identifier.
package struct Hit: Sendable, Equatable {
  package enum Place: Sendable, Equatable {
    /// A stream or topic of that name.
    case stream(StreamID)
    /// An event, and which part of it holds the text.
    case event(EventSummary, part: String)
    /// An aggregate whose key or stream holds the text: an event of it, and how many there are so far.
    case aggregate(EventSummary, count: Int)
  }

  package var source: Int
  package var place: Place
}

/// A turn of a bisected condition, with the event that made it.
package struct TurnRow: Sendable, Equatable {
  package var turn: Turn
  package var row: ReplayRow
}

/// A fold that can be chosen.
package struct FoldChoice: Sendable, Equatable {
  /// What `--fold` takes: a name or a path.
  package var name: String
  package var detail: String

  package init(name: String, detail: String) {
    self.name = name
    self.detail = detail
  }
}

/// Answers of an open replay session.
package enum ReplayAnswer: Sendable, Equatable {
  case progress(events: Int, isComplete: Bool)
  case rows(first: Int, [ReplayRow])
  case step(ReplayStep, event: ReplayEvent?)
  case lanes([Lane], width: Int)
  case diff(from: Int, to: Int, [StateChange])
  /// Where a jump leads; nil: nowhere, for the reason given.
  case moment(Int?, reason: String)
  case turns([TurnRow], of: String)
  case findings([ReplayFinding])
}

/// The event that a step applied, as far as the Replay screen shows it.
package struct ReplayEvent: Sendable, Equatable {
  package var summary: EventSummary
  package var data: Inspection.Body
  /// The event as `--json` prints it, and its payload as it is: for copying and writing.
  package var json: String
  package var payload: [UInt8]
}
