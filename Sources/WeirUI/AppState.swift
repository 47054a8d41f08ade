package import WeirCells
package import WeirCore

/// Everything the screens show. Holds the visible part of logs and states and some rows around it, never
/// whole logs: nothing here grows with a source, except the list of its streams.
package struct AppState: Sendable {
  let environment: Environment
  package internal(set) var size: Size
  /// The clock, for hints like "2 hours ago". nil until the first tick.
  var now: Instant?
  var sources: [SourceState] = []
  var browse = BrowseState()
  /// On top of Browse while it is there.
  var replay: ReplayState?
  var overlay: Overlay?
  /// A key that waits for its second half: `m`, `'`, `y`.
  var pending: Action?
  /// `12` of `12G`.
  var count: Int?
  var notice: Notice?
  var jobs: [Job] = []
  var lastGeneration = 0
  var isZoomed = false
  /// No key was pressed yet: what is shown first is still ours to choose.
  var isUntouched = true
  var showsLocalTime: Bool
  package internal(set) var hasMouse: Bool
  /// What was typed into each kind of prompt, newest last.
  var history: [Prompt.Kind: [String]] = [:]

  /// What never changes while the program runs.
  package struct Environment: Sendable {
    package var keymap = Keymap()
    /// The zone that `T` switches to and from.
    package var zone = Zone.utc
    package var showsLocalTime = false
    package var hasMouse = false
    package var borders = BorderSet.unicode
    package var version = ""

    package init() {}
  }

  /// The first screen and the work that fills it.
  package static func initial(_ launches: [Launch], _ environment: Environment, size: Size) -> (
    AppState, [Effect]
  ) {
    var state = AppState(environment: environment, size: size)
    var effects: [Effect] = []
    for (index, launch) in launches.enumerated() {
      state.sources.append(SourceState(index: index, path: launch.path, launch: launch))
      effects.append(.openSource(index: index, path: launch.path))
    }
    state.browse.tree.rebuild(state.sources, visible: state.size.rows)
    if environment.hasMouse { effects.append(.setMouse(true)) }
    return (state, effects)
  }

  private init(environment: Environment, size: Size) {
    self.environment = environment
    self.size = size
    showsLocalTime = environment.showsLocalTime
    hasMouse = environment.hasMouse
  }

  var zone: Zone { showsLocalTime ? environment.zone : .utc }
  var clock: ClockText { ClockText(zone: zone) }

  /// A number for the next effect whose answers must be told from those of older ones.
  mutating func nextGeneration() -> Int {
    lastGeneration += 1
    return lastGeneration
  }
}

/// A sentence for the bottom line, until the next key.
struct Notice: Equatable, Sendable {
  enum Kind: Sendable { case info, error, refusal }
  var text: String
  var kind = Kind.info
}

/// Work in the background that the user can see and stop.
struct Job: Equatable, Sendable {
  var generation: Int
  /// "searching for “x”".
  var title: String
  /// What `done` counts.
  var unit: Unit = .bytes
  var done = 0
  var total = 0
  var started: Instant?
  enum Unit: Sendable { case bytes, events }
}
