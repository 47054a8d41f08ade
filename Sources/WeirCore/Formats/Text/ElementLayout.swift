import Synchronization

/// The elements of one JSON array (at the top, or the first array of objects one level down), or JSON values
/// one after the other over several lines. Found by a tokenizer that knows only strings and brackets, so that
/// one broken element costs no other; 24 bytes of memory an element.
final class ElementLayout: TextLayout {
  enum Shape: Sendable { case array, concatenated }

  private struct Element {
    var range: Range<UInt64>
    /// Array: index from 0. Concatenated: the line it begins on, from 1.
    var number: UInt64
  }

  private struct Found {
    var elements: [Element] = []
    var isComplete = false
    /// The text ended inside an element, or before the array's end.
    var tornAt: UInt64?
  }

  private static let windowSize = 262_144

  let bytes: any ByteSource
  let shape: Shape
  /// Where the array's `[` stands; 0 for concatenated values.
  private let start: UInt64
  private let found = Mutex(Found())
  var size: UInt64 { bytes.size }

  init(_ bytes: any ByteSource, shape: Shape, start: UInt64) {
    self.bytes = bytes
    self.shape = shape
    self.start = start
  }

  /// Where the text broke off, once everything is indexed.
  var tornAt: UInt64? { found.withLock(\.tornAt) }

  func index(upTo limit: UInt64, _ work: Work) throws(Fault) {
    guard !found.withLock(\.isComplete) else { return }
    var scan = ElementScan(shape: shape, at: start)
    var offset = start
    var result = Found()
    while offset < size, !scan.isDone {
      try work.check()
      let content = try bytes.bytes(at: offset, count: ElementLayout.windowSize)
      guard !content.isEmpty else { break }
      scan.feed(content, at: offset) { range, number in
        result.elements.append(Element(range: range, number: number))
      }
      offset += UInt64(content.count)
      work.advance(by: content.count)
    }
    if let last = scan.finish(at: offset) { result.elements.append(Element(range: last.0, number: last.1)) }
    result.tornAt = scan.tornAt
    result.isComplete = true
    found.withLock { $0 = result }
  }

  private func first(at offset: UInt64) -> Int {
    found.withLock { found in
      var (low, high) = (0, found.elements.count)
      while low < high {
        let middle = (low + high) / 2
        if found.elements[middle].range.lowerBound >= offset { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }

  private func element(_ index: Int) -> Element? {
    found.withLock { $0.elements.indices.contains(index) ? $0.elements[index] : nil }
  }

  func pieces(
    from offset: UInt64, _ direction: Direction, _ work: Work, _ body: (TextPiece) -> Bool
  ) throws(Fault) -> UInt64? {
    try index(upTo: .max, work)
    let step = direction == .forward ? 1 : -1
    var index = first(at: offset) + (direction == .forward ? 0 : -1)
    while let element = element(index) {
      try work.check()
      let length = Int(min(element.range.upperBound - element.range.lowerBound, UInt64(longestPiece) + 1))
      let content = try bytes.bytes(at: element.range.lowerBound, count: length)
      work.advance(by: content.count)
      let goesOn = body(TextPiece(range: element.range, bytes: content[...], number: element.number))
      if !goesOn {
        let next = direction == .forward ? element.range.lowerBound + 1 : element.range.lowerBound
        return self.element(index + step) == nil ? nil : next
      }
      index += step
    }
    return nil
  }

  func end(ofPieceAt offset: UInt64) throws(Fault) -> UInt64 { offset + 1 }

  func number(at offset: UInt64) throws(Fault) -> UInt64? {
    try index(upTo: .max, Work())
    return element(first(at: offset))?.number
  }

  func offset(ofNumber number: UInt64, _ work: Work) throws(Fault) -> UInt64? {
    try index(upTo: .max, work)
    return found.withLock { found in found.elements.first { $0.number >= number }?.range.lowerBound }
  }

  func offset(atFraction fraction: Double, _ work: Work) throws(Fault) -> UInt64 {
    try index(upTo: .max, work)
    return found.withLock { found in
      let index = Int(Double(found.elements.count) * min(max(fraction, 0), 1))
      return found.elements.indices.contains(index) ? found.elements[index].range.lowerBound : size
    }
  }
}

/// The tokenizer's state between two windows.
struct ElementScan {
  let shape: ElementLayout.Shape
  private(set) var isDone = false
  private(set) var tornAt: UInt64?
  private var depth = 0
  private var inString = false
  private var escaped = false
  /// Where the element under way begins; nil between elements.
  private var elementStart: UInt64?
  private var lastByte: UInt64 = 0
  private var count: UInt64 = 0
  private var line: UInt64 = 1
  private var startLine: UInt64 = 1

  init(shape: ElementLayout.Shape, at start: UInt64) { self.shape = shape }

  /// Brackets open around an element: 1 inside the array.
  private var base: Int { shape == .array ? 1 : 0 }

  mutating func feed(_ window: [UInt8], at offset: UInt64, _ found: (Range<UInt64>, UInt64) -> Void) {
    for (index, byte) in window.enumerated() where !isDone {
      take(byte, at: offset + UInt64(index), found)
    }
  }

  private mutating func take(_ byte: UInt8, at offset: UInt64, _ found: (Range<UInt64>, UInt64) -> Void) {
    if byte == 0x0A { line += 1 }
    if inString {
      if escaped {
        escaped = false
      } else if byte == 0x5C {
        escaped = true
      } else if byte == 0x22 {
        inString = false
      }
      lastByte = offset + 1
      if !inString, depth == base, shape == .concatenated { end(found) }
      return
    }
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D, 0x1E:
      if depth == base, shape == .concatenated { end(found) }
      return
    case UInt8(ascii: ","):
      if depth == base {
        end(found)
        return
      }
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      depth -= 1
      if depth < base {
        end(found)
        isDone = shape == .array
        depth = max(depth, 0)
        return
      }
      lastByte = offset + 1
      if depth == base, shape == .concatenated { end(found) }
      return
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      let opensArray = shape == .array && depth == 0
      if !opensArray { begin(offset) }
      depth += 1
      lastByte = offset + 1
      return
    case 0x22: inString = true
    case 0xEF, 0xBB, 0xBF:
      if elementStart == nil { return }
    default: break
    }
    begin(offset)
    lastByte = offset + 1
  }

  private mutating func begin(_ offset: UInt64) {
    guard elementStart == nil else { return }
    elementStart = offset
    startLine = line
  }

  private mutating func end(_ found: (Range<UInt64>, UInt64) -> Void) {
    guard let start = elementStart else { return }
    found(start..<max(lastByte, start), shape == .array ? count : startLine)
    count += 1
    elementStart = nil
  }

  /// At the end of the text: the element that was under way, torn as it may be.
  mutating func finish(at offset: UInt64) -> (Range<UInt64>, UInt64)? {
    if shape == .array, !isDone { tornAt = elementStart ?? offset }
    guard let start = elementStart else { return nil }
    if depth > base || inString { tornAt = start }
    return (start..<max(lastByte, start), shape == .array ? count : startLine)
  }
}
