package import WeirCore

/// What folds: built in or a JavaScript file, alike for everything above.
///
/// An engine holds states in numbered *slots*; a slot that was never written holds the initial state. The
/// same call serves every use: a slot per aggregate folds a whole log in one pass, a copy into another slot
/// is a checkpoint, and a copy back restores it. Copies are exact, shared parts and values that JSON does not
/// know (dates, maps) included, so that folding from a checkpoint is folding from the start.
///
/// Events are staged first and folded then, so that one transfer may be folded in pieces. All calls block. An
/// engine is confined: its owner lets one worker in at a time. It is `Sendable` only so that the worker may
/// be another one next time.
package protocol FoldEngine: AnyObject, Sendable {
  var about: FoldAbout { get }
  /// Takes the place of what was staged before. At most `FoldLimits.batch` events.
  func stage(_ events: [StoredEvent]) throws(FoldStop)
  /// The aggregate of each staged event by the fold's own word; nil: the fold leaves the event out. Only
  /// asked where `about.keys` is `.asked`.
  func keys() throws(FoldStop) -> [String?]
  /// Folds staged events in order and reports what was asked for. An event whose fold throws or runs too
  /// long leaves its state as it was, and the walk goes on.
  func fold(_ range: Range<Int>, into slots: FoldSlots, watching: [Watch]) throws(FoldStop) -> FoldReport
  func states(of slots: [Int]) throws(FoldStop) -> [FoldedState]
  /// Makes slot `to` an exact copy of `from`. Returns about how many bytes it takes.
  @discardableResult func copy(_ from: Int, to: Int) throws(FoldStop) -> Int
  /// Forgets slots; each holds the initial state again.
  func drop(_ slots: [Int]) throws(FoldStop)
  /// After `FoldStop.lost`: everything as new, no event staged, every slot at the initial state.
  func restart() throws(FoldStop)
}

/// Numbers that bound what a fold may take.
package enum FoldLimits {
  /// Events staged at once: enough to make the call's own cost vanish, few enough to stop soon.
  package static let batch = 4096
  /// Watched paths a call.
  package static let watches = 64
  /// Emitted events and log lines kept a call.
  package static let outputs = 1000
  /// Invariants a fold may have (they are bits of a word).
  package static let invariants = 30
}

/// What a fold says about itself.
package struct FoldAbout: Sendable, Equatable {
  package enum Dialect: String, Sendable { case builtIn = "built in", weir, emmett, kurrent }

  /// Which state an event belongs to.
  package enum Keys: Sendable, Equatable {
    /// The event's own aggregate.
    case aggregate
    /// The fold decides; ask `keys()`.
    case asked
    /// Everything is one state, which goes by this name.
    case one(String)
  }

  /// A built-in name (`by-type`) or the file's name.
  package var name: String
  package var dialect: Dialect
  package var keys = Keys.aggregate
  /// Aggregates whose events the fold takes; nil: all.
  package var selection: FoldSelection?
  package var lanes: [StatePath] = []
  /// Names of the invariants, in the fold's order.
  package var invariants: [String] = []
  /// What is odd about the file, a sentence each.
  package var notes: [String] = []

  package init(name: String, dialect: Dialect) {
    self.name = name
    self.dialect = dialect
  }
}

/// The aggregates a fold takes events from, by name or by category (the text before the first `-`).
package struct FoldSelection: Sendable, Equatable {
  package var streams: Set<String> = []
  package var categories: Set<String> = []

  package init(streams: Set<String> = [], categories: Set<String> = []) {
    self.streams = streams
    self.categories = categories
  }

  package func contains(_ aggregate: String) -> Bool {
    if streams.contains(aggregate) { return true }
    guard !categories.isEmpty, let dash = aggregate.firstIndex(of: "-") else { return false }
    return categories.contains(String(aggregate[..<dash]))
  }
}

/// Which slot each event is folded into.
package enum FoldSlots: Sendable {
  case one(Int)
  /// One slot for each event of the range; -1 leaves the event out.
  case each([Int32])
}

/// A path of the state to be told about, whenever an event changed what is there or below.
package struct Watch: Sendable, Equatable {
  package var path: StatePath
  /// False: only that it changed, not to what.
  package var wantsValue: Bool

  package init(_ path: StatePath, wantsValue: Bool = true) {
    self.path = path
    self.wantsValue = wantsValue
  }
}

/// What happened while events were folded. Every `index` is one of the staged events.
package struct FoldReport: Sendable {
  package struct Change: Sendable, Equatable {
    /// -1 tells the value before the first event of the call.
    package var index: Int
    /// Index into the watches.
    package var watch: Int
    /// nil: there is nothing at the path (or the value was not asked for).
    package var value: JSONValue?
  }

  /// An invariant that held and does not, or the reverse.
  package struct InvariantTurn: Sendable, Equatable {
    package var index: Int
    package var invariant: Int
    package var holds: Bool
  }

  package var failures: [(index: Int, failure: FoldFailure)] = []
  package var turns: [InvariantTurn] = []
  package var changes: [Change] = []
  /// Events the fold emitted (KurrentDB's `emit`, `linkTo`), as objects; never written anywhere.
  package var emitted: [(index: Int, event: JSONValue)] = []
  package var logs: [(index: Int, text: String)] = []

  package init() {}
}

/// One slot's content.
package struct FoldedState: Sendable, Equatable {
  package var state: JSONValue
  /// Payload paths whose digits JavaScript could not keep, sorted.
  package var inexact: [String] = []
  /// Indexes of the invariants that do not hold.
  package var broken: [Int] = []
  /// What KurrentDB's `transformBy` and `filterBy` make of the state; nil where there are none.
  package var result: JSONValue?

  package init(_ state: JSONValue) { self.state = state }

  package var digest: String { SHA256.short(state.compact) }
}

/// Why an engine stopped as a whole.
package enum FoldStop: Error, Sendable {
  /// It died (out of memory, a loop nothing could stop) and its states with it. `at` is the staged event it
  /// was folding: restart, and fold again around it.
  case lost(at: Int?, FoldFailure)
  /// The fold cannot be used: the script does not load, the library is missing, it died too often.
  case unusable(FoldFailure)

  package var failure: FoldFailure {
    switch self {
    case .lost(_, let failure), .unusable(let failure): failure
    }
  }
}
