/// What stands in a write-ahead log behind its last whole commit. SQLite leaves all of it out without a word:
/// right for a transaction under way, wrong to keep quiet about where bytes are damaged.
///
/// The format (sqlite.org/fileformat2.html, "The WAL File"), big-endian:
///
/// | offset | bytes | header |
/// |---|---|---|
/// | 0 | 4 | magic 377f0682, or 377f0683: checksums over big-endian words |
/// | 8 | 4 | page size |
/// | 16 | 8 | two salts, new each time the log is begun again |
/// | 24 | 8 | checksum of the 24 bytes before |
///
/// Then frames of 24 bytes and a page: page number, pages of the database after a commit (else 0), the two
/// salts, a checksum over the first 8 bytes and the page, which goes on from the frame before. Frames with
/// other salts are left from the time before the log was begun again.
struct LogCheck {
  /// Larger logs are not read once more for this.
  static let limit: UInt64 = 256 << 20

  /// Byte range and reason of what is damaged; nil when nothing is.
  private(set) var damage: Damage?
  /// Whole frames behind the last commit: a transaction that is not finished.
  private(set) var openFrames = 0

  private let bytes: any ByteSource
  private var isBig = false
  private var sums: (UInt32, UInt32) = (0, 0)

  init(_ bytes: any ByteSource) throws(Fault) {
    self.bytes = bytes
    guard bytes.size > 0, bytes.size <= LogCheck.limit else { return }
    let header = try bytes.bytes(at: 0, count: 32)
    guard header.count == 32, header.starts(with: [0x37, 0x7F, 0x06]), header[3] & 0xFE == 0x82 else {
      tell(
        0, header.count < 32 ? "ends inside its header" : "does not begin as one", isTorn: header.count < 32)
      return
    }
    isBig = header[3] == 0x83
    add(header[..<24])
    guard LogCheck.pair(header, 24) == sums else {
      tell(0, "its header fails its checksum")
      return
    }
    let pageSize = LogCheck.word(header, 8)
    guard (512...65_536).contains(pageSize), pageSize & (pageSize - 1) == 0 else { return }
    try frames(pageSize: Int(pageSize), salts: LogCheck.pair(header, 16))
  }

  private mutating func frames(pageSize: Int, salts: (UInt32, UInt32)) throws(Fault) {
    let size = UInt64(24 + pageSize)
    var at: UInt64 = 32
    while at < bytes.size {
      let frame = try bytes.bytes(at: at, count: Int(size))
      guard frame.count >= 24, LogCheck.pair(frame, 8) == salts else { return }
      add(frame[..<8])
      add(frame[24...])
      guard frame.count == Int(size), LogCheck.pair(frame, 16) == sums else {
        // The last frame that this writer began may be half there; one with others behind it may not.
        let next = try bytes.bytes(at: at + size, count: 24)
        let isTorn = next.count < 24 || LogCheck.pair(next, 8) != salts
        return tell(at, "a frame fails its checksum; nothing from there on is used", isTorn: isTorn)
      }
      openFrames = LogCheck.word(frame, 4) == 0 ? openFrames + 1 : 0
      at += size
    }
  }

  private mutating func tell(_ from: UInt64, _ reason: String, isTorn: Bool = false) {
    damage = Damage(
      isTorn ? .tornTail : .corrupt, file: bytes.name, range: from..<bytes.size,
      reason: "write-ahead log: \(reason)")
  }

  /// Pairs of words, summed into each other.
  private mutating func add(_ part: ArraySlice<UInt8>) {
    part.withUnsafeBytes { raw in
      var at = 0
      while at + 8 <= raw.count {
        let first = raw.loadUnaligned(fromByteOffset: at, as: UInt32.self)
        let second = raw.loadUnaligned(fromByteOffset: at + 4, as: UInt32.self)
        // The sums wrap by definition.
        sums.0 &+= (isBig ? UInt32(bigEndian: first) : UInt32(littleEndian: first)) &+ sums.1
        sums.1 &+= (isBig ? UInt32(bigEndian: second) : UInt32(littleEndian: second)) &+ sums.0
        at += 8
      }
    }
  }

  private static func word(_ bytes: [UInt8], _ at: Int) -> UInt32 {
    bytes[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static func pair(_ bytes: [UInt8], _ at: Int) -> (UInt32, UInt32) {
    (word(bytes, at), word(bytes, at + 4))
  }
}
