import CSandbox

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
}
