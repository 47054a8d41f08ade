import CDeflate
import CKernels

/// The checksums that event logs use. All take a running value, 0 to begin.
package enum Checksum {
  /// CRC-32C (Castagnoli), as Kafka's v2 batches have it.
  @inline(__always)
  package static func crc32c(_ bytes: UnsafeRawBufferPointer, from crc: UInt32 = 0) -> UInt32 {
    weir_crc32c(crc, bytes.baseAddress, bytes.count)
  }

  /// CRC-32 (IEEE), as gzip and Kafka's older messages have it.
  @inline(__always)
  package static func crc32(_ bytes: UnsafeRawBufferPointer, from crc: UInt32 = 0) -> UInt32 {
    guard let base = bytes.baseAddress else { return crc }
    return libdeflate_crc32(crc, base, bytes.count)
  }

  /// xxHash of 32 bits, seed 0, for headers of a few bytes: written for shortness, not for speed.
  package static func xxh32(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
    let p1: UInt32 = 2_654_435_761
    let p2: UInt32 = 2_246_822_519
    let p3: UInt32 = 3_266_489_917
    let p4: UInt32 = 668_265_263
    let p5: UInt32 = 374_761_393
    func rotate(_ value: UInt32, _ count: UInt32) -> UInt32 { value << count | value >> (32 - count) }
    func lane(_ at: Int) -> UInt32 {
      UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
    }
    // Wrapping is meant throughout: it is arithmetic modulo 2^32.
    var at = 0
    var hash = p5
    if bytes.count >= 16 {
      var a: [UInt32] = [p1 &+ p2, p2, 0, 0 &- p1]
      while bytes.count - at >= 16 {
        for i in 0..<4 { a[i] = rotate(a[i] &+ lane(at + 4 * i) &* p2, 13) &* p1 }
        at += 16
      }
      hash = rotate(a[0], 1) &+ rotate(a[1], 7) &+ rotate(a[2], 12) &+ rotate(a[3], 18)
    }
    hash = hash &+ UInt32(truncatingIfNeeded: bytes.count)
    while bytes.count - at >= 4 {
      hash = rotate(hash &+ lane(at) &* p3, 17) &* p4
      at += 4
    }
    while at < bytes.count {
      hash = rotate(hash &+ UInt32(bytes[at]) &* p5, 11) &* p1
      at += 1
    }
    hash = (hash ^ hash >> 15) &* p2
    hash = (hash ^ hash >> 13) &* p3
    return hash ^ hash >> 16
  }
}
