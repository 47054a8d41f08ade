/// The one language of filters, breakpoints, bisect and watches (cli.md, "Expressions"). Parsed once,
/// evaluated natively.
package struct Expression: Sendable, Equatable {
  /// The text as typed.
  package let source: String

  /// A mistake, shown at its column.
  package struct Mistake: Error, Equatable, Sendable {
    /// From 1, in characters.
    package var column: Int
    package var reason: String

    package init(column: Int, reason: String) {
      self.column = column
      self.reason = reason
    }
  }

  package init(parsing source: String) throws(Mistake) { self.source = source }
}
