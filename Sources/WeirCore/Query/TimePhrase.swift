/// A time in the words of a person: `2025-09-03 15:00`, `last tuesday 3pm`, `yesterday 15:00`, `-2h`, `30 min
/// ago`, `now`, RFC 3339, seconds or milliseconds since the epoch.
package enum TimePhrase {
  /// nil when the words name no time. Without a zone of its own the phrase is read in `zone`; `now` is the
  /// reader's clock.
  package static func parse(_ phrase: String, zone: Zone, now: Instant) -> Instant? {
    let text = phrase.split(separator: " ").joined(separator: " ")
    guard !text.isEmpty else { return nil }
    if text.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) {
      return text.utf8.count >= 9 ? Int64(text).map(TimeText.epoch) : nil
    }
    if text.first == "-", let span = span(text.dropFirst()) {
      return Instant(seconds: now.seconds - span, nanoseconds: now.nanoseconds, digits: now.digits)
    }
    if let instant = absolute(text, zone) { return instant }
    return relative(text.lowercased(), zone, now)
  }

  /// RFC 3339 and its relatives; text without a zone is read in `zone`.
  private static func absolute(_ text: String, _ zone: Zone) -> Instant? {
    guard var instant = TimeText.parse(text) else { return nil }
    let clock = text.dropFirst(10)
    let hasZone = clock.contains { "Zz+-".contains($0) }
    if !hasZone {
      let (date, second) = TimeText.civil(instant.seconds)
      let wall = WallClock(
        year: date.year, month: date.month, day: date.day, hour: second / 3600, minute: second / 60 % 60,
        second: second % 60)
      instant.seconds = zone.seconds(wall)
    }
    return instant
  }

  /// Seconds of `2h`, `30m`, `3d`, `1w`, `90s`, `2 hours`.
  private static func span(_ text: Substring) -> Int64? {
    let digits = text.prefix { $0.isNumber }
    let unit = text.dropFirst(digits.count).drop { $0 == " " }
    guard let count = Int64(digits), count < 1_000_000, let scale = scale(unit) else { return nil }
    return count * scale
  }

  private static func scale(_ unit: Substring) -> Int64? {
    switch unit.lowercased() {
    case "s", "sec", "secs", "second", "seconds": 1
    case "m", "min", "mins", "minute", "minutes": 60
    case "h", "hr", "hour", "hours": 3600
    case "d", "day", "days": 86_400
    case "w", "week", "weeks": 604_800
    default: nil
    }
  }

  private static let weekdays = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"]

  private static func relative(_ text: String, _ zone: Zone, _ now: Instant) -> Instant? {
    if text == "now" { return now }
    if text.hasSuffix(" ago") {
      return span(text.dropLast(4)).map {
        Instant(seconds: now.seconds - $0, nanoseconds: now.nanoseconds, digits: 3)
      }
    }
    var words = text.split(separator: " ")[...]
    let isLast = words.first == "last"
    if isLast { words = words.dropFirst() }
    guard let word = words.popFirst(), let day = day(word, isLast: isLast, zone, now) else { return nil }
    if words.first == "at" { words = words.dropFirst() }
    guard let second = words.isEmpty ? 0 : clock(words.joined()) else { return nil }
    let date = TimeText.civil(day * 86_400).date
    let wall = WallClock(
      year: date.year, month: date.month, day: date.day, hour: second / 3600, minute: second / 60 % 60,
      second: second % 60)
    return Instant(seconds: zone.seconds(wall))
  }

  /// Days since the epoch, in the zone: today, yesterday, the latest such weekday (before today with `last`).
  private static func day(_ word: Substring, isLast: Bool, _ zone: Zone, _ now: Instant) -> Int64? {
    let local = now.seconds + Int64(zone.offset(at: now.seconds))
    let today = local >= 0 ? local / 86_400 : (local - 86_399) / 86_400
    if word == "today" { return today }
    if word == "yesterday" { return today - 1 }
    guard word.count >= 3, let weekday = weekdays.firstIndex(of: String(word.prefix(3))),
      ["thursday", "friday", "saturday", "sunday", "monday", "tuesday", "wednesday"][weekday].hasPrefix(word)
    else { return nil }
    let behind = (Int(today % 7) - weekday + 7) % 7
    return today - Int64(behind == 0 && isLast ? 7 : behind)
  }

  /// Seconds since midnight of `3pm`, `15:00`, `15:00:30`, `noon`.
  private static func clock(_ text: String) -> Int? {
    if text == "noon" { return 43_200 }
    if text == "midnight" { return 0 }
    var text = text[...]
    var shift = 0
    var isTwelve = false
    for (suffix, hours) in [("am", 0), ("pm", 12)] where text.hasSuffix(suffix) {
      text = text.dropLast(2)
      shift = hours
      isTwelve = true
    }
    let parts = text.split(separator: ":").map { Int($0) }
    guard !parts.isEmpty, parts.count <= 3, parts.count > 1 || isTwelve, var hour = parts[0] else {
      return nil
    }
    if isTwelve {
      guard (1...12).contains(hour) else { return nil }
      hour = hour % 12 + shift
    }
    guard (0...23).contains(hour) else { return nil }
    var seconds = hour * 3600
    for (part, scale) in zip(parts.dropFirst(), [60, 1]) {
      guard let part, (0...59).contains(part) else { return nil }
      seconds += part * scale
    }
    return seconds
  }
}
