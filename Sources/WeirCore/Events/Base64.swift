/// RFC 4648 base64 with padding, as every output uses it for bytes that are not UTF-8.
package enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  package static func append(_ bytes: some Collection<UInt8>, to out: inout [UInt8]) {
    var group: UInt32 = 0
    var count = 0
    for byte in bytes {
      group = group << 8 | UInt32(byte)
      count += 1
      if count == 3 {
        for shift: UInt32 in [18, 12, 6, 0] { out.append(alphabet[Int(group >> shift & 63)]) }
        (group, count) = (0, 0)
      }
    }
    guard count > 0 else { return }
    group <<= UInt32(8 * (3 - count))
    out.append(alphabet[Int(group >> 18 & 63)])
    out.append(alphabet[Int(group >> 12 & 63)])
    out.append(count == 2 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
    out.append(UInt8(ascii: "="))
  }

  package static func encode(_ bytes: some Collection<UInt8>) -> String {
    var out: [UInt8] = []
    append(bytes, to: &out)
    return String(decoding: out, as: UTF8.self)
  }

  /// nil when a character is not of the alphabet (the URL-safe one is accepted too) or the length cannot be.
  package static func decode(_ text: some StringProtocol) -> [UInt8]? {
    var out: [UInt8] = []
    var group: UInt32 = 0
    var count = 0
    var padding = 0
    for byte in text.utf8 {
      let value: UInt32
      switch byte {
      case 0x41...0x5A: value = UInt32(byte) - 0x41
      case 0x61...0x7A: value = UInt32(byte) - 0x61 + 26
      case 0x30...0x39: value = UInt32(byte) - 0x30 + 52
      case UInt8(ascii: "+"), UInt8(ascii: "-"): value = 62
      case UInt8(ascii: "/"), UInt8(ascii: "_"): value = 63
      case UInt8(ascii: "="):
        padding += 1
        continue
      default: return nil
      }
      guard padding == 0 else { return nil }
      group = group << 6 | value
      count += 1
      if count == 4 {
        out.append(contentsOf: [UInt8(group >> 16 & 0xFF), UInt8(group >> 8 & 0xFF), UInt8(group & 0xFF)])
        (group, count) = (0, 0)
      }
    }
    switch count {
    case 0: return out
    case 2: out.append(UInt8(group >> 4 & 0xFF))
    case 3: out.append(contentsOf: [UInt8(group >> 10 & 0xFF), UInt8(group >> 2 & 0xFF)])
    default: return nil
    }
    return out
  }
}
