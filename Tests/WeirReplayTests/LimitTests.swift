import Glibc
import Support
import Testing
import WeirCore

@testable import WeirReplay

/// What a fold may not do, and what becomes of one that tries.
///
/// The worker is the program itself, which a build of the engine alone does not have.
@Suite(
  .serialized, .needsLibrary("libjavascriptcoregtk-4.1.so.0"), .enabled(if: access(Program.path, X_OK) == 0))
struct LimitTests {
  /// The program beside the tests, which becomes the worker.
  private func options(_ change: (inout FoldOptions) -> Void = { _ in }) -> FoldOptions {
    var options = FoldOptions()
    options.executable = Program.path
    change(&options)
    return options
  }

  private func timeline(
    _ when: String, _ types: [String], _ options: FoldOptions? = nil
  ) throws -> FoldedTimeline {
    let source = "module.exports = { initial: () => ({ n: 0 }), when: { \(when), T: s => { s.n++ } } }"
    let engine = try JavaScriptEngine(
      name: "limit.fold.js", source: source, options: options ?? self.options())
    let timeline = FoldedTimeline(
      log: MemoryLog(events(types.map { ($0, "{}") })), aggregate: "Account-1", engine: engine, isGuess: false
    )
    try timeline.load(Work())
    return timeline
  }

  @Test func anEndlessLoopIsStoppedAndTheWalkGoesOnAroundIt() throws {
    let timeline = try timeline(
      "Loop: s => { s.n = 99; for (;;); }", ["T", "Loop", "T", "T"], options { $0.eventMilliseconds = 100 })
    #expect(try timeline.step(at: 4).state.text == #"{"n":3}"#)
    let findings = try timeline.findings()
    #expect(findings.map(\.ordinal) == [1])
    #expect(findings[0].text.contains("takes longer than 100 ms"))
    #expect(findings[0].text.contains("event 1"))
    #expect(try timeline.step(at: 2).failure != nil)
    #expect(try timeline.rows(0..<4).map(\.sign) == [.changed, .failed, .changed, .changed])
  }

  @Test(arguments: [
    ("Bomb: s => { const all = []; for (;;) all.push(new Array(1e6).fill(s)) }", "memory"),
    ("Bomb: s => { let t = 'x'; for (;;) t += t + t.length; }", ""),
  ])
  func aMemoryBombKillsTheWorkerAndIsTold(_ when: String, _ words: String) throws {
    let timeline = try timeline(when, ["T", "T", "Bomb", "T"], options { $0.memoryBytes = 192 << 20 })
    #expect(try timeline.step(at: 4).state.text == #"{"n":3}"#)
    let finding = try #require(try timeline.findings().first)
    #expect(finding.ordinal == 2)
    #expect(finding.isFailure)
    #expect(finding.text.contains(words), "\(finding.text)")
    // Every moment is still there, on both sides of the death.
    for moment in [0, 1, 2, 3, 4, 3, 1] {
      #expect(try timeline.step(at: moment).state.text == #"{"n":\#([0, 1, 2, 2, 3][moment])}"#)
    }
  }

  @Test func aFoldThatKillsAgainAndAgainIsGivenUp() throws {
    let types = Array(repeating: "Bomb", count: 12)
    let fault = #expect(throws: Fault.self) {
      try timeline(
        "Bomb: s => { const all = []; for (;;) all.push(new Array(1e6).fill(1)) }", types,
        options { $0.memoryBytes = 128 << 20 })
    }
    #expect(fault?.kind == .foldFailed)
  }

  @Test func aFoldThatIsAlwaysSlowIsGivenUp() throws {
    let fault = #expect(throws: Fault.self) {
      try timeline(
        "Loop: s => { for (;;); }", Array(repeating: "Loop", count: 30), options { $0.eventMilliseconds = 20 }
      )
    }
    #expect(fault?.description.contains("given up") == true)
  }

  @Test func statesOfAllGoAroundADeath() throws {
    let source = """
      module.exports = { when: { T: s => { s.n = (s.n | 0) + 1 },
        Bomb: s => { const all = []; for (;;) all.push(new Array(1e6).fill(1)) } } };
      """
    let engine = try JavaScriptEngine(
      name: "x.js", source: source, options: options { $0.memoryBytes = 128 << 20 })
    var folding = StateOfAll(engine) { _ in true }
    let list = [
      StoredEvent(0, "T", "{}"), StoredEvent(1, "Bomb", "{}"), StoredEvent(2, "T", "{}"),
      StoredEvent(3, "T", "{}", stream: "B"),
    ]
    let states = try folding.states(of: [MemoryLog(list)], Work())
    #expect(states.map(\.folded.state.text) == [#"{"n":2}"#, #"{"n":1}"#])
    #expect(states[0].failure?.position == "1")
  }

  @Test func deepRecursionIsAnOrdinaryFailure() throws {
    let timeline = try timeline("Deep: s => { const f = n => f(n + 1) + 1; f(0) }", ["T", "Deep", "T"])
    #expect(try timeline.step(at: 3).state.text == #"{"n":2}"#)
    #expect(try timeline.findings().first?.text.contains("RangeError") == true)
  }

  @Test func statesOfAGoodSizeGoThrough() throws {
    let timeline = try timeline("Big: s => { s.text = 'x'.repeat(4e6) }", ["T", "Big", "T"])
    #expect(try timeline.step(at: 3).state["text"]?.string?.utf8.count == 4_000_000)
    #expect(try timeline.step(at: 1).state.text == #"{"n":1}"#)
  }

  @Test(arguments: [
    ("new Date()", "no clock"), ("Date.now()", "no clock"), ("Date()", "no clock"),
    ("new (new Date(0)).constructor()", "no clock"), ("Math.random()", "no chance"),
    ("eval('1')", "code from text"), ("new Function('return 1')", "code from text"),
    ("(() => {}).constructor('return 1')", "code from text"), ("require('fs')", "bundle"),
    ("console.log(1)", "console"), ("setTimeout(() => {}, 1)", "setTimeout"),
    ("performance.now()", "performance"),
    ("new WebAssembly.Module(1)", "WebAssembly"), ("new Intl.DateTimeFormat()", "Intl"),
    ("new SharedArrayBuffer(8)", "SharedArrayBuffer"), ("new WeakRef({})", "WeakRef"),
    ("fetch('http://127.0.0.1')", "fetch"), ("process.exit(1)", "process"),
  ])
  func noClockNoChanceNoCodeFromText(_ call: String, _ words: String) throws {
    let folded = try Folded(
      "module.exports = { when: { T(s) { s.half = 1; s.value = \(call) } } }", events([("T", "{}")]))
    let failure = try #require(folded.report.failures.first?.failure)
    #expect(failure.message.contains(words), "\(failure.message)")
    #expect(try folded.state == "{}")
  }

  @Test func datesParseAndFormatWithoutAZone() throws {
    let source = """
      module.exports = { when: { T(s, e) {
        const d = new Date(e.time);
        return [d.toISOString(), d.getHours(), d.getTimezoneOffset(), Date.UTC(2025, 0), Date.parse(e.time),
          new Date(2025, 0, 1).toISOString(), 'ä'.localeCompare('b'),
          (1234.5).toLocaleString(), d instanceof Date];
      } } }
      """
    #expect(
      try Folded(source, [StoredEvent(3600, "T", "{}")]).state
        == #"["2025-01-01T01:00:00.000Z",1,0,1735689600000,1735693200000,"2025-01-01T00:00:00.000Z",1,"1234.5",true]"#
    )
  }

  @Test func aProgramThatIsNoWorkerIsTold() throws {
    let fault = #expect(throws: FoldStop.self) {
      try JavaScriptEngine(
        name: "x.js", source: "module.exports = { when: {} }",
        options: options { $0.executable = "/bin/true" })
    }
    #expect(fault?.failure.message.contains("worker died (exit 0)") == true)
    let missing = #expect(throws: FoldStop.self) {
      try JavaScriptEngine(
        name: "x.js", source: "module.exports = { when: {} }",
        options: options { $0.executable = "/nowhere/weir" })
    }
    #expect(missing?.failure.message.contains("cannot be started") == true)
  }

  /// Nobody but the kernel knows what a worker opened: everything it did after it was confined is in a trace.
  @Test(.needs("strace")) func theWorkerOpensNothingOnceItIsConfined() throws {
    let folder = try TemporaryFolder()
    let fold = try folder.write(
      "f.fold.js",
      "module.exports = { when: { $any: (s, e) => { s.n = (s.n | 0) + 1; s.t = new Date(e.time) } } }")
    let source = try folder.write(
      "events.ndjson", #"{"stream":"A","type":"T","time":"2025-01-01T00:00:00Z","data":{}}"# + "\n")
    let trace = folder.path + "/trace"
    let run = try Program.run(
      ["state", source, "A", "--fold", fold, "--json"],
      under: ["strace", "-ff", "-e", "trace=openat,open,socket,connect,execve,prctl,creat", "-o", trace])
    #expect(run.status == 0, "\(run.errors)")
    var workers = 0
    for name in try Probe.names(in: folder.path) where name.hasPrefix("trace.") {
      let file = try FileBytes(path: folder.path + "/" + name)
      let text = String(decoding: try file.bytes(at: 0, count: Int(file.size)), as: UTF8.self)
      guard text.contains("--fold-worker") else { continue }
      workers += 1
      let lines = text.split(separator: "\n")
      let confined = try #require(lines.firstIndex { $0.contains("PR_SET_NO_NEW_PRIVS") })
      for line in lines[confined...] {
        #expect(
          !line.contains("connect(") && !line.contains("execve(") && !line.contains("creat("), "\(line)")
        guard line.contains("open"), !line.contains(" = -1 ") else { continue }
        #expect(
          line.contains("/dev/urandom") || line.contains("/proc/self") || line.contains("O_PATH"), "\(line)")
      }
      #expect(!text.contains("socket(AF_INET"))
    }
    #expect(workers == 1)
  }
}
