/// Times as text, both ways. UTC only: zones are the caller's business.
package enum TimeText {
  /// Parses RFC 3339 and its relatives: `2025-09-03T11:02:14.201Z`, `2025-09-03 11:02:14+02:00`,
  /// `2025-09-03 11:02`, `2025-09-03`, `2025-09-03 11:02:14 UTC`. Text without a zone is UTC. Fractions
  /// beyond nanoseconds are cut. nil when it is no time.
  package static func parse(_ text: some StringProtocol) -> Instant? {
    var scan = Scan(Array(text.utf8))
    guard let date = scan.date() else { return nil }
    var instant = Instant(seconds: days(date.year, date.month, date.day) * 86_400)
    guard !scan.isAtEnd else { return instant }
    guard scan.takeAny("Tt ") != nil, let hour = scan.number(2, 0...23), scan.takeAny(":") != nil,
      let minute = scan.number(2, 0...59)
    else { return nil }
    instant.seconds += Int64(hour * 3600 + minute * 60)
    if scan.takeAny(":") != nil {
      guard let second = scan.number(2, 0...60) else { return nil }
      instant.seconds += Int64(second)
      if scan.takeAny(".,") != nil {
        guard let fraction = scan.fraction() else { return nil }
        (instant.nanoseconds, instant.digits) = fraction
      }
    }
    guard let offset = scan.zone(), scan.isAtEnd else { return nil }
    instant.seconds -= offset
    return instant
  }

  /// A count since the epoch, its unit told by its size: seconds below 1e11, milliseconds below 1e14,
  /// microseconds below 1e17, else nanoseconds.
  package static func epoch(_ value: Int64) -> Instant {
    let size = value.magnitude
    let unit: (perSecond: Int64, digits: Int8) =
      size < 100_000_000_000
      ? (1, 0)
      : size < 100_000_000_000_000
        ? (1000, 3) : size < 100_000_000_000_000_000 ? (1_000_000, 6) : (1_000_000_000, 9)
    var seconds = value / unit.perSecond
    var rest = value % unit.perSecond
    if rest < 0 {
      rest += unit.perSecond
      seconds -= 1
    }
    return Instant(
      seconds: seconds, nanoseconds: Int32(rest * (1_000_000_000 / unit.perSecond)), digits: unit.digits)
  }

  /// `2025-09-03T11:02:14.201Z`, with as many digits as the source wrote.
  package static func rfc3339(_ instant: Instant) -> String {
    let (date, clock) = civil(instant.seconds)
    var text = "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))T"
    text += "\(pad(clock / 3600, 2)):\(pad(clock / 60 % 60, 2)):\(pad(clock % 60, 2))"
    if instant.digits > 0 {
      let nanoseconds = pad(Int(instant.nanoseconds), 9)
      text += "." + nanoseconds.prefix(Int(instant.digits))
    }
    return text + "Z"
  }

  /// Year, month and day of a count of seconds since the epoch, and the second of that day.
  package static func civil(_ seconds: Int64) -> (date: (year: Int, month: Int, day: Int), clock: Int) {
    var day = seconds / 86_400
    var clock = seconds % 86_400
    if clock < 0 {
      clock += 86_400
      day -= 1
    }
    // Days to a civil date by eras of 400 years that begin on 1 March (the algorithm of Howard Hinnant's date
    // paper).
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let month = (5 * dayOfYear + 2) / 153
    let civilMonth = month < 10 ? month + 3 : month - 9
    let year = yearOfEra + era * 400 + (civilMonth <= 2 ? 1 : 0)
    return ((Int(year), Int(civilMonth), Int(dayOfYear - (153 * month + 2) / 5 + 1)), Int(clock))
  }

  /// Days from 1970-01-01 to a civil date.
  package static func days(_ year: Int, _ month: Int, _ day: Int) -> Int64 {
    let shifted = Int64(month <= 2 ? year - 1 : year)
    let era = (shifted >= 0 ? shifted : shifted - 399) / 400
    let yearOfEra = shifted - era * 400
    let dayOfYear = Int64((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1)
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// A number with leading zeros.
  package static func pad(_ value: Int, _ width: Int) -> String {
    let digits = String(value.magnitude)
    return (value < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
  }

  private struct Scan {
    let bytes: [UInt8]
    var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { index >= bytes.count }

    mutating func takeAny(_ choices: StaticString) -> UInt8? {
      guard index < bytes.count else { return nil }
      for i in 0..<choices.utf8CodeUnitCount where choices.utf8Start[i] == bytes[index] {
        index += 1
        return bytes[index - 1]
      }
      return nil
    }

    mutating func number(_ digits: Int, _ range: ClosedRange<Int>) -> Int? {
      guard index + digits <= bytes.count else { return nil }
      var value = 0
      for _ in 0..<digits {
        guard bytes[index] >= 0x30, bytes[index] <= 0x39 else { return nil }
        value = value * 10 + Int(bytes[index] - 0x30)
        index += 1
      }
      return range.contains(value) ? value : nil
    }

    mutating func date() -> (year: Int, month: Int, day: Int)? {
      guard let year = number(4, 0...9999), takeAny("-") != nil, let month = number(2, 1...12),
        takeAny("-") != nil,
        let day = number(2, 1...31)
      else { return nil }
      return (year, month, day)
    }

    mutating func fraction() -> (Int32, Int8)? {
      var value: Int32 = 0
      var digits: Int8 = 0
      let start = index
      while index < bytes.count, bytes[index] >= 0x30, bytes[index] <= 0x39 {
        if digits < 9 {
          value = value * 10 + Int32(bytes[index] - 0x30)
          digits += 1
        }
        index += 1
      }
      guard index > start else { return nil }
      for _ in digits..<9 { value *= 10 }
      return (value, digits)
    }

    /// Seconds east of UTC; 0 when there is no zone.
    mutating func zone() -> Int64? {
      if isAtEnd { return 0 }
      _ = takeAny(" ")
      if takeAny("Zz") != nil { return 0 }
      if bytes[index...].elementsEqual("UTC".utf8) {
        index = bytes.count
        return 0
      }
      guard let sign = takeAny("+-"), let hours = number(2, 0...23) else { return nil }
      var minutes = 0
      if !isAtEnd {
        _ = takeAny(":")
        guard let found = number(2, 0...59) else { return nil }
        minutes = found
      }
      let offset = Int64(hours * 3600 + minutes * 60)
      return sign == UInt8(ascii: "-") ? -offset : offset
    }
  }
}
