import WeirCore

/// An event in Browse that can be come back to.
struct BrowseMark: Equatable, Sendable {
  /// The log it was seen in.
  var log: LogRef
  /// The partition or stream that its position counts in.
  var home: StreamID
  /// As its system writes it.
  var position: String
  var target: Target

  init(_ event: EventSummary, in log: LogRef) {
    self.log = log
    home = StreamID(event.stream, partition: event.partition)
    position = event.positionText
    target = .position(position)
    // A position names one event of a partition, not of what is merged from several: there its time leads
    // back, or, without one, its partition.
    guard log.isMerged(event) else { return }
    if let time = event.time { target = .time(time) } else { self.log.stream = home }
  }

  func marks(_ event: EventSummary) -> Bool {
    position == event.positionText && home == StreamID(event.stream, partition: event.partition)
  }
}

/// Marks: in Replay moments of one history, in Browse events of any log.
extension AppState {
  mutating func setMark(_ letter: Character) -> [Effect] {
    if let moment = replay?.moment {
      replay?.marks[letter] = moment
      replay?.lastMark = letter
      say("mark \(letter) after #\(NumberText.grouped(moment)); D compares it with another moment")
      return []
    }
    guard let window = browse.events, let event = window.selectedEvent else { return [] }
    browse.marks[letter] = BrowseMark(event, in: window.log)
    say("mark \(letter) at \(NumberText.position(event.positionText)) of \(title(of: window.log))")
    return []
  }

  mutating func goToMark(_ letter: Character) -> [Effect] {
    let known = replay.map { Array($0.marks.keys) } ?? Array(browse.marks.keys)
    guard known.contains(letter) else {
      let names = known.sorted().map(String.init).joined(separator: " ")
      say("there is no mark \(letter); set are \(names)", .refusal)
      return []
    }
    if let moment = replay?.marks[letter] { return setMoment(moment) }
    guard let mark = browse.marks[letter] else { return [] }
    browse.focus = .events
    guard browse.events?.log != mark.log else { return goTo(mark.target) }
    reveal(mark.log)
    return openLog(mark.log, at: mark.target)
  }
}
