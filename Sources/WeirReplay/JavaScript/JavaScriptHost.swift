import CJavaScript
import WeirCore

/// What a call into JavaScript came to.
enum HostReply: Sendable {
  case text([UInt8])
  /// JSON with `message`, `line`, `column`.
  case threw([UInt8])
  /// One event took longer than its limit; the context is as good as before.
  case slow
}

/// The engine died, or was stopped and can hold no state any more. In words.
struct HostLoss: Error, Sendable { var reason: String }

/// A JavaScript context with the driver in it: in this process, or in a worker's.
protocol JavaScriptHost: AnyObject, Sendable {
  /// Begins a context without any fold; ends the one before.
  func start() throws(HostLoss)
  /// Numbers shared with the driver: the columns of the events staged, then a slot for each.
  var columns: UnsafeMutableBufferPointer<Int32> { get }
  /// The staged event being folded; negative outside of one.
  var progress: Int32 { get }
  func evaluate(_ script: [UInt8], url: String, milliseconds: UInt32) throws(HostLoss) -> HostReply
  func call(_ function: String, _ argument: [UInt8], milliseconds: UInt32) throws(HostLoss) -> HostReply
}

/// Limits and where the worker comes from.
package struct FoldOptions: Sendable {
  /// CPU time one event may take, in milliseconds; a script's load and other calls get ten times as much.
  package var eventMilliseconds: UInt32 = 1000
  /// Resident bytes of the worker process.
  package var memoryBytes: UInt64 = 512 << 20
  /// The program that becomes the worker when its first argument is `FoldWorker.argument`.
  package var executable = "/proc/self/exe"
  /// Runs the fold in this process: for tests and measurements. Its memory is then not limited.
  package var inProcess = false

  package init() {}
}

enum DriverLayout {
  static let columnCount = FoldLimits.batch * (EventColumns.width + 1)
  static let slotOffset = FoldLimits.batch * EventColumns.width

  /// The driver: one function expression.
  static let script =
    "(function (global, ints, progress) {\n'use strict';\n" + SandboxScript.text + "\n" + DriverScript.text
    + "\n"
    + DialectScripts.text + "\n" + KurrentScript.text + "\nreturn driver;\n})"

  static let packageHint =
    "JavaScript folds need JavaScriptCore, which is not on this machine: install the package "
    + "libjavascriptcoregtk-4.1-0 (apt install libjavascriptcoregtk-4.1-0)"
}

/// The context itself.
///
/// `@unchecked Sendable`: confined to one worker at a time by its engine's owner (`FoldEngine`).
final class InProcessHost: JavaScriptHost, @unchecked Sendable {
  let columns: UnsafeMutableBufferPointer<Int32>
  private let progressWord: UnsafeMutablePointer<Int32>
  private let ownsMemory: Bool
  private let memoryBytes: UInt64
  private var js: OpaquePointer?

  /// Owns its memory where none is given. `memoryBytes` 0: no limit.
  init(
    memoryBytes: UInt64 = 0,
    shared: (columns: UnsafeMutableBufferPointer<Int32>, progress: UnsafeMutablePointer<Int32>)? = nil
  ) {
    self.memoryBytes = memoryBytes
    ownsMemory = shared == nil
    columns = shared?.columns ?? .allocate(capacity: DriverLayout.columnCount)
    progressWord = shared?.progress ?? .allocate(capacity: 1)
    if ownsMemory { columns.initialize(repeating: -1) }
    progressWord.pointee = -1
  }

  deinit {
    weir_js_close(js)
    if ownsMemory {
      columns.deallocate()
      progressWord.deallocate()
    }
  }

  var progress: Int32 { progressWord.pointee }

  func start() throws(HostLoss) {
    weir_js_close(js)
    progressWord.pointee = -1
    js = weir_js_open(memoryBytes)
    guard let js else { throw HostLoss(reason: DriverLayout.packageHint) }
    let source = Array(DriverLayout.script.utf8)
    let result = InProcessHost.withText(source) {
      weir_js_boot(js, $0, source.count, columns.baseAddress, columns.count, progressWord)
    }
    defer { weir_js_free(result) }
    guard result.status == Int32(WEIR_JS_OK) else {
      throw HostLoss(
        reason: "the driver does not start: " + String(decoding: InProcessHost.bytes(result), as: UTF8.self))
    }
  }

  func evaluate(_ script: [UInt8], url: String, milliseconds: UInt32) throws(HostLoss) -> HostReply {
    guard let js else { throw HostLoss(reason: "no context") }
    return try reply(
      InProcessHost.withText(script) { weir_js_evaluate(js, $0, script.count, url, milliseconds) })
  }

  func call(_ function: String, _ argument: [UInt8], milliseconds: UInt32) throws(HostLoss) -> HostReply {
    guard let js else { throw HostLoss(reason: "no context") }
    return try reply(
      InProcessHost.withText(argument) { weir_js_call(js, function, $0, argument.count, milliseconds) })
  }

  /// Collects garbage when more than half of the limit is resident.
  func tidy() { if let js { weir_js_tidy(js, (memoryBytes == 0 ? 512 << 20 : memoryBytes) / 2) } }

  /// With a zero after the last byte, as the library's conversion wants it.
  private static func withText<T>(_ bytes: [UInt8], _ body: (UnsafePointer<CChar>) -> T) -> T {
    (bytes + [0]).withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { characters in
        characters.baseAddress.map(body) ?? "".withCString(body)
      }
    }
  }

  private static func bytes(_ result: weir_js_result) -> [UInt8] {
    guard let text = result.text else { return [] }
    return Array(UnsafeRawBufferPointer(start: text, count: result.length))
  }

  private func reply(_ result: weir_js_result) throws(HostLoss) -> HostReply {
    defer { weir_js_free(result) }
    switch Int(result.status) {
    case WEIR_JS_OK: return .text(InProcessHost.bytes(result))
    case WEIR_JS_THREW: return .threw(InProcessHost.bytes(result))
    case WEIR_JS_SLOW: return .slow
    case WEIR_JS_MEMORY:
      throw HostLoss(reason: "the fold's memory (its states included) passed \(memoryBytes >> 20) MiB")
    default:
      throw HostLoss(
        reason: "the engine stopped: " + String(decoding: InProcessHost.bytes(result), as: UTF8.self))
    }
  }
}
