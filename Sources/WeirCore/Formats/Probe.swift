import Glibc

/// What detection may look at: the path and the first bytes, read once.
package struct Probe: Sendable {
  package var path: String
  package var isDirectory: Bool
  /// A pipe: it can be read once and not looked at before.
  package var isPipe = false
  /// The last part of the path.
  package var name: String
  /// Up to 4 KiB from the start, decompressed when the file is gzip or zstd; empty for a directory.
  package var head: [UInt8]
  /// The file's size as stored; 0 for a directory.
  package var size: UInt64
  /// Names in the directory, at most 10,000; empty for a file.
  package var entries: [String]

  private static let headSize = 4096
  private static let entryLimit = 10_000

  package init(path: String) throws(Fault) {
    self.path = path
    name = path.split(separator: "/").last.map(String.init) ?? path
    (isDirectory, head, size, entries) = (false, [], 0, [])
    guard path != "-" else { return }
    var status = stat()
    guard stat(path, &status) == 0 else { throw Fault.system("open", path) }
    isDirectory = status.st_mode & S_IFMT == S_IFDIR
    isPipe = Probe.isPipe(status)
    if isPipe { return }
    if isDirectory {
      entries = try Probe.names(in: path)
    } else {
      let file = try FileBytes(path: path)
      size = file.size
      head = try Probe.head(of: file)
    }
  }

  private static func isPipe(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFIFO }

  /// Whether the path is a pipe, as the shell's `<(command)` gives them.
  static func isPipe(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && isPipe(status)
  }

  private static func head(of file: FileBytes) throws(Fault) -> [UInt8] {
    let stored = try file.bytes(at: 0, count: headSize)
    guard let decoder = Spool.streamDecoder(for: stored[...]) else { return stored }
    var sink = SpoolSink(name: file.name)
    try decoder.feed(stored[...], into: &sink)
    return try sink.finish().bytes(at: 0, count: headSize)
  }

  /// Names in a directory without `.` and `..`, sorted.
  package static func names(in path: String, limit: Int = Probe.entryLimit) throws(Fault) -> [String] {
    guard let directory = opendir(path) else { throw Fault.system("open", path) }
    defer { closedir(directory) }
    var names: [String] = []
    while names.count < limit, let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
