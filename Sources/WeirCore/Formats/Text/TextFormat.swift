extension Format {
  /// NDJSON, JSON arrays, CloudEvents: found by the first characters, else by the name.
  static let text = Format(
    name: "ndjson", title: "NDJSON, JSON arrays, CloudEvents",
    summary:
      "One event a line, or a JSON array; plain, gzip or zstd; CloudEvents 1.0 structured and batch.",
    detects: { probe in
      guard !probe.isDirectory else { return false }
      if probe.path == "-" || probe.isPipe { return true }
      let first = probe.head.first { !JSONReader.isBlank($0) && ![0xEF, 0xBB, 0xBF, 0x1E].contains($0) }
      if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return true }
      // A first line that is damaged must not hide the rest of a file that says what it is.
      let names = [
        ".ndjson", ".jsonl", ".json", ".ndjson.gz", ".jsonl.gz", ".json.gz", ".ndjson.zst", ".jsonl.zst",
      ]
      return probe.size > 0 && names.contains { probe.name.hasSuffix($0) }
    },
    open: { path, options, work throws(Fault) in
      let spooled =
        path == "-"
        ? try Spool.read(descriptor: 0, name: "-", work) : try Spool.open(path: path, work)
      guard spooled.bytes.size > 0 else { throw Fault(.nothingThere, "open", path, "the file is empty") }
      return try TextSource(path: path, spooled, options: options)
    })
}
