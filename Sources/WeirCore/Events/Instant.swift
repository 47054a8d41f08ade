/// A moment in UTC, with the precision its source wrote: `2025-09-03T11:02:14.201Z` stays so.
package struct Instant: Hashable, Sendable, Comparable {
  /// Whole seconds since 1970-01-01T00:00:00Z, negative before.
  package var seconds: Int64
  /// Nanoseconds within the second, 0 ..< 1,000,000,000.
  package var nanoseconds: Int32
  /// Digits of the fraction that the source wrote, 0 ... 9.
  package var digits: Int8

  package init(seconds: Int64, nanoseconds: Int32 = 0, digits: Int8 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
    self.digits = digits
  }

  /// From milliseconds since the epoch, as Kafka and Redis count.
  package init(milliseconds: Int64) {
    let (quotient, rest) = milliseconds.quotientAndRemainder(dividingBy: 1000)
    let seconds = rest < 0 ? quotient - 1 : quotient
    self.init(seconds: seconds, nanoseconds: Int32(rest < 0 ? rest + 1000 : rest) * 1_000_000, digits: 3)
  }

  /// Milliseconds since the epoch, rounded down, clamped to what Int64 holds.
  package var milliseconds: Int64 {
    let (product, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, over) = product.addingReportingOverflow(Int64(nanoseconds / 1_000_000))
    return over ? .max : sum
  }

  package static func < (a: Instant, b: Instant) -> Bool {
    a.seconds != b.seconds ? a.seconds < b.seconds : a.nanoseconds < b.nanoseconds
  }

  package static func == (a: Instant, b: Instant) -> Bool {
    a.seconds == b.seconds && a.nanoseconds == b.nanoseconds
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(seconds)
    hasher.combine(nanoseconds)
  }
}
