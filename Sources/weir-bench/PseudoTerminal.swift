import CBench
import CKernels
import Glibc

/// A program on a pseudo-terminal of its own, driven by keys and watched by what it writes.
final class PseudoTerminal {
  let process: pid_t
  private let master: Int32
  /// Everything it has written so far, escape sequences included.
  private(set) var output: [UInt8] = []

  init(_ arguments: [String], columns: Int32 = 200, rows: Int32 = 50) throws {
    var pointers = arguments.map { strdup($0) as UnsafeMutablePointer<CChar>? } + [nil]
    defer { for pointer in pointers { free(pointer) } }
    var child: pid_t = 0
    master = bench_spawn(&pointers, columns, rows, &child)
    process = child
    guard master >= 0 else { throw Wrong(what: "cannot start \(arguments[0]) on a pseudo-terminal") }
  }

  deinit {
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
    close(master)
  }

  /// Types keys.
  func type(_ keys: String) { _ = keys.withCString { write(master, $0, strlen($0)) } }

  /// Reads until `text` has been written after byte `start` of the output. False when the program ended or
  /// `limit` seconds went by.
  func waits(for text: String, from start: Int = 0, limit: Double = 10) -> Bool {
    let deadline = now() + limit
    let wanted = Array(text.utf8)
    while true {
      if contains(wanted, from: start) { return true }
      let left = deadline - now()
      guard left > 0, read(within: left) else { return false }
    }
  }

  /// Reads until `count` bytes have been written after byte `start` of the output.
  func waits(forBytes count: Int, from start: Int, limit: Double = 10) -> Bool {
    let deadline = now() + limit
    while output.count - start < count {
      let left = deadline - now()
      guard left > 0, read(within: left) else { return false }
    }
    return true
  }

  /// Reads until nothing has come for `quiet` seconds.
  func settle(quiet: Double = 0.3) { while read(within: quiet) {} }

  /// Waits for some output and takes it; false when none came in time or the program is gone.
  private func read(within seconds: Double) -> Bool {
    var descriptor = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    guard poll(&descriptor, 1, Int32(max(1, seconds * 1000))) > 0 else { return false }
    var chunk = [UInt8](repeating: 0, count: 65_536)
    let count = Glibc.read(master, &chunk, chunk.count)
    guard count > 0 else { return false }
    output += chunk[..<count]
    return true
  }

  private func contains(_ wanted: [UInt8], from start: Int) -> Bool {
    guard output.count - start >= wanted.count else { return false }
    return output.withUnsafeBytes { bytes in
      wanted.withUnsafeBytes { text in
        var needle = weir_needle_make(text.baseAddress, text.count)
        return weir_find(bytes.baseAddress.map { $0 + start }, bytes.count - start, &needle) >= 0
      }
    }
  }

  /// A number of `/proc/PID/status`, as `RssAnon` in kB; nil when the process is gone.
  func status(_ field: String) -> Int? { PseudoTerminal.number(field, in: "/proc/\(process)/status") }

  /// How often all its threads together have gone to sleep of their own will: each is followed by a wake-up.
  func sleeps() -> Int {
    guard let directory = opendir("/proc/\(process)/task") else { return 0 }
    defer { closedir(directory) }
    var sum = 0
    while let entry = readdir(directory) {
      let name = withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      let path = "/proc/\(process)/task/\(name)/status"
      sum += PseudoTerminal.number("voluntary_ctxt_switches", in: path) ?? 0
    }
    return sum
  }

  private static func number(_ field: String, in path: String) -> Int? {
    guard let file = fopen(path, "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
      let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      let parts = text.split(whereSeparator: { $0 == ":" || $0 == "\t" || $0 == " " || $0 == "\n" })
      if parts.count > 1, parts[0] == field { return Int(parts[1]) }
    }
    return nil
  }
}
