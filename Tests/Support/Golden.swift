import Glibc
package import Testing
import WeirCore

/// Texts that a test compares with a file in `Tests/Goldens`. `RECORD=1` writes the file instead:
/// ```
/// RECORD=1 make test FILTER=Goldens
/// ```
/// and the difference of the files is what a reviewer reads.
package enum Golden {
  package static let folder = Fixtures.repository + "/Tests/Goldens"

  package static var isRecording: Bool { getenv("RECORD").map { strcmp($0, "0") != 0 } ?? false }

  /// The text must be what the golden `name` holds. On failure: the difference line by line, then the screens
  /// that differ, whole, without their attribute rows.
  package static func expect(
    _ name: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    expect(file: folder + "/" + name, text, sourceLocation)
  }

  /// A part of a file, between two lines that say `<!-- NAME -->` and `<!-- /NAME -->`, must be this text.
  package static func expect(
    section: String, of file: String, _ text: String, sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let path = Fixtures.repository + "/" + file
    let lines = (read(path) ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(of: "<!-- \(section) -->"),
      let end = lines.firstIndex(of: "<!-- /\(section) -->"), start < end
    else {
      Issue.record("\(file) has no section \(section)", sourceLocation: sourceLocation)
      return
    }
    let fresh =
      lines[...start] + text.split(separator: "\n", omittingEmptySubsequences: false) + lines[end...]
    expect(file: path, fresh.joined(separator: "\n"), sourceLocation)
  }

  private static func expect(file: String, _ text: String, _ sourceLocation: SourceLocation) {
    let known = read(file)
    guard known != text else { return }
    if isRecording {
      let done = write(text, to: file)
      if !done { Issue.record("cannot write \(file)", sourceLocation: sourceLocation) }
      return
    }
    guard let known else {
      Issue.record("\(file) is missing; RECORD=1 makes it", sourceLocation: sourceLocation)
      return
    }
    Issue.record("\(report(file, known, text))", sourceLocation: sourceLocation)
  }

  // MARK: What differs

  static func report(_ file: String, _ known: String, _ text: String) -> String {
    let name = file.split(separator: "/").last ?? ""
    var out = "\(name) is not what it was (RECORD=1 takes it over)\n"
    out += unified(lines(known), lines(text)).joined(separator: "\n") + "\n"
    for (old, new) in zip(screens(known), screens(text)) where old != new {
      out += "\nwas:\n\(rows(old))\nis:\n\(rows(new))\n"
    }
    return out
  }

  private static func lines(_ text: String) -> [Substring] {
    text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// Screens of one file, each beginning with its `size` line.
  private static func screens(_ text: String) -> [[Substring]] {
    var found: [[Substring]] = []
    for line in lines(text) {
      if line.hasPrefix("size ") || found.isEmpty { found.append([]) }
      found[found.count - 1].append(line)
    }
    return found
  }

  private static func rows(_ screen: [Substring]) -> String {
    screen.filter { !$0.hasPrefix("A") }.joined(separator: "\n")
  }

  /// The unified format, with three lines of context and no line numbers.
  static func unified(_ old: [Substring], _ new: [Substring]) -> [String] {
    let changes = new.difference(from: old)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in changes {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var all: [(sign: Character, text: Substring)] = []
    var (at, to) = (0, 0)
    while at < old.count || to < new.count {
      if at < old.count, removed.contains(at) {
        all.append(("-", old[at]))
        at += 1
      } else if to < new.count, inserted.contains(to) {
        all.append(("+", new[to]))
        to += 1
      } else {
        all.append((" ", new[to]))
        (at, to) = (at + 1, to + 1)
      }
    }
    let near = all.indices.filter { index in
      all[max(0, index - 3)...min(all.count - 1, index + 3)].contains { $0.sign != " " }
    }
    return near.enumerated().flatMap { number, index in
      let isNewHunk = number == 0 || near[number - 1] != index - 1
      return (isNewHunk ? ["@@"] : []) + ["\(all[index].sign)\(all[index].text)"]
    }
  }

  // MARK: Files

  package static func read(_ path: String) -> String? {
    guard let file = try? FileBytes(path: path), let bytes = try? file.bytes(at: 0, count: 16 << 20) else {
      return nil
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func write(_ text: String, to path: String) -> Bool {
    if let slash = path.lastIndex(of: "/") { mkdir(String(path[..<slash]), 0o755) }
    guard let file = fopen(path, "w") else { return false }
    defer { fclose(file) }
    let bytes = Array(text.utf8)
    return fwrite(bytes, 1, bytes.count, file) == bytes.count
  }
}
