/// Bytes put together field by field, for files that no real system would write.
package struct ByteBuilder: Sendable {
  package private(set) var bytes: [UInt8] = []

  package init(_ bytes: [UInt8] = []) { self.bytes = bytes }

  package var count: Int { bytes.count }

  package mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

  package mutating func append(_ text: String) { append(text.utf8) }

  package mutating func big(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
  }

  package mutating func little(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// A zig-zag varint, as Kafka's records have them.
  package mutating func zigzag(_ value: Int64) {
    var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
    while rest >= 0x80 {
      bytes.append(UInt8(rest & 0x7F) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Replaces bytes that are there, from `index` on.
  package mutating func patch(_ index: Int, _ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.bigEndian) { new in
      bytes.replaceSubrange(index..<index + new.count, with: new)
    }
  }
}
