import Testing
import WeirCore

/// Bytes written as hexadecimal digits; blanks and line breaks between them are allowed.
func hex(_ text: String) -> [UInt8] {
  let digits = text.compactMap(\.hexDigitValue)
  return stride(from: 0, to: digits.count - 1, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
}

@Suite struct CodecTests {
  func undo(_ codec: Codec, _ bytes: [UInt8], limit: Int = Codec.limit) throws(CodecError) -> [UInt8] {
    let decompressor = Decompressor()
    var result: Result<[UInt8], CodecError> = .success([])
    bytes.withUnsafeBytes { input in
      do throws(CodecError) {
        result = .success(Array(try decompressor.decompress(codec, input, limit: limit)))
      } catch {
        result = .failure(error)
      }
    }
    return try result.get()
  }

  let hello = Array("hello hello hello hello hello hello".utf8)

  static let lz4Frames = [
    "04224d18604082100000006f68656c6c6f200600055068656c6c6f00000000",
    "04224d186440a7100000006f68656c6c6f200600055068656c6c6f00000000bd9cd674",
    "04224d18684023000000000000009f100000006f68656c6c6f200600055068656c6c6f00000000",
  ]

  @Test(arguments: lz4Frames) func lz4(frame: String) throws {
    #expect(try undo(.lz4, hex(frame)) == hello)
  }

  @Test func lz4FramesInARow() throws {
    let skippable = hex("502a4d18 03000000 616263")
    #expect(
      try undo(.lz4, Self.lz4Frames.flatMap(hex) + skippable + hex(Self.lz4Frames[0])) == hello + hello
        + hello + hello)
  }

  @Test(arguments: [
    ("28b52ffd240001000099e9d851", ""), ("28b52ffd0458190000616263990977ad", "abc"),
    ("28b52ffd04586500003068656c6c6f200100a94b11874e200a", "hello hello hello hello hello"),
    ("28b52ffd04584d00001061610100272ac002c7cfcfb9", String(repeating: "a", count: 300)),
  ]) func zstd(frame: String, content: String) throws {
    #expect(try undo(.zstd, hex(frame)) == Array(content.utf8))
    #expect(try undo(.zstd, hex(frame) + hex(frame)) == Array((content + content).utf8))
  }

  @Test func snappyRawAndContainer() throws {
    #expect(
      try undo(.snappy, hex("18 0c 61626364 11 04 2e 04 00"))
        == Array(String(repeating: "abcd", count: 6).utf8))
    let container = hex("82534e4150505900 00000001 00000001 00000005 03 08 616263")
    #expect(try undo(.snappy, container) == Array("abc".utf8))
    #expect(try undo(.snappy, container + container) == Array("abcabc".utf8))
    let littleEndian = hex("82534e4150505900 01000000 01000000 00000005 03 08 616263 00000005 03 08 646566")
    #expect(try undo(.snappy, littleEndian) == Array("abcdef".utf8))
    #expect(try undo(.snappy, hex("82534e4150505900 00000001 00000001")).isEmpty)
  }

  /// One member of gzip holding "abc", stored without compression; the CRC and size are real.
  let abc = hex("1f8b08000000000000ff 01 0300 fcff 616263 c2412435 03000000")

  @Test func gzipMembers() throws {
    #expect(try undo(.gzip, abc) == Array("abc".utf8))
    #expect(try undo(.gzip, abc + abc + abc) == Array("abcabcabc".utf8))
  }

  @Test func aForgedGzipSizeOnlyFails() {
    var forged = abc
    forged.replaceSubrange(forged.count - 4..<forged.count, with: [0xFF, 0xFF, 0xFF, 0x7F])
    #expect(throws: CodecError.self) { try undo(.gzip, forged) }
  }

  @Test func aForgedSnappySizeIsRefusedBeforeAllocating() {
    #expect(throws: CodecError(.snappy, "a block of 7 bytes claims 268435455")) {
      try undo(.snappy, hex("ffffff7f 00 61 62"))
    }
    #expect(throws: CodecError.self) {
      try undo(.snappy, hex("82534e4150505900 0000000100000001 7fffffff 00"))
    }
    #expect(throws: CodecError.self) { try undo(.snappy, hex("82534e4150505900 0000000100000001 00ff")) }
  }

  /// A frame of zstd run-length blocks: 128 KiB of one byte each, so that 300 KiB are one small frame.
  func bomb(blocks: Int) -> [UInt8] {
    var frame = hex("28b52ffd 00 58")
    for index in 0..<blocks {
      let header = 131_072 << 3 | 1 << 1 | (index == blocks - 1 ? 1 : 0)
      frame += [UInt8(header & 255), UInt8(header >> 8 & 255), UInt8(header >> 16 & 255), 0x61]
    }
    return frame
  }

  @Test func outputGrowsAsNeededAndIsCapped() throws {
    let megabyte = try undo(.zstd, bomb(blocks: 24))
    #expect(megabyte.count == 24 * 131_072)
    #expect(megabyte.allSatisfy { $0 == 0x61 })
    #expect(throws: CodecError(.zstd, "decompresses to more than 2 MiB, which is not read")) {
      try undo(.zstd, bomb(blocks: 24), limit: 2 << 20)
    }
    // 4 GiB claimed by 128 KiB of input.
    #expect(throws: CodecError.self) { try undo(.zstd, bomb(blocks: 32_768), limit: 16 << 20) }
  }

  @Test(arguments: [Codec.gzip, .snappy, .lz4, .zstd]) func brokenBytesAreErrorsNotTraps(codec: Codec) throws
  {
    let whole: [UInt8] =
      switch codec {
      case .gzip: abc
      case .snappy: hex("18 0c 61626364 11 04 2e 04 00")
      case .lz4: hex(Self.lz4Frames[1])
      default: hex("28b52ffd04586500003068656c6c6f200100a94b11874e200a")
      }
    let content = try undo(codec, whole)
    #expect(throws: CodecError.self) { try undo(codec, []) }
    for count in 1..<whole.count {
      #expect(throws: CodecError.self, "cut to \(count)") { try undo(codec, Array(whole.prefix(count))) }
    }
    for index in whole.indices {
      for bit in 0..<8 {
        var flipped = whole
        flipped[index] ^= 1 << UInt8(bit)
        let result = try? undo(codec, flipped)
        #expect(result == nil || (result?.count ?? 0) <= 22 * whole.count + content.count)
      }
    }
  }

  @Test func oneDecompressorServesAllCodecsInTurn() throws {
    let decompressor = Decompressor()
    for _ in 0..<3 {
      for (codec, bytes, count) in [
        (Codec.lz4, hex(Self.lz4Frames[0]), 35), (.gzip, abc, 3), (.zstd, bomb(blocks: 4), 524_288),
        (.snappy, hex("18 0c 61626364 11 04 2e 04 00"), 24), (.none, hello, 35),
      ] {
        let size = try bytes.withUnsafeBytes { try decompressor.decompress(codec, $0).count }
        #expect(size == count)
        // After an error the contexts still serve.
        _ = bytes.dropLast().withUnsafeBytes { try? decompressor.decompress(codec, $0).count }
      }
    }
  }
}
