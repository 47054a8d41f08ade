// tidy: table
/// The one table of keys. The help screen, the hint line, the palette, the README's list and the
/// configuration's names all come from it; what does nothing yet is not in it.
package enum KeyTable {
  static let all: [Binding] =
    timeline + state + lanes + replay + streams + events + inspector + lists + everywhere

  /// Replay: the list of events.
  private static let timeline: [Binding] = [
    Binding(.timeline, ["j", "down"], .stepForward, "step forward"),
    Binding(.timeline, ["k", "up"], .stepBack, "step back"),
    Binding(.timeline, ["pagedown", "ctrl-f", "space"], .pageDown, "a page of events forward"),
    Binding(.timeline, ["pageup", "ctrl-b"], .pageUp, "a page of events back"),
    Binding(.timeline, ["G", "ctrl-e"], .lastMoment, "after the last event (12G: after #12)"),
    Binding(.timeline, ["g"], .firstMoment, "before the first event"),
  ]

  /// Replay: the state and what changed.
  private static let state: [Binding] = [
    Binding(.tree, ["enter", "space"], .toggleNode, "fold or unfold this node", hint: "fold", needs: .node),
    Binding(.tree, ["h"], .collapse, "fold, or go to the parent"),
    Binding(.tree, ["l"], .expand, "unfold, or go to the first child", needs: .node),
    Binding(.tree, ["o"], .foldAll, "fold or unfold everything", needs: .tree),
  ]

  private static let lanes: [Binding] = []

  private static let replay: [Binding] = [
    Binding(.replay, ["right", "l"], .stepForward, "step forward", hint: "step", pair: .stepBack),
    Binding(.replay, ["left", "h"], .stepBack, "step back"),
    Binding(.replay, ["shift-right", "L"], .leapForward, "ten events forward", hint: "×10", pair: .leapBack),
    Binding(.replay, ["shift-left", "H"], .leapBack, "ten events back"),
    Binding(
      .replay, ["[", ","], .previousChange, "to the change before of the selected field", needs: .field),
    Binding(
      .replay, ["]", "."], .nextChange, "to the next change of the selected field", hint: "change of field",
      pair: .previousChange, needs: .field),
    Binding(
      .replay, ["}", ">"], .nextFinding, "to the next broken invariant or failed fold", hint: "finding",
      pair: .previousFinding, needs: .findings),
    Binding(.replay, ["{", "<"], .previousFinding, "to the finding before", needs: .findings),
    Binding(.replay, ["home"], .firstMoment, "before the first event"),
    Binding(.replay, ["end"], .lastMoment, "after the last event"),
    Binding(.replay, ["B"], .bisect, "bisect: where did a condition turn?", hint: "bisect"),
    Binding(.replay, ["t"], .goTo, "go to a time, #event or percentage", hint: "go to"),
    Binding(.replay, ["m"], .mark, "mark this moment with a letter", hint: "mark"),
    Binding(.replay, ["'"], .goToMark, "go to a mark", needs: .marks),
    Binding(.replay, ["D"], .diff, "compare the last mark with here", hint: "diff", needs: .marks),
    Binding(.replay, ["F"], .chooseFold, "choose the fold", hint: "fold"),
    Binding(.replay, ["/"], .search, "search the events"),
  ]

  private static let streams: [Binding] = [
    Binding(.streams, ["enter"], .open, "open: its events, or its partitions", hint: "open"),
    Binding(.streams, ["right", "l"], .expand, "unfold, or go to its events"),
    Binding(.streams, ["left", "h"], .collapse, "fold, or go to its topic"),
    Binding(.streams, ["r"], .replay, "replay this aggregate", hint: "replay", needs: .aggregate),
    Binding(.streams, ["/", "f"], .filter, "show only names that hold a text", hint: "filter names"),
    Binding(.streams, ["s"], .sort, "sort by name, count or last event", hint: "sort"),
    Binding(.streams, ["a"], .aggregates, "list the aggregates (keys of a topic)", hint: "aggregates"),
    Binding(.streams, ["t"], .goTo, "go to a time, position or percentage", needs: .log),
  ]

  private static let events: [Binding] = [
    Binding(
      .events, ["enter", "r"], .replay, "replay this event's aggregate", hint: "replay this aggregate",
      needs: .event),
    Binding(.events, ["right", "l"], .nextPane, "to the inspector"),
    Binding(.events, ["left", "h"], .previousPane, "to the streams"),
    Binding(.events, ["a"], .aggregates, "list the aggregates (keys of a topic)", hint: "aggregates"),
    Binding(.events, ["t"], .goTo, "go to a time, position or percentage", hint: "go to", needs: .log),
    Binding(.events, ["/"], .search, "search the log for a text", hint: "search", needs: .log),
    Binding(
      .events, ["f"], .filter, "show only events for which an expression holds", hint: "filter", needs: .log),
    Binding(.events, ["m"], .mark, "mark this event with a letter", needs: .event),
    Binding(.events, ["'"], .goToMark, "go to a mark, in whatever log it is", needs: .marks),
    Binding(.events, ["]", "."], .nextTab, "next tab of the inspector"),
    Binding(.events, ["[", ","], .previousTab, "tab before"),
  ]

  private static let inspector: [Binding] = [
    Binding(.inspector, ["]", "."], .nextTab, "next tab", hint: "tab", pair: .previousTab),
    Binding(.inspector, ["[", ","], .previousTab, "tab before"),
    Binding(
      .inspector, ["enter", "space"], .toggleNode, "fold or unfold this node", hint: "fold", needs: .node),
    Binding(.inspector, ["l", "right"], .expand, "unfold, or go to the first child", needs: .node),
    Binding(.inspector, ["h", "left"], .collapse, "fold, go to the parent, or leave"),
    Binding(.inspector, ["o"], .foldAll, "fold or unfold everything", needs: .tree),
    Binding(.inspector, ["r"], .replay, "replay this event's aggregate", hint: "replay", needs: .event),
    Binding(.inspector, ["/"], .search, "search in this tab", hint: "search"),
    Binding(.inspector, ["t"], .goTo, "go to a time, position or percentage", needs: .log),
  ]

  private static let lists: [Binding] = [
    Binding(.lists, ["j", "down"], .down, "down"),
    Binding(.lists, ["k", "up"], .up, "up"),
    Binding(.lists, ["pagedown", "ctrl-f", "space"], .pageDown, "a page down"),
    Binding(.lists, ["pageup", "ctrl-b"], .pageUp, "a page up"),
    Binding(.lists, ["ctrl-d"], .halfDown, "half a page down"),
    Binding(.lists, ["ctrl-u"], .halfUp, "half a page up"),
    Binding(.lists, ["g", "home"], .first, "to the start"),
    Binding(.lists, ["G", "end"], .last, "to the end (1403G: to that position)"),
    Binding(.lists, ["n"], .searchNext, "next match", needs: .search),
    Binding(.lists, ["N"], .searchPrevious, "match before", needs: .search),
  ]

  private static let everywhere: [Binding] = [
    Binding(.everywhere, ["tab"], .nextPane, "next pane"),
    Binding(.everywhere, ["shift-tab"], .previousPane, "pane before"),
    Binding(.everywhere, ["z"], .zoom, "zoom this pane"),
    Binding(.everywhere, ["+", "="], .wider, "make this pane larger"),
    Binding(.everywhere, ["-"], .narrower, "make this pane smaller"),
    Binding(.everywhere, ["i"], .find, "find an identifier anywhere, in all sources", hint: "find anywhere"),
    Binding(
      .everywhere, ["y"], .copy, "copy (then p payload, k key, e event, a address, i id)", needs: .event),
    Binding(.everywhere, ["Y"], .copyCommand, "copy the command that reopens this view"),
    Binding(.everywhere, ["w"], .write, "write the event, state or diff to a file", needs: .event),
    Binding(.everywhere, ["T"], .zone, "switch between UTC and local time"),
    Binding(.everywhere, ["f5", "R"], .reload, "read again"),
    Binding(.everywhere, ["f2"], .mouse, "mouse on or off"),
    Binding(.everywhere, [":", "ctrl-p"], .palette, "all commands"),
    Binding(.everywhere, ["?", "f1"], .help, "help", hint: "help"),
    Binding(.everywhere, ["escape"], .back, "back: leave this mode or screen"),
    Binding(.everywhere, ["q"], .close, "close this screen"),
    Binding(.everywhere, ["ctrl-l"], .redraw, "draw everything again"),
    Binding(.everywhere, ["ctrl-z"], .suspend, "suspend weir (fg brings it back)"),
    Binding(.everywhere, ["ctrl-c", "f10"], .quit, "quit"),
  ]
}
