import WeirCore

/// The beginning of a payload on one line, for lists.
enum PayloadPreview {
  /// Bytes of a payload that are looked at: more than the widest usual terminal shows.
  private static let limit = 400

  static func line(_ payload: Payload) -> String {
    switch payload {
    case .absent: ""
    case .null: "null"
    case .json(let bytes): folded(bytes.prefix(limit))
    case .text(let text): folded(Array(text.utf8.prefix(limit))[...])
    case .bytes(let bytes): HexLines.short(bytes)
    }
  }

  /// Every run of blanks and line breaks becomes one blank. A scalar cut in half at the end is left out.
  private static func folded(_ bytes: ArraySlice<UInt8>) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count)
    for byte in bytes {
      let isBlank = byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
      if !isBlank { out.append(byte) } else if out.last != 0x20, !out.isEmpty { out.append(0x20) }
    }
    while let last = out.last, last >= 0x80, String(validating: out.suffix(4), as: UTF8.self) == nil,
      bytes.count == limit, out.count > limit - 8
    {
      out.removeLast()
      if last >= 0xC0 { break }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
