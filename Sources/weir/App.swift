import WeirCells
import WeirCore

/// What the loop drives: state in, messages in, effects and grids out. The explorer is one; tests bring small
/// ones. The app never blocks: what may take long is an effect, done by `work` on a worker thread.
protocol App {
  associatedtype Message: Sendable
  associatedtype Effect: Sendable

  /// Takes a message in and says what is to be done because of it.
  mutating func update(_ message: Message) -> [Effect]
  /// The screen as it is now, of the size last told by a `.resize`.
  func view() -> CellGrid
  /// Something changes with time alone, so that ticks are wanted even while nothing is under way.
  var animates: Bool { get }

  func message(for event: InputEvent) -> Message
  func tick(_ jobs: [JobStatus]) -> Message
  /// A copy was sent to the terminal's clipboard (or was too long for it).
  func copied(_ text: String, sent: Bool) -> Message?
  /// An effect was superseded before it began: `work` will never answer for it.
  func abandoned(_ effect: Effect) -> Message?
  func order(for effect: Effect) -> Order
  /// Does an effect, on a worker thread; posts its answers as they come.
  var work: @Sendable (Effect, Work, (Message) -> Void) -> Void { get }
}

/// Who does an effect.
enum Order: Equatable, Sendable {
  /// A worker. A newer effect of the same slot cancels it; `generation` is its number for `cancel` and
  /// progress.
  case work(slot: String?, generation: Int?)
  case cancel(generation: Int)
  case copy(String)
  case mouse(Bool)
  case redraw
  case suspend
  case quit(Int32)
}

/// How far a worker has come with an effect.
struct JobStatus: Equatable, Sendable {
  var generation: Int
  var done: Int
  var total: Int
}
