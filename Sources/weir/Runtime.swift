import Glibc
import WeirCells
import WeirTerminal

/// The loop: wait, take signals, messages and keys, update, view, present. One thread, and nothing but `poll`
/// ever waits in it; while nothing happens it does not wake up at all.
struct Runtime<Program: App>: ~Copyable {
  private var app: Program
  private var terminal: Terminal
  private let signals: Signals
  private let mailbox: Mailbox<Program.Message>
  private let workers: Workers<Program.Effect>
  private var status: Int32?
  private var isDirty = true
  private var wasBusy = false
  /// Milliseconds of the monotonic clock.
  private var dirtySince = 0
  private var lastPresent = -1000
  private var lastTick = 0

  /// Milliseconds between two frames: at most 60 a second.
  private static var frame: Int { 16 }
  /// Milliseconds that a frame waits for an answer under way, so that a step is one change on the screen and
  /// not a dimmed state followed by a bright one.
  private static var grace: Int { 8 }
  /// Milliseconds between ticks while work is under way.
  private static var tickInterval: Int { 125 }

  /// `effects`: what the app asked for when it was made.
  init(
    _ app: consuming Program, _ effects: [Program.Effect], terminal: consuming Terminal,
    signals: consuming Signals
  ) {
    let mailbox = Mailbox<Program.Message>()
    let work = app.work
    workers = Workers(finished: { mailbox.wake() }) { effect, job in
      work(effect, job) { mailbox.post($0) }
    }
    self.mailbox = mailbox
    self.app = app
    self.terminal = terminal
    self.signals = signals
    tell(self.app.message(for: .resize(self.terminal.size)))
    for effect in effects { obey(effect) }
  }

  /// Runs until the app quits or is made to; returns the exit status.
  mutating func run() -> Int32 {
    while true {
      tick()
      presentIfDue()
      if let status { return finish(status) }
      let ready = wait()
      takeSignals()
      for message in mailbox.take() { tell(message) }
      if ready.closed { return finish(status ?? 0) }
      if ready.keys { for event in terminal.readEvents() { tell(app.message(for: event)) } }
    }
  }

  private func finish(_ status: Int32) -> Int32 {
    workers.cancelAll()
    return status
  }

  private mutating func tell(_ message: Program.Message) {
    guard status == nil else { return }
    for effect in app.update(message) { obey(effect) }
    if !isDirty { dirtySince = Clock.milliseconds() }
    isDirty = true
  }

  private mutating func obey(_ effect: Program.Effect) {
    switch app.order(for: effect) {
    case .work(let slot, let generation):
      abandon(workers.submit(effect, slot: slot, generation: generation))
    case .cancel(let generation): abandon(workers.cancel(generation: generation))
    case .copy(let text):
      let sent = terminal.copy(text)
      if let message = app.copied(text, sent: sent) { tell(message) }
    case .mouse(let on): terminal.setMouse(on)
    case .redraw: terminal.redraw()
    case .suspend: suspend()
    case .quit(let code): status = code
    }
  }

  /// Told by post and not at once: the app is in the middle of the update that superseded them.
  private func abandon(_ effects: [Program.Effect]) {
    for effect in effects { if let message = app.abandoned(effect) { mailbox.post(message) } }
  }

  private mutating func suspend() {
    terminal.leave()
    signals.stop()
    let size = terminal.comeBack()
    tell(app.message(for: .resize(size)))
  }

  private mutating func takeSignals() {
    for signal in signals.take() {
      switch signal {
      case SIGWINCH:
        let size = terminal.resize()
        tell(app.message(for: .resize(size)))
      case SIGTSTP: suspend()
      default: status = 128 + signal
      }
    }
  }

  /// Tells the app the time, while something moves, and once more when it has come to rest.
  private mutating func tick() {
    let isBusy = workers.isBusy
    defer { wasBusy = isBusy }
    guard isBusy || wasBusy || app.animates else { return }
    let now = Clock.milliseconds()
    guard (wasBusy && !isBusy) || now - lastTick >= Self.tickInterval else { return }
    lastTick = now
    tell(app.tick(workers.jobs))
  }

  private mutating func presentIfDue() {
    guard isDirty, presentDelay() <= 0, status == nil else { return }
    terminal.present(app.view())
    isDirty = false
    lastPresent = Clock.milliseconds()
  }

  /// Milliseconds until the next frame may be shown.
  private func presentDelay() -> Int {
    let now = Clock.milliseconds()
    var due = lastPresent + Self.frame
    if workers.isBusy { due = max(due, dirtySince + Self.grace) }
    return due - now
  }

  /// Waits for a key, a message or a signal; without a limit when nothing moves.
  private func wait() -> (keys: Bool, closed: Bool) {
    var timeout = -1
    if workers.isBusy || app.animates {
      timeout = max(0, lastTick + Self.tickInterval - Clock.milliseconds())
    }
    if isDirty {
      let delay = max(0, presentDelay())
      timeout = timeout < 0 ? delay : min(timeout, delay)
    }
    var waits = [terminal.inputDescriptor, mailbox.descriptor, signals.descriptor].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    guard poll(&waits, nfds_t(waits.count), Int32(timeout)) > 0 else { return (false, false) }
    let keys = Int32(waits[0].revents)
    if keys & POLLIN != 0 {
      // Readable with nothing to read is the end of a terminal that went away.
      var count: Int32 = 0
      let isOpen = ioctl(terminal.inputDescriptor, UInt(FIONREAD), &count) == 0 && count > 0
      return (isOpen, !isOpen)
    }
    return (false, keys & (POLLHUP | POLLERR | POLLNVAL) != 0)
  }
}

/// The clock that only goes forward.
enum Clock {
  static func milliseconds() -> Int {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return time.tv_sec * 1000 + time.tv_nsec / 1_000_000
  }
}
