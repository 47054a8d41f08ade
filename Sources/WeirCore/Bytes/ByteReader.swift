/// A bounds-checked cursor over borrowed bytes. Never traps on content: past the end every read throws
/// `Shortage`.
///
/// The buffer must outlive the reader; use it inside `withUnsafeBytes`.
package struct ByteReader {
  /// The bytes ended before the value did, or a value cannot be what its field says.
  package struct Shortage: Error, Equatable {
    /// Index of the byte at which the value began.
    package var at: Int
  }

  package let bytes: UnsafeRawBufferPointer
  package var index: Int

  package init(_ bytes: UnsafeRawBufferPointer, at index: Int = 0) {
    self.bytes = bytes
    self.index = max(0, index)
  }

  package var remaining: Int { max(0, bytes.count - index) }
  package var isAtEnd: Bool { index >= bytes.count }

  /// A big-endian integer of its type's width.
  @inline(__always)
  package mutating func big<T: FixedWidthInteger>(_: T.Type) throws(Shortage) -> T {
    let width = T.bitWidth / 8
    guard remaining >= width else { throw Shortage(at: index) }
    defer { index += width }
    return T(bigEndian: bytes.loadUnaligned(fromByteOffset: index, as: T.self))
  }

  /// A little-endian integer of its type's width.
  @inline(__always)
  package mutating func little<T: FixedWidthInteger>(_: T.Type) throws(Shortage) -> T {
    let width = T.bitWidth / 8
    guard remaining >= width else { throw Shortage(at: index) }
    defer { index += width }
    return T(littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: T.self))
  }

  /// An unsigned LEB128 varint of at most ten bytes.
  @inline(__always)
  package mutating func unsignedVarint() throws(Shortage) -> UInt64 {
    let start = index
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard shift < 63 || byte <= 1 else { break }
      value |= UInt64(byte & 0x7F) << shift
      if byte & 0x80 == 0 { return value }
      shift += 7
    }
    index = start
    throw Shortage(at: start)
  }

  /// A zig-zag varint, as Kafka's varint and varlong.
  @inline(__always)
  package mutating func zigzag() throws(Shortage) -> Int64 {
    let value = try unsignedVarint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// The range of the next `count` bytes; throws when `count` is negative or more than what is left.
  @inline(__always)
  package mutating func slice(_ count: Int) throws(Shortage) -> Range<Int> {
    guard count >= 0, count <= remaining else { throw Shortage(at: index) }
    defer { index += count }
    return index..<index + count
  }
}
