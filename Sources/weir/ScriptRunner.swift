import Glibc
import WeirCells
import WeirCore

/// Plays a script to an app with no terminal at all, and keeps its screens as text.
///
/// Deterministic: effects are done one after the other, each to its end before its answers are told, and all
/// of them before the next word of the script. The same source and script give the same bytes.
struct ScriptRunner<Program: App> {
  private var app: Program
  private var waiting: [Program.Effect] = []
  private(set) var status: Int32?
  private(set) var screens: [String] = []
  private var lastCopy: String?
  private let mailbox: Mailbox<Program.Message>
  private let done: Mailbox<Bool>
  private let workers: Workers<Program.Effect>
  /// Effects that follow from one word. More is an app that never comes to rest.
  private static var limit: Int { 10_000 }

  init(_ app: Program, _ effects: [Program.Effect], size: Size) throws(Fault) {
    self.app = app
    let (mailbox, done, work) = (Mailbox<Program.Message>(), Mailbox<Bool>(), app.work)
    workers = Workers(threads: 1) { effect, job in
      work(effect, job) { mailbox.post($0) }
      done.post(true)
    }
    (self.mailbox, self.done) = (mailbox, done)
    tell(app.message(for: .resize(size)))
    tell(app.tick([]))
    for effect in effects { obey(effect) }
    try settle()
  }

  /// Plays all steps, or those before the app quit, and returns its screens: those asked for by name, and the
  /// last.
  mutating func play(_ script: Script) throws(Fault) -> String {
    for step in script.steps where status == nil {
      switch step {
      case .wait: break
      case .screen(let name): keep(name)
      case .event(let event):
        tell(app.tick([]))
        tell(app.message(for: event))
      }
      try settle()
    }
    if case .screen = script.steps.last {} else { keep(nil) }
    return screens.joined(separator: "\n")
  }

  private mutating func keep(_ name: String?) {
    var heading: [String] = []
    if let name { heading.append("screen \(name)") }
    if let text = lastCopy { heading.append("copied \(TextWidth.clip(text, to: 120, ellipsis: true))") }
    if let status { heading.append("quit \(status)") }
    screens.append(TextSurface.render(app.view(), heading: heading.joined(separator: "  ")))
  }

  private mutating func tell(_ message: Program.Message) {
    guard status == nil else { return }
    for effect in app.update(message) { obey(effect) }
  }

  private mutating func obey(_ effect: Program.Effect) {
    switch app.order(for: effect) {
    case .work(let slot, _):
      if let slot {
        abandon { if case .work(let other, _) = $0 { other == slot } else { false } }
      }
      waiting.append(effect)
    case .cancel(let generation):
      abandon { if case .work(_, let other) = $0 { other == generation } else { false } }
    case .copy(let text):
      lastCopy = text
      if let message = app.copied(text, sent: true) { tell(message) }
    case .quit(let code): status = code
    case .mouse, .redraw, .suspend: break
    }
  }

  private mutating func abandon(where matches: (Order) -> Bool) {
    let dropped = waiting.filter { matches(app.order(for: $0)) }
    waiting.removeAll { matches(app.order(for: $0)) }
    for effect in dropped { if let message = app.abandoned(effect) { tell(message) } }
  }

  /// Does all effects that wait, and those that follow from their answers.
  private mutating func settle() throws(Fault) {
    var count = 0
    while status == nil, !waiting.isEmpty {
      count += 1
      guard count <= Self.limit else {
        throw Fault(.unreadable, "play", "the script", "the screen does not come to rest")
      }
      for message in perform(waiting.removeFirst()) { tell(message) }
    }
  }

  /// Does one effect on the worker (for its stack), to its end.
  private func perform(_ effect: Program.Effect) -> [Program.Message] {
    _ = workers.submit(effect, slot: nil, generation: nil)
    while done.take().isEmpty {
      var wait = pollfd(fd: done.descriptor, events: Int16(POLLIN), revents: 0)
      poll(&wait, 1, -1)
    }
    return mailbox.take()
  }
}
