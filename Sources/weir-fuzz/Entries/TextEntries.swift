import WeirCore
import WeirReplay

extension Entry {
  /// Files of NDJSON, arrays, CloudEvents, plain or compressed.
  static let text = Entry(name: "text") { bytes in
    guard let first = bytes.first else { return }
    let names = ["a.ndjson", "a.json", "a.ndjson.gz", "a.ndjson.zst"]
    let path = Scratch.make("text") + "/" + names[Int(first & 3)]
    Scratch.write(path, UnsafeRawBufferPointer(rebasing: bytes[1...]))
    var options = ReadOptions()
    options.format = "ndjson"
    Exercise(options).run(path)
  }

  /// One JSON text through parser, printer, lookup, members, difference and the built-in folds.
  static let json = Entry(name: "json") { bytes in
    let text = Array(bytes)
    let isValid = JSONText.validate(text)
    let strict = try? JSONParser.parse(text)
    if isValid, strict == nil, !Exercise.isDeep(text) { fail("valid, but not parsed") }
    if !isValid, strict != nil, JSONText.isUTF8(text) { fail("parsed, but not valid") }
    let value = strict ?? (try? JSONParser.parse(text, lenient: true))
    for steps in [[PathStep.member("a")], [.member("data"), .index(0)], []] {
      let found = JSONText.value(at: steps, in: text)
      if let strict, found != strict.value(at: steps) { fail("looking up \(PathText.text(steps))") }
    }
    _ = JSONMembers(text)
    _ = Payload(sniffing: text)
    guard let value else { return }
    var printed: [UInt8] = []
    value.append(to: &printed)
    guard (try? JSONParser.parse(printed)) == value else { fail("printed and parsed again, it is another") }
    change(value)
  }

  private static func change(_ value: JSONValue) {
    var (before, after) = (JSONValue.emptyObject, value)
    if case .array(let elements) = value, elements.count > 1 { (before, after) = (elements[0], elements[1]) }
    let changes = StateDiff.between(before, after)
    if StateDiff.apply(changes, to: before) != after { fail("a difference, applied, gives another value") }
    _ = SHA256.short(Array(PathText.text([.member("a")]).utf8))
  }
}
