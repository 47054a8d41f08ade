import Support
import Testing
import WeirCells
import WeirCore
import WeirReplay

@testable import WeirUI

/// A person in front of the screens, with no terminal: presses keys, and every effect is done by the real
/// runner on real files before the next key, one after the other. Clock, zone and size are pinned, so the
/// same keys give the same screens.
/// ```
/// let app = drive(.demo).press("j 3*down enter")
/// #expect(app.state.browse.focus == .events)
/// ```
final class Driver {
  private(set) var state: AppState
  private let runner: EffectRunner
  /// Effects asked for and not done yet.
  private(set) var waiting: [Effect] = []
  /// Effects that only the runtime can do: copies, cancels, the mouse switch, quit.
  private(set) var orders: [Effect] = []
  /// Effects are kept in `waiting` until `settle`: a source that does not answer.
  var holds = false

  /// 2026-01-01T00:00:00Z: the bank's year is just over.
  static let now = Instant(seconds: 1_767_225_600)
  /// More effects from one key is a screen that never comes to rest.
  private static let limit = 2_000

  init(
    _ launches: [Launch], size: Size, openers: SessionOpeners,
    environment: AppState.Environment = AppState.Environment(), holds: Bool = false
  ) {
    let (first, effects) = AppState.initial(launches, environment, size: size)
    state = first
    runner = EffectRunner(Session(openers))
    self.holds = holds
    tell(.input(.resize(size)))
    tell(.tick(now: Driver.now, []))
    take(effects)
    if !holds { settle() }
  }

  // MARK: What a person does

  /// Words separated by spaces: keys by their names in the keymap, `3*down` for three times.
  @discardableResult func press(_ words: String) -> Driver {
    for word in words.split(separator: " ") {
      let parts = word.split(separator: "*", maxSplits: 1)
      let isRepeated = parts.count == 2 && Int(parts[0]) != nil
      guard let key = Key(String(isRepeated ? parts[1] : word)) else {
        Issue.record("no key is called \(word)")
        continue
      }
      for _ in 0..<(isRepeated ? Int(parts[0]) ?? 1 : 1) { send(.key(key)) }
    }
    return self
  }

  @discardableResult func type(_ text: String) -> Driver {
    for character in text { send(.key(.character(character))) }
    return self
  }

  @discardableResult func paste(_ text: String) -> Driver { send(.paste(text)) }

  @discardableResult func resize(_ columns: Int, _ rows: Int) -> Driver {
    send(.resize(Size(columns: columns, rows: rows)))
  }

  @discardableResult func click(_ x: Int, _ y: Int) -> Driver {
    send(.mouse(MouseEvent(point: Point(x: x, y: y), kind: .press)))
    return send(.mouse(MouseEvent(point: Point(x: x, y: y), kind: .release)))
  }

  @discardableResult func wheel(up: Bool, _ x: Int, _ y: Int) -> Driver {
    send(.mouse(MouseEvent(point: Point(x: x, y: y), kind: up ? .wheelUp : .wheelDown, button: .none)))
  }

  @discardableResult private func send(_ event: InputEvent) -> Driver {
    tell(.input(event))
    if !holds { settle() }
    return self
  }

  // MARK: What happens then

  /// Gives the screens a message, as a worker would.
  func tell(_ message: Message) { take(update(&state, message)) }

  /// Time goes on: what is still under way is asked for again.
  @discardableResult func tick(after seconds: Int64 = 0, _ progress: [JobProgress] = []) -> Driver {
    tell(.tick(now: Instant(seconds: Driver.now.seconds + seconds), progress))
    if !holds { settle() }
    return self
  }

  private func take(_ effects: [Effect]) {
    for effect in effects {
      if effect.isForRuntime {
        orders.append(effect)
        if case .cancel(let generation) = effect { abandon { $0.generation == generation } }
      } else {
        if let slot = effect.slot { abandon { $0.slot == slot } }
        waiting.append(effect)
      }
    }
  }

  /// Superseded before it began, as the runtime tells it.
  private func abandon(where matches: (Effect) -> Bool) {
    let dropped = waiting.filter(matches)
    waiting.removeAll(where: matches)
    for effect in dropped {
      if let generation = effect.generation { tell(.ended(generation: generation, .cancelled)) }
    }
  }

  /// Does everything that waits, and what follows from it.
  @discardableResult func settle() -> Driver {
    var count = 0
    while !waiting.isEmpty {
      count += 1
      guard count < Driver.limit else {
        Issue.record("the screen does not come to rest: \(waiting)")
        return self
      }
      for message in runner.run(waiting.removeFirst()) { tell(message) }
    }
    return self
  }

  /// The answers to one effect that waits, without telling them.
  func answers(to effect: Effect) -> [Message] { runner.run(effect) }

  // MARK: What is seen

  var grid: CellGrid { view(state, size: state.size) }

  /// The screen as rows of text, without style.
  var rows: [String] { (0..<state.size.rows).map { grid.rowText($0) } }

  var text: String { rows.joined(separator: "\n") }

  /// The bottom line.
  var bottom: String { rows.last ?? "" }

  /// Copied texts, oldest first.
  var copies: [String] {
    orders.compactMap { if case .copy(let text) = $0 { text } else { nil } }
  }

  var isQuit: Bool { orders.contains(.quit) }

  /// Whether a row of the screen holds the text.
  func shows(_ text: String) -> Bool { rows.contains { $0.contains(text) } }

  /// The screen as goldens keep it. Roles are the same at every size: 80x24 keeps them.
  func golden(_ name: String) -> String {
    let text = TextSurface.render(grid, heading: name)
    guard state.size != Size(columns: 80, rows: 24) else { return text }
    return text.split(separator: "\n").filter { !$0.hasPrefix("A") }.joined(separator: "\n") + "\n"
  }
}

/// Which sources are open, by their paths below a folder, so that no screen says where the tests lie.
struct Story {
  var root = Fixtures.folder
  var launches: [Launch]

  static let account = "Account-19b6554d"

  /// The bundled bank, as `weir demo` opens it but for the replay.
  static let demo = Story(launches: [Launch(path: "demo/kafka"), Launch(path: "demo/emmett.sqlite")])

  /// The account of the bundled bank that everybody asks about, in Replay; nil: the fold is guessed.
  static func replay(fold: String? = "demo/bank.fold.js") -> Story {
    var launch = Launch(
      path: "demo/kafka", stream: StreamID("bank.accounts", key: Array(account.utf8)), fold: fold)
    launch.opensReplay = true
    return Story(launches: [launch])
  }

  /// Files of a test's own folder.
  static func files(_ names: [String], in folder: TemporaryFolder) -> Story {
    Story(root: folder.path, launches: names.map { Launch(path: $0) })
  }
}

func drive(_ story: Story, _ size: Size = Size(columns: 80, rows: 24), holds: Bool = false) -> Driver {
  Driver(story.launches, size: size, openers: .real(below: story.root), holds: holds)
}

extension SessionOpeners {
  /// Every format, built-in folds by their names and fold files by their paths, in this process.
  static func real(below root: String) -> SessionOpeners {
    SessionOpeners(
      openSource: { path, work throws(Fault) in
        do throws(Fault) { return try Format.open(root + "/" + path, ReadOptions(), work) } catch {
          var fault = error
          fault.subject = fault.subject.replacing(root + "/", with: "")
          throw fault
        }
      },
      openReplay: { source, stream, aggregate, fold, _ throws(Fault) in
        let log = try source.log(stream)
        let (engine, isGuess) = try engine(fold, below: root)
        return FoldedTimeline(log: log, aggregate: aggregate, engine: engine, isGuess: isGuess)
      },
      folds: { _, _ in BuiltInFold.allCases.map { FoldChoice(name: $0.rawValue, detail: $0.summary) } },
      eventJSON: { event in Array("{\"position\":\"\(event.positionText)\"}".utf8) })
  }

  private static func engine(
    _ fold: String?, below root: String
  ) throws(Fault) -> (engine: any FoldEngine, isGuess: Bool) {
    guard let fold, fold.hasSuffix(".js") else {
      return (NativeEngine(fold.flatMap { BuiltInFold(rawValue: $0) } ?? .byType), fold == nil)
    }
    var options = FoldOptions()
    options.inProcess = true
    let name = String(fold.split(separator: "/").last ?? "")
    let source = Golden.read(root + "/" + fold) ?? ""
    do throws(FoldStop) {
      return (try JavaScriptEngine(name: name, source: source, options: options), false)
    } catch { throw Fault(.foldFailed, "load the fold", fold, error.failure.description) }
  }
}
