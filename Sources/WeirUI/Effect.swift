package import WeirCore
package import WeirReplay

/// Work that `update` asks for and never does itself. Plain values, so that a test can say exactly which work
/// a key press causes.
///
/// `EffectRunner` does those that read sources, on worker threads; the runtime does those for which
/// `isForRuntime` is true. Answers are `Message`s that carry the effect's generation, and `update` drops
/// answers that nobody waits for any more.
package enum Effect: Equatable, Sendable {
  // Sources and their streams.
  case openSource(index: Int, path: String)
  case catalog(source: Int, exact: Bool, generation: Int)
  case aggregates(source: Int, StreamID, generation: Int)
  case activity(source: Int, generation: Int)
  // The events pane and the inspector.
  case page(PageRequest)
  case inspect(EventRef, generation: Int)
  case frame(source: Int, place: FramePlace, generation: Int)
  case density(DensityRequest)
  case search(SearchRequest)
  case previewFilter(String, [EventRef], generation: Int)
  case find(text: String, generation: Int)
  // Replay.
  case openReplay(ReplayRequest)
  case replay(ReplayQuery, session: Int, generation: Int)
  case closeReplay(session: Int)
  case folds(source: Int, StreamID, generation: Int)
  // The world outside.
  case write(path: String, content: [UInt8], generation: Int)
  case copy(String)
  case cancel(generation: Int)
  case setMouse(Bool)
  case redraw
  case suspend
  case quit

  /// True for what needs the terminal or the worker pool itself: copy (OSC 52), cancel (the `Work` of the
  /// effect with that generation), the mouse switch, a full redraw, suspend, quit.
  package var isForRuntime: Bool {
    switch self {
    case .copy, .cancel, .setMouse, .redraw, .suspend, .quit: true
    default: false
    }
  }

  /// Effects of the same slot supersede each other: the runtime cancels the older one and need not start it
  /// any more. nil: this one stands alone.
  package var slot: String? {
    switch self {
    case .page(let request): request.replaces ? "page" : nil
    case .inspect: "inspect"
    case .frame: "frame"
    case .density: "density"
    case .search: "search"
    case .previewFilter: "preview"
    case .find: "find"
    case .aggregates: "aggregates"
    case .catalog(let source, _, _): "catalog \(source)"
    case .activity(let source, _): "activity \(source)"
    case .replay(let query, _, _): query.slot
    default: nil
    }
  }

  /// Reads much, perhaps, while nobody waits for the very next byte: done after everybody else's reading.
  var isScan: Bool {
    switch self {
    case .catalog, .aggregates, .activity, .density, .search, .find: true
    default: false
    }
  }

  /// The number its answers carry and by which it is cancelled; nil where there is no answer.
  package var generation: Int? {
    switch self {
    case .catalog(_, _, let generation), .aggregates(_, _, let generation), .inspect(_, let generation),
      .activity(_, let generation),
      .frame(_, _, let generation), .previewFilter(_, _, let generation), .find(_, let generation),
      .replay(_, _, let generation), .folds(_, _, let generation), .write(_, _, let generation):
      generation
    case .page(let request): request.generation
    case .density(let request): request.generation
    case .search(let request): request.generation
    case .openReplay(let request): request.session
    default: nil
    }
  }
}

/// What the Replay screen asks an open session.
package enum ReplayQuery: Equatable, Sendable {
  case progress
  case rows(Range<Int>)
  case step(moment: Int)
  case lanes([StatePath]?, width: Int)
  case diff(from: Int, to: Int)
  case nextChange(StatePath, from: Int, Direction)
  case moment(at: Instant)
  /// After the event at that position; where none is, after the one of that version.
  case position(String)
  /// After the event of that version, as addresses name it; where none is, after the one at that position.
  case version(String)
  case bisect(String)
  case search(String, from: Int, Direction)
  case findings

  /// As in `Effect.slot`: of a hundred steps asked for while a key is held, only the last one matters.
  var slot: String {
    switch self {
    case .progress: "replay progress"
    case .rows: "replay rows"
    case .step: "replay step"
    case .lanes: "replay lanes"
    case .diff: "replay diff"
    case .nextChange, .moment, .position, .version, .search: "replay jump"
    case .bisect: "replay bisect"
    case .findings: "replay findings"
    }
  }
}
