/// Bytes that are not what their format says: a value that flows to the screen, never a stop. Everything
/// undamaged is still read.
package struct Damage: Equatable, Hashable, Sendable, CustomStringConvertible {
  package enum Kind: Equatable, Hashable, Sendable {
    /// A checksum, length or structure is wrong. Counts for exit status 1.
    case corrupt
    /// The file ends inside its last frame: a crash, or a writer at work. Not damage in the sense of exit
    /// status 1.
    case tornTail
    /// Preallocated or never-written zeros up to the end of the file. Not shown as damage.
    case zeroTail
    /// A sidecar (index, checkpoint, snapshot) disagrees with the data and was not trusted.
    case staleSidecar
  }

  package var kind: Kind
  /// Path of the file, as the source names it.
  package var file: String
  /// Byte range in that file, from the start of the bad frame to where reading resumed.
  package var range: Range<UInt64>
  package var reason: String

  package init(_ kind: Kind, file: String, range: Range<UInt64>, reason: String) {
    self.kind = kind
    self.file = file
    self.range = range
    self.reason = reason
  }

  package var description: String { "\(file): bytes \(range.lowerBound)..<\(range.upperBound): \(reason)" }
}
