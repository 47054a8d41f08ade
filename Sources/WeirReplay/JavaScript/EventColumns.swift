import CJavaScript
import WeirCore

/// Events on their way into JavaScript: one text with every column's characters in a row, and a table of
/// numbers that says where each stands. Strings are cut out of it only where a fold reads them.
///
/// | word | meaning |
/// |---|---|
/// | 0 stream, 1 aggregate, 2 key | index into the batch's names; -1 none |
/// | 3 partition | number, or index into the names where flag 16 is set; -1 none |
/// | 4 type | index into the names; -1 none |
/// | 5 flags | 1 data is JSON, 2 data is null, 4 no data, 8 meta is JSON, 16 partition has a name, 32
/// tombstone, 64 some number is longer than a double |
/// | 6 position, 8 version, 10 id, 12 time | start and end in UTF-16 units; -1 none |
/// | 14 headers, 16 meta, 18 data, 20 inexact | the same, as JSON |
/// | 22, 23 | unused |
///
/// The driver script names the same words.
struct EventColumns {
  static let width = 24

  private(set) var words: [Int32] = []
  /// `{"names":[…],"count":n}`, a line break, the text.
  private(set) var message: [UInt8] = []
  private var names: [String: Int32] = [:]
  private var order: [String] = []
  private var text: [UInt8] = []
  /// Length of `text` in UTF-16 units.
  private var units: Int32 = 0

  private enum Flag {
    static let dataJSON: Int32 = 1
    static let dataNull: Int32 = 2
    static let dataAbsent: Int32 = 4
    static let metaJSON: Int32 = 8
    static let partitionName: Int32 = 16
    static let tombstone: Int32 = 32
    static let inexact: Int32 = 64
  }

  init(_ events: [StoredEvent]) {
    words = [Int32](repeating: -1, count: events.count * EventColumns.width)
    for (index, event) in events.enumerated() { add(event, at: index * EventColumns.width) }
    message =
      JSONValue.object([
        JSONMember("names", .array(order.map { .string($0) })), JSONMember("count", .int(events.count)),
      ]).compact
    message.append(0x0A)
    message += text
  }

  private mutating func name(_ name: String?) -> Int32 {
    guard let name else { return -1 }
    if let known = names[name] { return known }
    let index = Int32(order.count)
    names[name] = index
    order.append(name)
    return index
  }

  private mutating func append(_ bytes: some Collection<UInt8>, at word: Int) {
    words[word] = units
    let count =
      bytes.withContiguousStorageIfAvailable { weir_js_utf16_length($0.baseAddress, $0.count) }
      ?? Array(bytes).withUnsafeBufferPointer { weir_js_utf16_length($0.baseAddress, $0.count) }
    text.append(contentsOf: bytes)
    units += Int32(truncatingIfNeeded: count)
    words[word + 1] = units
  }

  private mutating func append(_ string: String?, at word: Int) {
    if var string { string.withUTF8 { append($0, at: word) } }
  }

  private mutating func add(_ event: StoredEvent, at word: Int) {
    var flags: Int32 = 0
    words[word] = name(event.stream)
    words[word + 1] = event.key == nil ? words[word] : name(event.aggregate)
    words[word + 2] = event.key == nil ? -1 : words[word + 1]
    switch event.partition {
    case nil: break
    case .number(let number)?: words[word + 3] = number
    case .name(let text)?:
      words[word + 3] = name(text)
      flags |= Flag.partitionName
    }
    words[word + 4] = name(event.type)
    append(event.positionText, at: word + 6)
    append(event.version, at: word + 8)
    append(event.id, at: word + 10)
    append(event.time.map(TimeText.rfc3339), at: word + 12)
    if !event.headers.isEmpty { append(event.headerList.compact, at: word + 14) }
    if let meta = json(event.meta) {
      append(meta, at: word + 16)
      if case .json = event.meta { flags |= Flag.metaJSON }
    }
    switch event.data {
    case .null: flags |= Flag.dataNull
    case .absent: flags |= Flag.dataAbsent
    default: if let data = json(event.data) { append(data, at: word + 18) }
    }
    if case .json = event.data { flags |= Flag.dataJSON }
    if event.marks.contains(.tombstone) { flags |= Flag.tombstone }
    if let inexact = InexactNumbers.list(event) {
      append(inexact, at: word + 20)
      flags |= Flag.inexact
    }
    words[word + 5] = flags
  }

  /// A payload as JSON text; nil for null and for none.
  private func json(_ payload: Payload) -> [UInt8]? {
    switch payload {
    case .absent, .null: nil
    case .json(let bytes): bytes
    case .text, .bytes: payload.value.compact
    }
  }
}

/// Finds the numbers of a payload that JavaScript cannot hold.
enum InexactNumbers {
  /// `[["data","cents","data.cents"],…]`: root, member at the top, whole path. nil for nearly every event.
  static func list(_ event: StoredEvent) -> [UInt8]? {
    var found: [JSONValue] = []
    for (root, payload) in [("data", event.data), ("meta", event.meta)] {
      guard case .json(let bytes) = payload, mayHave(bytes), let value = try? JSONParser.parse(bytes) else {
        continue
      }
      collect(value, [.member(root)], into: &found)
    }
    return found.isEmpty ? nil : JSONValue.array(found).compact
  }

  private static func mayHave(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBufferPointer { weir_js_has_long_number($0.baseAddress, $0.count) != 0 }
  }

  /// More paths an event than this are not told one by one.
  private static let limit = 64

  private static func collect(_ value: JSONValue, _ path: [PathStep], into found: inout [JSONValue]) {
    guard found.count < limit else { return }
    switch value {
    case .number(let text):
      guard !(ExactNumber(text)?.fitsDouble ?? true) else { return }
      let top: String =
        switch path.dropFirst().first {
        case .member(let name)?: name
        case .index(let index)?: String(index)
        case nil: ""
        }
      found.append(
        .array([.string(PathText.text([path[0]])), .string(top), .string(PathText.text(path))]))
    case .array(let elements):
      for (index, element) in elements.enumerated() { collect(element, path + [.index(index)], into: &found) }
    case .object(let members):
      for member in members { collect(member.value, path + [.member(member.name)], into: &found) }
    default: break
    }
  }
}
