import Glibc
import Support
import Synchronization
import Testing
import WeirCells
import WeirCore

@testable import WeirUI
@testable import weir

/// A job that ends when it is told to, or cancelled.
private final class Gate: Sendable {
  private let isOpen = Atomic<Bool>(false)
  func open() { isOpen.store(true, ordering: .releasing) }

  /// Blocks the thread that calls it; false when the work was cancelled.
  func wait(_ work: Work) -> Bool {
    while !isOpen.load(ordering: .acquiring) {
      if work.isCancelled { return false }
      usleep(1_000)
    }
    return true
  }
}

/// Waits for a condition, for as long as a busy machine may need.
private func eventually(_ condition: () -> Bool) -> Bool {
  for _ in 0..<30_000 {
    if condition() { return true }
    usleep(1_000)
  }
  return false
}

/// Threads that do effects: what supersedes what, what is cancelled, what nobody waits for.
@Suite struct WorkersTests {
  @Test func aBlockedJobHoldsUpNoOther() {
    let gate = Gate()
    let done = Mutex<[String]>([])
    let workers = Workers<String>(threads: 3) { name, work in
      if name.hasPrefix("slow") { _ = gate.wait(work) }
      done.withLock { $0.append(name) }
    }
    for name in ["slow 1", "slow 2", "fast 1", "fast 2", "fast 3"] {
      #expect(workers.submit(name, slot: nil, generation: nil).isEmpty)
    }
    #expect(eventually { done.withLock { $0.count } == 3 })
    #expect(done.withLock { $0 } == ["fast 1", "fast 2", "fast 3"] && workers.isBusy)
    gate.open()
    #expect(eventually { !workers.isBusy } && done.withLock { Set($0) }.count == 5)
  }

  /// Of one slot the newest counts: the one that runs is cancelled, those that wait are given back.
  @Test func aNewerJobSupersedesTheOlderOnes() {
    let gate = Gate()
    let ended = Mutex<[String]>([])
    let began = Mutex<[String]>([])
    let workers = Workers<String>(threads: 1) { name, work in
      began.withLock { $0.append(name) }
      let note = gate.wait(work) ? name : name + " cancelled"
      ended.withLock { $0.append(note) }
    }
    #expect(workers.submit("step 1", slot: "step", generation: 1).isEmpty)
    #expect(eventually { began.withLock { $0 } == ["step 1"] })
    #expect(workers.submit("other", slot: "other", generation: 9).isEmpty)
    #expect(workers.submit("step 2", slot: "step", generation: 2).isEmpty)
    #expect(workers.submit("step 3", slot: "step", generation: 3) == ["step 2"])
    #expect(workers.submit("alone", slot: nil, generation: 4).isEmpty)
    #expect(eventually { ended.withLock { $0 } == ["step 1 cancelled"] })
    gate.open()
    #expect(eventually { !workers.isBusy })
    #expect(ended.withLock { $0 } == ["step 1 cancelled", "other", "step 3", "alone"])
  }

  @Test func jobsAreCancelledByNumber() {
    let gate = Gate()
    let ended = Mutex<[String]>([])
    let workers = Workers<String>(threads: 1) { name, work in
      work.expect(10)
      work.advance(by: 4)
      let note = gate.wait(work) ? name : name + " cancelled"
      ended.withLock { $0.append(note) }
    }
    _ = workers.submit("runs", slot: nil, generation: 1)
    _ = workers.submit("waits", slot: nil, generation: 2)
    #expect(eventually { workers.jobs == [JobStatus(generation: 1, done: 4, total: 10)] })
    #expect(workers.cancel(generation: 2) == ["waits"])
    #expect(workers.cancel(generation: 1).isEmpty && workers.cancel(generation: 7).isEmpty)
    #expect(eventually { !workers.isBusy } && ended.withLock { $0 } == ["runs cancelled"])
    _ = workers.submit("again", slot: nil, generation: 3)
    _ = workers.submit("never", slot: nil, generation: 4)
    #expect(eventually { workers.jobs.count == 1 })
    workers.cancelAll()
    #expect(eventually { !workers.isBusy } && ended.withLock { $0.count } == 2)
  }
}

/// Messages from workers to the loop.
@Suite struct MailboxTests {
  private func isReadable(_ descriptor: Int32) -> Bool {
    var wait = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    return poll(&wait, 1, 0) == 1
  }

  @Test func postingWakesAndTakingEmpties() {
    let mailbox = Mailbox<Int>()
    #expect(!isReadable(mailbox.descriptor) && mailbox.take().isEmpty)
    mailbox.post(1)
    mailbox.post(2)
    #expect(isReadable(mailbox.descriptor) && mailbox.take() == [1, 2])
    #expect(!isReadable(mailbox.descriptor))
    mailbox.wake()
    #expect(isReadable(mailbox.descriptor) && mailbox.take().isEmpty && !isReadable(mailbox.descriptor))
  }

  /// Nothing is lost and nothing comes twice, whoever posts.
  @Test func manyPost() async {
    let mailbox = Mailbox<Int>()
    await withTaskGroup(of: Void.self) { group in
      for part in 0..<8 {
        group.addTask { for number in 0..<500 { mailbox.post(part * 500 + number) } }
      }
    }
    var taken: [Int] = []
    while isReadable(mailbox.descriptor) { taken += mailbox.take() }
    #expect(taken.sorted() == Array(0..<4_000))
  }
}

/// Keys to be played without a terminal.
@Suite struct ScriptTests {
  @Test func wordsKeysTextAndCommands() throws {
    let script = try Script(
      "# a comment\nj 2*down \"a \\\"b\\n\" paste \"x y\"\nclick 3,4 wheel-up 0,0 resize 40x12 wait screen one\n"
    )
    let expected: [Script.Step] = [
      .event(.key(.character("j"))), .event(.key(.down)), .event(.key(.down)),
      .event(.key(.character("a"))), .event(.key(.character(" "))), .event(.key(.character("\""))),
      .event(.key(.character("b"))), .event(.key(.enter)), .event(.paste("x y")),
      .event(.mouse(MouseEvent(point: Point(x: 3, y: 4), kind: .press))),
      .event(.mouse(MouseEvent(point: Point(x: 3, y: 4), kind: .release))),
      .event(.mouse(MouseEvent(point: .zero, kind: .wheelUp, button: .none))),
      .event(.resize(Size(columns: 40, rows: 12))), .wait, .screen("one"),
    ]
    #expect(script.steps == expected)
  }

  @Test(arguments: [
    ("no-such-key", "neither a key"), ("\"open", "neither a key"), ("j \"open\\\"", "no closing"),
    ("resize big", "no size"), ("click 3", "no place"), ("screen", "one more word"), ("0*j", "neither a key"),
    ("j\n\n20000*j", "line 3"),
  ])
  func mistakesAreToldWithTheirLine(text: String, reason: String) {
    let fault = #expect(throws: Fault.self) { try Script(text) }
    #expect(
      fault?.kind == .usage && fault?.description.contains(reason) == true, "\(fault?.description ?? "")")
  }

  /// `weir --script`: the same keys give the same bytes, with no terminal at all, and nothing else is printed.
  @Test func aScriptIsPlayedWithoutATerminal() throws {
    let folder = try TemporaryFolder()
    let script = try folder.write("keys", "tab 2*up screen there / \"Deposited\" enter T q j")
    let arguments = [
      "--script", script, "--screen", folder.path + "/out", "--size", "60x14",
      Fixtures.path("demo/emmett.sqlite"),
    ]
    var texts: [String] = []
    for _ in 0..<2 {
      let outcome = try Program.run(arguments)
      #expect(outcome.status == 0 && outcome.output.isEmpty && outcome.errors.isEmpty)
      texts.append(Golden.read(folder.path + "/out") ?? "")
    }
    #expect(texts[0] == texts[1])
    #expect(texts[0].hasPrefix("size 60x14  screen there\n") && texts[0].contains("quit 0"))
    let wrong = try Program.run(["--script", script, "--size", "wide", Fixtures.path("demo/emmett.sqlite")])
    #expect(wrong.status == 2 && wrong.errors.contains("COLUMNSxROWS"))
  }
}

/// What the command line prints about keys is what the keymap says.
@Suite struct KeysCommandTests {
  @Test func everyBindingIsPrinted() throws {
    let outcome = try Program.run(["config", "keys"])
    #expect(outcome.status == 0)
    let lines = outcome.lines.map { $0.split(separator: " ", omittingEmptySubsequences: true) }
    for binding in KeyTable.all {
      let keys = binding.keys.map { Substring($0) }
      let found = lines.contains { words in
        words.count > 2 + keys.count && words[0] == "keys.\(binding.scope.rawValue)"
          && words[1] == binding.action.rawValue && Array(words[2..<2 + keys.count]) == keys
          && words[(2 + keys.count)...].joined(separator: " ") == binding.help
      }
      #expect(found, "\(binding.scope) \(binding.action) is not printed")
    }
    #expect(lines.count == KeyTable.all.count + 1, "and nothing else")
  }

  @Test func theConfigurationsKeysArePrinted() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("config.toml", "[keys.replay]\nnext-change = [\"c\"]\n")
    let outcome = try Program.run(["config", "keys", "--config", path])
    #expect(outcome.lines.contains { $0.contains("next-change") && $0.contains(" c ") && !$0.contains("]") })
  }
}
