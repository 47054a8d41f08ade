/// One family of event stores: by which columns a table of it is known, and what the columns are. A record of
/// `StoreFamily.all` is all that a new family needs.
///
/// Names are compared in lower case and without underscores (`aggregateidentifier`), so that CamelCase and
/// snake_case variants fall together.
struct StoreFamily: Sendable {
  /// What `weir ls` calls the format.
  var name: String
  var title: String
  /// Table names, plain; one that ends with `*` is a beginning, one that begins with `*` an end. Empty: any.
  var tables: [String] = []
  /// Columns a table must have besides those of `roles` that are listed first.
  var signature: [String]
  var roles: Roles
  /// The first version of a stream.
  var firstVersion: Int64?
  /// 32 hexadecimal digits that name a stream are a UUID, and print with dashes.
  var hasHexUUIDs = false
  /// Members of the metadata that only repeat columns, or are known to be wrong.
  var droppedMetadata: [String] = []
  /// Python writes NaN and Infinity into JSON.
  var hasLenientJSON = false
  /// What a row is when the column `hidden` is true: shown only with `--deleted`.
  var hiddenMark: Marks = .archived
  /// Proven against files that the real system wrote; else its columns are known from its sources only.
  var isProven = false

  /// Which columns play which part: for each the names to try, plain, the first that exists counts.
  struct Roles: Sendable {
    /// All of them together name the stream, joined by `-` (a type and an id).
    var stream: [String]
    var version: [String] = []
    var position: [String] = []
    var id: [String] = []
    var type: [String] = []
    var time: [String] = []
    var data: [String] = []
    var meta: [String] = []
    /// A flag on rows that the store no longer shows.
    var hidden: [String] = []
    /// `C` marks a command (Emmett).
    var kind: [String] = []
  }

  func matches(_ table: SQLiteTable) -> Bool {
    let name = SQLiteTable.plain(table.name)
    let named =
      tables.isEmpty
      || tables.contains { pattern in
        if pattern.hasSuffix("*") { return name.hasPrefix(pattern.dropLast()) }
        if pattern.hasPrefix("*") { return name.hasSuffix(pattern.dropFirst()) }
        return name == pattern
      }
    return named && signature.allSatisfy { table.column(plain: $0) != nil }
  }
}
