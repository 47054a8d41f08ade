package import WeirCore

/// One aggregate's (or any log's) history, folded: what the Replay screen and the commands `replay`, `diff`,
/// `state`, `bisect` ask.
///
/// Ordinals count the events of the timeline from 0. A moment is the number of events that have happened: 0
/// is before the first, `count` after the last. All calls may block and are made from workers; any number may
/// be under way at once.
package protocol ReplaySession: AnyObject, Sendable {
  var about: ReplayAbout { get }
  /// Events folded so far, and whether the whole history is in.
  var progress: (events: Int, isComplete: Bool) { get }
  /// Folds to the end, remembering checkpoints. Call once; may be cancelled and called again.
  func load(_ work: Work) throws(Fault)
  /// What the list shows of events `range`.
  func rows(_ range: Range<Int>) throws(Fault) -> [ReplayRow]
  /// The whole event, payload and all.
  func event(_ ordinal: Int) throws(Fault) -> StoredEvent
  /// State after `moment` events, and what the last of them changed.
  func step(at moment: Int) throws(Fault) -> ReplayStep
  /// Changed paths between two moments, in the order of the state's members.
  func diff(from: Int, to: Int) throws(Fault) -> [StateChange]
  /// The nearest moment after (forward) or before (backward) `moment` whose event changed the value at `path`
  /// or below it.
  func nextChange(of path: StatePath, from moment: Int, _ direction: Direction, _ work: Work) throws(Fault)
    -> Int?
  /// The number of events whose time is <= `time`, in log order up to the last such event.
  func moment(at time: Instant) throws(Fault) -> Int
  /// The moment after the last event whose version is <= `version`; nil where no event has a numeric version.
  func moment(version: Int64, _ work: Work) throws(Fault) -> Int?
  /// The moment after the last event that stands at `position`, or before it where the log is one ordered
  /// part; nil when nothing stands there.
  func moment(position: String, _ work: Work) throws(Fault) -> Int?
  /// Every change of the value at `path`, oldest first: its event's ordinal, the value before and after. A
  /// page's changes come at once.
  func history(of path: StatePath, _ work: Work, _ body: ([FieldChange]) throws(Fault) -> Void) throws(Fault)
  /// For each path the ordinal of the event that last changed the value there; nil: none did.
  func lastChanges(of paths: [StatePath], _ work: Work) throws(Fault) -> [Int?]
  /// Lanes for a strip of `width` columns, each column covering an equal share of the timeline.
  func lanes(_ paths: [StatePath], width: Int, _ work: Work) throws(Fault) -> [Lane]
  /// Paths that deserve a lane first: the fold's own `lanes`, then numbers and words that change.
  func suggestedLanes() throws(Fault) -> [StatePath]
  /// Every event after which `expression` turned true or false.
  func bisect(_ expression: Expression, _ work: Work) throws(Fault) -> [Turn]
  /// Broken invariants and folds that threw, by ordinal.
  func findings() throws(Fault) -> [ReplayFinding]
}

package struct ReplayAbout: Sendable {
  /// Account-19b6554d.
  package var aggregate: String
  /// The fold's name or file.
  package var fold: String
  /// True when nobody chose the fold.
  package var foldIsGuess: Bool
  /// True when several partitions were merged by time.
  package var orderIsByTime: Bool

  package init(aggregate: String, fold: String, foldIsGuess: Bool, orderIsByTime: Bool) {
    self.aggregate = aggregate
    self.fold = fold
    self.foldIsGuess = foldIsGuess
    self.orderIsByTime = orderIsByTime
  }
}

/// One line of the timeline's list.
package struct ReplayRow: Sendable, Equatable {
  package enum Sign: Sendable, Equatable {
    /// The event changed nothing, only added paths, changed or removed some.
    case none, added, changed, removed
    /// A broken invariant; a fold that threw.
    case broken, failed
  }

  package var ordinal: Int
  package var positionText: String
  package var version: String?
  package var time: Instant?
  package var type: String
  package var partition: PartitionID?
  package var sign: Sign
  /// The time was found in headers or payload; the log has none.
  package var timeIsGuess = false
  /// The first few changes that the event made; empty where they are not known.
  package var changes: [StateChange] = []

  package init(
    ordinal: Int, positionText: String, version: String?, time: Instant?, type: String,
    partition: PartitionID?, sign: Sign
  ) {
    self.ordinal = ordinal
    self.positionText = positionText
    self.version = version
    self.time = time
    self.type = type
    self.partition = partition
    self.sign = sign
  }
}

/// The state at one moment and what the event before it did.
package struct ReplayStep: Sendable, Equatable {
  package var moment: Int
  package var state: JSONValue
  /// What event `moment - 1` changed; empty at moment 0.
  package var changes: [StateChange]
  /// First 16 hexadecimal digits of SHA-256 over the state's compact JSON.
  package var digest: String
  /// Names of the invariants that do not hold here.
  package var brokenInvariants: [String]
  /// Paths whose digits JavaScript may have lost.
  package var inexact: [String]
  /// The fold threw at this event.
  package var failure: FoldFailure?

  package init(moment: Int, state: JSONValue, digest: String) {
    self.moment = moment
    self.state = state
    self.digest = digest
    changes = []
    brokenInvariants = []
    inexact = []
  }
}

/// A fold that threw or was stopped: where in the log, where in the script, and what it said.
package struct FoldFailure: Error, Sendable, Equatable, CustomStringConvertible {
  package var message: String
  /// File name of the fold, line and column from 1; nil where the engine does not know.
  package var file: String
  package var line: Int?
  package var column: Int?
  /// Position of the event, as the system writes it; nil when the script itself does not load.
  package var position: String?

  package init(message: String, file: String, line: Int? = nil, column: Int? = nil, position: String? = nil) {
    self.message = message
    self.file = file
    self.line = line
    self.column = column
    self.position = position
  }

  package var description: String {
    let place = line.map { ":\($0)" + (column.map { ":\($0)" } ?? "") } ?? ""
    return "\(file)\(place): \(message)" + (position.map { " (event \($0))" } ?? "")
  }
}

/// A value's place in the state.
package struct StatePath: Hashable, Sendable {
  package typealias Step = PathStep

  package var steps: [Step]
  package init(_ steps: [Step]) { self.steps = steps }
}

/// One path whose value differs. `from` nil: it was not there; `to` nil: it is gone.
package struct StateChange: Sendable, Equatable {
  package var path: StatePath
  package var from: JSONValue?
  package var to: JSONValue?

  package init(path: StatePath, from: JSONValue?, to: JSONValue?) {
    self.path = path
    self.from = from
    self.to = to
  }
}

/// The value at one path before and after an event; nil: there was nothing.
package struct FieldChange: Sendable, Equatable {
  package var ordinal: Int
  package var from: JSONValue?
  package var to: JSONValue?

  package init(ordinal: Int, from: JSONValue?, to: JSONValue?) {
    self.ordinal = ordinal
    self.from = from
    self.to = to
  }
}

/// One field along the timeline, reduced to the columns of a strip.
package struct Lane: Sendable, Equatable {
  package enum Shape: Sendable, Equatable {
    /// Per column the lowest and highest value it had; nil where the field was absent. With the scale over
    /// the whole timeline.
    case chart(low: [Double?], high: [Double?], minimum: Double, maximum: Double)
    /// Per column the value it ended with (index into `words`), nil where absent.
    case words(columns: [Int?], words: [String])
    /// Per column whether it changed.
    case changes([Bool])
  }

  package var path: StatePath
  package var shape: Shape
  /// How often the value changed in all.
  package var changeCount: Int

  package init(path: StatePath, shape: Shape, changeCount: Int) {
    self.path = path
    self.shape = shape
    self.changeCount = changeCount
  }
}

/// A moment at which a condition turned.
package struct Turn: Sendable, Equatable {
  /// Ordinal of the event that turned it.
  package var ordinal: Int
  package var now: Bool

  package init(ordinal: Int, now: Bool) {
    self.ordinal = ordinal
    self.now = now
  }
}

package struct ReplayFinding: Sendable, Equatable {
  package var ordinal: Int
  /// "within the overdraft" or the fold's error, in words.
  package var text: String
  package var isFailure: Bool

  package init(ordinal: Int, text: String, isFailure: Bool) {
    self.ordinal = ordinal
    self.text = text
    self.isFailure = isFailure
  }
}
