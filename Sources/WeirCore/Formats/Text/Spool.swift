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
  }

  /// Everything from a descriptor, decompressed when it is gzip or zstd.
  static func read(descriptor: Int32, name: String, _ work: Work) throws(Fault) -> Result {
    var sink = SpoolSink(name: name)
    var decoder: (any StreamDecoder)?
    var isFirst = true
    var input = [UInt8](repeating: 0, count: 262_144)
    while !sink.isFull {
      try work.check()
      let count = input.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw Fault.system("read", name) }
      if count == 0 { break }
      if isFirst { decoder = streamDecoder(for: input[..<count]) }
      isFirst = false
      if let decoder {
        try decoder.feed(input[..<count], into: &sink)
      } else {
        try sink.append(input[..<count])
      }
    }
    if let ending = decoder?.ending { sink.notes.append(ending) }
    return Result(bytes: sink.finish(), notes: sink.notes)
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
  /// What is wrong with the end, once all is fed: "the gzip stream ends too early".
  var ending: String? { get }
}

/// gzip (RFC 1952), several members one after the other allowed.
final class GzipDecoder: StreamDecoder {
  private var stream = z_stream()
  private var isInMember = true
  private(set) var ending: String? = "the gzip stream ends too early"
  private var isBroken = false
  private var output = [UInt8](repeating: 0, count: 262_144)

  init() {
    // 15 + 16: a window of 32 KiB and a gzip header.
    inflateInit2_(&stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
  }

  deinit { inflateEnd(&stream) }

  func feed(_ input: ArraySlice<UInt8>, into sink: inout SpoolSink) throws(Fault) {
    var input = Array(input)
    var used = 0
    while used < input.count, !isBroken, !sink.isFull {
      if !isInMember {
        inflateReset(&stream)
        isInMember = true
      }
      let (code, consumed, produced) = step(&input, from: used)
      used += consumed
      try sink.append(output[..<produced])
      switch code {
      case Z_STREAM_END:
        isInMember = false
        ending = nil
      case Z_OK: ending = "the gzip stream ends too early"
      case Z_BUF_ERROR where consumed > 0 || produced > 0: break
      default:
        isBroken = true
        ending =
          isInMember && stream.total_out == 0
          ? nil : "the gzip stream is damaged after \(stream.total_in) bytes"
      }
    }
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
  private(set) var ending: String?
  private var isBroken = false
  private var output = [UInt8](repeating: 0, count: 262_144)

  deinit { ZSTD_freeDStream(context) }

  func feed(_ input: ArraySlice<UInt8>, into sink: inout SpoolSink) throws(Fault) {
    var used = 0
    while used < input.count, !isBroken, !sink.isFull {
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
      try sink.append(output[..<produced])
      if ZSTD_isError(result) != 0 {
        isBroken = true
        ending = "the zstd stream is damaged: \(String(cString: ZSTD_getErrorName(result)))"
      } else {
        ending = result == 0 ? nil : "the zstd stream ends too early"
      }
    }
  }
}
