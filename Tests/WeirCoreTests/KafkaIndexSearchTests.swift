import Support
import Testing

@testable import WeirCore

/// The search in index files, whatever their length: it ends in one block of entries.
@Suite struct KafkaIndexSearchTests {
  private func index(_ count: Int, padding: Int = 0) -> KafkaOffsetIndex {
    var bytes: [UInt8] = []
    for number in 1...max(count, 1) where count > 0 {
      for value in [UInt32(number * 10), UInt32(number * 4096)] {
        withUnsafeBytes(of: value.bigEndian) { bytes += Array($0) }
      }
    }
    bytes += [UInt8](repeating: 0, count: padding * 8)
    return KafkaOffsetIndex(MemoryBytes(name: "index", bytes), base: 1000)
  }

  @Test(arguments: [0, 1, 2, 255, 256, 257, 1000, 5000], [0, 1, 700])
  func everyEntryIsFound(count: Int, padding: Int) {
    let index = index(count, padding: padding)
    #expect(index.floor(1009) == nil)
    #expect(index.last?.offset == (count > 0 ? Int64(1000 + count * 10) : nil))
    for number in stride(from: 1, through: count, by: max(1, count / 97)) {
      let wanted = KafkaOffsetIndex.Entry(offset: Int64(1000 + number * 10), position: UInt64(number * 4096))
      #expect(index.floor(wanted.offset) == wanted)
      #expect(index.floor(wanted.offset + 9) == wanted)
      #expect(index.floor(position: wanted.position + 1) == wanted)
    }
  }
}
