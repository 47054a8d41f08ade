import Glibc
package import WeirCore

/// Files that tests read, found from the place of the sources, so that they are the same for every runner.
package enum Fixtures {
  /// `Tests/Fixtures`.
  package static let folder: String = {
    let parts = #filePath.split(separator: "/").dropLast(2)
    return "/" + parts.joined(separator: "/") + "/Fixtures"
  }()

  /// The repository's top.
  package static let repository: String = {
    "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  }()

  package static func path(_ name: String) -> String { folder + "/" + name }

  /// A fixture's bytes; those of `NAME.zst`, decompressed, when only that is there.
  package static func bytes(_ name: String) throws -> [UInt8] {
    if access(path(name), F_OK) == 0 { return try bytes(ofFile: path(name)) }
    let packed = try bytes(ofFile: path(name + ".zst"))
    let decompressor = Decompressor()
    // What it gives back lives in it.
    return try withExtendedLifetime(decompressor) {
      try packed.withUnsafeBytes { Array(try decompressor.decompress(.zstd, $0)) }
    }
  }

  private static func bytes(ofFile path: String) throws(Fault) -> [UInt8] {
    let file = try FileBytes(path: path)
    return try file.bytes(at: 0, count: Int(file.size))
  }
}

/// A folder of a test's own, removed when the test is over.
package final class TemporaryFolder: Sendable {
  package let path: String

  package init() throws(Fault) {
    var template = Array("/tmp/weir-test-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Fault.system("make a folder in", "/tmp") }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { TemporaryFolder.remove(path) }

  /// Copies fixtures of one folder into this one, unpacked, and returns the first one's path.
  @discardableResult
  package func copy(_ names: [String], from fixture: String) throws -> String {
    for name in names { try write(name, try Fixtures.bytes("\(fixture)/\(name)")) }
    return path + "/" + (names.first ?? "")
  }

  /// Writes a file and returns its path.
  @discardableResult
  package func write(_ name: String, _ content: [UInt8]) throws(Fault) -> String {
    let target = path + "/" + name
    guard let file = fopen(target, "w") else { throw Fault.system("write", target) }
    defer { fclose(file) }
    guard fwrite(content, 1, content.count, file) == content.count else {
      throw Fault.system("write", target)
    }
    return target
  }

  @discardableResult
  package func write(_ name: String, _ text: String) throws(Fault) -> String {
    try write(name, Array(text.utf8))
  }

  /// Makes a folder inside, unless it is there, and returns its path.
  @discardableResult
  package func directory(_ name: String) throws(Fault) -> String {
    let target = path + "/" + name
    guard mkdir(target, 0o755) == 0 || errno == EEXIST else { throw Fault.system("make a folder", target) }
    return target
  }

  /// Makes a file longer without writing anything, as a broker preallocates it.
  package func extend(_ file: String, to size: Int) throws(Fault) {
    guard truncate(file, size) == 0 else { throw Fault.system("extend", file) }
  }

  /// Removes one file of it.
  package func delete(_ file: String) { unlink(file) }

  /// Makes a symbolic link of this name.
  package func link(_ name: String, to target: String) throws(Fault) {
    guard symlink(target, path + "/" + name) == 0 else { throw Fault.system("link", path + "/" + name) }
  }

  private static func remove(_ path: String) {
    for name in (try? Probe.names(in: path)) ?? [] {
      let inner = path + "/" + name
      if unlink(inner) != 0 { remove(inner) }
    }
    rmdir(path)
  }
}

/// Everything a log holds, in one direction, read in pages of `count`.
package struct LogContent: Sendable {
  package var events: [StoredEvent] = []
  package var damage: [Damage] = []

  package init(_ log: any EventLog, _ direction: Direction = .forward, count: Int = 100) throws(Fault) {
    var batch = EventBatch()
    let places: [Cursor.Place] = log.partitions.map { _ in direction == .forward ? .start : .end }
    var next: Cursor? = Cursor(places)
    while let cursor = next {
      next = try log.read(cursor, direction, count: count, into: &batch, Work())
      damage += batch.damage.map(\.damage)
      for index in batch.records.indices { events.append(log.event(index, of: batch)) }
    }
  }
}

/// A source that a test wrote itself, opened; its folder lives as long as this.
package struct MadeSource {
  package let source: any Source
  package let folder: TemporaryFolder

  package init(_ name: String, _ bytes: [UInt8], _ options: ReadOptions = ReadOptions()) throws(Fault) {
    folder = try TemporaryFolder()
    source = try Format.open(try folder.write(name, bytes), options, Work())
  }

  package var about: SourceAbout { source.about }
  package func log(_ stream: StreamID) throws(Fault) -> any EventLog { try source.log(stream) }

  /// Everything in one stream (else in the source).
  package func content(
    _ stream: StreamID = .everything, _ direction: Direction = .forward, count: Int = 100
  ) throws(Fault) -> LogContent {
    try LogContent(source.log(stream), direction, count: count)
  }
}
