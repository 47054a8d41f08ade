import CKernels

/// NDJSON: one event a line, LF or CRLF, blank lines allowed, a byte-order mark at the start allowed.
final class LineLayout: TextLayout {
  private static let windowSize = 262_144
  /// A gap this large in the line index is closed unasked, so that lines have their numbers.
  private static let indexAhead: UInt64 = 64 << 20

  let bytes: any ByteSource
  let lines: LineIndex
  var size: UInt64 { bytes.size }

  init(_ bytes: any ByteSource) {
    self.bytes = bytes
    lines = LineIndex(bytes)
  }

  func pieces(
    from offset: UInt64, _ direction: Direction, _ work: Work, _ body: (TextPiece) -> Bool
  ) throws(Fault) -> UInt64? {
    switch direction {
    case .forward: try forward(from: offset, work, body)
    case .backward: try backward(from: min(offset, size), work, body)
    }
  }

  /// `known` is the number of the line at `offset`, where it is known already.
  private func forward(
    from offset: UInt64, _ work: Work, _ body: (TextPiece) -> Bool, known: UInt64? = nil
  ) throws(Fault) -> UInt64? {
    var start = offset
    // Reading on and on indexes along the way; a jump far ahead does not read what it jumps over.
    if known == nil, offset > lines.indexed, offset - lines.indexed <= LineLayout.indexAhead {
      try lines.build(upTo: offset, work)
    }
    var number = known
    if number == nil { number = try lines.lineBreaks(before: offset).map { $0 + 1 } }
    var window = LineLayout.windowSize
    while start < size {
      try work.check()
      let content = try bytes.bytes(at: start, count: window)
      guard !content.isEmpty else { return nil }
      let isLast = start + UInt64(content.count) >= size
      var used = 0
      while used < content.count {
        let length = LineLayout.lineLength(content, from: used)
        let isWhole = used + length < content.count
        guard isWhole || isLast || content.count > longestPiece else { break }
        if !isWhole, !isLast { return try tooLong(start, number, work, body) }
        let next = start + UInt64(used + length + (isWhole ? 1 : 0))
        work.advance(by: length + 1)
        let piece = LineLayout.piece(content, used, length, start, number)
        number = number.map { $0 + 1 }
        if let piece, !body(piece) { return next < size ? next : nil }
        used += length + 1
      }
      // A line longer than the window: read it again with a larger one.
      if used == 0 { window = min(window * 4, longestPiece + 2) } else { window = LineLayout.windowSize }
      start += UInt64(min(used, content.count))
    }
    return nil
  }

  /// Tells a line that is too long to be read, and goes on behind it.
  private func tooLong(
    _ start: UInt64, _ number: UInt64?, _ work: Work, _ body: (TextPiece) -> Bool
  ) throws(Fault) -> UInt64? {
    let end = try end(ofPieceAt: start)
    let goesOn = body(TextPiece(range: start..<end, bytes: [], number: number))
    guard end < size else { return nil }
    return goesOn ? try forward(from: end, work, body, known: number.map { $0 + 1 }) : end
  }

  private func backward(from end: UInt64, _ work: Work, _ body: (TextPiece) -> Bool) throws(Fault) -> UInt64?
  {
    var end = end
    // The number of the line that the byte before `end` belongs to.
    var number = end == 0 ? nil : try lines.lineBreaks(before: end - 1).map { $0 + 1 }
    var window = LineLayout.windowSize
    while end > 0 {
      try work.check()
      let start = end > UInt64(window) ? end - UInt64(window) : 0
      let content = try bytes.bytes(at: start, count: Int(end - start))
      guard !content.isEmpty else { return nil }
      var upper = content.count
      while upper > 0 {
        // The line break that ends the line belongs to it; the one before it ends its predecessor.
        let textEnd = content[upper - 1] == 0x0A ? upper - 1 : upper
        let found = content.withUnsafeBytes { Int(weir_last_byte($0.baseAddress, textEnd, 0x0A)) }
        guard found < textEnd || start == 0 || textEnd > longestPiece else { break }
        if found >= textEnd, start > 0 {
          let first = try beginning(before: start)
          let goesOn = body(TextPiece(range: first..<end, bytes: [], number: number))
          guard first > 0 else { return nil }
          return goesOn ? try backward(from: first, work, body) : first
        }
        let lineStart = found < textEnd ? found + 1 : 0
        work.advance(by: upper - lineStart)
        upper = lineStart
        let piece = LineLayout.piece(content, lineStart, textEnd - lineStart, start, number)
        number = number.map { $0 - 1 }
        if let piece, !body(piece) {
          let next = start + UInt64(lineStart)
          return next > 0 ? next : nil
        }
      }
      if upper == content.count {
        window = min(window * 4, longestPiece + 2)
      } else {
        window = LineLayout.windowSize
      }
      end = start + UInt64(upper)
    }
    return nil
  }

  /// The first byte of the line that goes on at `offset`.
  private func beginning(before offset: UInt64) throws(Fault) -> UInt64 {
    var end = offset
    while end > 0 {
      let start = end > UInt64(LineLayout.windowSize) ? end - UInt64(LineLayout.windowSize) : 0
      let content = try bytes.bytes(at: start, count: Int(end - start))
      let found = content.withUnsafeBytes { Int(weir_last_byte($0.baseAddress, $0.count, 0x0A)) }
      if found < content.count { return start + UInt64(found) + 1 }
      end = start
    }
    return 0
  }

  private static func lineLength(_ content: [UInt8], from index: Int) -> Int {
    content.withUnsafeBytes {
      Int(weir_first_byte($0.baseAddress.map { $0 + index }, content.count - index, 0x0A))
    }
  }

  /// nil for a blank line.
  private static func piece(
    _ content: [UInt8], _ index: Int, _ length: Int, _ base: UInt64, _ number: UInt64?
  ) -> TextPiece? {
    var (lower, upper) = (index, index + length)
    while upper > lower, JSONReader.isBlank(content[upper - 1]) { upper -= 1 }
    if base + UInt64(lower) == 0, content[lower..<upper].starts(with: [0xEF, 0xBB, 0xBF]) { lower += 3 }
    while lower < upper, JSONReader.isBlank(content[lower]) || content[lower] == 0x1E { lower += 1 }
    guard lower < upper else { return nil }
    let range = base + UInt64(lower)..<base + UInt64(upper)
    return TextPiece(range: range, bytes: content[lower..<upper], number: number)
  }

  func end(ofPieceAt offset: UInt64) throws(Fault) -> UInt64 {
    var end = offset
    while end < size {
      let content = try bytes.bytes(at: end, count: LineLayout.windowSize)
      guard !content.isEmpty else { break }
      let length = LineLayout.lineLength(content, from: 0)
      if length < content.count { return end + UInt64(length) + 1 }
      end += UInt64(content.count)
    }
    return size
  }

  func number(at offset: UInt64) throws(Fault) -> UInt64? {
    try lines.lineBreaks(before: offset).map { $0 + 1 }
  }

  func offset(ofNumber number: UInt64, _ work: Work) throws(Fault) -> UInt64? {
    try lines.offset(ofLine: number, work)
  }

  func offset(atFraction fraction: Double, _ work: Work) throws(Fault) -> UInt64 {
    let guess = UInt64(Double(size) * min(max(fraction, 0), 1))
    return guess == 0 ? 0 : try end(ofPieceAt: min(guess, size))
  }

  func index(upTo limit: UInt64, _ work: Work) throws(Fault) { try lines.build(upTo: limit, work) }
}
