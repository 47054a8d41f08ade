/// One event's text in its file.
struct TextPiece {
  /// Byte range in the file, without the line break or comma after it.
  var range: Range<UInt64>
  var bytes: ArraySlice<UInt8>
  /// As `TextLayout.number(at:)`.
  var number: UInt64?
  /// Why it is no event, where that is known already.
  var problem: String?
}

/// How a text file is cut into events: by lines, or by the elements of a JSON array.
protocol TextLayout: AnyObject, Sendable {
  /// Hands the pieces from byte `offset` on (backward: those that begin before it, the last one first) to
  /// `body` until that returns false. Returns where to go on, nil when the file has ended in that direction.
  func pieces(
    from offset: UInt64, _ direction: Direction, _ work: Work, _ body: (TextPiece) -> Bool
  ) throws(Fault) -> UInt64?
  /// The first byte after the piece that begins at `offset`.
  func end(ofPieceAt offset: UInt64) throws(Fault) -> UInt64
  /// The piece's number as cli.md counts: lines from 1, array elements from 0; nil while it is not known.
  func number(at offset: UInt64) throws(Fault) -> UInt64?
  func offset(ofNumber number: UInt64, _ work: Work) throws(Fault) -> UInt64?
  /// The start of some piece near `fraction` of the file.
  func offset(atFraction fraction: Double, _ work: Work) throws(Fault) -> UInt64
  /// Makes all numbers known, reading at most `limit` bytes.
  func index(upTo limit: UInt64, _ work: Work) throws(Fault)
  var size: UInt64 { get }
}

/// A piece longer than this is not an event but a mistake, or an attack: it is reported and passed over.
let longestPiece = 64 << 20
