import CKernels
import Glibc

/// A good guest's way through a file: whoever reads far, from one byte on to the next, leaves the page cache
/// as it was. What was not in it before is dropped once it has been read; what was there belongs to somebody
/// else, a broker perhaps, and stays.
///
/// Reads that jump about, and the first megabytes of any other, are a person looking around: they stay
/// cached.
struct Passage: Sendable {
  /// So many bytes on end are a long way.
  private static let patience: UInt64 = 16 << 20
  /// The cache is looked at, and cleared, in pieces of this size: several times what the kernel may have read
  /// ahead for us.
  static let piece: UInt64 = 32 << 20
  /// Reads that skip at most this much still go on.
  private static let gap: UInt64 = 1 << 20

  /// Where the next read of the way begins, and how long the way is so far.
  private var next: UInt64 = 0
  private var length: UInt64 = 0
  /// The piece under way, and whether it will be dropped.
  private var start: UInt64 = 0
  private var stop: UInt64 = 0
  private var drops = false

  /// Before `count` bytes at `offset` are read.
  mutating func pass(_ file: Int32, _ offset: UInt64, _ count: Int) {
    guard count > 0 else { return }
    if offset < next || offset - next > Self.gap {
      end(file)
      length = 0
    }
    next = offset &+ UInt64(count)
    length &+= UInt64(count)
    guard length > Self.patience, next > stop else { return }
    end(file)
    (start, stop) = (offset, offset &+ max(Self.piece, UInt64(count)))
    drops = weir_cached_share(file, Int(clamping: start), Int(Self.piece)) < 0.5
  }

  /// Drops what was read of the piece under way, if it was not there before.
  mutating func end(_ file: Int32) {
    if drops, next > start {
      posix_fadvise(
        file, off_t(clamping: start), off_t(clamping: min(next, stop) - start), POSIX_FADV_DONTNEED)
    }
    drops = false
    stop = 0
  }
}

/// Long reads that nobody waits for come after everybody else's.
package enum Guest {
  /// The whole program from now on, before it starts threads.
  package static func becomeIdle() { _ = weir_io_idle() }

  /// Runs `body` with the thread's I/O priority at idle.
  package static func atIdle<T>(_ body: () throws(Fault) -> T) throws(Fault) -> T {
    let before = weir_io_idle()
    defer { _ = weir_io_priority(before) }
    return try body()
  }
}
