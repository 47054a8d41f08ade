/// A table for people: columns as wide as their content, numbers to the right, never wrapped.
struct Columns {
  enum Alignment { case left, right }

  private let titles: [(String, Alignment)]
  private var rows: [[String]] = []

  init(_ titles: [(String, Alignment)]) { self.titles = titles }

  mutating func add(_ cells: [String?]) { rows.append(cells.map { $0.map { Printable.text($0) } ?? "" }) }

  func print(to output: inout Output) {
    var widths = titles.map { $0.0.count }
    for row in rows {
      for (index, cell) in row.enumerated() { widths[index] = max(widths[index], cell.count) }
    }
    output.line(line(titles.map(\.0), widths))
    for row in rows { output.line(line(row, widths)) }
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var text = ""
    for (index, cell) in cells.enumerated() {
      let blanks = String(repeating: " ", count: max(0, widths[index] - cell.count))
      text += (index > 0 ? "  " : "") + (titles[index].1 == .right ? blanks + cell : cell + blanks)
    }
    while text.last == " " { text.removeLast() }
    return text
  }

  /// 1655 as `1 655`.
  static func grouped(_ number: Int) -> String {
    var out = ""
    let digits = String(number.magnitude)
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { out.append(" ") }
      out.append(digit)
    }
    return (number < 0 ? "-" : "") + out
  }

  /// Bytes with a unit: `1.2 MiB`.
  static func size(_ bytes: UInt64) -> String {
    var value = Double(bytes)
    var unit = 0
    let units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"]
    while value >= 1024, unit < units.count - 1 {
      value /= 1024
      unit += 1
    }
    if unit == 0 { return "\(bytes) B" }
    let tenths = Int((value * 10).rounded())
    return "\(tenths / 10).\(tenths % 10) \(units[unit])"
  }
}
