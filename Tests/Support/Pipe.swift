import Glibc
import WeirCore

/// Bytes that come through a pipe, a few at a time, as from another program.
package final class Pipe: Sendable {
  private let descriptor: Int32

  /// `bytes` in pieces of this size, written by a thread of their own; then the end.
  private init(_ bytes: [UInt8], pieces: Int) throws(Fault) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Fault.system("make", "a pipe") }
    descriptor = ends[0]
    let writer = PipeWriter(bytes, pieces, ends[1])
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<PipeWriter>.fromOpaque(context).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(writer).toOpaque())
    guard code == 0 else { throw Fault(.unreadable, "start", "a thread", String(cString: strerror(code))) }
    pthread_detach(thread)
  }

  deinit { close(descriptor) }

  /// Gives `body` the end to read from, open until it returns.
  package static func feed<T>(_ bytes: [UInt8], pieces: Int, _ body: (Int32) throws -> T) throws -> T {
    let pipe = try Pipe(bytes, pieces: pieces)
    return try withExtendedLifetime(pipe) { try body(pipe.descriptor) }
  }
}

private final class PipeWriter: Sendable {
  private let bytes: [UInt8]
  private let pieces: Int
  private let descriptor: Int32

  init(_ bytes: [UInt8], _ pieces: Int, _ descriptor: Int32) {
    (self.bytes, self.pieces, self.descriptor) = (bytes, pieces, descriptor)
  }

  func run() {
    // A reader that leaves early ends this thread's work, not the program.
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGPIPE)
    pthread_sigmask(SIG_BLOCK, &signals, nil)
    var done = 0
    while done < bytes.count {
      let count = min(pieces, bytes.count - done)
      let written = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + done }, count) }
      guard written > 0 else { break }
      done += written
    }
    close(descriptor)
  }
}
