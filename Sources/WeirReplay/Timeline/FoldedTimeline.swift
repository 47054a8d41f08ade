import Synchronization
package import WeirCore

/// A log folded by one engine, with checkpoints inside the engine, so that any moment is at most a few
/// hundred folds away.
///
/// Slot 0 of the engine holds the end of what has been folded, slot 1 is for wandering, the others are
/// checkpoints: the state after every `checkpointSpacing` events. When checkpoints outgrow their budget every
/// second one is dropped.
///
/// A fold that throws leaves the state alone at its event; one that kills the engine is remembered, and
/// everything is folded anew around its event. Law: a state reached from a checkpoint equals the state
/// reached from the start.
///
/// `@unchecked Sendable`: everything mutable is touched only inside `locked`.
package final class FoldedTimeline: ReplaySession, @unchecked Sendable {
  enum Slot {
    static let end = 0
    static let scratch = 1
    static let firstCheckpoint = 2
  }

  /// Bytes of all checkpoints.
  static let checkpointBudget = 64 << 20
  /// Steps kept for the rows around the playhead.
  static let stepLimit = 512
  /// Bytes that the states of those steps may take, about.
  static let stepBudget = 16 << 20
  /// Engines lost in one timeline before the fold is given up.
  static let lossLimit = 8

  private let name: String
  private let isGuess: Bool
  let log: any EventLog
  package let engine: any FoldEngine
  private let gate = Mutex(())

  var pages: TimelinePages
  var isComplete = false
  /// Where to go on reading; nil at the end.
  private var next: Cursor?
  /// Checkpoints by moment; moment 0 is the initial state and needs none.
  var checkpoints: [Int: Int] = [:]
  private var checkpointBytes = 0
  private var nextSlot = Slot.firstCheckpoint
  private var spacing = TimelinePages.pageSize
  /// Moment that slot 0 stands at.
  var folded = 0
  /// Events that are passed over because they killed the engine.
  var fatal: [Int: FoldFailure] = [:]
  var failures: [Int: FoldFailure] = [:]
  /// Invariants that stopped holding, by ordinal.
  var broken: [Int: [Int]] = [:]
  var steps: [Int: ReplayStep] = [:]
  private var losses = 0
  /// Set when the engine cannot be used at all.
  private var unusable: FoldFailure?
  /// The page whose events the engine has; staging costs as much as folding.
  private var staged: Int?

  /// `isGuess`: nobody chose the fold. `usesEventClock`: events are placed by the time found in headers or
  /// payload where there is one.
  package init(
    log: any EventLog, aggregate: String, engine: any FoldEngine, isGuess: Bool, usesEventClock: Bool = false
  ) {
    self.log = log
    self.engine = engine
    pages = TimelinePages(log, usesEventClock: usesEventClock)
    next = Cursor(log.partitions.map { _ in .start })
    (name, self.isGuess) = (aggregate, isGuess)
  }

  package var about: ReplayAbout {
    // One partition's events keep their own order, whatever other partitions the log has.
    let isSpread = try? locked { () throws(Fault) in pages.isSpread }
    return ReplayAbout(
      aggregate: name, fold: engine.about.name, foldIsGuess: isGuess,
      orderIsByTime: log.isMergedByTime && isSpread ?? false)
  }

  func locked<T>(_ body: () throws(Fault) -> T) throws(Fault) -> T {
    let result: Result<T, Fault> = gate.withLock { _ in
      // Never leaves this closure but as its result; the gate is held.
      nonisolated(unsafe) var inner: Result<T, Fault>
      do throws(Fault) { inner = .success(try body()) } catch { inner = .failure(error) }
      return inner
    }
    return try result.get()
  }

  package var progress: (events: Int, isComplete: Bool) {
    let now: (Int, Bool)? = try? locked { () throws(Fault) in (folded, isComplete) }
    return now ?? (0, false)
  }

  // MARK: Loading

  package func load(_ work: Work) throws(Fault) {
    while true {
      try work.check()
      let goesOn = try locked { () throws(Fault) in try loadPage(work) }
      guard goesOn else { return }
    }
  }

  /// Reads and folds one page. False at the end.
  private func loadPage(_ work: Work) throws(Fault) -> Bool {
    guard !isComplete, let start = next else {
      isComplete = true
      return false
    }
    let (events, after) = try readPage(from: start, work)
    if !events.isEmpty { pages.append(events, from: start) }
    next = after
    isComplete = after == nil
    try foldForward(to: pages.count, work)
    work.advance(by: events.count)
    return !isComplete
  }

  /// A page's events. A log that asks the engine which events are its own (`SelectedLog`) stages others.
  private func events(ofPage page: Int, _ work: Work) throws(Fault) -> [StoredEvent] {
    if !pages.isHeld(page) { staged = nil }
    return try pages.events(ofPage: page, work)
  }

  /// Exactly one page of events, fewer only at the end.
  private func readPage(from start: Cursor, _ work: Work) throws(Fault) -> ([StoredEvent], Cursor?) {
    var events: [StoredEvent] = []
    var batch = EventBatch()
    var next: Cursor? = start
    staged = nil
    while let cursor = next, events.count < TimelinePages.pageSize {
      next = try log.read(cursor, .forward, count: TimelinePages.pageSize - events.count, into: &batch, work)
      for index in batch.records.indices { events.append(log.event(index, of: batch)) }
    }
    return (events, next)
  }

  /// Folds slot 0 on to `moment`, remembering checkpoints, failures and broken invariants on the way.
  private func foldForward(to moment: Int, _ work: Work) throws(Fault) {
    while folded < moment {
      let page = folded / TimelinePages.pageSize
      let range = pages.range(ofPage: page)
      let events = try events(ofPage: page, work)
      let from = folded - range.lowerBound
      let to = min(moment, range.upperBound) - range.lowerBound
      let report = try run(page: page, events, from..<to, slot: Slot.end, watching: [], work)
      guard let report else { continue }
      note(report, base: range.lowerBound)
      folded = range.lowerBound + to
      if folded % spacing == 0 { try remember() }
    }
  }

  private func note(_ report: FoldReport, base: Int) {
    for (index, failure) in report.failures { failures[base + index] = failure }
    for turn in report.turns where !turn.holds {
      broken[base + turn.index, default: []].append(turn.invariant)
    }
  }

  // MARK: The engine, with its deaths

  /// Stages and folds part of a page, around events that kill the engine. nil: the engine died and everything
  /// that it held has been folded again up to where slot 0 was before; the caller begins its own work anew.
  func run(
    page: Int, _ events: [StoredEvent], _ range: Range<Int>, slot: Int, watching: [Watch], _ work: Work
  ) throws(Fault) -> FoldReport? {
    if let unusable { throw fault(unusable) }
    let base = pages.range(ofPage: page).lowerBound
    do throws(FoldStop) {
      if staged != page {
        staged = nil
        try engine.stage(events)
        staged = page
      }
      var report = FoldReport()
      for piece in pieces(range, base: base) {
        let part = try engine.fold(piece, into: .one(slot), watching: watching)
        report.failures += part.failures
        report.turns += part.turns
        report.changes += part.changes
      }
      for (ordinal, failure) in fatal where range.contains(ordinal - base) {
        report.failures.append((ordinal - base, failure))
      }
      return report
    } catch {
      try recover(from: error, base: base, work)
      return nil
    }
  }

  /// The range without the events that kill the engine.
  private func pieces(_ range: Range<Int>, base: Int) -> [Range<Int>] {
    var pieces: [Range<Int>] = []
    var start = range.lowerBound
    for ordinal in fatal.keys.sorted() where range.contains(ordinal - base) {
      if ordinal - base > start { pieces.append(start..<ordinal - base) }
      start = ordinal - base + 1
    }
    if start < range.upperBound { pieces.append(start..<range.upperBound) }
    return pieces
  }

  private func recover(from stop: FoldStop, base: Int, _ work: Work) throws(Fault) {
    losses += 1
    guard case .lost(let index?, let failure) = stop, losses <= FoldedTimeline.lossLimit else {
      unusable = stop.failure
      throw fault(stop.failure)
    }
    fatal[base + index] = failure
    failures[base + index] = failure
    staged = nil
    try calling { () throws(FoldStop) in try engine.restart() }
    checkpoints = [:]
    (checkpointBytes, nextSlot) = (0, Slot.firstCheckpoint)
    steps = [:]
    let goal = folded
    folded = 0
    try foldForward(to: goal, work)
  }

  /// An engine call that has no event to blame.
  func calling<T>(_ body: () throws(FoldStop) -> T) throws(Fault) -> T {
    do throws(FoldStop) { return try body() } catch {
      unusable = error.failure
      throw fault(error.failure)
    }
  }

  private func fault(_ failure: FoldFailure) -> Fault {
    Fault(.foldFailed, "fold", name, failure.description)
  }

  // MARK: Checkpoints

  private func remember() throws(Fault) {
    let slot = nextSlot
    nextSlot += 1
    checkpointBytes += try calling { () throws(FoldStop) in try engine.copy(Slot.end, to: slot) }
    checkpoints[folded] = slot
    guard checkpointBytes > FoldedTimeline.checkpointBudget, checkpoints.count > 1 else { return }
    spacing *= 2
    let dropped = checkpoints.filter { $0.key % spacing != 0 }
    try calling { () throws(FoldStop) in try engine.drop(Array(dropped.values)) }
    for moment in dropped.keys { checkpoints[moment] = nil }
    checkpointBytes /= 2
  }

  /// Puts the state after `moment` events into the scratch slot.
  func wander(to moment: Int, _ work: Work) throws(Fault) {
    while true {
      let near = checkpoints.keys.filter { $0 <= moment }.max() ?? 0
      let slot = checkpoints[near]
      try calling { () throws(FoldStop) in
        if let slot { try engine.copy(slot, to: Slot.scratch) } else { try engine.drop([Slot.scratch]) }
      }
      if try fold(from: near, to: moment, slot: Slot.scratch, watching: [], work, { _, _, _ in }) { return }
    }
  }

  /// Folds `slot` from one moment to another, page by page. False: the engine died on the way; begin anew.
  func fold(
    from: Int, to: Int, slot: Int, watching: [Watch], _ work: Work,
    _ body: (Int, [StoredEvent], FoldReport) -> Void
  ) throws(Fault) -> Bool {
    var moment = from
    while moment < to {
      try work.check()
      let page = moment / TimelinePages.pageSize
      let range = pages.range(ofPage: page)
      let events = try self.events(ofPage: page, work)
      let end = min(to, range.upperBound)
      let part = moment - range.lowerBound..<end - range.lowerBound
      guard let report = try run(page: page, events, part, slot: slot, watching: watching, work) else {
        return false
      }
      body(range.lowerBound, events, report)
      moment = end
    }
    return true
  }
}
