import Synchronization

/// The elements of JSON arrays (one at the top, or several one after the other, or the first array of objects
/// one level down), or JSON values one after the other over several lines. Found by a tokenizer that knows
/// only strings and brackets, so that one broken element costs no other; 24 bytes of memory an element. Read
/// from the start as far as anybody asked.
final class ElementLayout: TextLayout {
  /// `member`: an array inside an object; what stands behind it is not looked at.
  enum Shape: Sendable { case array, member, concatenated }

  private struct Element {
    var range: Range<UInt64>
    /// Array: index from 0. Concatenated: the line it begins on, from 1.
    var number: UInt64
  }

  private struct Found {
    var elements: [Element] = []
    var scan: ElementScan
    /// Bytes up to here were scanned.
    var offset: UInt64
    var isComplete = false
  }

  private static let windowSize = 262_144

  let bytes: any ByteSource
  private let found: Mutex<Found>
  var size: UInt64 { bytes.size }

  /// `start` is where the array's `[` stands; 0 for concatenated values.
  init(_ bytes: any ByteSource, shape: Shape, start: UInt64) {
    self.bytes = bytes
    found = Mutex(Found(scan: ElementScan(shape: shape), offset: start))
  }

  /// Where the text broke off, once everything is indexed.
  var tornAt: UInt64? { found.withLock(\.scan.tornAt) }

  func index(upTo limit: UInt64, _ work: Work) throws(Fault) {
    try extend(work) { $0.offset >= limit }
  }

  /// Scans on, window by window, until `isEnough` or the end.
  private func extend(_ work: Work, _ isEnough: (borrowing Found) -> Bool) throws(Fault) {
    var isDone = false
    while !isDone {
      try work.check()
      isDone = try found.withLock { found throws(Fault) in
        if found.isComplete || isEnough(found) { return true }
        let content = try bytes.bytes(at: found.offset, count: ElementLayout.windowSize)
        var elements: [Element] = []
        found.scan.feed(content, at: found.offset) { elements.append(Element(range: $0, number: $1)) }
        found.offset += UInt64(content.count)
        if content.isEmpty || found.offset >= size || found.scan.isDone {
          if let last = found.scan.finish(at: found.offset, size: size) {
            elements.append(Element(range: last.0, number: last.1))
          }
          found.isComplete = true
        }
        found.elements += elements
        work.advance(by: content.count)
        return found.isComplete
      }
    }
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
    try extend(work) { direction == .forward && ($0.elements.last?.range.lowerBound ?? 0) > offset }
    let step = direction == .forward ? 1 : -1
    var index = first(at: offset) + (direction == .forward ? 0 : -1)
    while let element = element(index) {
      // One more than is at hand, to know whether another follows.
      if direction == .forward { try extend(work) { $0.elements.count > index + 1 } }
      let length = Int(min(element.range.upperBound - element.range.lowerBound, UInt64(longestPiece) + 1))
      let content = try bytes.bytes(at: element.range.lowerBound, count: length)
      let piece = TextPiece(
        range: element.range, bytes: content[...], number: element.number,
        problem: element.number == ElementScan.behind ? "text behind the array's end" : nil)
      if !body(piece) {
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
