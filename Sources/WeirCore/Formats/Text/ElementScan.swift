/// Finds the elements of arrays, or the values of a text, from bytes that come window by window: the state
/// between two of them.
struct ElementScan: Sendable {
  /// The number of what stands behind the last array and is none.
  static let behind = UInt64.max

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
  /// An array has ended, and no other has begun.
  private var isBehind = false

  init(shape: ElementLayout.Shape) { self.shape = shape }

  /// Brackets open around an element: 1 inside the array.
  private var base: Int { shape == .concatenated ? 0 : 1 }

  mutating func feed(_ window: [UInt8], at offset: UInt64, _ found: (Range<UInt64>, UInt64) -> Void) {
    for (index, byte) in window.enumerated() {
      if isDone { return }
      take(byte, at: offset + UInt64(index), found)
    }
  }

  private mutating func take(_ byte: UInt8, at offset: UInt64, _ found: (Range<UInt64>, UInt64) -> Void) {
    if byte == 0x0A { line += 1 }
    if inString {
      takeInString(byte, offset)
      if !inString, depth == base, shape == .concatenated { end(found) }
      return
    }
    switch byte {
    case 0x20, 0x09, 0x0A, 0x0D, 0x1E:
      if depth == base, shape == .concatenated { end(found) }
      return
    case _ where isBehind && byte != UInt8(ascii: "["):
      elementStart = offset
      isDone = true
      return
    case UInt8(ascii: ","):
      if depth == base {
        end(found)
        return
      }
    case UInt8(ascii: "]"), UInt8(ascii: "}"):
      close(offset, found)
      return
    case UInt8(ascii: "["), UInt8(ascii: "{"):
      if depth >= base { begin(offset) }
      isBehind = false
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

  private mutating func takeInString(_ byte: UInt8, _ offset: UInt64) {
    if escaped {
      escaped = false
    } else if byte == 0x5C {
      escaped = true
    } else if byte == 0x22 {
      inString = false
    }
    lastByte = offset + 1
  }

  private mutating func close(_ offset: UInt64, _ found: (Range<UInt64>, UInt64) -> Void) {
    depth -= 1
    guard depth < base else {
      lastByte = offset + 1
      if depth == base, shape == .concatenated { end(found) }
      return
    }
    end(found)
    depth = max(depth, 0)
    isDone = shape == .member
    isBehind = shape == .array
    guard shape == .concatenated else { return }
    // A bracket that closes nothing is a broken value of its own.
    begin(offset)
    lastByte = offset + 1
    end(found)
  }

  private mutating func begin(_ offset: UInt64) {
    guard elementStart == nil else { return }
    elementStart = offset
    startLine = line
  }

  private mutating func end(_ found: (Range<UInt64>, UInt64) -> Void) {
    guard let start = elementStart else { return }
    found(start..<max(lastByte, start), number)
    count += 1
    elementStart = nil
  }

  private var number: UInt64 { shape == .concatenated ? startLine : count }

  /// At the end of a text of `size` bytes: the element that was under way, torn as it may be, or what stands
  /// behind the array.
  mutating func finish(at offset: UInt64, size: UInt64) -> (Range<UInt64>, UInt64)? {
    if isBehind { return elementStart.map { ($0..<size, ElementScan.behind) } }
    if shape != .concatenated, !isDone { tornAt = elementStart ?? offset }
    guard let start = elementStart else { return nil }
    if depth > base || inString { tornAt = start }
    return (start..<max(lastByte, start), number)
  }
}
