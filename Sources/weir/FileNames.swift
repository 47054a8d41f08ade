import Glibc

/// Questions about paths.
enum FileNames {
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The folder a path lies in; `.` when it names none.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The program's own path.
  static func executable() -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, 4095)
    return String(decoding: buffer[..<max(count, 0)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
