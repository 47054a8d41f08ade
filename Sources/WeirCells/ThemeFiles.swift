internal import Glibc

extension Theme {
  /// A theme is a page of text; anything larger is not one.
  private static let fileLimit = 1 << 16

  /// Folders that may hold `NAME.theme`, best first: `$WEIR_SHARE/themes`,
  /// `<executable>/../share/weir/themes`, and for a build in its source tree the first `themes` folder above
  /// the executable.
  package static func folders() -> [String] {
    var list: [String] = []
    if let share = getenv("WEIR_SHARE"), share.pointee != 0 {
      list.append(String(cString: share) + "/themes")
    }
    var path = executable()
    guard cut(&path) else { return list }
    list.append(path + "/../share/weir/themes")
    // `.build/x86_64-unknown-linux-gnu/release/weir` lies four levels down; tests a few more.
    for _ in 0..<8 {
      list.append(path + "/themes")
      guard cut(&path) else { break }
    }
    return list
  }

  /// Finds a theme by its name, or by a path when the name has a slash.
  ///
  /// - Returns: the theme (with the built-in look for what could not be read) and what was wrong on the way.
  package static func search(_ name: String) -> (theme: Theme, mistakes: [Mistake]) {
    search(name, depth: 0)
  }

  /// Names of all themes that can be found, in alphabetical order, without repetition.
  package static func available() -> [String] {
    var names: Set<String> = [builtIn.name]
    for folder in folders() {
      guard let handle = opendir(folder) else { continue }
      defer { closedir(handle) }
      while let entry = readdir(handle) {
        let file = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if file.hasSuffix(".theme") { names.insert(String(file.dropLast(6))) }
      }
    }
    return names.sorted()
  }

  /// Themes may inherit in a chain; a ring of them ends here.
  private static let maximumDepth = 8

  private static func search(_ name: String, depth: Int) -> (theme: Theme, mistakes: [Mistake]) {
    let paths = name.contains("/") ? [name] : folders().map { $0 + "/" + name + ".theme" }
    for path in paths {
      guard let text = read(path) else { continue }
      var deeper: [Mistake] = []
      let parsed = parse(text, name: name) { parent in
        guard depth < maximumDepth else { return nil }
        let found = search(parent, depth: depth + 1)
        deeper += found.mistakes
        return found.theme
      }
      return (parsed.theme, deeper + parsed.mistakes)
    }
    if name == builtIn.name { return (builtIn, []) }
    let reason = "there is none of that name (found: \(available().joined(separator: ", ")))"
    return (builtIn, [Mistake(theme: name, line: 0, reason: reason)])
  }

  private static func read(_ path: String) -> String? {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: fileLimit)
    var count = 0
    while count < fileLimit {
      let got = bytes.withUnsafeMutableBytes { buffer in
        Glibc.read(file, buffer.baseAddress?.advanced(by: count), fileLimit - count)
      }
      guard got > 0 else { break }
      count += got
    }
    return String(decoding: bytes[..<count], as: UTF8.self)
  }

  private static func executable() -> String {
    var bytes = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self) : ""
  }

  /// Removes the last component; false when none is left.
  private static func cut(_ path: inout String) -> Bool {
    guard let slash = path.lastIndex(of: "/") else { return false }
    path = String(path[..<slash])
    return true
  }
}
