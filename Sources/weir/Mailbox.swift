import CEvents
import Glibc
import Synchronization

/// Messages from workers to the one thread that draws. Posting wakes `poll` through an eventfd.
final class Mailbox<Message: Sendable>: Sendable {
  private let waiting = Mutex<[Message]>([])
  /// Readable while there is something to take.
  let descriptor: Int32

  init() { descriptor = weir_wakeup_open() }

  deinit { close(descriptor) }

  func post(_ message: Message) {
    let isFirst = waiting.withLock { list in
      list.append(message)
      return list.count == 1
    }
    if isFirst { wake() }
  }

  /// Makes `poll` return although there may be no message.
  func wake() { weir_wakeup_post(descriptor) }

  /// All messages that are there, oldest first.
  func take() -> [Message] {
    weir_wakeup_drain(descriptor)
    return waiting.withLock { list in
      defer { list = [] }
      return list
    }
  }
}
