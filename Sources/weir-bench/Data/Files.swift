import Glibc
import WeirCore

/// A file that is being written, through a buffer.
final class FileWriter {
  private let file: UnsafeMutablePointer<FILE>
  private let path: String
  private(set) var size = 0

  init(_ path: String) throws(Fault) {
    guard let file = fopen(path, "wb") else { throw Fault.system("write", path) }
    setvbuf(file, nil, _IOFBF, 1 << 20)
    (self.file, self.path) = (file, path)
  }

  func write(_ bytes: [UInt8]) throws(Fault) {
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else { throw Fault.system("write", path) }
    size += bytes.count
  }

  /// Leaves a hole up to `offset`.
  func skip(to offset: Int) throws(Fault) {
    guard fseek(file, offset, SEEK_SET) == 0 else { throw Fault.system("seek in", path) }
    size = offset
  }

  /// Closes it, and dates it back an hour: a closed segment that nobody has touched for a while.
  func close() throws(Fault) {
    guard fclose(file) == 0 else { throw Fault.system("write", path) }
    let hourAgo = timespec(tv_sec: time(nil) - 3600, tv_nsec: 0)
    utimensat(AT_FDCWD, path, [hourAgo, hourAgo], 0)
  }
}

/// Runs `body` in a new folder and takes the folder away again, whatever happens.
func withTemporaryFolder<T>(_ body: (String) throws -> T) throws -> T {
  let parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
  var template = Array("\(parent)/weir-bench-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw Fault.system("make a folder in", parent) }
  let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  Cleaner.folder = path
  defer { remove(folder: path) }
  // Gigabytes should not stay behind when somebody loses patience.
  for number in [SIGINT, SIGTERM, SIGHUP] {
    signal(number) { _ in
      if let path = Cleaner.folder { remove(folder: path) }
      _exit(130)
    }
  }
  return try body(path)
}

/// What the signal handler clears away.
private enum Cleaner {
  // Written once, before the handler that reads it is set.
  nonisolated(unsafe) static var folder: String?
}

private func remove(folder: String) {
  guard let directory = opendir(folder) else { return }
  while let entry = readdir(directory) {
    let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
      String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    guard name != ".", name != ".." else { continue }
    let path = "\(folder)/\(name)"
    if unlink(path) != 0 { remove(folder: path) }
  }
  closedir(directory)
  rmdir(folder)
}
