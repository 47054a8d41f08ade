/// A kind of source that weir can open: one line in `Format.all`, one folder in Formats.
package struct Format: Sendable {
  /// How `--format` and `weir formats` name it.
  package var name: String
  package var title: String
  /// What it is found by, and its limits, a sentence each.
  package var summary: String
  /// True when the path holds this format, by its content first and its name second. Cheap: a few small
  /// reads.
  package var detects: @Sendable (Probe) -> Bool
  package var open: @Sendable (String, ReadOptions, Work) throws(Fault) -> any Source
}

/// What detection may look at: the path and the first bytes, read once.
package struct Probe: Sendable {
  package var path: String
  package var isDirectory: Bool
  /// The last part of the path.
  package var name: String
  /// Up to 4 KiB from the start, decompressed when the file is gzip or zstd; empty for a directory.
  package var head: [UInt8]
  /// The file's size as stored; 0 for a directory.
  package var size: UInt64
  /// Names in the directory, at most 10,000; empty for a file.
  package var entries: [String]
}
