import CKernels
import Testing
import WeirCore

/// Deterministic noise for tests, so that a failure can be repeated.
struct Noise {
  var state: UInt64

  init(_ seed: UInt64) { state = seed &* 2 &+ 1 }

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return state >> 33
  }

  mutating func bytes(_ count: Int, below limit: UInt64 = 256) -> [UInt8] {
    (0..<count).map { _ in UInt8(truncatingIfNeeded: next() % limit) }
  }
}

@Suite struct CrcTests {
  /// Bit by bit, straight from the polynomial: what every kernel must agree with.
  func slow(_ bytes: some Collection<UInt8>) -> UInt32 {
    var crc: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0x82F6_3B78 : crc >> 1 }
    }
    return ~crc
  }

  @Test func publishedVectors() {
    let digits = Array("123456789".utf8)
    digits.withUnsafeBytes {
      #expect(Checksum.crc32c($0) == 0xE306_9283)
      #expect(Checksum.crc32($0) == 0xCBF4_3926)
    }
    Array("abc".utf8).withUnsafeBytes { #expect(Checksum.crc32c($0) == 0x364B_3FB7) }
    [UInt8](repeating: 0, count: 32).withUnsafeBytes { #expect(Checksum.crc32c($0) == 0x8A91_36AA) }
    #expect(Checksum.crc32c(UnsafeRawBufferPointer(start: nil, count: 0)) == 0)
    #expect(Checksum.crc32(UnsafeRawBufferPointer(start: nil, count: 0)) == 0)
  }

  @Test(arguments: [0, 1, 2]) func everyLevelAgreesAtEveryLength(level: Int32) {
    guard level <= weir_kernels_level() else { return }
    var noise = Noise(7)
    let bytes = noise.bytes(6000)
    bytes.withUnsafeBytes { all in
      for count in Array(0...700) + [1023, 1024, 1535, 1536, 1537, 2048, 4607, 4608, 5999] {
        for start in [0, 1, 13] where start + count <= all.count {
          let part = UnsafeRawBufferPointer(rebasing: all[start..<start + count])
          #expect(
            weir_crc32c_at(level, 0, part.baseAddress, count) == slow(part), "\(count) bytes from \(start)")
        }
      }
    }
  }

  @Test func goesOnFromWhereItStopped() {
    var noise = Noise(8)
    let bytes = noise.bytes(3000)
    bytes.withUnsafeBytes { all in
      let whole = Checksum.crc32c(all)
      for cut in [1, 255, 256, 1500, 2999] {
        let head = Checksum.crc32c(UnsafeRawBufferPointer(rebasing: all[..<cut]))
        #expect(Checksum.crc32c(UnsafeRawBufferPointer(rebasing: all[cut...]), from: head) == whole)
      }
    }
  }

  @Test func xxh32Vectors() {
    func hash(_ bytes: [UInt8]) -> UInt32 { bytes.withUnsafeBytes { Checksum.xxh32($0) } }
    #expect(hash([]) == 0x02CC_5D05)
    #expect(hash(Array("a".utf8)) == 0x550D_7456)
    #expect(hash(Array("abc".utf8)) == 0x32D1_53FF)
    #expect(hash(Array(0...15)) == 0xB728_37F4)
    #expect(hash(Array(0...63)) == 0x3112_0435)
  }
}

@Suite struct KernelTests {
  @Test(arguments: [0, 2]) func sumsEveryByte(level: Int32) {
    guard level <= weir_kernels_level() else { return }
    var noise = Noise(9)
    for count in [0, 1, 7, 8, 127, 128, 129, 5000] {
      let bytes = noise.bytes(count)
      #expect(weir_sum_at(level, bytes, count) == bytes.reduce(0) { $0 + UInt64($1) })
    }
    let full = [UInt8](repeating: 255, count: 100_000)
    #expect(weir_sum_at(level, full, full.count) == 25_500_000)
  }

  @Test(arguments: [0, 2]) func findsEveryLineStart(level: Int32) {
    guard level <= weir_kernels_level() else { return }
    var noise = Noise(10)
    for (count, limit) in [(0, 256), (1, 11), (63, 11), (64, 11), (1000, 11), (1000, 256), (777, 12)]
      as [(Int, UInt64)]
    {
      let bytes = noise.bytes(count, below: limit)
      let wanted = bytes.indices.filter { bytes[$0] == 10 }.map { UInt64($0) + 101 }
      for capacity in [1, 63, 64, 65, 2000] {
        var found: [UInt64] = []
        var at = 0
        while at < count {
          var starts = [UInt64](repeating: 0, count: capacity)
          var consumed = 0
          let made = bytes.withUnsafeBytes {
            weir_line_starts_at(
              level, $0.baseAddress.map { $0 + at }, count - at, 100 + UInt64(at), &starts, capacity,
              &consumed)
          }
          found += starts.prefix(made)
          #expect(consumed > 0)
          at += consumed
        }
        #expect(found == wanted)
      }
    }
  }

  func find(_ level: Int32, _ needle: [UInt8], in bytes: [UInt8]) -> Int {
    needle.withUnsafeBytes { part in
      var prepared = weir_needle_make(part.baseAddress, part.count)
      return bytes.withUnsafeBytes { weir_find_at(level, $0.baseAddress, $0.count, &prepared) }
    }
  }

  @Test(arguments: [0, 2]) func findsTheFirstOccurrence(level: Int32) {
    guard level <= weir_kernels_level() else { return }
    var noise = Noise(11)
    for _ in 0..<300 {
      let bytes = noise.bytes(Int(noise.next() % 200), below: 3)
      let needle = noise.bytes(Int(noise.next() % 6), below: 3)
      let wanted =
        (0...bytes.count).first {
          $0 + needle.count <= bytes.count && Array(bytes[$0..<$0 + needle.count]) == needle
        }
      #expect(find(level, needle, in: bytes) == wanted ?? -1)
    }
    let hay = Array(String(repeating: "{\"type\":\"Deposited\"},", count: 50).utf8) + Array("Zürich".utf8)
    #expect(find(level, Array("Zür".utf8), in: hay) == 50 * 21)
    #expect(find(level, Array("ürichs".utf8), in: hay) == -1)
    #expect(find(level, hay, in: hay) == 0)
    #expect(find(level, hay + [0], in: hay) == -1)
  }
}
