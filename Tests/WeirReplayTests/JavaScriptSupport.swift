import Support
import Testing
import WeirCore

@testable import WeirReplay

/// Folds one source over events, in this process, as one aggregate.
struct Folded {
  let engine: JavaScriptEngine
  let report: FoldReport

  init(
    _ source: String, _ events: [StoredEvent], name: String = "test.js", watching: [Watch] = [],
    milliseconds: UInt32 = 1000
  ) throws {
    var options = FoldOptions()
    options.inProcess = true
    options.eventMilliseconds = milliseconds
    engine = try JavaScriptEngine(name: name, source: source, options: options)
    try engine.stage(events)
    report = try engine.fold(0..<events.count, into: .one(0), watching: watching)
  }

  var folded: FoldedState { get throws { try #require(try engine.states(of: [0]).first) } }
  var state: String { get throws { try folded.state.text } }
}

/// Events with types and payloads in turn.
func events(_ list: [(String, String?)], stream: String = "Account-1") -> [StoredEvent] {
  list.enumerated().map { StoredEvent($0, $1.0, $1.1, stream: stream) }
}

/// The failure of a fold that does not load.
func refusal(_ source: String, name: String = "test.js") -> FoldFailure? {
  var options = FoldOptions()
  options.inProcess = true
  do throws(FoldStop) {
    _ = try JavaScriptEngine(name: name, source: source, options: options)
    return nil
  } catch { return error.failure }
}
