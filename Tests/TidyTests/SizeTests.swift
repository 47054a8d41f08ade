import Testing

/// Sizes at which a reader still sees the whole thing.
private enum Limits {
  static let fileLines = 400
  static let functionLines = 50
  static let lineColumns = 110
}

/// One function, with the lines it covers, from its first keyword to its closing brace; counted from 1.
private struct Function {
  let name: String
  let lines: ClosedRange<Int>
}

@Test(arguments: Repository.swift.map(\.path)) func sourceFilesAreShort(path: String) throws {
  let source = try #require(Repository.swift.first { $0.path == path })
  guard !source.isTable else { return }
  #expect(source.lines.count - 1 <= Limits.fileLines, "\(path) has \(source.lines.count - 1) lines")
  var flat = 0
  for function in functions(of: source) where function.lines.count > Limits.functionLines {
    let above = function.lines.lowerBound - 2
    if source.lines.indices.contains(above), source.lines[above].contains("// tidy: flat") {
      flat += 1
    } else {
      Issue.record("\(path):\(function.lines.lowerBound) \(function.name) has \(function.lines.count) lines")
    }
  }
  #expect(flat <= 1, "\(path): one flat function a file, not \(flat)")
}

@Test func linesAreShort() {
  for (path, lines) in Repository.texts where !path.hasSuffix(".md") && !path.contains("/Scripts/") {
    // A literal that would lose its sense when broken may be longer (and so may embedded scripts, which are
    // another language); C counts attributes and types before the name.
    let isC = path.hasSuffix(".c") || path.hasSuffix(".h")
    for (index, line) in lines.enumerated() where line.utf8.count > Limits.lineColumns {
      guard !line.contains("\""), !isC || line.count > 126 else { continue }
      #expect(line.count <= Limits.lineColumns, "\(path):\(index + 1) has \(line.count) columns")
    }
  }
}

/// The functions of a file, found by their keywords and by counting braces in the code alone.
private func functions(of source: SwiftSource) -> [Function] {
  let bytes = Array(source.code.joined(separator: [UInt8(ascii: "\n")]))
  var found: [Function] = []
  var line = 1
  var at = 0
  while at < bytes.count {
    if bytes[at] == UInt8(ascii: "\n") { line += 1 }
    if let keyword = keyword(in: bytes, at: at) {
      if let end = lastLine(in: bytes, from: at + keyword.utf8.count, line: line) {
        let rest = bytes[(at + keyword.utf8.count)...].prefix {
          $0 != UInt8(ascii: "(") && $0 != UInt8(ascii: "\n")
        }
        found.append(Function(name: keyword + String(decoding: rest, as: UTF8.self), lines: line...end))
      }
      at += keyword.utf8.count
    } else {
      at += 1
    }
  }
  return found
}

/// `func`, `init`, `deinit` or `subscript` where a declaration begins, not after a point or inside a word.
private func keyword(in bytes: [UInt8], at: Int) -> String? {
  func isWord(_ byte: UInt8) -> Bool {
    UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
      || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || byte == UInt8(ascii: "_")
  }
  if at > 0, isWord(bytes[at - 1]) || bytes[at - 1] == UInt8(ascii: ".") { return nil }
  for word in ["func", "init", "deinit", "subscript"] where bytes[at...].starts(with: word.utf8) {
    let end = at + word.utf8.count
    if end < bytes.count, !isWord(bytes[end]), bytes[end] != UInt8(ascii: ":") { return word }
  }
  return nil
}

/// The line of the brace that closes the body of a declaration, or nil when it has none (a requirement).
private func lastLine(in bytes: [UInt8], from start: Int, line first: Int) -> Int? {
  var line = first
  var parentheses = 0
  var braces = 0
  for at in start..<bytes.count {
    switch bytes[at] {
    case UInt8(ascii: "\n"): line += 1
    case UInt8(ascii: "("): parentheses += 1
    case UInt8(ascii: ")"): parentheses -= 1
    case UInt8(ascii: "{") where parentheses == 0 || braces > 0: braces += 1
    case UInt8(ascii: "}") where parentheses == 0 || braces > 0:
      if braces == 0 { return nil }
      braces -= 1
      if braces == 0 { return line }
    default:
      if braces == 0, parentheses == 0, keyword(in: bytes, at: at) != nil { return nil }
    }
  }
  return nil
}

@Test func functionsAreMeasured() {
  let text = """
    protocol P {
      func requirement(_ closure: () -> Void)
      init()
    }
    struct S {
      func one() { "}" }
      // }
      func three(_ closure: () -> Void = { }) throws(E) -> [Int] where T: P {
        if true { /* } */ }
      }
    }
    """
  let found = functions(of: SwiftSource(path: "", text: text))
  #expect(found.map(\.name) == ["func one", "func three"])
  #expect(found.map(\.lines) == [6...6, 8...10])
}
