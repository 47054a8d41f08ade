import Glibc
import Support
import Testing
import WeirCore

/// A worker inside an endless fold must not outlive the program: it would keep a core busy for ever.
@Suite struct OrphanTests {
  /// Fold workers of this build whose program is gone.
  private func orphans() throws -> [pid_t] {
    try Probe.names(in: "/proc").compactMap { pid_t($0) }.filter { process in
      link("/proc/\(process)/exe").hasPrefix(Program.path)
        && text("/proc/\(process)/cmdline").contains("--fold-worker")
        && !link("/proc/\(parent(process))/exe").hasPrefix(Program.path)
    }
  }

  private func parent(_ process: pid_t) -> pid_t {
    // The name in brackets may hold anything; the parent is the second word after it.
    let fields = text("/proc/\(process)/stat").split(separator: ")").last?.split(separator: " ") ?? []
    return fields.count > 1 ? pid_t(fields[1]) ?? 0 : 0
  }

  private func link(_ path: String) -> String {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink(path, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private func text(_ path: String) -> String {
    guard let file = fopen(path, "r") else { return "" }
    defer { fclose(file) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = fread(&buffer, 1, buffer.count, file)
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  @Test(.needsLibrary("libjavascriptcoregtk-4.1.so.0")) func anEndlessFoldEndsWithItsProgram() throws {
    let folder = try TemporaryFolder()
    let fold = try folder.write("endless.js", "export default { evolve(state) { for (;;) {} } }")
    let events = try folder.write("a.ndjson", "{\"type\":\"A\",\"stream\":\"s\",\"data\":{}}\n")
    // Killed, the program can tell nobody. Whether its worker was there yet is up to the machine.
    let outcome = try Program.run(
      ["state", events, "s", "--fold", fold], under: ["timeout", "-s", "KILL", "3"])
    #expect(outcome.status != 0)
    var left = try orphans()
    for _ in 0..<600 where !left.isEmpty {
      usleep(100_000)
      left = try orphans()
    }
    #expect(left.isEmpty)
  }
}
