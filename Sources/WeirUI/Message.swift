package import WeirCells
package import WeirCore
package import WeirReplay

/// Everything that can happen to the screens: a key, a tick of the clock, an answer to an effect.
package enum Message: Sendable {
  case input(InputEvent)
  /// Sent at least when a key arrives and a few times a second while work is under way.
  case tick(now: Instant, [JobProgress])
  // Answers. Each carries the generation of its effect (or the number of its source or session).
  case sourceOpened(index: Int, SourceAbout)
  case sourceFailed(index: Int, Fault)
  case catalog(source: Int, StreamIndex, isFinal: Bool, generation: Int)
  case aggregates([AggregateEntry], generation: Int)
  case activity(source: Int, Activity, generation: Int)
  case page(EventChunk, request: PageRequest)
  /// A new window: what lies before the place asked for, and what lies after it.
  case opened(before: EventChunk, after: EventChunk, request: PageRequest)
  case inspected(Inspection, generation: Int)
  case frame(FrameBytes, generation: Int)
  case density([Int], TimeSpan?, generation: Int)
  case found(before: EventChunk, after: EventChunk, request: SearchRequest)
  case notFound(request: SearchRequest)
  case filterPreviewed(kept: Int, of: Int, generation: Int)
  case hits([Hit], generation: Int)
  case replayOpened(session: Int, ReplayAbout)
  case replayLoaded(session: Int)
  case replay(ReplayAnswer, session: Int, generation: Int)
  case folds([FoldChoice], generation: Int)
  case wrote(path: String, bytes: Int, generation: Int)
  /// The effect is over: it has given its last answer, was cancelled, or failed for the reason given.
  case ended(generation: Int, Fault?)
  /// The runtime speaks: "copied 212 B (OSC 52)".
  case notice(String, isError: Bool)
}

/// How far a long effect has come, from its `Work`.
package struct JobProgress: Sendable, Equatable {
  package var generation: Int
  package var done: Int
  /// 0 while unknown.
  package var total: Int

  package init(generation: Int, done: Int, total: Int) {
    self.generation = generation
    self.done = done
    self.total = total
  }
}
