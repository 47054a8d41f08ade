import CKernels
import Glibc
import Synchronization

/// Random access to bytes that somebody else may still be writing. `pread` only: brokers truncate files under
/// their readers, and a truncated mapping is a SIGBUS.
package protocol ByteSource: AnyObject, Sendable {
  /// How the source is named in messages: its path.
  var name: String { get }
  /// Size in bytes when it was last looked at; a fixed snapshot until `refresh`.
  var size: UInt64 { get }
  /// Reads at most `buffer.count` bytes at `offset`; fewer only at the end of the file (0 beyond it).
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Fault) -> Int
}

extension ByteSource {
  /// The first byte at or after `offset` that may be anything but a zero of a hole, as far as the file system
  /// knows holes: `offset` itself where it does not; nil when nothing was ever written from there to the end.
  package func data(from offset: UInt64) -> UInt64? {
    guard let file = self as? FileBytes else { return offset }
    return file.written(from: offset)
  }

  /// `count` bytes at `offset`, fewer at the end of the file. Allocates at most what the file holds, whatever
  /// `count` says.
  package func bytes(at offset: UInt64, count: Int) throws(Fault) -> [UInt8] {
    let available = offset < size ? size - offset : 0
    let wanted = Int(min(UInt64(max(count, 0)), available))
    guard wanted > 0 else { return [] }
    var fault: Fault?
    let result = [UInt8](unsafeUninitializedCapacity: wanted) { buffer, initialized in
      do throws(Fault) {
        initialized = try read(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
      } catch { fault = error }
    }
    if let fault { throw fault }
    return result
  }
}

/// An open file, read-only, closed when the last reference goes.
package final class FileBytes: ByteSource {
  package let name: String
  package let size: UInt64
  private let descriptor: Int32
  private let passage = Mutex(Passage())

  /// Opens `path` with O_RDONLY | O_CLOEXEC | O_NOCTTY. Directories and pipes are refused; O_NONBLOCK, so that
  /// a pipe without a writer cannot hold us up before that.
  package init(path: String) throws(Fault) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard descriptor >= 0 else { throw Fault.system("open", path) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      close(descriptor)
      throw Fault.system("open", path)
    }
    guard status.st_mode & S_IFMT != S_IFDIR else {
      close(descriptor)
      throw Fault(.nothingThere, "open", path, "is a directory")
    }
    guard status.st_mode & S_IFMT != S_IFIFO else {
      close(descriptor)
      throw Fault(.nothingThere, "open", path, "is a pipe")
    }
    self.name = path
    self.size = UInt64(max(status.st_size, 0))
    self.descriptor = descriptor
  }

  deinit {
    passage.withLock { $0.end(descriptor) }
    close(descriptor)
  }

  /// To be told of bytes that are about to be read from a mapping of the file, as `read` is for its own.
  func passes(_ count: Int, at offset: UInt64) { passage.withLock { $0.pass(descriptor, offset, count) } }

  /// Seconds since its content was last changed, when that was last looked at.
  var secondsAtRest: Int {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return 0 }
    return time(nil) - status.st_mtim.tv_sec
  }

  /// Where the file system's data begin at or after `offset`; nil when the rest is a hole, as a preallocated
  /// tail, which need not be read.
  func written(from offset: UInt64) -> UInt64? {
    guard offset < UInt64(Int64.max) else { return nil }
    // SEEK_DATA is 3 on Linux; Glibc shows its name to GNU sources alone.
    let found = lseek(descriptor, off_t(offset), 3)
    if found >= 0 { return max(offset, UInt64(found)) }
    return errno == ENXIO ? nil : offset
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Fault) -> Int {
    guard let base = buffer.baseAddress, offset < UInt64(Int64.max) else { return 0 }
    passes(buffer.count, at: offset)
    var done = 0
    while done < buffer.count {
      let count = pread(descriptor, base + done, buffer.count - done, off_t(offset) + off_t(done))
      if count == 0 { break }
      if count < 0 {
        if errno == EINTR { continue }
        throw Fault.system("read", name)
      }
      done += count
    }
    return done
  }
}

/// Bytes in memory, for standard input, decompressed small files and tests.
package final class MemoryBytes: ByteSource {
  package let name: String
  private let content: [UInt8]
  package var size: UInt64 { UInt64(content.count) }

  package init(name: String, _ content: [UInt8]) {
    self.name = name
    self.content = content
  }

  package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Fault) -> Int {
    guard offset < UInt64(content.count) else { return 0 }
    let count = min(buffer.count, content.count - Int(offset))
    content.withUnsafeBytes { bytes in
      buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[Int(offset)..<Int(offset) + count]))
    }
    return count
  }
}

extension Fault {
  /// The fault that `errno` names after a failed system call.
  package static func system(_ operation: String, _ path: String) -> Fault {
    let code = errno
    let kind: Kind = code == ENOENT || code == ENOTDIR ? .nothingThere : .unreadable
    return Fault(kind, operation, path, String(cString: strerror(code)))
  }
}
