import Testing

/// What has no place in the source, as words of code.
private let forbiddenCode = [
  "try!", "as!", "fatalError(", "preconditionFailure(", "public ", "unowned(unsafe)",
]

/// Words of the screen, which the engine must not know.
private let screenWords: Set<String> = [
  "color", "colors", "colour", "colours", "pane", "panes", "ncurses", "curses", "curses'",
]

@Test func textsAreClean() {
  for (path, lines) in Repository.texts {
    #expect(lines.last == "", "\(path) does not end with a line break")
    #expect(lines.count < 2 || lines[lines.count - 2] != "", "\(path) ends with an empty line")
    for (index, line) in lines.enumerated() {
      #expect(
        line.last != " " && line.last != "\t" && line.last != "\r", "\(path):\(index + 1) ends with a blank")
      if path != "Makefile" { #expect(!line.utf8.contains(9), "\(path):\(index + 1) has a tab") }
    }
  }
}

@Test func nothingIsLeftForLater() {
  let marks = ["TO" + "DO", "FIX" + "ME"]
  for (path, lines) in Repository.texts {
    for (index, line) in lines.enumerated() {
      for mark in marks { #expect(!line.contains(mark), "\(path):\(index + 1) leaves something for later") }
    }
  }
}

@Test func nothingTrapsOnPurpose() {
  for source in Repository.swift {
    for (index, line) in source.code.enumerated() {
      let code = String(decoding: line, as: UTF8.self)
      for word in forbiddenCode {
        #expect(!code.contains(word), "\(source.path):\(index + 1) says \(word)")
      }
    }
  }
}

/// A type that says `@unchecked Sendable`, or a variable outside the checker's sight, says why in the line
/// above.
@Test func uncheckedPromisesAreExplained() {
  for source in Repository.swift {
    for (index, line) in source.code.enumerated() {
      let code = String(decoding: line, as: UTF8.self)
      guard code.contains("@unchecked Sendable") || code.contains("nonisolated(unsafe)") else { continue }
      let above = index > 0 ? source.lines[index - 1].drop { $0 == " " } : ""
      #expect(above.hasPrefix("//"), "\(source.path):\(index + 1) does not say why this is safe")
    }
  }
}

@Test(arguments: ["WeirCore", "WeirReplay"]) func engineKnowsNoScreen(target: String) {
  for source in Repository.swift where source.path.hasPrefix("Sources/\(target)/") {
    for (index, line) in source.lines.enumerated() {
      for word in humps(of: line) where screenWords.contains(word) {
        Issue.record("\(source.path):\(index + 1) speaks of the screen: \(word)")
      }
    }
  }
}

/// The words of a text in lower case, `camelCase` and `snake_case` taken apart.
private func humps(of text: Substring) -> [String] {
  var words: [String] = []
  var word = ""
  for character in text {
    if !character.isLetter || (character.isUppercase && word.last?.isLowercase == true) {
      if !word.isEmpty { words.append(word) }
      word = ""
    }
    if character.isLetter { word += character.lowercased() }
  }
  return word.isEmpty ? words : words + [word]
}

@Test func humpsAreTakenApart() {
  #expect(humps(of: "let paneColor = recurses_colour(2)") == ["let", "pane", "color", "recurses", "colour"])
}
