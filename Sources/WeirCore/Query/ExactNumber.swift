/// A decimal number of any length, compared digit by digit: 9007199254740993 is not 9007199254740992, and
/// 1.10 equals 1.1.
package struct ExactNumber: Sendable, Equatable, Comparable {
  private var isNegative = false
  /// Digits 0 ... 9 without zeros at either end; empty for zero.
  private var digits: [UInt8] = []
  /// The value is 0.d1d2d3… times ten to this power. Clamped to what an Int32 holds.
  private var exponent = 0

  /// A number in JSON's grammar (also with leading zeros or blanks around it); nil for any other text.
  package init?(_ text: String) {
    var rest = Substring(text).utf8
    while let last = rest.last, JSONReader.isBlank(last) { rest.removeLast() }
    while let first = rest.first, JSONReader.isBlank(first) { rest.removeFirst() }
    if rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") {
      isNegative = rest.removeFirst() == UInt8(ascii: "-")
    }
    var sawDigit = false
    var sawPoint = false
    while let byte = rest.first, byte == UInt8(ascii: ".") || (byte >= 0x30 && byte <= 0x39) {
      rest.removeFirst()
      if byte == UInt8(ascii: ".") {
        guard !sawPoint else { return nil }
        sawPoint = true
        continue
      }
      sawDigit = true
      if byte == 0x30, digits.isEmpty {
        if sawPoint { exponent -= 1 }
        continue
      }
      digits.append(byte - 0x30)
      if !sawPoint { exponent += 1 }
    }
    guard sawDigit, let power = ExactNumber.power(rest) else { return nil }
    exponent = min(max(exponent + power, Int(Int32.min)), Int(Int32.max))
    while digits.last == 0 { digits.removeLast() }
    if digits.isEmpty { (isNegative, exponent) = (false, 0) }
  }

  /// The exponent that `rest` is: 0 for nothing, nil for anything else. Clamped.
  private static func power(_ rest: Substring.UTF8View) -> Int? {
    guard let letter = rest.first else { return 0 }
    var digits = rest.dropFirst()
    guard letter | 0x20 == UInt8(ascii: "e") else { return nil }
    let sign = digits.first
    if sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { digits = digits.dropFirst() }
    guard !digits.isEmpty else { return nil }
    var value = 0
    for byte in digits {
      guard byte >= 0x30, byte <= 0x39 else { return nil }
      value = min(value * 10 + Int(byte - 0x30), Int(Int32.max))
    }
    return sign == UInt8(ascii: "-") ? -value : value
  }

  package static func < (a: ExactNumber, b: ExactNumber) -> Bool {
    if a.isNegative != b.isNegative { return a.isNegative }
    return a.isNegative ? magnitude(b, isBelow: a) : magnitude(a, isBelow: b)
  }

  private static func magnitude(_ a: ExactNumber, isBelow b: ExactNumber) -> Bool {
    if a.digits.isEmpty || b.digits.isEmpty { return a.digits.isEmpty && !b.digits.isEmpty }
    if a.exponent != b.exponent { return a.exponent < b.exponent }
    return a.digits.lexicographicallyPrecedes(b.digits)
  }

  package var isZero: Bool { digits.isEmpty }

  /// True when a double holds this value so that its shortest text gives the same digits back: an integer up
  /// to 2^53, or at most 17 significant digits that survive the round trip.
  package var fitsDouble: Bool {
    guard digits.count <= 17 else { return false }
    if exponent <= 15, digits.count <= 15, exponent > -290 { return true }
    guard exponent < 310, exponent > -290, let value = Double(text), value.isFinite else { return false }
    return ExactNumber(String(describing: value)) == self
  }

  /// Digits and exponent as text: `-123.45`, `1e300`.
  package var text: String {
    guard !digits.isEmpty else { return "0" }
    let sign = isNegative ? "-" : ""
    let all = String(decoding: digits.map { $0 + 0x30 }, as: UTF8.self)
    if exponent >= digits.count, exponent <= 40 {
      return sign + all + String(repeating: "0", count: exponent - digits.count)
    }
    if exponent > 0, exponent < digits.count {
      return sign + all.prefix(exponent) + "." + all.dropFirst(exponent)
    }
    if exponent <= 0, exponent > -20 { return sign + "0." + String(repeating: "0", count: -exponent) + all }
    return sign + "0." + all + "e\(exponent)"
  }

  package var double: Double { Double(text) ?? 0 }

  /// As a whole number times a power of ten, when 38 digits are enough.
  private var scaled: (mantissa: Int128, power: Int)? {
    guard digits.count <= 37 else { return nil }
    var mantissa: Int128 = 0
    for digit in digits { mantissa = mantissa * 10 + Int128(digit) }
    return (isNegative ? -mantissa : mantissa, exponent - digits.count)
  }

  private init(_ mantissa: Int128, power: Int) {
    self = ExactNumber("\(mantissa)e\(power)") ?? self
  }

  /// From a double, as its shortest text; nil for NaN and infinity.
  package init?(_ double: Double) {
    guard double.isFinite else { return nil }
    self.init(String(describing: double))
  }

  /// Sum, difference or product; exact up to 37 digits, a double's beyond. Division is a double's.
  package static func combine(_ a: ExactNumber, _ operation: Character, _ b: ExactNumber) -> ExactNumber? {
    if operation != "/", let x = a.scaled, let y = b.scaled, let exact = combine(x, operation, y) {
      return exact
    }
    switch operation {
    case "+": return ExactNumber(a.double + b.double)
    case "-": return ExactNumber(a.double - b.double)
    case "*": return ExactNumber(a.double * b.double)
    default: return ExactNumber(a.double / b.double)
    }
  }

  private static func combine(
    _ x: (mantissa: Int128, power: Int), _ operation: Character, _ y: (mantissa: Int128, power: Int)
  ) -> ExactNumber? {
    if operation == "*" {
      let (product, overflow) = x.mantissa.multipliedReportingOverflow(by: y.mantissa)
      return overflow ? nil : ExactNumber(product, power: x.power + y.power)
    }
    let power = min(x.power, y.power)
    guard let left = shifted(x.mantissa, by: x.power - power),
      let right = shifted(y.mantissa, by: y.power - power)
    else { return nil }
    let (sum, overflow) =
      operation == "+" ? left.addingReportingOverflow(right) : left.subtractingReportingOverflow(right)
    return overflow ? nil : ExactNumber(sum, power: power)
  }

  private static func shifted(_ mantissa: Int128, by power: Int) -> Int128? {
    guard power < 38 else { return nil }
    var value = mantissa
    for _ in 0..<power {
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = product
    }
    return value
  }
}
