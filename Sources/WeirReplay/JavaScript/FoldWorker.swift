import CJavaScript
import Glibc
import WeirCore

/// The other end of `WorkerHost`: what the program is when its first argument is `FoldWorker.argument`.
package enum FoldWorker {
  /// Hidden: nobody types it.
  package static let argument = "--fold-worker"

  /// Serves one fold until the socket closes. `arguments` are those after `argument`. Returns the exit
  /// status.
  package static func main(_ arguments: [String]) -> Int32 {
    let socket: Int32 = 3
    // Whatever else our starter's starter left open: it is nobody's business here, and a worker may open few.
    weir_js_close_from(5)
    let memoryBytes = arguments.first.flatMap { UInt64($0) } ?? 0
    guard let memory = SharedWords(descriptor: 4) else { return 2 }
    // Loaded first, confined second, a context third: nothing of the fold ever sees a file.
    guard weir_javascript_library() != nil else {
      reply(WEIR_JS_BROKEN, Array(DriverLayout.packageHint.utf8), socket)
      return 2
    }
    _ = weir_js_confine()
    let host = InProcessHost(memoryBytes: memoryBytes, shared: (memory.columns, memory.progress))
    do throws(HostLoss) {
      try host.start()
    } catch {
      reply(WEIR_JS_BROKEN, Array(error.reason.utf8), socket)
      return 2
    }
    guard reply(WEIR_JS_OK, [], socket) else { return 0 }
    while let message = FoldPipe.read(from: socket) {
      guard serve(message, host, socket) else { return 0 }
      host.tidy()
    }
    return 0
  }

  private static func serve(_ message: [UInt8], _ host: InProcessHost, _ socket: Int32) -> Bool {
    guard message.count >= 6, message.count >= 6 + Int(message[5]) else { return false }
    let milliseconds = FoldPipe.word(message[1..<5])
    let nameEnd = 6 + Int(message[5])
    let name = String(decoding: message[6..<nameEnd], as: UTF8.self)
    let body = Array(message[nameEnd...])
    do throws(HostLoss) {
      let answer =
        message[0] == 0
        ? try host.call(name, body, milliseconds: milliseconds)
        : try host.evaluate(body, url: name, milliseconds: milliseconds)
      switch answer {
      case .text(let text): return reply(WEIR_JS_OK, text, socket)
      case .threw(let text): return reply(WEIR_JS_THREW, text, socket)
      case .slow: return reply(WEIR_JS_SLOW, [], socket)
      }
    } catch {
      reply(WEIR_JS_MEMORY, Array(error.reason.utf8), socket)
      return false
    }
  }

  @discardableResult
  private static func reply(_ status: Int, _ text: [UInt8], _ socket: Int32) -> Bool {
    var head: [UInt8] = []
    FoldPipe.append(UInt32(clamping: 1 + text.count), to: &head)
    head.append(UInt8(clamping: status))
    return FoldPipe.write(head, to: socket) && FoldPipe.write(text, to: socket)
  }
}
