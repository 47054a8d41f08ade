import WeirCore

/// Numbers as a person reads them: digits in groups of three, sizes with a unit.
enum NumberText {
  /// `10 000`. Four digits are grouped as well, so that columns of numbers line up.
  static func grouped(_ value: some BinaryInteger) -> String { grouped(digits: String(value)) }

  /// Groups the integer part of a number's own text (`-1203.50` becomes `-1 203.50`); anything that is not
  /// plain digits comes back as it is, so no digit of a source is ever lost.
  static func grouped(digits text: String) -> String {
    let sign = text.hasPrefix("-") ? "-" : ""
    let body = text.dropFirst(sign.count)
    let whole = body.prefix { $0 != "." && $0 != "e" && $0 != "E" }
    guard whole.utf8.count > 3, whole.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else { return text }
    var out: [UInt8] = []
    for (index, byte) in whole.utf8.enumerated() {
      if index > 0, (whole.utf8.count - index) % 3 == 0 { out.append(0x20) }
      out.append(byte)
    }
    return sign + String(decoding: out, as: UTF8.self) + body.dropFirst(whole.count)
  }

  /// `212 B`, `4.1 KiB`, `3.0 GiB`: three figures at most, powers of 1,024.
  static func bytes(_ count: some BinaryInteger) -> String {
    guard count >= 1024 else { return "\(count) B" }
    var value = Double(count)
    var unit = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"]
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    return "\(figures(value)) \(units[unit])"
  }

  /// `1.6 M`: for places too narrow for all digits.
  static func rounded(_ value: Int) -> String {
    guard value >= 100_000 else { return grouped(value) }
    var number = Double(value)
    var unit = 0
    let units = ["", " k", " M", " G", " T", " P"]
    while number >= 1000, unit < units.count - 1 {
      number /= 1000
      unit += 1
    }
    return figures(number) + units[unit]
  }

  /// A number between 1 and 1,023 with one decimal below a hundred: `9.3`, `41.0`, `640`.
  private static func figures(_ value: Double) -> String {
    if value >= 99.95 { return String(Int(value.rounded())) }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)"
  }

  /// A measured value for a chart's scale: at most two decimals, grouped.
  static func scale(_ value: Double) -> String {
    guard value.isFinite else { return String(value) }
    guard abs(value) < 1e15 else { return String(value) }
    let hundredths = Int64((abs(value) * 100).rounded())
    let sign = value < 0 && hundredths > 0 ? "-" : ""
    let whole = grouped(hundredths / 100)
    let rest = hundredths % 100
    return sign + whole + (rest == 0 ? "" : "." + TimeText.pad(Int(rest), 2))
  }

  /// `1 event`, `12 events`.
  static func count(_ value: Int, _ noun: String) -> String {
    "\(grouped(value)) \(noun)\(value == 1 ? "" : "s")"
  }

  /// A position as its system writes it, grouped when it is one plain number.
  static func position(_ text: String) -> String { grouped(digits: text) }
}
