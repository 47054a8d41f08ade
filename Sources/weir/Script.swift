import WeirCells
import WeirCore

/// Keys to be played without a terminal, for tests and bug reports. Words separated by spaces or line ends:
/// ```
/// # a line that begins with # is a comment
/// j j shift-right ] 10*j     keys by their names, as in the keymap; N*KEY plays it N times
/// "text"                     typed literally; \" \\ \n \t inside
/// paste "text"               pasted in one piece
/// click 10,5                 also wheel-up and wheel-down: column and row from 0
/// resize 80x24
/// wait                       until background work is done; also happens after every word by itself
/// screen NAME                writes the screen as it is now; the last screen is always written
/// ```
struct Script: Equatable {
  enum Step: Equatable {
    case event(InputEvent)
    case wait
    case screen(String)
  }

  private(set) var steps: [Step] = []
  private static let maximumRepeats = 10_000

  init(_ text: String) throws(Fault) {
    for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      var words = try Script.words(line, number: index + 1)[...]
      while let word = words.popFirst() { try read(word, &words, line: index + 1) }
    }
  }

  private struct Word {
    var text: String
    var isQuoted: Bool
  }

  private static func mistake(_ line: Int, _ reason: String) -> Fault {
    Fault(.usage, "play", "the script, line \(line)", reason)
  }

  private static func words(_ line: Substring, number: Int) throws(Fault) -> [Word] {
    var words: [Word] = []
    var rest = line.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
    if rest.first == "#" { return [] }
    while let first = rest.first {
      if first == "\"", rest.dropFirst().contains("\"") {
        rest.removeFirst()
        words.append(Word(text: try quoted(&rest, number), isQuoted: true))
      } else {
        let word = rest.prefix { $0 != " " && $0 != "\t" && $0 != "\r" }
        rest = rest[word.endIndex...]
        words.append(Word(text: String(word), isQuoted: false))
      }
      rest = rest.drop { $0 == " " || $0 == "\t" || $0 == "\r" }
    }
    return words
  }

  private static func quoted(_ rest: inout Substring, _ number: Int) throws(Fault) -> String {
    var text = ""
    while let character = rest.popFirst() {
      switch character {
      case "\"": return text
      case "\\":
        guard let escaped = rest.popFirst() else { break }
        text.append(escaped == "n" ? "\n" : (escaped == "t" ? "\t" : escaped))
      default: text.append(character)
      }
    }
    throw mistake(number, "the text has no closing \"")
  }

  private mutating func read(_ word: Word, _ rest: inout ArraySlice<Word>, line: Int) throws(Fault) {
    if word.isQuoted {
      steps += word.text.map { .event(.key($0 == "\n" ? .enter : ($0 == "\t" ? .tab : .character($0)))) }
      return
    }
    switch word.text {
    case "wait": steps.append(.wait)
    case "screen": steps.append(.screen(try argument(&rest, of: "screen", line).text))
    case "paste": steps.append(.event(.paste(try argument(&rest, of: "paste", line).text)))
    case "resize":
      let text = try argument(&rest, of: "resize", line).text
      guard let size = Size(text) else { throw Script.mistake(line, "\(text) is no size like 80x24") }
      steps.append(.event(.resize(size)))
    case "click", "wheel-up", "wheel-down":
      let text = try argument(&rest, of: word.text, line).text
      let numbers = text.split(separator: ",").compactMap { Int($0) }
      guard numbers.count == 2 else { throw Script.mistake(line, "\(text) is no place like 10,5") }
      mouse(word.text, Point(x: numbers[0], y: numbers[1]))
    default: try key(word.text, line)
    }
  }

  private func argument(
    _ rest: inout ArraySlice<Word>, of command: String, _ line: Int
  ) throws(Fault) -> Word {
    guard let word = rest.popFirst() else { throw Script.mistake(line, "\(command) needs one more word") }
    return word
  }

  private mutating func mouse(_ command: String, _ point: Point) {
    switch command {
    case "click":
      steps.append(.event(.mouse(MouseEvent(point: point, kind: .press))))
      steps.append(.event(.mouse(MouseEvent(point: point, kind: .release))))
    case "wheel-up": steps.append(.event(.mouse(MouseEvent(point: point, kind: .wheelUp, button: .none))))
    default: steps.append(.event(.mouse(MouseEvent(point: point, kind: .wheelDown, button: .none))))
    }
  }

  private mutating func key(_ word: String, _ line: Int) throws(Fault) {
    if let key = Key(word) {
      steps.append(.event(.key(key)))
      return
    }
    let parts = word.split(separator: "*", maxSplits: 1)
    guard parts.count == 2, let count = Int(parts[0]), (1...Script.maximumRepeats).contains(count),
      let key = Key(String(parts[1]))
    else { throw Script.mistake(line, "\(word) is neither a key nor a command") }
    steps += Array(repeating: .event(.key(key)), count: count)
  }
}
