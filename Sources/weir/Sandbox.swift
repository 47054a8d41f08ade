import CSandbox
import Glibc
import Synchronization

/// Read-only, enforced and not only promised: where the kernel has Landlock, the program gives up its right
/// to write.
enum Sandbox {
  /// What a command may still write: temporary copies of compressed input, the terminal and the null device.
  static var commandPaths: [String] {
    [Configuration.environment("TMPDIR") ?? "/tmp", "/dev/null", "/dev/tty", "/dev/pts"]
  }

  /// Gives up writing anywhere but below `paths`. False where the kernel cannot enforce it.
  @discardableResult
  static func restrictWrites(to paths: [String]) -> Bool {
    let copies = paths.map { $0.withCString { text in strdupOf(text) } }
    defer { for copy in copies { copy.deallocate() } }
    let pointers: [UnsafePointer<CChar>?] = copies.map { UnsafePointer($0) }
    return weir_sandbox_writes(pointers, pointers.count) == 1
  }

  private static func strdupOf(_ text: UnsafePointer<CChar>) -> UnsafeMutablePointer<CChar> {
    var count = 0
    while text[count] != 0 { count += 1 }
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: count + 1)
    copy.initialize(from: text, count: count + 1)
    return copy
  }

  /// The explorer gives up writing as well; the files that `w` makes, wherever the user wants them, are
  /// opened by a helper that never opens one that exists. Without one nothing is given up. To be called
  /// before threads are started.
  static func confineExplorer() -> Scribe? {
    guard let scribe = Scribe() else { return nil }
    restrictWrites(to: commandPaths)
    return scribe
  }
}

/// The helper process that opens new files for a program that may not.
final class Scribe: Sendable {
  private let socket: Mutex<Int32>

  init?() {
    let socket = weir_scribe_start()
    guard socket >= 0 else { return nil }
    self.socket = Mutex(socket)
  }

  deinit { _ = socket.withLock { close($0) } }

  /// A new file, open for writing; -1 with `errno` when it cannot be made.
  func create(_ path: String) -> Int32 { socket.withLock { weir_scribe_create($0, path) } }
}
