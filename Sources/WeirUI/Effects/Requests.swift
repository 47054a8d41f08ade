package import WeirCore

/// One log of one open source.
package struct LogRef: Hashable, Sendable {
  package var source: Int
  package var stream: StreamID

  package init(source: Int, stream: StreamID) {
    self.source = source
    self.stream = stream
  }
}

/// How a run of events was read. Reading it again gives the same events, so a window needs to keep no
/// payloads.
package struct ChunkSpec: Hashable, Sendable {
  package var log: LogRef
  package var origin: Cursor
  package var isForward: Bool
  /// Events asked for, before the filter.
  package var count: Int
  /// An expression; empty: every event.
  package var filter: String
}

/// One event of a chunk.
package struct EventRef: Hashable, Sendable {
  package var chunk: ChunkSpec
  /// Index among the chunk's kept events, oldest first.
  package var index: Int
}

/// Asks for a run of events of the events pane.
package struct PageRequest: Equatable, Sendable {
  package enum Origin: Equatable, Sendable {
    /// Goes on from the edge of a window, away from it.
    case cursor(Cursor, Direction)
    /// Opens a new window there, reaching both ways.
    case target(Target)
    /// The same at the event of that version, in a log of one stream.
    case version(String)
  }

  package var log: LogRef
  package var origin: Origin
  package var count: Int
  package var filter: String
  package var generation: Int

  /// True when its answer makes a new window: a newer such request makes this one pointless.
  package var replaces: Bool { if case .cursor = origin { false } else { true } }
}

/// Asks for the next event that holds `text`.
package struct SearchRequest: Equatable, Sendable {
  package var log: LogRef
  /// Goes on right after (or before) this event; nil: from the log's start (or end).
  package var from: EventRef?
  package var text: String
  package var direction: Direction
  package var filter: String
  /// Events to show around the hit.
  package var count: Int
  package var generation: Int
  /// Goes on from the other end, since nothing was found up to this one.
  package var isWrapped = false
}

/// From the first to the last event of something.
package struct TimeSpan: Equatable, Sendable {
  package var first: Instant
  package var last: Instant
}

/// Asks how the events of a log lie along its time.
package struct DensityRequest: Equatable, Sendable {
  package var log: LogRef
  /// nil: not known; the log is read to find out.
  package var span: TimeSpan?
  /// The exact number of events where it is known: a short log is simply read.
  package var count: Int?
  package var columns: Int
  package var generation: Int
}

/// Asks for the history of one aggregate, folded.
package struct ReplayRequest: Equatable, Sendable {
  package var log: LogRef
  package var aggregate: String
  /// A fold by name or file; nil: as configured, else a guess.
  package var fold: String?
  /// Number of the session from now on, and the generation of the answers about its opening.
  package var session: Int
}
