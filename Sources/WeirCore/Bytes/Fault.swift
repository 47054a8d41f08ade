/// The world failed: a file could not be opened or read, a name does not exist. Bad *content* is never a
/// fault, it is `Damage`.
package struct Fault: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Kind: Sendable {
    /// No such path, stream, aggregate; no format recognised; an empty file. Exit status 3.
    case nothingThere
    /// The system refused: permission, I/O error. Exit status 3.
    case unreadable
    /// The user's words are off (an unknown position, a bad expression). Exit status 2.
    case usage
    /// A fold does not load or cannot go on. Exit status 4.
    case foldFailed
    /// The user stopped it. Exit status 130.
    case cancelled
  }

  package var kind: Kind
  /// What was attempted: "open", "read", "seek".
  package var operation: String
  /// File, address or stream it was attempted on; may be empty.
  package var subject: String
  /// Why it failed, in words.
  package var reason: String
  /// What the user could do about it.
  package var hint: String?

  package init(_ kind: Kind, _ operation: String, _ subject: String, _ reason: String, hint: String? = nil) {
    self.kind = kind
    self.operation = operation
    self.subject = subject
    self.reason = reason
    self.hint = hint
  }

  package static let cancelled = Fault(.cancelled, "stop", "", "cancelled")

  package var description: String {
    let place = subject.isEmpty ? "" : " \(subject)"
    return "cannot \(operation)\(place): \(reason)" + (hint.map { " (\($0))" } ?? "")
  }
}
