import WeirCells

/// A table for people: columns as wide as their content, numbers to the right, never wrapped.
struct Columns {
  enum Alignment { case left, right }

  /// One cell: what it says, and how it looks.
  struct Cell: ExpressibleByStringLiteral {
    var text: String
    var role: Paint.Role?

    init(stringLiteral text: String) { self.text = text }

    init(_ text: String?, _ role: Paint.Role? = nil) {
      self.text = Printable.text(text ?? "")
      self.role = role
    }
  }

  /// No column grows beyond this; longer cells push what follows, or are cut on a terminal.
  private static let widest = 64

  private let titles: [(String, Alignment)]
  private var rows: [[Cell]] = []

  init(_ titles: [(String, Alignment)]) { self.titles = titles }

  mutating func add(_ cells: [String?]) { rows.append(cells.map { Cell($0) }) }

  mutating func add(cells: [Cell]) { rows.append(cells) }

  /// Columns of the terminal that the table takes. A column without content takes none.
  var width: Int {
    let widths = widths
    return widths.reduce(0, +) + 2 * max(0, widths.count { $0 > 0 } - 1)
  }

  private var widths: [Int] {
    titles.indices.map { index in
      let content = rows.map { TextWidth.width(of: $0[index].text) }.max() ?? 0
      let needed = content == 0 && !rows.isEmpty ? 0 : max(content, TextWidth.width(of: titles[index].0))
      return min(needed, Columns.widest)
    }
  }

  /// Prints the table, with a line of titles unless all are empty. On a terminal that is too narrow the
  /// widest cells are cut, with `…`.
  func print(to output: inout Output, _ paint: Paint) {
    var widths = widths
    if let limit = paint.width {
      var total = width
      while total > limit, let widest = widths.max(), widest > 12,
        let index = widths.lastIndex(of: widest)
      {
        widths[index] -= 1
        total -= 1
      }
    }
    if titles.contains(where: { !$0.0.isEmpty }) {
      output.line(line(titles.map { Cell($0.0, .heading) }, widths, paint))
    }
    for row in rows { output.line(line(row, widths, paint)) }
  }

  private func line(_ cells: [Cell], _ widths: [Int], _ paint: Paint) -> String {
    var line = ""
    // Blanks that only matter when something follows them.
    var owed = 0
    for (index, cell) in cells.enumerated() where widths[index] > 0 {
      var text = cell.text
      if paint.width != nil, TextWidth.width(of: text) > widths[index] {
        text = TextWidth.clip(text, to: widths[index], ellipsis: true)
      }
      let blanks = max(0, widths[index] - TextWidth.width(of: text))
      let isRight = titles[index].1 == .right
      if isRight { owed += blanks }
      if !text.isEmpty {
        line += String(repeating: " ", count: owed)
        line += cell.role.map { paint($0, text) } ?? text
        owed = 0
      }
      owed += (isRight ? 0 : blanks) + 2
    }
    return line
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

/// Columns of lines that are printed as they come: each grows with what it has seen, so that nothing waits.
struct GrowingColumns {
  private var widths: [Int] = []
  /// No column grows beyond this; longer cells push what follows.
  private static let limit = 40

  /// `first`: the widest text that the first column will have, where that is known.
  init(first: String = "") { if !first.isEmpty { widths = [TextWidth.width(of: first)] } }

  /// The cell, filled up to its column's width.
  mutating func pad(_ text: String, _ column: Int, _ alignment: Columns.Alignment = .left) -> String {
    while widths.count <= column { widths.append(0) }
    let width = TextWidth.width(of: text)
    widths[column] = min(max(widths[column], width), GrowingColumns.limit)
    let blanks = String(repeating: " ", count: max(0, widths[column] - width))
    return alignment == .right ? blanks + text : text + blanks
  }
}
