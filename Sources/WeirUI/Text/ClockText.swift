import WeirCore

/// Times as the screens print them: absolute, in one zone, the year always first.
struct ClockText: Equatable, Sendable {
  var zone: Zone

  private struct Parts {
    var year: Int
    var month: Int
    var day: Int
    var clock: Int
  }

  private func parts(_ instant: Instant) -> Parts {
    // Times in files may be anything; the years that people mean are kept, all others are pinned.
    let seconds = min(max(instant.seconds, -200_000_000_000), 250_000_000_000)
    let (date, clock) = TimeText.civil(seconds + Int64(zone.offset(at: seconds)))
    return Parts(year: date.year, month: date.month, day: date.day, clock: clock)
  }

  /// `2025-09-03`.
  func date(_ instant: Instant) -> String {
    let p = parts(instant)
    return "\(TimeText.pad(p.year, 4))-\(TimeText.pad(p.month, 2))-\(TimeText.pad(p.day, 2))"
  }

  /// `09-03`.
  func monthDay(_ instant: Instant) -> String { String(date(instant).suffix(5)) }

  /// `11:05`.
  func minutes(_ instant: Instant) -> String {
    let clock = parts(instant).clock
    return "\(TimeText.pad(clock / 3600, 2)):\(TimeText.pad(clock / 60 % 60, 2))"
  }

  /// `11:05:40`.
  func seconds(_ instant: Instant) -> String {
    minutes(instant) + ":" + TimeText.pad(parts(instant).clock % 60, 2)
  }

  /// `2025-09-03 11:05:40.007`, with at most `digits` digits of the fraction and no more than the source
  /// wrote.
  func full(_ instant: Instant, digits: Int = 9) -> String {
    "\(date(instant)) \(seconds(instant))" + fraction(instant, digits: digits)
  }

  /// `.007`; empty where the source wrote whole seconds.
  func fraction(_ instant: Instant, digits: Int) -> String {
    let count = min(Int(instant.digits), digits)
    guard count > 0 else { return "" }
    return "." + TimeText.pad(Int(instant.nanoseconds), 9).prefix(count)
  }

  /// `14 months ago`, `in 3 hours`; the hint beside an absolute time.
  static func relative(_ instant: Instant, to now: Instant) -> String {
    let (difference, overflow) = now.seconds.subtractingReportingOverflow(instant.seconds)
    guard !overflow else { return "" }
    let amount = difference.magnitude
    let (value, unit): (UInt64, String) =
      switch amount {
      case 0..<90: (amount, "second")
      case 90..<5400: (amount / 60, "minute")
      case 5400..<172_800: (amount / 3600, "hour")
      case 172_800..<5_184_000: (amount / 86_400, "day")
      case 5_184_000..<63_072_000: (amount / 2_592_000, "month")
      default: (amount / 31_536_000, "year")
      }
    let text = "\(value) \(unit)\(value == 1 ? "" : "s")"
    if amount == 0 { return "now" }
    return difference > 0 ? "\(text) ago" : "in \(text)"
  }
}
