import WeirCore
import WeirReplay

/// The Replay screen: one aggregate's history, folded, with the playhead after one of its events.
struct ReplayState: Sendable {
  enum Pane: Int, CaseIterable, Sendable { case timeline, state, changes, lanes }

  /// Number of the session in the runner.
  var session: Int
  var request: ReplayRequest
  var about: ReplayAbout?
  var fault: Fault?
  var focus = Pane.timeline

  // How far the history is in.
  var events = 0
  var isComplete = false
  /// Stays after the newest event while the history comes in; the first step of the user ends that.
  var followsEnd = true
  /// Where to go once everything is folded.
  var target: ReplayQuery?

  /// Number of events that have happened: the playhead's place.
  var moment = 0
  /// Rows of the list that are here, and those asked for.
  var rows: [ReplayRow] = []
  var firstRow = 0
  var wantedRows: Range<Int> = 0..<0
  var rowsGeneration = 0
  /// Row 0 of the list is the moment before the first event; row n is event n.
  var list = ListPosition()

  /// The newest state that is here; that of another moment while the right one is being computed.
  var step: ReplayStep?
  var stepEvent: ReplayEvent?
  var stepGeneration = 0
  var tree = JSONTree(style: .plain)
  var changesTop = 0

  var findings: [ReplayFinding] = []
  var lanes: [Lane] = []
  var lanePaths: [StatePath]?
  var lanesGeneration = 0
  var lanesWidth = 0
  var lanePosition = ListPosition()

  var marks: [Character: Int] = [:]
  var lastMark: Character?
  /// The moment that is compared with here; nil: no comparison.
  var diffFrom: Int?
  var diff: [StateChange] = []
  var diffGeneration = 0
  var jumpGeneration = 0
  var search: String?
  /// Size changes of the panes: list width, lanes height.
  var widthChange = 0
  var heightChange = 0
  /// Identifies its events pane in Browse, to come back to.
  var isStale: Bool { step?.moment != moment }

  init(_ request: ReplayRequest) {
    self.request = request
    session = request.session
  }

  func row(_ index: Int) -> ReplayRow? {
    let place = index - 1 - firstRow
    return rows.indices.contains(place) ? rows[place] : nil
  }

  /// Rows of the list: one more than there are events.
  var listCount: Int { events + 1 }

  /// The field whose changes `[` and `]` walk: the selected lane's or the state tree's.
  var selectedPath: StatePath? {
    if focus == .lanes, lanes.indices.contains(lanePosition.selected) {
      return lanes[lanePosition.selected].path
    }
    guard let path = tree.selectedLine?.path, !path.steps.isEmpty else { return lanes.first?.path }
    return path
  }
}
