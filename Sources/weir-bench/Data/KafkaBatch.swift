import CKernels

/// Builds record batches of format 2, uncompressed, as a producer and broker would write them.
struct KafkaBatch {
  private static let headerSize = 61
  private let baseOffset: Int64
  private let baseTime: Int64
  private(set) var largestTime: Int64
  private(set) var count: Int32 = 0
  /// The whole batch so far; its header is filled in by `finish`.
  private var bytes: [UInt8]

  var size: Int { bytes.count }
  var lastOffset: Int64 { baseOffset + Int64(max(count, 1)) - 1 }

  init(baseOffset: Int64, baseTime: Int64) {
    (self.baseOffset, self.baseTime, largestTime) = (baseOffset, baseTime, baseTime)
    bytes = [UInt8](repeating: 0, count: KafkaBatch.headerSize)
    bytes.reserveCapacity(20 << 10)
  }

  /// Appends a record; `trace` becomes a header of that name.
  mutating func append(key: [UInt8], value: [UInt8], time: Int64, trace: [UInt8]?) {
    var body: [UInt8] = [0]
    body.reserveCapacity(value.count + key.count + 40)
    KafkaBatch.varint(time - baseTime, into: &body)
    KafkaBatch.varint(Int64(count), into: &body)
    KafkaBatch.varint(Int64(key.count), into: &body)
    body += key
    KafkaBatch.varint(Int64(value.count), into: &body)
    body += value
    KafkaBatch.varint(trace == nil ? 0 : 1, into: &body)
    if let trace {
      KafkaBatch.varint(5, into: &body)
      body += Array("trace".utf8)
      KafkaBatch.varint(Int64(trace.count), into: &body)
      body += trace
    }
    KafkaBatch.varint(Int64(body.count), into: &bytes)
    bytes += body
    largestTime = max(largestTime, time)
    count += 1
  }

  /// The finished batch, checksum included.
  mutating func finish() -> [UInt8] {
    big(baseOffset, at: 0)
    big(Int32(bytes.count - 12), at: 8)
    big(Int32(0), at: 12)
    bytes[16] = 2
    big(Int16(0), at: 21)
    big(count - 1, at: 23)
    big(baseTime, at: 27)
    big(largestTime, at: 35)
    big(Int64(-1), at: 43)
    big(Int16(-1), at: 51)
    big(Int32(-1), at: 53)
    big(count, at: 57)
    let crc = bytes.withUnsafeBytes { buffer in
      weir_crc32c(0, buffer.baseAddress.map { $0 + 21 }, buffer.count - 21)
    }
    big(crc, at: 17)
    return bytes
  }

  private mutating func big(_ value: some FixedWidthInteger, at index: Int) {
    withUnsafeBytes(of: value.bigEndian) { source in
      for (place, byte) in source.enumerated() { bytes[index + place] = byte }
    }
  }

  /// Zig-zag, seven bits a byte.
  private static func varint(_ value: Int64, into bytes: inout [UInt8]) {
    var rest = UInt64(bitPattern: (value << 1) ^ (value >> 63))
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}
