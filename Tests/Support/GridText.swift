/// Screens as goldens keep them: the first one whole, of each further one the rows that changed. What a key
/// did is then what the golden says.
///
/// Rows come as `TextSurface` writes them: `S5  ┋text┋`, and `A5  ┋roles┋` below it where a row carries
/// style. A row that became blank stands there empty.
package enum GridText {
  /// One file of screens, each begun by its `size` line.
  package static func story(_ screens: [String]) -> String {
    var out: [String] = []
    var before: [String: Substring] = [:]
    var size = ""
    for screen in screens {
      let lines = screen.split(separator: "\n", omittingEmptySubsequences: true)
      guard let heading = lines.first else { continue }
      let own = heading.split(separator: " ").prefix(2).joined(separator: " ")
      if own != size { before = [:] }
      size = own
      var now: [String: Substring] = [:]
      for line in lines.dropFirst() { now[label(line)] = line }
      if !out.isEmpty { out.append("") }
      out.append(String(heading) + (before.isEmpty ? "" : "  (what changed)"))
      for line in lines.dropFirst() where before[label(line)] != line { out.append(String(line)) }
      for (gone, _) in before.sorted(by: { number($0.key) < number($1.key) }) where now[gone] == nil {
        // A row that lost its style alone is told by its text row, if that changed at all.
        if gone.hasPrefix("S") || now["S" + gone.dropFirst()] == before["S" + gone.dropFirst()] {
          out.append(gone.padded(to: 4) + "┋┋")
        }
      }
      before = now
    }
    return out.joined(separator: "\n") + "\n"
  }

  private static func label(_ line: Substring) -> String { String(line.prefix { $0 != " " && $0 != "┋" }) }

  private static func number(_ label: String) -> Int { Int(label.dropFirst()) ?? 0 }
}

extension String {
  fileprivate func padded(to count: Int) -> String {
    self + String(repeating: " ", count: max(0, count - self.count))
  }
}
