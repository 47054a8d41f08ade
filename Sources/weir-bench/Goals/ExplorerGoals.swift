import Glibc

extension Goal {
  /// The explorer as a person meets it: in a terminal of 200 columns and 50 rows.
  static let explorer: [Goal] = [
    Goal(name: "first-screen-100GB", limit: 50, unit: "ms") { data in
      Figure(try firstScreens(data.weir, data.small.directory))
    },
    Goal(name: "first-screen-1TB", limit: 50, unit: "ms") { data in
      Figure(try firstScreens(data.weir, data.large.directory))
    },
    Goal(name: "first-screen-1TB-to-100GB", limit: 1.2) { data in
      let samples = try ratios {
        _ = try firstScreen(data.weir, data.large.directory)
      } to: {
        _ = try firstScreen(data.weir, data.small.directory)
      }
      return Figure(samples)
    },
    Goal(name: "full-redraw-200x50", limit: 2, unit: "ms") { data in try fullRedraw(data) },
    Goal(name: "idle-wake-ups", limit: 0) { data in
      let terminal = try opened(data.weir, data.small.directory)
      terminal.settle(quiet: 1)
      let before = terminal.sleeps()
      usleep(2_000_000)
      let count = Double(terminal.sleeps() - before)
      return Figure(value: count, least: count, most: count, remark: "in 2 s, all threads")
    },
    Goal(name: "anonymous-memory", limit: 48, unit: "MiB") { data in try anonymousMemory(data) },
  ]

  /// Time from the start of the program until the newest record stands on its first screen, and the last line
  /// below it, in milliseconds.
  private static func firstScreens(_ weir: String, _ directory: String) throws -> Samples {
    _ = try firstScreen(weir, directory)
    return Samples(try (0..<15).map { _ in try firstScreen(weir, directory) * 1000 })
  }

  private static func firstScreen(_ weir: String, _ directory: String) throws -> Double {
    let start = now()
    _ = try opened(weir, directory)
    return now() - start
  }

  /// The explorer on the partition's newest records, its first screen complete.
  private static func opened(_ weir: String, _ directory: String) throws -> PseudoTerminal {
    let terminal = try PseudoTerminal([weir, "\(directory)#bank/0"])
    guard terminal.waits(for: Sparse.newestKey) else {
      throw NotBuilt(why: "the newest record is not on the first screen")
    }
    return terminal
  }

  /// From the key that asks for all of the screen again to its last byte, 300 times: the 99th of a hundred.
  private static func fullRedraw(_ data: Data) throws -> Figure {
    let terminal = try opened(data.weir, data.small.directory)
    terminal.settle(quiet: 1)
    let redraw = "\u{0C}"
    let before = terminal.output.count
    terminal.type(redraw)
    terminal.settle(quiet: 0.5)
    let size = terminal.output.count - before
    guard size > 10_000 else { throw NotBuilt(why: "the redraw key wrote \(size) bytes") }
    var samples: [Double] = []
    for _ in 0..<300 {
      usleep(30_000)
      let start = now()
      let from = terminal.output.count
      terminal.type(redraw)
      guard terminal.waits(forBytes: size, from: from) else { throw Wrong(what: "a redraw of fewer bytes") }
      samples.append((now() - start) * 1000)
    }
    let all = Samples(samples)
    return Figure(
      value: all.quantile(0.99), least: all.least, most: all.most,
      remark: "\(size) bytes, median \(short(all.median))ms, key to last byte")
  }

  /// The largest anonymous memory seen while somebody walks through 1 TB and through the whole segment.
  private static func anonymousMemory(_ data: Data) throws -> Figure {
    var most = 0
    var least = Int.max
    for directory in [data.large.directory, data.partition.directory] {
      let terminal = try PseudoTerminal([data.weir, "\(directory)#bank/0"])
      guard terminal.waits(for: "bank") else { throw NotBuilt(why: "no first screen") }
      // Pages up and down, to the start, to the end, into the inspector and back.
      for keys in ["g", "\u{1B}[6~", "\u{1B}[6~", "G", "\u{1B}[5~", "\r", "\u{1B}", "g", "jjjjjjjj", "G"] {
        terminal.type(keys)
        terminal.settle(quiet: 0.15)
        guard let kilobytes = terminal.status("RssAnon") else {
          throw Wrong(what: "weir died while browsing")
        }
        most = max(most, kilobytes)
        least = min(least, kilobytes)
      }
    }
    return Figure(value: Double(most) / 1024, least: Double(least) / 1024, most: Double(most) / 1024)
  }
}
