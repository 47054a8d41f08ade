import CKernels
import Synchronization

/// How many line breaks stand before each block of a text file: line numbers for any byte, any line for a
/// number.
///
/// 8 bytes for each 64 KiB of text (128 KiB for 1 GiB). Built from the start onwards, as far as anybody
/// asked; a file that grows is indexed further by its next reader, not here.
package final class LineIndex: Sendable {
  /// Small enough that the rest of a lookup is one small read, large enough that the index stays small.
  package static let blockSize = 65_536
  /// What one read asks for while building: large reads, but in the second-level cache when they are counted.
  private static let readSize = 4 * blockSize

  private let bytes: any ByteSource
  /// Entry i: line breaks in the bytes before block i.
  private let before = Mutex<[UInt64]>([0])

  package init(_ bytes: any ByteSource) { self.bytes = bytes }

  /// Bytes indexed so far.
  package var indexed: UInt64 {
    min(bytes.size, UInt64(before.withLock { $0.count - 1 }) * UInt64(LineIndex.blockSize))
  }

  /// Line breaks in the whole file, once it is indexed whole.
  package var total: UInt64? {
    before.withLock { counts in
      UInt64(counts.count - 1) * UInt64(LineIndex.blockSize) >= bytes.size ? counts[counts.count - 1] : nil
    }
  }

  /// Indexes up to the end of the file or `limit` bytes. Reports progress in bytes.
  package func build(upTo limit: UInt64, _ work: Work) throws(Fault) {
    let end = min(limit, bytes.size)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: LineIndex.readSize, alignment: 64)
    defer { buffer.deallocate() }
    while true {
      let (block, base) = before.withLock { ($0.count - 1, $0[$0.count - 1]) }
      let start = UInt64(block) * UInt64(LineIndex.blockSize)
      guard start < end else { return }
      try work.check()
      let count = try bytes.read(into: buffer, at: start)
      guard count > 0 else { return }
      let added = LineIndex.counts(UnsafeRawBufferPointer(buffer)[0..<count], base)
      before.withLock { counts in
        // Another reader may have come further in the meantime.
        if counts.count - 1 == block { counts.append(contentsOf: added) }
      }
      work.advance(by: count)
    }
  }

  private static func counts(_ window: Slice<UnsafeRawBufferPointer>, _ base: UInt64) -> [UInt64] {
    let whole = UnsafeRawBufferPointer(rebasing: window)
    var counts: [UInt64] = []
    var total = base
    var at = 0
    while at < whole.count {
      let size = min(blockSize, whole.count - at)
      let piece = UnsafeRawBufferPointer(rebasing: whole[at..<at + size])
      total += UInt64(weir_count_byte(piece.baseAddress, size, 0x0A))
      counts.append(total)
      at += size
    }
    return counts
  }

  /// Line breaks before byte `offset`; nil where the index has not come yet.
  package func lineBreaks(before offset: UInt64) throws(Fault) -> UInt64? {
    let block = Int(offset / UInt64(LineIndex.blockSize))
    let known: UInt64? = before.withLock { block < $0.count ? $0[block] : nil }
    guard let known else { return nil }
    let start = UInt64(block) * UInt64(LineIndex.blockSize)
    let content = try bytes.bytes(at: start, count: Int(offset - start))
    return known + content.withUnsafeBytes { UInt64(weir_count_byte($0.baseAddress, $0.count, 0x0A)) }
  }

  /// Offset of the first byte of line `number` (from 1), indexing as far as needed; nil when the file has
  /// fewer lines.
  package func offset(ofLine number: UInt64, _ work: Work) throws(Fault) -> UInt64? {
    guard number > 1 else { return number == 1 ? 0 : nil }
    let breaks = number - 1
    while true {
      let block: Int? = before.withLock { counts in
        guard let last = counts.last, last >= breaks else { return nil }
        // The first entry with enough line breaks ends the block that holds the one looked for.
        var (low, high) = (0, counts.count - 1)
        while low < high {
          let middle = (low + high) / 2
          if counts[middle] >= breaks { high = middle } else { low = middle + 1 }
        }
        return low - 1
      }
      if let block { return try offset(ofBreak: breaks, inBlock: block) }
      guard total == nil else { return nil }
      try build(upTo: indexed + UInt64(64 * LineIndex.blockSize), work)
    }
  }

  private func offset(ofBreak number: UInt64, inBlock block: Int) throws(Fault) -> UInt64? {
    let start = UInt64(block) * UInt64(LineIndex.blockSize)
    var missing = number - before.withLock { $0[block] }
    let content = try bytes.bytes(at: start, count: LineIndex.blockSize)
    for (index, byte) in content.enumerated() where byte == 0x0A {
      missing -= 1
      if missing == 0 { return start + UInt64(index) + 1 }
    }
    return nil
  }
}
