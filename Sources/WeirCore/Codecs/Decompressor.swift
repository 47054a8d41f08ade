import CDeflate
import CLZ4
import CZstd

/// Undoes compressed frames, one after the other, with contexts and an output buffer that are made once: a
/// new zstd context for each 16 KiB frame halves the speed.
///
/// Sizes that the bytes claim are never allocated: the output starts small and grows fourfold each time a
/// frame really needs more, up to the caller's limit. Unchecked Sendable: a decompressor is used by one
/// thread at a time (it lives in a `ScratchPool`, which hands it to one borrower), but not always by the same
/// one.
package final class Decompressor: @unchecked Sendable {
  /// First size of the output, in bytes: four 16 KiB batches at their usual ratio.
  private static let firstRoom = 256 << 10
  /// An output larger than this is given back after use, in bytes.
  private static let keptRoom = 8 << 20

  private var output = UnsafeMutableRawBufferPointer.allocate(byteCount: firstRoom, alignment: 16)
  private var inflater: OpaquePointer?
  private var zstd: OpaquePointer?
  private var lz4: OpaquePointer?

  package init() {}

  deinit {
    output.deallocate()
    if let inflater { libdeflate_free_decompressor(inflater) }
    if let zstd { ZSTD_freeDCtx(zstd) }
    if let lz4 { LZ4F_freeDecompressionContext(lz4) }
  }

  /// The content of `input`. The result is borrowed: it is valid until the next call, and with `.none` it is
  /// `input` itself.
  ///
  /// - Throws: `CodecError` when the bytes are not what the codec says, or hold more than `limit` bytes.
  package func decompress(_ codec: Codec, _ input: UnsafeRawBufferPointer, limit: Int = Codec.limit)
    throws(CodecError) -> UnsafeRawBufferPointer
  {
    guard codec != .none else { return input }
    if output.count > Self.keptRoom { resize(Self.firstRoom) }
    let hint = try sizeHint(codec, input, limit)
    if hint > output.count { resize(hint) }
    while true {
      let room = UnsafeMutableRawBufferPointer(rebasing: output.prefix(min(output.count, limit)))
      switch try attempt(codec, input, room) {
      case .done(let count):
        return UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(room).prefix(count))
      case .tooSmall:
        guard output.count < limit else {
          throw CodecError(codec, "decompresses to more than \(limit >> 20) MiB, which is not read")
        }
        resize(min(output.count * 4, limit))
      }
    }
  }

  private func resize(_ count: Int) {
    output.deallocate()
    output = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 16)
  }

  /// A size worth starting with: what the bytes claim, as far as bytes of that number can hold it at all.
  private func sizeHint(_ codec: Codec, _ input: UnsafeRawBufferPointer, _ limit: Int) throws(CodecError)
    -> Int
  {
    switch codec {
    case .snappy:
      let claimed = try Snappy.size(input)
      guard claimed <= limit else {
        throw CodecError(codec, "claims \(claimed) bytes, more than \(limit >> 20) MiB, which is not read")
      }
      return claimed
    case .gzip:
      guard input.count >= 18 else { return 0 }
      let claimed = UInt32(
        littleEndian: input.loadUnaligned(fromByteOffset: input.count - 4, as: UInt32.self))
      return min(Int(claimed), limit, input.count.multipliedReportingOverflow(by: 16).partialValue)
    case .none, .lz4, .zstd: return 0
    }
  }

  private func attempt(
    _ codec: Codec, _ input: UnsafeRawBufferPointer, _ room: UnsafeMutableRawBufferPointer
  ) throws(CodecError) -> DecompressionAttempt {
    switch codec {
    case .none: .done(0)
    case .gzip: try gunzip(input, room)
    case .snappy: try Snappy.decompress(input, room)
    case .lz4: try unLZ4(input, room)
    case .zstd: try unZstd(input, room)
    }
  }

  /// RFC 1952 members, one or several back to back.
  private func gunzip(_ input: UnsafeRawBufferPointer, _ room: UnsafeMutableRawBufferPointer)
    throws(CodecError)
    -> DecompressionAttempt
  {
    if inflater == nil { inflater = libdeflate_alloc_decompressor() }
    guard let inflater, let target = room.baseAddress else { throw CodecError(.gzip, "no memory") }
    var read = 0
    var written = 0
    repeat {
      guard let source = input.baseAddress, read < input.count else { break }
      var used = 0
      var made = 0
      let result = libdeflate_gzip_decompress_ex(
        inflater, source + read, input.count - read, target + written, room.count - written, &used, &made)
      switch result {
      case LIBDEFLATE_SUCCESS:
        read += used
        written += made
      case LIBDEFLATE_INSUFFICIENT_SPACE: return .tooSmall
      default:
        throw CodecError(.gzip, "broken at or after byte \(read) of \(input.count)")
      }
    } while read < input.count
    guard read > 0 else { throw CodecError(.gzip, "no data") }
    return .done(written)
  }

  /// Zstandard frames, one or several, skippable ones left out. The content size is often absent and never
  /// trusted.
  private func unZstd(_ input: UnsafeRawBufferPointer, _ room: UnsafeMutableRawBufferPointer)
    throws(CodecError)
    -> DecompressionAttempt
  {
    if zstd == nil { zstd = ZSTD_createDCtx() }
    guard let zstd else { throw CodecError(.zstd, "no memory") }
    guard input.count > 0 else { throw CodecError(.zstd, "no data") }
    let result = ZSTD_decompressDCtx(zstd, room.baseAddress, room.count, input.baseAddress, input.count)
    guard ZSTD_isError(result) != 0 else { return .done(result) }
    if ZSTD_getErrorCode(result) == ZSTD_error_dstSize_tooSmall { return .tooSmall }
    throw CodecError(.zstd, String(cString: ZSTD_getErrorName(result)))
  }

  /// LZ4 frames with all their options (linked blocks, sizes, checksums), one or several, skippable ones left
  /// out.
  private func unLZ4(_ input: UnsafeRawBufferPointer, _ room: UnsafeMutableRawBufferPointer)
    throws(CodecError)
    -> DecompressionAttempt
  {
    if lz4 == nil { _ = LZ4F_createDecompressionContext(&lz4, UInt32(LZ4F_VERSION)) }
    guard let lz4, let target = room.baseAddress else { throw CodecError(.lz4, "no memory") }
    guard let source = input.baseAddress, input.count > 0 else { throw CodecError(.lz4, "no data") }
    LZ4F_resetDecompressionContext(lz4)
    // The output is one block that nobody moves meanwhile, so earlier output can serve as the dictionary.
    var options = LZ4F_decompressOptions_t()
    options.stableDst = 1
    var read = 0
    var written = 0
    var pending = 1
    while read < input.count {
      var made = room.count - written
      var used = input.count - read
      pending = LZ4F_decompress(lz4, target + written, &made, source + read, &used, &options)
      if LZ4F_isError(pending) != 0 { throw CodecError(.lz4, String(cString: LZ4F_getErrorName(pending))) }
      read += used
      written += made
      if used == 0, made == 0 { return .tooSmall }
    }
    // The input is used up before the output could be handed over whole.
    if pending != 0, written == room.count { return .tooSmall }
    guard pending == 0 else { throw CodecError(.lz4, "ends inside a frame") }
    return .done(written)
  }
}
