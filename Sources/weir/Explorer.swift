import Glibc
import WeirCells
import WeirCore
import WeirReplay
import WeirTerminal
import WeirUI

/// The screens as an app for the loop.
struct ExplorerApp: App {
  typealias Message = WeirUI.Message
  typealias Effect = WeirUI.Effect

  private var state: AppState
  private let runner: EffectRunner
  private let size: Size

  init(_ state: AppState, _ runner: EffectRunner, size: Size) {
    (self.state, self.runner, self.size) = (state, runner, size)
  }

  mutating func update(_ message: Message) -> [Effect] { WeirUI.update(&state, message) }

  func view() -> CellGrid { WeirUI.view(state, size: state.size) }

  var animates: Bool { false }

  func message(for event: InputEvent) -> Message { .input(event) }

  func tick(_ jobs: [JobStatus]) -> Message {
    let progress = jobs.map { JobProgress(generation: $0.generation, done: $0.done, total: $0.total) }
    return .tick(now: Context.clock(), progress)
  }

  func copied(_ text: String, sent: Bool) -> Message? {
    let size = Columns.size(UInt64(text.utf8.count))
    return .notice(
      sent ? "copied \(size) (OSC 52)" : "\(size) is too long for the clipboard: w writes it to a file",
      isError: !sent)
  }

  func abandoned(_ effect: Effect) -> Message? {
    effect.generation.map { .ended(generation: $0, .cancelled) }
  }

  func order(for effect: Effect) -> Order {
    switch effect {
    case .copy(let text): .copy(text)
    case .cancel(let generation): .cancel(generation: generation)
    case .setMouse(let on): .mouse(on)
    case .redraw: .redraw
    case .suspend: .suspend
    case .quit: .quit(ExitStatus.done)
    default: .work(slot: effect.slot, generation: effect.generation)
    }
  }

  var work: @Sendable (Effect, Work, (Message) -> Void) -> Void {
    let runner = runner
    return { effect, work, post in runner.run(effect, work, post: post) }
  }
}

/// Opens the explorer, on a terminal or, with `--script`, on none.
enum Explorer {
  static func run(_ invocation: Invocation, sources: [String]? = nil, fold: String? = nil) throws(Fault)
    -> Int32
  {
    let context = try Context(invocation)
    let chosen = fold ?? invocation.value("fold")
    let launches = try launches(sources ?? invocation.operands, invocation, context, fold: chosen)
    var openers = openers(context, fold: chosen)
    if invocation.value("script") == nil, let scribe = Sandbox.confineExplorer() {
      openers.newFile = { scribe.create($0) }
    }
    let runner = EffectRunner(Session(openers))
    let environment = environment(invocation, context)
    if let script = invocation.value("script") {
      return try play(script, launches, environment, runner, invocation)
    }
    return try onTerminal(launches, environment, runner, invocation, context)
  }

  private static func environment(_ invocation: Invocation, _ context: Context) -> AppState.Environment {
    var environment = AppState.Environment()
    var mistakes: [String] = []
    environment.keymap = Keymap(overrides: context.configuration.keys, mistakes: &mistakes)
    for mistake in mistakes { context.note(mistake) }
    environment.zone = context.zone == .utc ? Zone.named("local") ?? .utc : context.zone
    environment.showsLocalTime = context.zone != .utc
    environment.hasMouse = context.configuration.mouse.value
    environment.borders = context.configuration.borders.value == "ascii" ? .ascii : .unicode
    environment.version = Weir.version
    return environment
  }

  // MARK: What to open

  private static func launches(
    _ operands: [String], _ invocation: Invocation, _ context: Context, fold: String?
  ) throws(Fault) -> [Launch] {
    var launches: [Launch] = []
    for operand in operands {
      var address = Address.parse(operand)
      if let stream = invocation.value("stream") { address.stream = stream }
      if let partition = invocation.value("partition") {
        address.partition = Int32(partition).map { .number($0) } ?? .name(partition)
      }
      if let key = invocation.value("key") { address.key = key }
      if let at = invocation.value("at") { address.at = at }
      guard address.path == "-" || FileNames.exists(address.path) else {
        throw Fault(
          .nothingThere, "open", address.path, "no such file or directory",
          hint: NotYet.command(like: operand).map { "did you mean the command weir \($0)?" })
      }
      let parts = inside(address, context)
      if parts.isEmpty {
        // One source that is none needs no screen to say so; among others it is shown as what it is.
        if operands.count == 1 { _ = try Format.recognise(address.path, context.options) }
        launches.append(launch(address, context, fold: fold))
      }
      for part in parts {
        var inner = address
        inner.path = part
        launches.append(launch(inner, context, fold: fold))
      }
    }
    return launches
  }

  /// The sources in a folder that is none itself: they open together.
  private static func inside(_ address: Address, _ context: Context) -> [String] {
    guard address.stream == nil, address.path != "-", context.options.format == nil,
      let probe = try? Probe(path: address.path)
    else { return [] }
    let folder = address.path.hasSuffix("/") ? address.path : address.path + "/"
    return Format.inside(probe).map { folder + $0 }
  }

  private static func launch(_ address: Address, _ context: Context, fold: String?) -> Launch {
    var launch = Launch(path: address.path, fold: fold)
    if address.stream != nil || address.key != nil || address.partition != nil {
      launch.stream = StreamID(
        address.stream ?? "", partition: address.partition, key: address.key.map { Array($0.utf8) })
    }
    launch.opensReplay = address.key != nil
    if let at = address.at {
      if Int64(at) != nil, at.count < 9 {
        launch.target = .position(at)
      } else {
        launch.target = context.time(at).map { .time($0) } ?? .position(at)
      }
    }
    return launch
  }

  private static func openers(_ context: Context, fold: String?) -> SessionOpeners {
    SessionOpeners(
      openSource: { path, work throws(Fault) in
        var options = context.options
        let rules = try Context.mapping(context.configuration.mapping(source: path))
        options.mapping.places.merge(rules.places) { flag, _ in flag }
        return try Format.open(path, options, work)
      },
      openReplay: { source, stream, aggregate, wanted, work throws(Fault) in
        let configured = context.configuration.fold(source: source.about.address, stream: stream.name)
        let choice = wanted ?? fold ?? configured
        return try Folds.timeline(source, stream, aggregate, choice, context, work)
      },
      folds: { source, _ in Folds.choices(beside: source.about.address) },
      eventJSON: { EventJSON.object($0) })
  }

  // MARK: With and without a terminal

  private static func onTerminal(
    _ launches: [Launch], _ environment: AppState.Environment, _ runner: EffectRunner,
    _ invocation: Invocation,
    _ context: Context
  ) throws(Fault) -> Int32 {
    let (theme, mistakes) = Theme.search(context.configuration.theme.value)
    for mistake in mistakes.prefix(3) { context.note("theme: \(mistake)") }
    var options = TerminalOptions()
    options.theme = theme
    options.color = invocation.value("color").flatMap { TerminalOptions.ColorChoice(rawValue: $0) } ?? .auto
    options.borders = TerminalOptions.Borders(rawValue: context.configuration.borders.value) ?? .auto
    options.mouse = context.configuration.mouse.value
    let signals = Signals()
    let terminal: Terminal
    do throws(TerminalFault) { terminal = try Terminal(options) } catch {
      throw Fault(.unreadable, "open", "the terminal", error.reason, hint: error.hint)
    }
    var environment = environment
    if terminal.isASCII { environment.borders = .ascii }
    let (state, effects) = AppState.initial(launches, environment, size: terminal.size)
    let app = ExplorerApp(state, runner, size: terminal.size)
    var runtime = Runtime(app, effects, terminal: terminal, signals: signals)
    return runtime.run()
  }

  private static func play(
    _ path: String, _ launches: [Launch], _ environment: AppState.Environment, _ runner: EffectRunner,
    _ invocation: Invocation
  ) throws(Fault) -> Int32 {
    let text = try FileBytes(path: path).bytes(at: 0, count: 1 << 20)
    let script = try Script(String(decoding: text, as: UTF8.self))
    guard let size = Size(invocation.value("size") ?? "80x24") else {
      throw Fault(.usage, "understand", "--size", "it is COLUMNSxROWS, as 120x40")
    }
    let (state, effects) = AppState.initial(launches, environment, size: size)
    var player = try ScriptRunner(ExplorerApp(state, runner, size: size), effects, size: size)
    let screens = try player.play(script)
    try write(screens, to: invocation.value("screen") ?? "-")
    return player.status ?? ExitStatus.done
  }

  private static func write(_ text: String, to path: String) throws(Fault) {
    var descriptor: Int32 = 1
    if path != "-" { descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644) }
    guard descriptor >= 0 else { throw Fault.system("write", path) }
    var output = Output(descriptor: descriptor)
    output.line(text)
    output.flush()
    if path != "-" { close(descriptor) }
  }
}
