extension Payload {
  /// What stored bytes are, by looking at them: valid JSON, else UTF-8 text, else bytes. nil is a null
  /// payload.
  package init(sniffing raw: [UInt8]?) {
    guard let raw else {
      self = .null
      return
    }
    guard JSONText.isUTF8(raw) else {
      self = .bytes(raw)
      return
    }
    // .NET's writers put a byte-order mark before the JSON.
    let text = raw.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(raw.dropFirst(3)) : raw
    self =
      JSONText.validate(text) ? .json(JSONText.oneLine(text)) : .text(String(decoding: raw, as: UTF8.self))
  }

  /// A member of a JSON document, already known to be valid JSON. A string that holds a JSON object or array
  /// is that document.
  init(member value: [UInt8]) {
    if value.first == UInt8(ascii: "\""), case .string(let text)? = try? JSONParser.parse(value) {
      let inner = Array(text.utf8)
      if let first = inner.first, first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
        JSONText.validate(inner)
      {
        self = .json(JSONText.oneLine(inner))
      } else {
        self = .text(text)
      }
    } else {
      self = .json(JSONText.oneLine(value))
    }
  }
}

extension JSONValue {
  /// The value an RFC 6901 pointer names; the empty pointer is the whole document.
  package func at(pointer: String) -> JSONValue? {
    guard !pointer.isEmpty else { return self }
    guard pointer.first == "/" else { return nil }
    var value = self
    for part in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      let name = JSONValue.unescapePointer(part)
      switch value {
      case .object:
        guard let member = value[name] else { return nil }
        value = member
      case .array(let elements):
        guard let index = Int(name), elements.indices.contains(index) else { return nil }
        value = elements[index]
      default: return nil
      }
    }
    return value
  }

  /// `~1` is `/`, `~0` is `~`.
  package static func unescapePointer(_ part: Substring) -> String {
    var out = ""
    var escaped = false
    for character in part {
      if escaped {
        out.append(character == "1" ? "/" : "~")
        escaped = false
      } else if character == "~" {
        escaped = true
      } else {
        out.append(character)
      }
    }
    return out
  }
}
