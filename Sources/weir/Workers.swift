import Glibc
import Synchronization
import WeirCore
import WeirTerminal

/// A few threads that do effects. Threads and not tasks: the work blocks (reads, decompresses, waits for a
/// fold), and parsers of nested data want a stack of known size.
///
/// Effects of one slot supersede each other: the older one is cancelled when it runs and dropped when it
/// waits.
final class Workers<Effect: Sendable>: Sendable {
  typealias Body = @Sendable (Effect, Work) -> Void

  private struct Job: Sendable {
    var number: Int
    var effect: Effect
    var slot: String?
    var generation: Int?
    var work: Work
  }

  private struct State: Sendable {
    var waiting: [Job] = []
    var running: [Job] = []
    var threads = 0
    var lastNumber = 0
  }

  private let state = Mutex(State())
  private let semaphore: Semaphore
  private let body: Body
  private let finished: @Sendable () -> Void
  private let maximumThreads: Int

  /// Threads are started when needed. More than the cores: some wait for a disk or a fold, and one long
  /// search must not hold up the page that the user looks at.
  static var defaultThreads: Int { 8 }
  /// Bytes. Parsers stop at a stated depth, which this is enough for.
  private static var stackSize: Int { 8 << 20 }

  /// `body` does an effect and is called on any of the threads, `finished` after each effect, on its thread.
  init(
    threads: Int = Workers.defaultThreads, finished: @escaping @Sendable () -> Void = {},
    _ body: @escaping Body
  ) {
    maximumThreads = threads
    self.finished = finished
    self.body = body
    semaphore = Semaphore()
  }

  /// Queues an effect. Returns the effects of the same slot that were dropped before they began.
  func submit(_ effect: Effect, slot: String?, generation: Int?) -> [Effect] {
    let (dropped, needsThread) = state.withLock { state in
      var dropped: [Effect] = []
      if let slot {
        for job in state.running where job.slot == slot { job.work.cancel() }
        dropped = state.waiting.filter { $0.slot == slot }.map(\.effect)
        state.waiting.removeAll { $0.slot == slot }
      }
      state.lastNumber += 1
      state.waiting.append(
        Job(number: state.lastNumber, effect: effect, slot: slot, generation: generation, work: Work()))
      let isShort = state.running.count + state.waiting.count > state.threads
      guard isShort, state.threads < maximumThreads else { return (dropped, false) }
      state.threads += 1
      return (dropped, true)
    }
    if needsThread { startThread() }
    semaphore.signal()
    return dropped
  }

  /// Stops the effect of that generation; one that has not begun is dropped and returned.
  func cancel(generation: Int) -> [Effect] {
    state.withLock { state in
      for job in state.running where job.generation == generation { job.work.cancel() }
      let dropped = state.waiting.filter { $0.generation == generation }.map(\.effect)
      state.waiting.removeAll { $0.generation == generation }
      return dropped
    }
  }

  /// Stops everything; what waits is forgotten.
  func cancelAll() {
    state.withLock { state in
      for job in state.running { job.work.cancel() }
      state.waiting.removeAll()
    }
  }

  var isBusy: Bool { state.withLock { !$0.waiting.isEmpty || !$0.running.isEmpty } }

  /// Progress of the effects that have a generation and have begun.
  var jobs: [JobStatus] {
    state.withLock { state in
      state.running.compactMap { job in
        job.generation.map { JobStatus(generation: $0, done: job.work.done, total: job.work.total) }
      }
    }
  }

  private func startThread() {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, Workers.stackSize)
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    defer { pthread_attr_destroy(&attributes) }
    let body = ThreadBody { [self] in loop() }
    var thread = pthread_t()
    let status = pthread_create(
      &thread, &attributes,
      { argument in
        guard let argument else { return nil }
        Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(body).toOpaque())
    if status != 0 {
      // The others do the work; without any, it is done here, late but done.
      let isOnly = state.withLock { state in
        state.threads -= 1
        return state.threads == 0
      }
      Unmanaged.passUnretained(body).release()
      if isOnly { doOne() }
    }
  }

  private func loop() -> Never {
    CrashGuard.protectThisThread()
    while true {
      semaphore.wait()
      doOne()
    }
  }

  private func doOne() {
    let next: Job? = state.withLock { state in
      guard !state.waiting.isEmpty else { return nil }
      let job = state.waiting.removeFirst()
      state.running.append(job)
      return job
    }
    guard let job = next else { return }
    body(job.effect, job.work)
    state.withLock { state in state.running.removeAll { $0.number == job.number } }
    finished()
  }
}

/// Carries a closure through `pthread_create`.
final class ThreadBody: Sendable {
  let run: @Sendable () -> Void
  init(_ run: @escaping @Sendable () -> Void) { self.run = run }
}

/// A counting semaphore for threads.
private final class Semaphore: @unchecked Sendable {
  // Unchecked: sem_t has no safe face in Swift, and POSIX lets any thread call these functions at any time.
  private let semaphore = UnsafeMutablePointer<sem_t>.allocate(capacity: 1)

  init() { sem_init(semaphore, 0, 0) }

  deinit {
    sem_destroy(semaphore)
    semaphore.deallocate()
  }

  func signal() { sem_post(semaphore) }

  func wait() { while sem_wait(semaphore) != 0, errno == EINTR {} }
}
