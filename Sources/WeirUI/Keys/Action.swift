/// Everything a key or the palette can do, by the long name that the configuration and the palette use.
package enum Action: String, CaseIterable, Sendable {
  // Lists.
  case down, up
  case pageDown = "page-down"
  case pageUp = "page-up"
  case halfDown = "half-page-down"
  case halfUp = "half-page-up"
  case first, last
  // Panes.
  case nextPane = "next-pane"
  case previousPane = "previous-pane"
  case zoom
  case wider, narrower
  // Browse.
  case open, replay, aggregates, expand, collapse, sort
  case nextTab = "next-tab"
  case previousTab = "previous-tab"
  case toggleNode = "toggle-node"
  case foldAll = "fold-all"
  // Replay.
  case stepForward = "step-forward"
  case stepBack = "step-back"
  case leapForward = "ten-forward"
  case leapBack = "ten-back"
  case firstMoment = "first-moment"
  case lastMoment = "last-moment"
  case nextChange = "next-change"
  case previousChange = "previous-change"
  case nextFinding = "next-finding"
  case previousFinding = "previous-finding"
  case mark
  case goToMark = "go-to-mark"
  case diff, bisect
  case chooseFold = "choose-fold"
  // Finding.
  case search
  case searchNext = "search-next"
  case searchPrevious = "search-previous"
  case filter
  case goTo = "go-to"
  case find
  // Taking away.
  case copy
  case copyCommand = "copy-command"
  case write
  // Everywhere.
  case help, palette
  case zone
  case mouse
  case reload
  case redraw
  case back, close, suspend, quit
}
