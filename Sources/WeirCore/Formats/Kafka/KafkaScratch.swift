import Synchronization

/// What one thread needs to scan and decode: buffers and contexts that are made once.
///
/// Unchecked Sendable: borrowed from a `KafkaScratchPool`, which hands it to one thread at a time.
final class KafkaScratch: @unchecked Sendable {
  /// Over the segment that is scanned.
  let window: FrameWindow
  /// Over the same segment, for looks elsewhere that must not move the first.
  let probe: FrameWindow
  /// Over the batches that are decoded.
  let frames: FrameWindow
  let decompressor = Decompressor()
  var records: [KafkaRecordSlices] = []

  init() {
    let nothing = MemoryBytes(name: "", [])
    window = FrameWindow(nothing, readAhead: 64 << 10)
    probe = FrameWindow(nothing, readAhead: 16 << 10)
    frames = FrameWindow(nothing, readAhead: 16 << 10)
  }

  /// Turns both windows to `source`. `readAhead` for the first; the second looks at few bytes at a time.
  func turn(to source: any ByteSource, readAhead: Int) {
    window.turn(to: source, readAhead: readAhead)
    probe.turn(to: source, readAhead: min(readAhead, 16 << 10))
  }
}

/// Scratches at rest. As many exist as were ever borrowed at once.
final class KafkaScratchPool: Sendable {
  private let idle = Mutex<[KafkaScratch]>([])

  func with<Result>(_ body: (KafkaScratch) throws(Fault) -> Result) throws(Fault) -> Result {
    let scratch = idle.withLock { $0.popLast() } ?? KafkaScratch()
    defer { idle.withLock { $0.append(scratch) } }
    return try body(scratch)
  }
}
