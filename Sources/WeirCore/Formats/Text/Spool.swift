import CZlib
import CZstd
import Glibc

/// Brings bytes that cannot be entered anywhere (standard input, gzip, zstd) into a form that can: memory
/// while they are few, else an unlinked temporary file, which vanishes with the program. Never beside the
/// data.
enum Spool {
  /// Up to this many bytes stay in memory.
  static let memoryLimit = 8 << 20
  /// What a temporary file may take; beyond it the rest is left out, and that is said.
  static let fileLimit = 16 << 30

  /// What came out, and what there is to say about it.
  struct Result {
    var bytes: any ByteSource
    var notes: [String]
    /// What is wrong with the compressed stream, told behind its last event.
    var damage: Damage?
  }

  /// Everything from a descriptor, decompressed when it is gzip or zstd.
  static func read(descriptor: Int32, name: String, _ work: Work) throws(Fault) -> Result {
    var sink = SpoolSink(name: name)
    var decoder: (any StreamDecoder)?
    var stored: UInt64 = 0
    // A pipe may give its bytes one by one: a few are needed to tell a compression.
    var head: [UInt8]? = []
    var input = [UInt8](repeating: 0, count: 262_144)
    while !sink.isFull {
      try work.check()
      let count = input.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw Fault.system("read", name) }
      stored += UInt64(count)
      if let first = head {
        head = first + input[..<count]
        if first.count + count < magicSize, count > 0 { continue }
        decoder = streamDecoder(for: (head ?? [])[...])
        try pass((head ?? [])[...], decoder, &sink)
        head = nil
      } else {
        try pass(input[..<count], decoder, &sink)
      }
      if count == 0 { break }
    }
    var damage: Damage?
    if let ending = decoder?.ending, !sink.isFull {
      sink.notes.append(ending.reason)
      damage = Damage(
        ending.isTorn ? .tornTail : .corrupt, file: name, range: min(ending.at, stored)..<stored,
        reason: ending.reason)
    }
    return Result(bytes: sink.finish(), notes: sink.notes, damage: damage)
  }

  /// Bytes that tell every compression.
  private static let magicSize = 4

  private static func pass(
    _ bytes: ArraySlice<UInt8>, _ decoder: (any StreamDecoder)?, _ sink: inout SpoolSink
  ) throws(Fault) {
    if let decoder { try decoder.feed(bytes, into: &sink) } else { try sink.append(bytes) }
  }

  /// A file's bytes: the file itself unless it is compressed, or a pipe.
  static func open(path: String, _ work: Work) throws(Fault) -> Result {
    if !Probe.isPipe(path) {
      let file = try FileBytes(path: path)
      let head = try file.bytes(at: 0, count: 4)
      guard streamDecoder(for: head[...]) != nil else { return Result(bytes: file, notes: []) }
    }
    let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Fault.system("open", path) }
    defer { close(descriptor) }
    return try read(descriptor: descriptor, name: path, work)
  }

  static func streamDecoder(for head: ArraySlice<UInt8>) -> (any StreamDecoder)? {
    if head.starts(with: [0x1F, 0x8B]) { return GzipDecoder() }
    if head.starts(with: [0x28, 0xB5, 0x2F, 0xFD]) { return ZstdDecoder() }
    return nil
  }
}

/// Where decompressed bytes go.
struct SpoolSink {
  let name: String
  var notes: [String] = []
  private var memory: [UInt8] = []
  private var file: SpoolFile?
  private var count = 0

  init(name: String) { self.name = name }

  var isFull: Bool { count >= Spool.fileLimit }

  mutating func append(_ bytes: ArraySlice<UInt8>) throws(Fault) {
    count += bytes.count
    if let file {
      try file.append(bytes)
    } else {
      memory.append(contentsOf: bytes)
      if memory.count > Spool.memoryLimit {
        let file = try SpoolFile(name: name)
        try file.append(memory[...])
        memory = []
        self.file = file
      }
    }
    if isFull { notes.append("only the first \(Spool.fileLimit >> 30) GiB are shown") }
  }

  func finish() -> any ByteSource { file ?? MemoryBytes(name: name, memory) }
}

/// An unlinked temporary file in $TMPDIR, else /tmp.
final class SpoolFile: ByteSource {
  let name: String
  private let descriptor: Int32

  init(name: String) throws(Fault) {
    self.name = name
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    descriptor = Glibc.open(folder, O_RDWR | O_CLOEXEC | 0o20_000_000 | O_DIRECTORY, 0o600)
    guard descriptor >= 0 else { throw Fault.system("make a temporary file in", folder) }
  }

  deinit { close(descriptor) }

  var size: UInt64 {
    var status = stat()
    return fstat(descriptor, &status) == 0 ? UInt64(max(status.st_size, 0)) : 0
  }

  func append(_ bytes: ArraySlice<UInt8>) throws(Fault) {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        write(descriptor, $0.baseAddress.map { $0 + done }, $0.count - done)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Fault.system("write a temporary copy of", name) }
      done += count
    }
  }

  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64) throws(Fault) -> Int {
    guard let base = buffer.baseAddress, offset < UInt64(Int64.max) else { return 0 }
    let count = pread(descriptor, base, buffer.count, off_t(offset))
    guard count >= 0 else { throw Fault.system("read a temporary copy of", name) }
    return count
  }
}

/// Undoes a compression as the bytes come.
protocol StreamDecoder: AnyObject {
  func feed(_ input: ArraySlice<UInt8>, into sink: inout SpoolSink) throws(Fault)
  /// What is wrong with the end, once all is fed.
  var ending: StreamEnding? { get }
}

/// Why a compressed stream does not end as it should.
struct StreamEnding: Equatable {
  /// True when the bytes just stop; false when they are wrong.
  var isTorn: Bool
  /// Stored bytes before the place.
  var at: UInt64
  var reason: String
}

/// gzip (RFC 1952), several members one after the other allowed. What follows the last one and is no member
/// is left out, as gzip itself does.
final class GzipDecoder: StreamDecoder {
  private var stream = z_stream()
  /// False between two members.
  private var isInMember = true
  private var members = 0
  private var fed: UInt64 = 0
  private var isBroken = false
  private var brokenEnding: StreamEnding?
  private var output = [UInt8](repeating: 0, count: 262_144)

  init() {
    // 15 + 16: a window of 32 KiB and a gzip header.
    inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  }

  deinit { inflateEnd(&stream) }

  var ending: StreamEnding? {
    if isBroken { return brokenEnding }
    return isInMember
      ? StreamEnding(isTorn: true, at: fed, reason: "the gzip stream ends too early") : nil
  }

  func feed(_ input: ArraySlice<UInt8>, into sink: inout SpoolSink) throws(Fault) {
    var input = Array(input)
    var used = 0
    var hasMore = false
    // What was decoded may be more than one output holds, also when all input is used.
    while used < input.count || hasMore, !isBroken, !sink.isFull {
      if !isInMember {
        inflateReset(&stream)
        isInMember = true
      }
      let (code, consumed, produced) = step(&input, from: used)
      used += consumed
      fed += UInt64(consumed)
      try sink.append(output[..<produced])
      hasMore = produced == output.count
      switch code {
      case Z_STREAM_END:
        (isInMember, hasMore) = (false, false)
        members += 1
      case Z_OK, Z_BUF_ERROR: break
      default: fail(after: input[..<used])
      }
    }
  }

  private func fail(after input: ArraySlice<UInt8>) {
    isBroken = true
    // Bytes after a member that do not begin as one (padding, a signature) are no damage.
    if members > 0, stream.total_out == 0, stream.total_in < 10 { return }
    brokenEnding = StreamEnding(
      isTorn: false, at: fed, reason: "the gzip stream is damaged after \(fed) bytes")
  }

  private func step(_ input: inout [UInt8], from used: Int) -> (code: Int32, consumed: Int, produced: Int) {
    let available = input.count - used
    return input.withUnsafeMutableBufferPointer { source in
      output.withUnsafeMutableBufferPointer { target in
        stream.next_in = source.baseAddress.map { $0 + used }
        stream.avail_in = UInt32(available)
        stream.next_out = target.baseAddress
        stream.avail_out = UInt32(target.count)
        let code = inflate(&stream, Z_NO_FLUSH)
        return (code, available - Int(stream.avail_in), target.count - Int(stream.avail_out))
      }
    }
  }
}

/// Zstandard frames (RFC 8878), one after the other.
final class ZstdDecoder: StreamDecoder {
  private let context = ZSTD_createDStream()
  private(set) var ending: StreamEnding?
  private var isBroken = false
  private var fed: UInt64 = 0
  private var output = [UInt8](repeating: 0, count: 262_144)

  deinit { ZSTD_freeDStream(context) }

  func feed(_ input: ArraySlice<UInt8>, into sink: inout SpoolSink) throws(Fault) {
    var used = 0
    var hasMore = true
    // What was decoded may be more than one output holds, also when all input is used.
    while used < input.count || hasMore, !isBroken, !sink.isFull {
      let before = used
      var produced = 0
      let result: Int = input.withUnsafeBytes { source in
        output.withUnsafeMutableBytes { target in
          var from = ZSTD_inBuffer(src: source.baseAddress, size: source.count, pos: used)
          var to = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
          let result = ZSTD_decompressStream(context, &to, &from)
          (used, produced) = (from.pos, to.pos)
          return result
        }
      }
      fed += UInt64(used - before)
      try sink.append(output[..<produced])
      hasMore = produced == output.count
      guard used > before || produced > 0 || ZSTD_isError(result) != 0 else { break }
      if ZSTD_isError(result) != 0 {
        isBroken = true
        let name = String(cString: ZSTD_getErrorName(result))
        ending = StreamEnding(isTorn: false, at: fed, reason: "the zstd stream is damaged: \(name)")
      } else {
        ending =
          result == 0
          ? nil : StreamEnding(isTorn: true, at: fed, reason: "the zstd stream ends too early")
      }
    }
  }
}
