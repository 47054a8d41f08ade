import Support
import Testing
import WeirCore

/// Frames larger than the room that is there, and than what is allowed.
@Suite struct CodecSizeTests {
  private func undo(
    _ codec: Codec, _ bytes: [UInt8], limit: Int = Codec.limit, with decompressor: Decompressor
  )
    throws -> [UInt8]
  {
    // What it undoes lives only as long as itself.
    try withExtendedLifetime(decompressor) {
      try bytes.withUnsafeBytes { Array(try decompressor.decompress(codec, $0, limit: limit)) }
    }
  }

  @Test(arguments: Codec.allCases) func everySizeComesBack(codec: Codec) throws {
    let decompressor = Decompressor()
    for count in [1, 60_000, 65_536, 300_000, 9_000_000, 10] {
      let content = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
      #expect(try undo(codec, StoredFrames.wrap(codec, content), with: decompressor) == content)
    }
  }

  @Test(arguments: [Codec.gzip, .snappy, .lz4, .zstd]) func theLimitHolds(codec: Codec) throws {
    let decompressor = Decompressor()
    let content = [UInt8](repeating: 7, count: 1 << 20)
    let frame = StoredFrames.wrap(codec, content)
    #expect(try undo(codec, frame, limit: 1 << 20, with: decompressor) == content)
    let error = #expect(throws: CodecError.self) {
      try undo(codec, frame, limit: (1 << 20) - 1, with: decompressor)
    }
    #expect(error?.description.contains("which is not read") == true)
  }

  @Test func anEmptyContentIsNoError() throws {
    let decompressor = Decompressor()
    for codec in Codec.allCases {
      #expect(try undo(codec, StoredFrames.wrap(codec, []), with: decompressor) == [])
    }
  }
}
