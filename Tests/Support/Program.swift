import Glibc
package import WeirCore

/// The built `weir`, run as a person runs it.
package enum Program {
  /// The program that was built together with the tests: it lies beside them.
  package static let path: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return String(own[..<(own.lastIndex(of: "/") ?? own.startIndex)]) + "/weir"
  }()

  /// What a run left: exit status (128 + the signal's number after a signal), standard output, standard
  /// error.
  package struct Outcome: Sendable {
    package var status: Int32
    package var output: [UInt8]
    package var errors: String

    package var text: String { String(decoding: output, as: UTF8.self) }
    /// The lines printed, without the empty one at the end.
    package var lines: [Substring] { text.split(separator: "\n") }
  }

  /// Runs `weir` with these arguments to its end, `tracer` before it (`["strace", "-f"]`), `input` on its
  /// standard input. Nothing of the user's own configuration is seen.
  package static func run(_ arguments: [String], under tracer: [String] = [], input: [UInt8] = [])
    throws(Fault) -> Outcome
  {
    let home = try TemporaryFolder()
    let folders = ["HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"].map { ($0, home.path) }
    return try run(
      command: tracer + [path] + arguments, environment: Dictionary(folders) { $1 }, input: input)
  }

  /// Runs any program to its end, in an environment of little more than these variables (an empty value
  /// unsets one).
  package static func run(command words: [String], environment: [String: String], input: [UInt8] = [])
    throws(Fault) -> Outcome
  {
    let folder = try TemporaryFolder()
    let source = try folder.write("input", input)
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, source, O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, folder.path + "/output", O_WRONLY | O_CREAT, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, folder.path + "/errors", O_WRONLY | O_CREAT, 0o600)
    // A program built for coverage would leave its profile in the working directory.
    let usual = [
      "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC", "TERM": "xterm",
      "LLVM_PROFILE_FILE": "/dev/null",
    ]
    let variables = usual.merging(environment) { $1 }.filter { !$0.value.isEmpty }
    var child: pid_t = 0
    let code = spawn(&child, words, variables.map { "\($0.key)=\($0.value)" }, &actions)
    guard code == 0 else { throw Fault(.unreadable, "run", words[0], String(cString: strerror(code))) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    return Outcome(
      status: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
      output: try content(folder.path + "/output"),
      errors: String(decoding: try content(folder.path + "/errors"), as: UTF8.self))
  }

  private static func spawn(
    _ child: inout pid_t, _ words: [String], _ environment: [String],
    _ actions: inout posix_spawn_file_actions_t
  ) -> Int32 {
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup($0) } + [nil]
    defer { for pointer in arguments + variables { free(pointer) } }
    // Tests run on threads that block every signal, and a program inherits that.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    return posix_spawnp(&child, words[0], &actions, &attributes, &arguments, &variables)
  }

  private static func content(_ path: String) throws(Fault) -> [UInt8] {
    let file = try FileBytes(path: path)
    return try file.bytes(at: 0, count: Int(file.size))
  }
}
