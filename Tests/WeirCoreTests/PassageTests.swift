import CKernels
import Glibc
import Support
import Testing

@testable import WeirCore

/// The page cache after a long way through a file is what it was before.
@Suite struct PassageTests {
  private static let size = 64 << 20
  /// A piece in the middle of the way.
  private static let middle = 24 << 20

  private func made() throws -> (folder: TemporaryFolder, path: String) {
    let folder = try TemporaryFolder()
    let path = try folder.write("large", [UInt8](repeating: 0x61, count: Self.size))
    return (folder, path)
  }

  private func share(_ file: Int32) -> Double { weir_cached_share(file, Self.middle, 4 << 20) }

  private func walk(_ path: String) throws {
    let file = try FileBytes(path: path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 64)
    defer { buffer.deallocate() }
    var at: UInt64 = 0
    while at < file.size { at += UInt64(try file.read(into: buffer, at: at)) }
  }

  @Test func whatWasCachedStays() throws {
    let (folder, path) = try made()
    let file = open(path, O_RDONLY)
    defer { close(file) }
    #expect(share(file) == 1)
    try walk(path)
    #expect(share(file) == 1)
    withExtendedLifetime(folder) {}
  }

  @Test func whatWasNotIsDropped() throws {
    let (folder, path) = try made()
    let file = open(path, O_RDONLY)
    defer { close(file) }
    fsync(file)
    posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED)
    // A file in memory cannot be dropped, and then there is nothing to see.
    guard share(file) < 0.5 else { return }
    try walk(path)
    #expect(share(file) < 0.5)
    withExtendedLifetime(folder) {}
  }

  @Test func whoLooksAroundLeavesItAlone() throws {
    var passage = Passage()
    let (folder, path) = try made()
    let file = open(path, O_RDONLY)
    defer { close(file) }
    for step in 0..<200 { passage.pass(file, UInt64(step * 7919 % 48) << 20, 64 << 10) }
    passage.end(file)
    #expect(share(file) == 1)
    withExtendedLifetime(folder) {}
  }
}
