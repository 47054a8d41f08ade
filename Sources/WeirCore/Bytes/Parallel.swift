import Glibc
import Synchronization

/// Work on several pieces at once, for what was asked for and takes long: two cores at most are kept busy.
enum Parallel {
  /// Calls `body` for each piece on up to `threads` threads (this one among them) and returns the results in
  /// the order of the pieces. The first fault, in that order, is thrown when all have ended.
  static func map<Piece: Sendable, Result: Sendable>(
    _ pieces: [Piece], threads: Int, _ body: @escaping @Sendable (Piece) throws(Fault) -> Result
  ) throws(Fault) -> [Result] {
    let queue = Queue(pieces, body)
    var helpers: [pthread_t] = []
    for _ in 1..<max(1, min(threads, pieces.count)) {
      if let thread = start({ queue.drain() }) { helpers.append(thread) }
    }
    queue.drain()
    for helper in helpers { pthread_join(helper, nil) }
    return try queue.results()
  }

  /// Pieces that are taken one by one, and what became of them.
  private final class Queue<Piece: Sendable, Answer: Sendable>: Sendable {
    private let pieces: [Piece]
    private let body: @Sendable (Piece) throws(Fault) -> Answer
    private let next = Atomic<Int>(0)
    private let answers = Mutex<[Int: Result<Answer, Fault>]>([:])

    init(_ pieces: [Piece], _ body: @escaping @Sendable (Piece) throws(Fault) -> Answer) {
      (self.pieces, self.body) = (pieces, body)
    }

    func drain() {
      while true {
        let index = next.add(1, ordering: .relaxed).oldValue
        guard index < pieces.count else { return }
        let answer: Result<Answer, Fault>
        do throws(Fault) { answer = .success(try body(pieces[index])) } catch { answer = .failure(error) }
        answers.withLock { $0[index] = answer }
      }
    }

    func results() throws(Fault) -> [Answer] {
      let found = answers.withLock { $0 }
      var results: [Answer] = []
      for index in pieces.indices { if let answer = found[index] { results.append(try answer.get()) } }
      return results
    }
  }

  private final class Body: Sendable {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// nil when the system has no thread to give: the others do the work then.
  private static func start(_ run: @escaping @Sendable () -> Void) -> pthread_t? {
    var thread = pthread_t()
    let body = Unmanaged.passRetained(Body(run))
    let status = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, body.toOpaque())
    guard status == 0 else {
      body.release()
      return nil
    }
    return thread
  }
}
