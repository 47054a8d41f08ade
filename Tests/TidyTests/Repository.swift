import Glibc

/// The repository this test was compiled from, found through `#filePath`, and read without Foundation.
enum Repository {
  /// The folder that holds Package.swift, without a slash at its end.
  static let root = String(#filePath.dropLast("/Tests/TidyTests/Repository.swift".count))

  /// Every Swift file of Sources and Tests, read and lexed once.
  static let swift: [SwiftSource] = (files(below: "Sources") + files(below: "Tests"))
    .filter { $0.hasSuffix(".swift") }
    .map { SwiftSource(path: $0, text: text($0)) }

  /// Every text that people edit: sources, the Makefile, scripts, notes, themes.
  static let texts: [(path: String, lines: [Substring])] =
    (files(below: "Sources") + files(below: "Tests") + files(below: ".ci") + files(below: "themes")
    + ["Package.swift", "Makefile", "README.md", "CHANGELOG.md"])
    .filter { path in
      !path.hasPrefix("Tests/Fixtures/") && !path.hasPrefix("Tests/Goldens/") && exists(path)
    }
    .map { path in (path, text(path).split(separator: "\n", omittingEmptySubsequences: false)) }

  /// The names in one folder, sorted, without `.` and `..`; empty where there is no such folder.
  static func entries(of folder: String) -> [String] {
    guard let directory = opendir(folder.isEmpty ? root : "\(root)/\(folder)") else { return [] }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let length = Int(entry.pointee.d_reclen)
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: length) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// The regular files below a folder, as paths from the root.
  static func files(below folder: String) -> [String] {
    entries(of: folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      return isFolder(path) ? files(below: path) : [path]
    }
  }

  static func exists(_ path: String) -> Bool { access("\(root)/\(path)", R_OK) == 0 }

  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return lstat("\(root)/\(path)", &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// A file's text; empty where it cannot be read. Bytes that are not UTF-8 come out as U+FFFD.
  static func text(_ path: String) -> String {
    guard let file = fopen("\(root)/\(path)", "rb") else { return "" }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65536)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      guard count > 0 else { break }
      bytes += chunk[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
