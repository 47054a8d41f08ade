import Glibc
import Synchronization
package import WeirCore
package import WeirReplay

/// How the program opens things, given by the runtime: the screens know no format and no fold by name.
package struct SessionOpeners: Sendable {
  package var openSource: @Sendable (String, Work) throws(Fault) -> any Source
  /// The source and the stream of an aggregate, its name, `--fold` (nil: as configured, else a guess).
  package var openReplay:
    @Sendable (any Source, StreamID, String, String?, Work) throws(Fault) -> any ReplaySession
  /// The folds to choose from for a log of that source.
  package var folds: @Sendable (any Source, StreamID) -> [FoldChoice]
  /// An event as `--json` prints it.
  package var eventJSON: @Sendable (StoredEvent) -> [UInt8]
  /// A file that did not exist, open for writing; -1 with `errno` when it cannot be made.
  package var newFile: @Sendable (String) -> Int32 = { path in
    open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
  }

  package init(
    openSource: @escaping @Sendable (String, Work) throws(Fault) -> any Source,
    openReplay:
      @escaping @Sendable (any Source, StreamID, String, String?, Work) throws(Fault) -> any ReplaySession,
    folds: @escaping @Sendable (any Source, StreamID) -> [FoldChoice],
    eventJSON: @escaping @Sendable (StoredEvent) -> [UInt8]
  ) {
    self.openSource = openSource
    self.openReplay = openReplay
    self.folds = folds
    self.eventJSON = eventJSON
  }
}

/// What effects have opened: sources, logs, replays, and the events of the runs on the screen. Shared by all
/// workers; the lock is held for look-ups only, never while something is read.
package final class Session: Sendable {
  package let openers: SessionOpeners
  private let storage = Mutex(Storage())

  private struct Storage {
    var sources: [Int: any Source] = [:]
    var logs: [LogRef: any EventLog] = [:]
    var replays: [Int: any ReplaySession] = [:]
    var runs: [ChunkSpec: Run] = [:]
    var clock = 0
  }

  /// The events of one chunk.
  private struct Run {
    var events: [StoredEvent]
    var bytes: Int
    var used: Int
  }

  /// Open logs kept: they hold indexes and file descriptors.
  private static let logLimit = 24
  /// Payload bytes kept for the inspector; beyond, a run is read again.
  private static let runBytes = 8 << 20

  package init(_ openers: SessionOpeners) { self.openers = openers }

  func add(_ source: any Source, at index: Int) {
    storage.withLock { state in
      state.sources[index] = source
      state.logs = state.logs.filter { $0.key.source != index }
      state.runs = state.runs.filter { $0.key.log.source != index }
    }
  }

  func source(_ index: Int) throws(Fault) -> any Source {
    guard let source = storage.withLock({ $0.sources[index] }) else {
      throw Fault(.nothingThere, "read", "", "the source is not open")
    }
    return source
  }

  var openSources: [(index: Int, source: any Source)] {
    storage.withLock { $0.sources.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
  }

  func log(_ ref: LogRef) throws(Fault) -> any EventLog {
    if let known = storage.withLock({ $0.logs[ref] }) { return known }
    let log = try source(ref.source).log(ref.stream)
    storage.withLock { state in
      if state.logs.count >= Session.logLimit { state.logs.removeAll() }
      state.logs[ref] = log
    }
    return log
  }

  /// Forgets what was read of a source's logs, so that they are looked at anew.
  func forget(source index: Int) {
    storage.withLock { state in
      state.logs = state.logs.filter { $0.key.source != index }
      state.runs = state.runs.filter { $0.key.log.source != index }
    }
  }

  func events(of spec: ChunkSpec) -> [StoredEvent]? {
    storage.withLock { state in
      state.clock += 1
      state.runs[spec]?.used = state.clock
      return state.runs[spec]?.events
    }
  }

  func keep(_ events: [StoredEvent], of spec: ChunkSpec) {
    // Key and value count double: as they were stored, and decoded.
    let bytes = events.reduce(0) { $0 &+ $1.size &* 2 &+ 400 }
    guard bytes <= Session.runBytes else { return }
    storage.withLock { state in
      state.clock += 1
      state.runs[spec] = Run(events: events, bytes: bytes, used: state.clock)
      var total = state.runs.values.reduce(0) { $0 + $1.bytes }
      for (spec, run) in state.runs.sorted(by: { $0.value.used < $1.value.used })
      where total > Session.runBytes {
        state.runs[spec] = nil
        total -= run.bytes
      }
    }
  }

  func add(_ replay: any ReplaySession, as number: Int) { storage.withLock { $0.replays[number] = replay } }
  func replay(_ number: Int) -> (any ReplaySession)? { storage.withLock { $0.replays[number] } }
  func closeReplay(_ number: Int) { storage.withLock { $0.replays[number] = nil } }
}
