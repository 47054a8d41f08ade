import Synchronization

/// One long piece of work, shared between the worker that does it and whoever watches: progress out,
/// cancellation in.
package final class Work: Sendable {
  private let cancelled = Atomic<Bool>(false)
  private let finished = Atomic<Int>(0)
  private let expected = Atomic<Int>(0)

  package init() {}

  /// Bytes (or events, where no bytes are known) done so far.
  package var done: Int { finished.load(ordering: .relaxed) }
  /// Bytes (or events) expected in all; 0 while unknown.
  package var total: Int { expected.load(ordering: .relaxed) }
  package var isCancelled: Bool { cancelled.load(ordering: .relaxed) }

  package func cancel() { cancelled.store(true, ordering: .relaxed) }
  package func expect(_ amount: Int) { expected.add(amount, ordering: .relaxed) }
  package func advance(by amount: Int) { finished.add(amount, ordering: .relaxed) }

  /// To be called once a batch by everything that may take long.
  package func check() throws(Fault) { if isCancelled { throw .cancelled } }
}
