import WeirCore

extension Commands {
  static let frames = CommandSpec(
    name: "frames", operands: "FILE", summary: "the file's frames with byte ranges and integrity",
    options: [
      OptionSpec(
        "hex", value: "N", "one frame (by number from 0, or by byte offset as @OFFSET) with its fields named")
    ],
    examples: [
      ("weir frames bank.accounts-0/00000000000000000000.log", "every batch, its size, codec and checksum"),
      ("weir frames FILE --hex 3", "the bytes of frame 3, each field named"),
    ]
  ) { invocation throws(Fault) in
    let context = try Context(invocation)
    let opened = try Opened(try invocation.operand(0, "a file"), invocation, context)
    guard let source = opened.source as? any FrameSource else {
      throw Fault(
        .nothingThere, "list frames of", opened.address.path, "\(opened.source.about.format) has no frames")
    }
    if let wanted = invocation.value("hex") { return try FramesOutput.hex(source, wanted, context) }
    return try FramesOutput.list(source, context)
  }
}

enum FramesOutput {
  static func list(_ source: any FrameSource, _ context: Context) throws(Fault) -> Int32 {
    var output = Output()
    var found = false
    var file = ""
    try source.frames(of: nil, context.work) { name, frame in
      if frame.damage != nil || frame.crcOK == false { found = true }
      if context.json {
        output.line(json(name, frame))
      } else {
        if name != file { output.line(Printable.text(name)) }
        file = name
        output.line(line(frame))
      }
    }
    output.flush()
    return found ? ExitStatus.found : ExitStatus.done
  }

  private static func json(_ file: String, _ frame: FrameEntry) -> [UInt8] {
    var writer = EventJSON()
    writer.begin()
    writer.text("file", file)
    writer.integer("offset", frame.offset)
    writer.integer("length", frame.length)
    writer.text("kind", frame.kind)
    writer.value("crc", frame.crcOK.map { .string($0 ? "ok" : "bad") } ?? .null)
    if let records = frame.records { writer.integer("records", records) }
    if let damage = frame.damage { writer.text("damage", damage) }
    return writer.end()
  }

  private static func line(_ frame: FrameEntry) -> String {
    let check = frame.crcOK.map { $0 ? "crc ok " : "crc BAD" } ?? "       "
    let records = frame.records.map { "\($0) records" } ?? ""
    func right(_ text: String, _ width: Int) -> String {
      String(repeating: " ", count: max(0, width - text.count)) + text
    }
    var text = right(String(frame.offset), 12) + right(String(frame.length), 10) + "  " + check
    text += right(records, 14) + "  " + frame.kind + (frame.damage.map { "  " + $0 } ?? "")
    return Printable.text(text)
  }

  static func hex(_ source: any FrameSource, _ wanted: String, _ context: Context) throws(Fault) -> Int32 {
    var found: (file: String, offset: UInt64)?
    var number = 0
    let byOffset = wanted.first == "@" ? UInt64(wanted.dropFirst()) : nil
    try source.frames(of: nil, context.work) { name, frame in
      if found == nil, byOffset.map({ $0 == frame.offset }) ?? (Int(wanted) == number) {
        found = (name, frame.offset)
      }
      number += 1
    }
    guard let found else {
      throw Fault(.usage, "show frame", wanted, "there is no such frame (\(number) in all, numbered from 0)")
    }
    let (bytes, fields) = try source.fields(file: found.file, offset: found.offset)
    var output = Output()
    output.line(Printable.text("\(found.file) @\(found.offset), \(bytes.count) bytes"))
    for field in fields { print(field, bytes, &output) }
    output.flush()
    return ExitStatus.done
  }

  private static func print(_ field: FrameField, _ bytes: [UInt8], _ output: inout Output) {
    let shown = bytes[field.range.clamped(to: 0..<bytes.count)].prefix(16)
    let hex = shown.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    let range = "\(field.range.lowerBound)..<\(field.range.upperBound)"
    let more = field.range.count > 16 ? " …" : ""
    output.line(
      "  " + Help.pad(range, 14) + Help.pad(hex + more, 52) + Help.pad(Printable.text(field.name), 24)
        + Printable.text(field.value))
  }
}
