import WeirCells
import WeirCore

/// The Browse screen: streams, the events of one of them, one event in full.
struct BrowseState: Sendable {
  enum Pane: Int, CaseIterable, Sendable { case streams, events, inspector }

  var focus = Pane.streams
  var tree = StreamTree()
  var aggregates: AggregateList?
  var events: EventWindow?
  var inspector = InspectorState()
  var density: Density?
  var densityGeneration = 0
  var search: SearchState?
  var marks: [Character: BrowseMark] = [:]
  /// Columns added to the width the streams pane has by itself, rows to the height of the inspector.
  var widthChange = 0
  var heightChange = 0
}

/// The aggregates of one stream, in the place of the streams pane.
struct AggregateList: Sendable {
  var log: LogRef
  var entries: [AggregateEntry] = []
  /// Indexes into `entries` that the filter keeps.
  var shown: [Int] = []
  var filter = ""
  var order = StreamTree.Order.name
  var position = ListPosition()
  var isReading = true
  var generation = 0
  var fault: Fault?

  var selected: AggregateEntry? {
    shown.indices.contains(position.selected) ? entries[shown[position.selected]] : nil
  }

  mutating func rebuild(visible: Int) {
    let terms = NameFilter(filter)
    shown = entries.indices.filter { terms.matches(entries[$0].name) }
    if order != .name { shown.sort { (entries[$0].count, $1) > (entries[$1].count, $0) } }
    position.select(position.selected, count: shown.count, visible: visible)
  }

  /// The key's bytes of an aggregate of a topic. Names in hexadecimal stand for bytes that are not UTF-8.
  static func key(of name: String) -> [UInt8] {
    let digits = Array(name.utf8.dropFirst(2))
    guard name.hasPrefix("0x"), digits.count % 2 == 0, !digits.isEmpty else { return Array(name.utf8) }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: digits.count, by: 2) {
      guard let byte = UInt8(String(decoding: digits[index...index + 1], as: UTF8.self), radix: 16) else {
        return Array(name.utf8)
      }
      bytes.append(byte)
    }
    return String(validating: bytes, as: UTF8.self) == nil ? bytes : Array(name.utf8)
  }
}

/// How a log's events lie along its time: one count a column of the strip.
struct Density: Sendable, Equatable {
  var log: LogRef
  /// nil while unknown.
  var span: TimeSpan?
  /// Empty while unknown.
  var counts: [Int] = []
}

/// A text that is being looked for in the log.
struct SearchState: Sendable, Equatable {
  var text: String
  var generation = 0
  var isRunning = false
}
