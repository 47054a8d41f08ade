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
      ("weir frames FILE --hex @40960", "the frame, and of its records the one, that byte 40960 lies in"),
      ("weir frames logs#bank.accounts/2", "all files of one partition"),
    ]
  ) { invocation throws(Fault) in
    let context = try Context(invocation)
    let opened = try Opened(try invocation.operand(0, "a file"), invocation, context)
    guard let source = opened.source as? any FrameSource else {
      throw Fault(
        .nothingThere, "list frames of", opened.address.path, "\(opened.source.about.format) has no frames")
    }
    if let wanted = invocation.value("hex") { return try FramesOutput.hex(source, opened, wanted) }
    return try FramesOutput.list(source, opened)
  }
}

enum FramesOutput {
  static func list(_ source: any FrameSource, _ opened: Opened) throws(Fault) -> Int32 {
    let context = opened.context
    var output = Output()
    var found = false
    var file = ""
    try source.frames(of: opened.streamID, context.work) { name, frame in
      if frame.damage != nil { found = true }
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

  static func hex(_ source: any FrameSource, _ opened: Opened, _ wanted: String) throws(Fault) -> Int32 {
    var found: (file: String, entry: FrameEntry)?
    var number = 0
    let byOffset = wanted.first == "@" ? UInt64(wanted.dropFirst()) : nil
    try source.frames(of: opened.streamID, opened.context.work) { name, entry in
      let holds = byOffset.map { entry.offset <= $0 && $0 < entry.offset + entry.length }
      if found == nil, holds ?? (Int(wanted) == number) { found = (name, entry) }
      number += 1
    }
    guard let found else {
      throw Fault(.usage, "show frame", wanted, "there is no such frame (\(number) in all, numbered from 0)")
    }
    // A byte inside a frame names the record it lies in.
    let detail = try source.frame(found.file, at: byOffset ?? found.entry.offset, record: nil)
    var output = Output()
    if opened.context.json {
      json(found.file, detail, &output)
    } else {
      text(found.file, detail, &output)
    }
    output.flush()
    return found.entry.damage == nil ? ExitStatus.done : ExitStatus.found
  }

  private static func text(_ file: String, _ detail: FrameDetail, _ output: inout Output) {
    output.line(Printable.text("\(file) @\(detail.offset), \(detail.length) bytes"))
    for field in detail.fields { print(field, detail.bytes, &output) }
    guard let content = detail.content else { return }
    output.line("  undone, \(content.bytes.count) bytes; what follows is counted in these:")
    for field in content.fields { print(field, content.bytes, &output) }
  }

  /// One line a field. `offset` counts from the file's start; of what was compressed, `at` from the start of
  /// the undone bytes.
  private static func json(_ file: String, _ detail: FrameDetail, _ output: inout Output) {
    for field in detail.fields {
      var writer = EventJSON()
      writer.begin()
      writer.text("file", file)
      writer.integer("offset", detail.offset + UInt64(field.range.lowerBound))
      json(field, detail.bytes, &writer)
      output.line(writer.end())
    }
    guard let content = detail.content else { return }
    for field in content.fields {
      var writer = EventJSON()
      writer.begin()
      writer.text("file", file)
      writer.integer("frame", detail.offset)
      writer.integer("at", field.range.lowerBound)
      json(field, content.bytes, &writer)
      output.line(writer.end())
    }
  }

  private static func json(_ field: FrameField, _ bytes: [UInt8], _ writer: inout EventJSON) {
    writer.integer("length", field.range.count)
    writer.text("name", field.name)
    writer.text("value", field.value)
    let shown = bytes[field.range.clamped(to: 0..<bytes.count)].prefix(16)
    writer.text("hex", digits(shown).joined())
  }

  private static func digits(_ bytes: ArraySlice<UInt8>) -> [String] {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
  }

  private static func print(_ field: FrameField, _ bytes: [UInt8], _ output: inout Output) {
    let shown = bytes[field.range.clamped(to: 0..<bytes.count)].prefix(16)
    let range = "\(field.range.lowerBound)..<\(field.range.upperBound)"
    let more = field.range.count > 16 ? " …" : ""
    output.line(
      "  " + Help.pad(range, 14) + Help.pad(digits(shown).joined(separator: " ") + more, 52)
        + Help.pad(Printable.text(field.name), 24) + Printable.text(field.value))
  }
}
