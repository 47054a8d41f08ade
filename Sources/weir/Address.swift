import Glibc
import WeirCore

/// What `SOURCE[#STREAM[/PARTITION]][~KEY][@WHEN]` names (cli.md, "Addresses").
struct Address: Equatable, Sendable {
  /// File, directory, URL, or `-`.
  var path: String
  var stream: String?
  var partition: PartitionID?
  var key: String?
  /// A position, version or time, as written.
  var at: String?

  /// Takes an address apart. An existing path wins over its reading as an address.
  static func parse(_ text: String) -> Address {
    if text == "-" || exists(text) { return Address(path: text) }
    // The longest existing path that is followed by # or @.
    for index in text.indices.reversed()
    where (text[index] == "#" || text[index] == "@") && index > text.startIndex {
      let path = String(text[..<index])
      guard path == "-" || exists(path) else { continue }
      var address = Address(path: path)
      if text[index] == "#" {
        address.parseFragment(text[text.index(after: index)...])
      } else {
        address.at = decode(text[text.index(after: index)...])
      }
      // `a@b#c`: a longer path would have been found first; the first # that fits is the right one.
      if let shorter = fragmentStart(text, before: index) { return shorter }
      return address
    }
    return Address(path: text)
  }

  /// `logs#a@b`: the @ belongs to the fragment when an existing path stands before an earlier #.
  private static func fragmentStart(_ text: String, before index: String.Index) -> Address? {
    for hash in text[..<index].indices where text[hash] == "#" {
      let path = String(text[..<hash])
      guard path == "-" || exists(path) else { continue }
      var address = Address(path: path)
      address.parseFragment(text[text.index(after: hash)...])
      return address
    }
    return nil
  }

  private mutating func parseFragment(_ fragment: Substring) {
    var rest = fragment
    if let at = rest.firstIndex(of: "@") {
      self.at = Address.decode(rest[rest.index(after: at)...])
      rest = rest[..<at]
    }
    if let tilde = rest.firstIndex(of: "~") {
      key = Address.decode(rest[rest.index(after: tilde)...])
      rest = rest[..<tilde]
    }
    if let slash = rest.lastIndex(of: "/"), let number = Int32(rest[rest.index(after: slash)...]) {
      partition = .number(number)
      rest = rest[..<slash]
    }
    if !rest.isEmpty { stream = Address.decode(rest) }
  }

  private static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Undoes `%23`.
  static func decode(_ text: Substring) -> String {
    let bytes = Array(text.utf8)
    var out: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
        let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
      {
        out.append(value)
        index += 3
      } else {
        out.append(bytes[index])
        index += 1
      }
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Writes `# @ ~ / %` as `%23` … so that a name can stand in an address.
  static func encode(_ name: String) -> String {
    var out = ""
    for character in name {
      switch character {
      case "#": out += "%23"
      case "@": out += "%40"
      case "~": out += "%7E"
      case "/": out += "%2F"
      case "%": out += "%25"
      default: out.append(character)
      }
    }
    return out
  }
}
