/// A width and a height in terminal cells; never negative when made by this module.
package struct Size: Hashable, Sendable, CustomStringConvertible {
  package var columns: Int
  package var rows: Int

  package init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
  }

  /// Reads `120x40`; both numbers from 1 to 10,000. Nil for anything else.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    guard parts.count == 2, let columns = Int(parts[0]), let rows = Int(parts[1]) else { return nil }
    guard Size.sane.contains(columns), Size.sane.contains(rows) else { return nil }
    self.init(columns: columns, rows: rows)
  }

  /// What a terminal may claim to be: a forged size must not make us allocate gigabytes of cells.
  package static let sane = 1...10_000

  package var description: String { "\(columns)x\(rows)" }
}

/// A place on the screen, counted from 0 at the top left. May lie outside of a grid: drawing there does
/// nothing.
package struct Point: Hashable, Sendable {
  package var x: Int
  package var y: Int

  package init(x: Int, y: Int) {
    self.x = x
    self.y = y
  }

  package static let zero = Point(x: 0, y: 0)
}

/// A rectangle of cells. Width and height are never negative: a part that does not fit has none.
package struct Rect: Hashable, Sendable {
  package var x: Int
  package var y: Int
  package private(set) var width: Int
  package private(set) var height: Int

  package init(x: Int, y: Int, width: Int, height: Int) {
    self.x = x
    self.y = y
    self.width = max(0, width)
    self.height = max(0, height)
  }

  /// The whole of a grid of that size.
  package init(_ size: Size) {
    self.init(x: 0, y: 0, width: size.columns, height: size.rows)
  }

  package static let zero = Rect(x: 0, y: 0, width: 0, height: 0)

  package var origin: Point { Point(x: x, y: y) }
  package var size: Size { Size(columns: width, rows: height) }
  /// One past the last column.
  package var maxX: Int { x + width }
  /// One past the last row.
  package var maxY: Int { y + height }
  package var isEmpty: Bool { width == 0 || height == 0 }

  package func contains(_ point: Point) -> Bool {
    point.x >= x && point.x < maxX && point.y >= y && point.y < maxY
  }

  /// Smaller by that much on each of the four sides (what a frame leaves inside).
  package func inset(by amount: Int = 1) -> Rect { inset(horizontal: amount, vertical: amount) }

  package func inset(horizontal: Int, vertical: Int) -> Rect {
    Rect(
      x: x + min(horizontal, width), y: y + min(vertical, height), width: width - 2 * horizontal,
      height: height - 2 * vertical)
  }

  package func intersection(_ other: Rect) -> Rect {
    let left = max(x, other.x)
    let top = max(y, other.y)
    return Rect(x: left, y: top, width: min(maxX, other.maxX) - left, height: min(maxY, other.maxY) - top)
  }

  /// The first `rows` rows, and what is left under them.
  package func split(top rows: Int) -> (top: Rect, rest: Rect) {
    let cut = min(max(0, rows), height)
    return (
      Rect(x: x, y: y, width: width, height: cut), Rect(x: x, y: y + cut, width: width, height: height - cut)
    )
  }

  /// The last `rows` rows, and what is left over them.
  package func split(bottom rows: Int) -> (rest: Rect, bottom: Rect) {
    let halves = split(top: height - min(max(0, rows), height))
    return (halves.top, halves.rest)
  }

  /// The first `columns` columns, and what is left beside them.
  package func split(left columns: Int) -> (left: Rect, rest: Rect) {
    let cut = min(max(0, columns), width)
    return (
      Rect(x: x, y: y, width: cut, height: height), Rect(x: x + cut, y: y, width: width - cut, height: height)
    )
  }

  /// The last `columns` columns, and what is left before them.
  package func split(right columns: Int) -> (rest: Rect, right: Rect) {
    let halves = split(left: width - min(max(0, columns), width))
    return (halves.left, halves.rest)
  }

  /// Row `index` of this rectangle as a rectangle one high; empty outside.
  package func row(_ index: Int) -> Rect {
    let inside = index >= 0 && index < height
    return Rect(x: x, y: y + index, width: width, height: inside ? 1 : 0)
  }

  /// A rectangle of that size in the middle of this one, made smaller where it does not fit.
  package func centered(_ size: Size) -> Rect {
    let columns = min(size.columns, width)
    let rows = min(size.rows, height)
    return Rect(x: x + (width - columns) / 2, y: y + (height - rows) / 2, width: columns, height: rows)
  }
}
