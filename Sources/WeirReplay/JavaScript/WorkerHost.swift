import CJavaScript
import Glibc
import WeirCore

/// A context in a process of its own: the same program, run again, without files, network or memory to waste.
/// The columns are shared memory; calls and replies go over a pair of sockets.
///
/// | message | bytes |
/// |---|---|
/// | call | UInt32 length of the rest, UInt8 0, UInt32 milliseconds, UInt8 name length, name, argument |
/// | evaluate | UInt32 length of the rest, UInt8 1, UInt32 milliseconds, UInt8 url length, url, script |
/// | reply | UInt32 length of the rest, UInt8 status (`WEIR_JS_…`), text |
///
/// Numbers are in the machine's own byte order: both ends are one machine.
///
/// `@unchecked Sendable`: confined to one worker at a time by its engine's owner (`FoldEngine`).
final class WorkerHost: JavaScriptHost, @unchecked Sendable {
  private let executable: String
  private let memoryBytes: UInt64
  private var memory: SharedWords?
  private var child: pid_t = 0
  private var socket: Int32 = -1

  /// The worker's whole environment. Polling is how the engine must notice that a time limit is over: the
  /// signals that it sends itself otherwise are lost on optimised loops, half of the time.
  private static let environment = [
    "TZ=UTC", "LC_ALL=C.UTF-8", "PATH=/usr/bin:/bin", "JSC_usePollingTraps=1",
  ]
  /// Silence without progress for so many seconds of CPU time means that nothing inside can stop the script.
  private static let cpuPatience = 30
  /// Seconds by the clock after which a worker that does nothing at all is given up.
  private static let patience = 300

  /// CPU time that the worker has had.
  private func cpuSeconds() -> Int {
    var clock = clockid_t()
    var time = timespec()
    guard clock_getcpuclockid(child, &clock) == 0, clock_gettime(clock, &time) == 0 else { return 0 }
    return Int(time.tv_sec)
  }

  init(executable: String, memoryBytes: UInt64) {
    self.executable = executable
    self.memoryBytes = memoryBytes
  }

  deinit { stop() }

  var columns: UnsafeMutableBufferPointer<Int32> {
    memory?.columns ?? UnsafeMutableBufferPointer(start: nil, count: 0)
  }
  var progress: Int32 { memory?.progress.pointee ?? -1 }

  /// Ends the worker; its process is waited for, so that none is left behind.
  private func stop() {
    if socket >= 0 { close(socket) }
    socket = -1
    guard child > 0 else { return }
    kill(child, SIGKILL)
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    child = 0
  }

  func start() throws(HostLoss) {
    stop()
    if memory == nil { memory = SharedWords(descriptor: nil) }
    guard let memory else { throw HostLoss(reason: "no memory to share with the fold's worker") }
    memory.progress.pointee = -1
    var pair: [Int32] = [-1, -1]
    guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &pair) == 0
    else {
      throw HostLoss(reason: "no socket for the fold's worker: " + String(cString: strerror(errno)))
    }
    socket = pair[0]
    let spawned = Result { () throws(HostLoss) in
      try WorkerHost.spawn(
        executable, [FoldWorker.argument, String(memoryBytes)], give: [pair[1], memory.descriptor])
    }
    // Closed before anything is waited for: a worker that dies at once must be heard to.
    close(pair[1])
    child = try spawned.get()
    // The worker says hello once its context stands; the reason where it does not.
    guard case .text = try receive() else { throw HostLoss(reason: "the fold's worker does not start") }
  }

  /// Runs `executable` with the descriptors `give` as 3, 4, …, in a process group of its own (Ctrl-C is for
  /// us alone), with nothing else open and an environment that says the same everywhere.
  private static func spawn(_ executable: String, _ arguments: [String], give: [Int32]) throws(HostLoss)
    -> pid_t
  {
    // Out of the way of the numbers they are to become.
    let high = give.map { fcntl($0, F_DUPFD_CLOEXEC, 16) }
    defer { for descriptor in high where descriptor >= 0 { close(descriptor) } }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for standard: Int32 in 0...2 {
      posix_spawn_file_actions_addopen(&actions, standard, "/dev/null", O_RDWR, 0)
    }
    for (index, descriptor) in high.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, descriptor, Int32(3 + index))
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    var all = sigset_t()
    sigfillset(&all)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setpgroup(&attributes, 0)
    posix_spawnattr_setflags(
      &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))
    var child: pid_t = 0
    var words: [UnsafeMutablePointer<CChar>?] = []
    for word in ["weir"] + arguments { words.append(strdup(word)) }
    words.append(nil)
    var environment: [UnsafeMutablePointer<CChar>?] = []
    for setting in WorkerHost.environment { environment.append(strdup(setting)) }
    environment.append(nil)
    defer { for word in words + environment { free(word) } }
    let code = posix_spawn(&child, executable, &actions, &attributes, words, environment)
    guard code == 0 else {
      throw HostLoss(reason: "the fold's worker cannot be started: " + String(cString: strerror(code)))
    }
    return child
  }

  func evaluate(_ script: [UInt8], url: String, milliseconds: UInt32) throws(HostLoss) -> HostReply {
    try exchange(1, url, script, milliseconds)
  }

  func call(_ function: String, _ argument: [UInt8], milliseconds: UInt32) throws(HostLoss) -> HostReply {
    try exchange(0, function, argument, milliseconds)
  }

  private func exchange(_ kind: UInt8, _ name: String, _ body: [UInt8], _ milliseconds: UInt32)
    throws(HostLoss)
    -> HostReply
  {
    let name = Array(name.utf8.prefix(255))
    var head: [UInt8] = []
    FoldPipe.append(UInt32(clamping: 6 + name.count + body.count), to: &head)
    head.append(kind)
    FoldPipe.append(milliseconds, to: &head)
    head.append(UInt8(name.count))
    head += name
    guard body.count < FoldPipe.limit, FoldPipe.write(head, to: socket), FoldPipe.write(body, to: socket)
    else {
      throw lost()
    }
    return try receive()
  }

  private func receive() throws(HostLoss) -> HostReply {
    var seen = progress
    var (waited, since) = (0, cpuSeconds())
    while !FoldPipe.waitForInput(socket, milliseconds: 1000) {
      if progress != seen { (seen, waited, since) = (progress, 0, cpuSeconds()) }
      waited += 1
      // On a busy machine a worker may wait long for its turn, so that the time counts which it had.
      guard waited >= WorkerHost.patience || cpuSeconds() - since >= WorkerHost.cpuPatience else { continue }
      stop()
      throw HostLoss(reason: "stopped: nothing came back for \(waited) s")
    }
    guard let message = FoldPipe.read(from: socket), let status = message.first else { throw lost() }
    let text = Array(message.dropFirst())
    switch Int(status) {
    case WEIR_JS_OK: return .text(text)
    case WEIR_JS_THREW: return .threw(text)
    case WEIR_JS_SLOW: return .slow
    default:
      stop()
      throw HostLoss(reason: String(decoding: text, as: UTF8.self))
    }
  }

  /// The worker is gone without a word: say how.
  private func lost() -> HostLoss {
    var status: Int32 = 0
    var how = "the fold's worker died"
    if child > 0, waitpid(child, &status, 0) == child {
      let signal = status & 0x7F
      how += signal == 0 ? " (exit \(status >> 8 & 0xFF))" : " (signal \(signal))"
      child = 0
    }
    stop()
    return HostLoss(reason: how)
  }
}

/// The memory that both processes see: the columns, then the word of progress.
final class SharedWords {
  let descriptor: Int32
  let columns: UnsafeMutableBufferPointer<Int32>
  let progress: UnsafeMutablePointer<Int32>
  private let base: UnsafeMutableRawPointer
  private static let size = (DriverLayout.columnCount + 1) * MemoryLayout<Int32>.size

  /// Maps what `descriptor` names, or new memory where it is nil. nil when the system has none.
  init?(descriptor given: Int32?) {
    let descriptor = given ?? weir_js_shared_memory(SharedWords.size)
    guard descriptor >= 0 else { return nil }
    let mapped = mmap(nil, SharedWords.size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
    guard let mapped, mapped != MAP_FAILED else {
      if given == nil { close(descriptor) }
      return nil
    }
    self.descriptor = descriptor
    base = mapped
    let words = mapped.bindMemory(to: Int32.self, capacity: DriverLayout.columnCount + 1)
    columns = UnsafeMutableBufferPointer(start: words, count: DriverLayout.columnCount)
    progress = words + DriverLayout.columnCount
  }

  deinit {
    munmap(base, SharedWords.size)
    close(descriptor)
  }
}

/// Whole messages over a socket.
enum FoldPipe {
  /// Bytes of one message at most.
  static let limit = 1 << 30

  static func append(_ value: UInt32, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: value) { bytes.append(contentsOf: $0) }
  }

  static func word(_ bytes: some Collection<UInt8>) -> UInt32 {
    var value: UInt32 = 0
    withUnsafeMutableBytes(of: &value) { $0.copyBytes(from: bytes.prefix(4)) }
    return value
  }

  static func write(_ bytes: [UInt8], to socket: Int32) -> Bool {
    bytes.withUnsafeBytes { buffer in
      guard let base = buffer.baseAddress else { return true }
      var done = 0
      while done < buffer.count {
        // MSG_NOSIGNAL: a dead worker is an answer, not a SIGPIPE.
        let count = send(socket, base + done, buffer.count - done, Int32(MSG_NOSIGNAL))
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { return false }
        done += count
      }
      return true
    }
  }

  static func waitForInput(_ socket: Int32, milliseconds: Int32) -> Bool {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    let count = poll(&entry, 1, milliseconds)
    return count > 0 || (count < 0 && errno != EINTR)
  }

  /// The next message without its length; nil when the other end has closed.
  static func read(from socket: Int32) -> [UInt8]? {
    guard let head = read(4, from: socket) else { return nil }
    let count = Int(word(head))
    guard count > 0, count <= limit else { return nil }
    return read(count, from: socket)
  }

  private static func read(_ count: Int, from socket: Int32) -> [UInt8]? {
    var isWhole = true
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      while initialized < count, let base = buffer.baseAddress {
        let got = recv(socket, base + initialized, count - initialized, 0)
        if got < 0, errno == EINTR { continue }
        guard got > 0 else {
          isWhole = false
          return
        }
        initialized += got
      }
    }
    return isWhole ? bytes : nil
  }
}
