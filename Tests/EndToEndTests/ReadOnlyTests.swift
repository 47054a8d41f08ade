import Glibc
import Support
import Testing
import WeirCore

/// Read-only, provably ("without a byte written, a lock taken or a -shm made"): the built program under
/// `strace`, every system call that names a file of the source looked at.
@Suite struct ReadOnlyTests {
  /// Calls that neither change a file nor anything about it. Whatever is not here is a finding.
  private static let harmless: Set<String> = [
    "access", "close", "execve", "faccessat", "faccessat2", "fstat", "fstatfs", "getdents64", "getxattr",
    "lgetxattr", "lseek", "lstat", "newfstatat", "poll", "ppoll", "pread64", "preadv", "read", "readlink",
    "readlinkat", "readv", "stat", "statfs", "statx", "fadvise64", "readahead", "inotify_add_watch",
  ]
  private static let writeFlags = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TRUNC", "O_APPEND", "O_TMPFILE"]
  private static let harmlessControls = ["F_GETFL", "F_GETFD", "F_SETFD", "F_DUPFD"]

  /// What a line of the trace does to a file below `folder` that only a writer would do; nil when nothing.
  private static func finding(_ line: Substring, below folder: String) -> String? {
    guard line.contains(folder), let bracket = line.firstIndex(of: "(") else { return nil }
    let call = String(line[..<bracket].split(separator: " ").last ?? "")
    if harmless.contains(call) { return nil }
    switch call {
    case "open", "openat", "openat2":
      return writeFlags.contains { line.contains($0) } || line.contains("-shm") ? String(line) : nil
    case "fcntl": return harmlessControls.contains { line.contains($0) } ? nil : String(line)
    case "mmap": return line.contains("MAP_SHARED") && line.contains("PROT_WRITE") ? String(line) : nil
    default: return String(line)
    }
  }

  private struct Trace {
    var outcome: Program.Outcome
    var findings: [String]
    /// Lines that name a file of the folder.
    var lines: [Substring]

    init(_ arguments: [String], of folder: TemporaryFolder) throws {
      let log = try TemporaryFolder()
      let path = log.path + "/trace"
      // -s 0: paths are shown whole, what is read or written is not.
      let tracer = ["strace", "-f", "-y", "-s", "0", "-o", path]
      outcome = try Program.run(arguments, under: tracer)
      let file = try FileBytes(path: path)
      let text = String(decoding: try file.bytes(at: 0, count: Int(file.size)), as: UTF8.self)
      lines = text.split(separator: "\n").filter { $0.contains(folder.path) }
      findings = lines.compactMap { finding($0, below: folder.path) }
    }

    func opened(_ name: String) -> Bool {
      lines.contains { $0.contains("open") && $0.contains("/\(name)\"") && !$0.contains("= -1") }
    }
  }

  /// Name, size, time of the last change and identity of every file.
  private func listing(_ folder: TemporaryFolder) throws -> [String] {
    try Probe.names(in: folder.path).map { name in
      var status = stat()
      #expect(lstat(folder.path + "/" + name, &status) == 0)
      let (changed, modified) = (status.st_ctim, status.st_mtim)
      return "\(name) \(status.st_ino) \(status.st_size) \(modified.tv_sec).\(modified.tv_nsec) "
        + "\(changed.tv_sec).\(changed.tv_nsec)"
    }
  }

  private static let commands = [
    ["cat", "--json"], ["ls", "--json", "--count"], ["aggregates", "--json"], ["state", "--all", "--json"],
  ]

  @Test(.needs("strace"), arguments: commands)
  func aStoreWithALiveLog(command: [String]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy(["emmett.sqlite", "emmett.sqlite-wal"], from: "sqlite/emmett-live")
    let before = try listing(folder)
    let trace = try Trace([command[0], path] + command.dropFirst(), of: folder)
    #expect(trace.outcome.status == 0, "\(trace.outcome.errors)")
    #expect(trace.opened("emmett.sqlite") && trace.opened("emmett.sqlite-wal"), "the trace saw nothing")
    #expect(trace.findings.isEmpty)
    #expect(try listing(folder) == before)
    if command[0] == "cat" {
      // Of 600 events the database file alone holds 572; the last ones are in its log.
      let positions = try trace.outcome.lines.map { line in
        try #require(JSONParser.parse(Array(line.utf8))["position"]?.string)
      }
      #expect(positions == (1...600).map(String.init))
    }
  }

  @Test(.needs("strace"), arguments: commands)
  func aStoreWithARollbackJournal(command: [String]) throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy(["hot.sqlite", "hot.sqlite-journal"], from: "sqlite/hot-journal")
    let before = try listing(folder)
    let trace = try Trace([command[0], path] + command.dropFirst(), of: folder)
    #expect(trace.outcome.status == 0, "\(trace.outcome.errors)")
    #expect(trace.opened("hot.sqlite") && trace.opened("hot.sqlite-journal"), "the trace saw nothing")
    #expect(trace.findings.isEmpty)
    #expect(try listing(folder) == before)
    if command[0] == "cat" { #expect(trace.outcome.lines.count == 40) }
  }

  @Test(.needs("strace")) func theExplorerToo() throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy(["emmett.sqlite", "emmett.sqlite-wal"], from: "sqlite/emmett-live")
    let keys = try TemporaryFolder()
    let script = try keys.write("keys", "wait\nenter\nwait\n")
    let before = try listing(folder)
    let trace = try Trace(
      ["--script", script, "--screen", keys.path + "/screen", "--size", "100x30", path], of: folder)
    #expect(trace.opened("emmett.sqlite-wal"), "\(trace.outcome.errors)")
    #expect(trace.findings.isEmpty)
    #expect(try listing(folder) == before)
  }

  /// The judge itself: what it must see, and what it must let pass.
  @Test(arguments: [
    ("7 openat(AT_FDCWD, \"/f/a-shm\", O_RDWR|O_CREAT|O_NOFOLLOW|O_CLOEXEC, 0644) = 4</f/a-shm>", true),
    ("7 openat(AT_FDCWD, \"/f/a-shm\", O_RDONLY) = 4</f/a-shm>", true),
    ("7 fcntl(3</f/a>, F_SETLK, {l_type=F_RDLCK, l_whence=SEEK_SET}) = 0", true),
    ("7 fcntl(3</f/a>, F_OFD_SETLKW, {l_type=F_RDLCK}) = 0", true), ("7 flock(3</f/a>, LOCK_SH) = 0", true),
    ("7 pwrite64(3</f/a>, \"x\", 1, 0) = 1", true), ("7 unlink(\"/f/a-wal\") = 0", true),
    ("7 rename(\"/g\", \"/f/b\" <unfinished ...>", true),
    ("7 utimensat(AT_FDCWD, \"/f/a\", NULL, 0) = 0", true),
    ("7 mmap(NULL, 32768, PROT_READ|PROT_WRITE, MAP_SHARED, 4</f/a-shm>, 0) = 0x7f", true),
    ("7 openat(AT_FDCWD, \"/f/a\", O_RDONLY|O_CLOEXEC) = 3</f/a>", false),
    ("7 pread64(3</f/a>, \"SQLite\"..., 100, 0) = 100", false), ("7 close(3</f/a>) = 0", false),
    ("7 mmap(NULL, 4096, PROT_READ, MAP_SHARED, 3</f/a>, 0) = 0x7f", false),
    ("7 openat(AT_FDCWD, \"/elsewhere\", O_RDWR|O_CREAT) = 3</elsewhere>", false),
  ])
  func theJudge(line: String, isFinding: Bool) {
    #expect((ReadOnlyTests.finding(line[...], below: "/f/") != nil) == isFinding)
  }
}
