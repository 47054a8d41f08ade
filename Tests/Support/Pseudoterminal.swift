import Glibc
import Synchronization
package import WeirCore

/// A terminal device with nobody at it: everything that is written to it is kept, byte by byte.
package final class Pseudoterminal: Sendable {
  /// The device that a program opens.
  package let path: String
  private let descriptor: Int32
  /// Held open, so that the device lives for as long as this does.
  private let slave: Int32
  private let received = Mutex<[UInt8]>([])

  package init(columns: UInt16 = 80, rows: UInt16 = 24) throws(Fault) {
    // posix_openpt and its kin are hidden from the Glibc module: this is what they do.
    let master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
    var unlock: Int32 = 0
    var number: UInt32 = 0
    guard master >= 0, ioctl(master, 0x4004_5431, &unlock) == 0, ioctl(master, 0x8004_5430, &number) == 0
    else { throw Fault.system("open", "a pseudoterminal") }
    path = "/dev/pts/\(number)"
    descriptor = master
    slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC)
    var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
    guard slave >= 0, ioctl(master, UInt(TIOCSWINSZ), &size) == 0 else {
      throw Fault.system("open", path)
    }
    var modes = termios()
    tcgetattr(slave, &modes)
    cfmakeraw(&modes)
    tcsetattr(slave, TCSANOW, &modes)
    start()
  }

  /// A reader of its own: whoever writes must never wait for the test, which may be the same thread.
  private func start() {
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Reader>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, Unmanaged.passRetained(Reader(descriptor: descriptor, owner: self)).toOpaque())
    pthread_detach(thread)
  }

  private final class Reader: Sendable {
    let descriptor: Int32
    weak let owner: Pseudoterminal?

    init(descriptor: Int32, owner: Pseudoterminal) {
      self.descriptor = descriptor
      self.owner = owner
    }

    func run() {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
        guard let owner else { return }
        owner.received.withLock { $0 += buffer[..<count] }
      }
    }
  }

  deinit {
    close(slave)
    close(descriptor)
  }

  /// Types on it.
  package func type(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let done = rest.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard done > 0 else { return }
      rest = rest.dropFirst(done)
    }
  }

  /// Everything written so far. A mark is written by the test itself and waited for, so that all before it is
  /// there.
  package func written() -> [UInt8] {
    let mark = Array("\u{1}\u{2}end of the test's own\u{2}\u{1}".utf8)
    _ = mark.withUnsafeBytes { write(slave, $0.baseAddress, $0.count) }
    for _ in 0..<3_000 {
      let bytes: [UInt8]? = received.withLock { bytes in
        guard let place = bytes.firstRange(of: mark) else { return nil }
        bytes.removeSubrange(place)
        return Array(bytes[..<place.lowerBound])
      }
      if let bytes { return bytes }
      usleep(10_000)
    }
    return received.withLock { $0 }
  }
}
