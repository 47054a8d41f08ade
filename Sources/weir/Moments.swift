import WeirCore
import WeirReplay

/// Turns what the user calls a moment (a time, a version, a position) into a moment of a timeline.
struct Moments {
  let session: any ReplaySession
  let context: Context

  /// `--version V`: after the last event of that version. `--after P`: after that position. Both include
  /// their event.
  func flags(_ invocation: Invocation, at: String?) throws(Fault) -> Int {
    if let version = invocation.value("version") {
      return try after("version", version) { $0.version == version }
    }
    if let position = invocation.value("after") {
      return try after("position", position) { $0.positionText == position }
    }
    if let at { return try moment(at) }
    return session.progress.events
  }

  /// A bare number is a version, or a position where the events have no versions; anything else is a time.
  func moment(_ text: String) throws(Fault) -> Int {
    if text == "start" { return 0 }
    if text == "end" { return session.progress.events }
    if Int64(text) != nil, text.count < 9 {
      let rows = try session.rows(0..<session.progress.events)
      if let row = rows.last(where: { $0.version == text }) { return row.ordinal + 1 }
      if let row = rows.last(where: { $0.version == nil && $0.positionText == text }) {
        return row.ordinal + 1
      }
      throw Fault(.usage, "find", text, "no event of \(session.about.aggregate) has that version or position")
    }
    if let time = context.time(text) {
      return context.usesEventClock ? try byEventClock(time) : try session.moment(at: time)
    }
    return try after("position", text) { $0.positionText == text }
  }

  /// After the last event whose own time is not later.
  private func byEventClock(_ time: Instant) throws(Fault) -> Int {
    var moment = session.progress.events
    while moment > 0 {
      if let found = context.time(of: try session.event(moment - 1)), found <= time { return moment }
      moment -= 1
    }
    return 0
  }

  private func after(_ what: String, _ text: String, _ matches: (ReplayRow) -> Bool) throws(Fault) -> Int {
    let rows = try session.rows(0..<session.progress.events)
    guard let row = rows.last(where: matches) else {
      throw Fault(.usage, "find", text, "no event of \(session.about.aggregate) has that \(what)")
    }
    return row.ordinal + 1
  }
}
