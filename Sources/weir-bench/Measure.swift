import CBench
import Glibc

/// Seconds on a clock that only goes forward.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Seconds of processor that this thread has used: what a busy machine does not blur.
func busy() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// Numbers measured again and again: their median, and how far they lie apart.
struct Samples {
  private(set) var sorted: [Double]

  init(_ values: [Double]) { sorted = values.sorted() }

  var median: Double { quantile(0.5) }
  var least: Double { sorted.first ?? .nan }
  var most: Double { sorted.last ?? .nan }

  /// The value below which this part of them lies.
  func quantile(_ part: Double) -> Double {
    guard !sorted.isEmpty else { return .nan }
    return sorted[min(sorted.count - 1, Int(Double(sorted.count) * part))]
  }
}

/// What a pair of runs is compared by.
enum Meter {
  /// Time that goes by.
  case clock
  /// Processor time of this thread: for work of one thread on cached data the same on an idle machine, and
  /// not blurred by whatever else a busy one does.
  case processor

  fileprivate var reading: Double { self == .clock ? now() : busy() }
}

/// Runs a yardstick and the work in turn, `pairs` times, after one round that does not count, and gives the
/// ratio of each pair. The order changes from pair to pair, so that whoever comes second gains nothing.
func ratios(
  by meter: Meter = .clock, pairs: Int = 9, of work: () throws -> Void, to yardstick: () throws -> Void
) rethrows -> Samples {
  func measure(_ body: () throws -> Void) rethrows -> Double {
    let start = meter.reading
    try body()
    return meter.reading - start
  }
  try yardstick()
  try work()
  var ratios: [Double] = []
  for round in 0..<pairs {
    let (mine, theirs): (Double, Double)
    if round % 2 == 0 {
      theirs = try measure(yardstick)
      mine = try measure(work)
    } else {
      mine = try measure(work)
      theirs = try measure(yardstick)
    }
    ratios.append(mine / theirs)
  }
  return Samples(ratios)
}

/// A number as the report prints it: three significant digits or so.
func short(_ value: Double) -> String {
  guard value.isFinite else { return "-" }
  let digits = value >= 100 ? 0 : value >= 10 ? 1 : 2
  let scale = digits == 0 ? 1.0 : digits == 1 ? 10.0 : 100.0
  let rounded = Int((value * scale).rounded())
  guard digits > 0 else { return String(rounded) }
  let fraction = String(rounded % Int(scale))
  return "\(rounded / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
}
