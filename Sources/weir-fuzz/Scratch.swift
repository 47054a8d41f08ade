import Glibc
import WeirCore

/// A folder in memory that the inputs are written to, for readers that open paths. Taken away at the end.
struct Scratch: Sendable {
  static let folder: String = {
    let parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp"
    let path = "\(parent)/weir-fuzz-\(getpid())"
    mkdir(path, 0o700)
    atexit { Scratch.remove(Scratch.folder) }
    return path
  }()

  /// Makes a folder below it, or below another of its folders.
  static func make(_ name: String, in parent: String = folder) -> String {
    let path = parent + "/" + name
    mkdir(path, 0o700)
    return path
  }

  /// Writes a file anew.
  static func write(_ path: String, _ bytes: UnsafeRawBufferPointer) {
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard file >= 0, Glibc.write(file, bytes.baseAddress, bytes.count) == bytes.count else {
      fail("cannot write \(path)")
    }
    close(file)
  }

  static func write(_ path: String, _ bytes: [UInt8]) { bytes.withUnsafeBytes { write(path, $0) } }

  private static func remove(_ path: String) {
    for name in (try? Probe.names(in: path)) ?? [] {
      let inner = path + "/" + name
      if unlink(inner) != 0 { remove(inner) }
    }
    rmdir(path)
  }
}
