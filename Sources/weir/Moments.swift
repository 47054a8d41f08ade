import WeirCore
import WeirReplay

/// Turns what the user calls a moment (a time, a version, a position) into a moment of a timeline.
struct Moments {
  let session: any ReplaySession
  let context: Context

  /// A bare number is a version, or a position where no event has a version; anything else is a time or a
  /// position. Everything up to and including it has happened.
  func moment(_ text: String) throws(Fault) -> Int {
    if text == "start" { return 0 }
    if text == "end" { return session.progress.events }
    if let number = Int64(text), text.count < 9 {
      if let moment = try session.moment(version: number, context.work) { return moment }
    } else if let time = context.time(text) {
      return try session.moment(at: time)
    }
    guard let moment = try session.moment(position: text, context.work) else {
      throw Fault(
        .usage, "find", text,
        "it is no time, and no event of \(session.about.aggregate) has that version or position",
        hint: "times: 2025-09-03 15:00, last tuesday 3pm, -2h; also start and end")
    }
    return moment
  }

  /// The first event that belongs to what begins at `text`: the event itself, or the first whose time has
  /// come.
  func firstEvent(from text: String) throws(Fault) -> Int {
    if Int64(text) == nil || text.count >= 9, text != "start", text != "end", let time = context.time(text) {
      let before =
        time.nanoseconds > 0
        ? Instant(seconds: time.seconds, nanoseconds: time.nanoseconds - 1, digits: 9)
        : Instant(seconds: time.seconds - 1, nanoseconds: 999_999_999, digits: 9)
      return try session.moment(at: before) + 1
    }
    return max(1, try moment(text))
  }
}
