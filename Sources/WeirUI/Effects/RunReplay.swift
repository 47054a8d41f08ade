import WeirCore
import WeirReplay

/// Questions to open replay sessions.
extension EffectRunner {
  func openReplay(_ request: ReplayRequest, _ work: Work, _ post: (Message) -> Void) throws(Fault) {
    let source = try session.source(request.log.source)
    let replay = try session.openers.openReplay(
      source, request.log.stream, request.aggregate, request.fold, work)
    session.add(replay, as: request.session)
    post(.replayOpened(session: request.session, replay.about))
    try replay.load(work)
    // Only now it is known whether its events came from several partitions.
    post(.replayOpened(session: request.session, replay.about))
    post(.replayLoaded(session: request.session))
  }

  func answer(_ query: ReplayQuery, _ number: Int, _ work: Work) throws(Fault) -> ReplayAnswer {
    guard let replay = session.replay(number) else {
      throw Fault(.nothingThere, "replay", "", "the replay is closed")
    }
    // Both at once: the end may be reached between two looks.
    let (count, isComplete) = replay.progress
    switch query {
    case .progress: return .progress(events: count, isComplete: isComplete)
    case .rows(let range):
      let known = range.clamped(to: 0..<count)
      return .rows(first: known.lowerBound, try replay.rows(known))
    case .step(let moment):
      let place = min(max(0, moment), count)
      return .step(try replay.step(at: place), event: place > 0 ? try event(place - 1, replay) : nil)
    case .lanes(let paths, let width):
      let chosen: [StatePath]
      if let paths { chosen = paths } else { chosen = try replay.suggestedLanes() }
      return .lanes(try replay.lanes(chosen, width: width, work), width: width)
    case .diff(let from, let to): return .diff(from: from, to: to, try replay.diff(from: from, to: to))
    case .nextChange(let path, let from, let direction):
      let moment = try replay.nextChange(of: path, from: from, direction, work)
      return .moment(
        moment, reason: "\(path.text) does not change \(direction == .forward ? "after" : "before") this")
    case .moment(let time): return .moment(try replay.moment(at: time), reason: "")
    case .position(let text):
      let found = try first(replay, work, { $0.positionText == text }, { $0.version == text })
      return .moment(found, reason: "no event stands at \(text)")
    case .version(let text):
      let found = try first(replay, work, { $0.version == text }, { $0.positionText == text })
      return .moment(found, reason: "no event has the version \(text) or stands there")
    case .bisect(let text): return .turns(try turns(of: text, replay, work), of: text)
    case .search(let text, let from, let direction):
      return .moment(try find(text, from, direction, replay, work), reason: "“\(text)” is not found")
    case .findings: return .findings(try replay.findings())
    }
  }

  private func event(_ ordinal: Int, _ replay: any ReplaySession) throws(Fault) -> ReplayEvent {
    let event = try replay.event(ordinal)
    return ReplayEvent(
      summary: EventSummary(event), data: EffectRunner.body(event.data),
      json: String(decoding: session.openers.eventJSON(event), as: UTF8.self), payload: event.data.raw)
  }

  /// The moment after the first event for which `condition` holds; else after the first of the other one.
  private func first(
    _ replay: any ReplaySession, _ work: Work, _ condition: (ReplayRow) -> Bool,
    _ other: (ReplayRow) -> Bool
  ) throws(Fault) -> Int? {
    if let found = try scan(replay, from: 0, .forward, work, condition) { return found + 1 }
    return try scan(replay, from: 0, .forward, work, other).map { $0 + 1 }
  }

  private func turns(of text: String, _ replay: any ReplaySession, _ work: Work) throws(Fault) -> [TurnRow] {
    let expression: Expression
    do throws(Expression.Mistake) { expression = try Expression(parsing: text) } catch {
      throw Fault(.usage, "bisect by", text, "column \(error.column): \(error.reason)")
    }
    var out: [TurnRow] = []
    for turn in try replay.bisect(expression, work).prefix(HitList.limit) {
      try work.check()
      if let row = try replay.rows(turn.ordinal..<turn.ordinal + 1).first {
        out.append(TurnRow(turn: turn, row: row))
      }
    }
    return out
  }

  /// The moment after the next event whose type, position, id or payload holds the text.
  private func find(
    _ text: String, _ from: Int, _ direction: Direction, _ replay: any ReplaySession, _ work: Work
  ) throws(Fault) -> Int? {
    let needle = Needle(text)
    let count = replay.progress.events
    let isForward = direction == .forward
    work.expect(isForward ? count - from : from)
    var ordinal = isForward ? from : from - 2
    while ordinal >= 0, ordinal < count {
      try work.check()
      let event = try replay.event(ordinal)
      let texts = [event.type, event.id, event.positionText].compactMap { $0 }
      if texts.contains(where: { needle.isIn($0.utf8) }) || needle.isIn(event.data.raw) { return ordinal + 1 }
      work.advance(by: 1)
      ordinal += isForward ? 1 : -1
    }
    return nil
  }

  /// The first row for which `condition` holds, read a thousand at a time.
  private func scan(
    _ replay: any ReplaySession, from: Int, _ direction: Direction, _ work: Work,
    _ condition: (ReplayRow) -> Bool
  ) throws(Fault) -> Int? {
    let count = replay.progress.events
    var start = from
    while start < count {
      try work.check()
      let end = min(count, start + 1_000)
      if let found = try replay.rows(start..<end).first(where: condition) { return found.ordinal }
      start = end
    }
    return nil
  }
}

extension Payload {
  /// The payload's own bytes; empty for a null one.
  var raw: [UInt8] {
    switch self {
    case .absent, .null: []
    case .json(let bytes), .bytes(let bytes): bytes
    case .text(let text): Array(text.utf8)
    }
  }
}
