import CEvents
import Glibc

/// Signals as something to read: blocked for the thread that makes this (and for all threads and children it
/// starts from then on), and taken from a descriptor between two turns of the loop. Nothing is ever
/// interrupted, and no resize is lost between two calls.
struct Signals: ~Copyable {
  private var before = sigset_t()
  let descriptor: Int32

  /// Resize, stop, and the four ways of being asked to end.
  private static let taken = [SIGWINCH, SIGTSTP, SIGTERM, SIGHUP, SIGINT, SIGQUIT]

  /// To be called before any thread starts.
  init() {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in Signals.taken { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, &before)
    descriptor = weir_signals_open(&set)
  }

  deinit {
    close(descriptor)
    var mask = before
    pthread_sigmask(SIG_SETMASK, &mask, nil)
  }

  /// The signals that arrived since the last call, one each.
  func take() -> [Int32] {
    var signals: [Int32] = []
    while case let signal = weir_signals_next(descriptor), signal != 0 { signals.append(signal) }
    return signals
  }

  /// Stops the whole job, as Ctrl-Z does in a program that reads lines; returns when it is continued.
  func stop() {
    // curses installed a handler of its own that would do all this a second time.
    signal(SIGTSTP, SIG_DFL)
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, SIGTSTP)
    kill(0, SIGTSTP)
    pthread_sigmask(SIG_UNBLOCK, &set, nil)
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }
}
