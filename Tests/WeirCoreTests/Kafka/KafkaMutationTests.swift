import Glibc
import Support
import Testing

@testable import WeirCore

/// Segments with many faults at once. Whatever is left must be the same from every side.
@Suite struct KafkaMutationTests {
  /// Real and made segments, cut to a size that is read quickly.
  static let originals: [[UInt8]] = {
    let real = [
      Kafka.demo + "/bank.transfers-0/00000000000000000000.log",
      Kafka.legacy + "/bank.mixed-0/00000000000000000000.log",
      Kafka.legacy + "/bank.v1.none-0/00000000000000000000.log",
      Kafka.logs + "/odd-0/00000000000000000000.log",
    ]
    let files = real.compactMap { try? FileBytes(path: $0).bytes(at: 0, count: 24_000) }
    return files + KafkaLawTests.samples.map { Array(repeatElement($0.bytes, count: 1).joined()) }
  }()

  /// How many rounds: more when `WEIR_ROUNDS` says so.
  static let rounds = getenv("WEIR_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 8

  private func mutate(_ bytes: [UInt8], _ noise: inout Noise) -> [UInt8] {
    var copy = bytes
    for _ in 0...noise.next() % 4 where copy.count > 30 {
      let at = Int(noise.next() % UInt64(copy.count))
      let count = min(Int(noise.next() % 200), copy.count - at)
      switch noise.next() % 6 {
      case 0: copy[at] = UInt8(truncatingIfNeeded: noise.next())
      case 1: copy.removeSubrange(at..<at + count)
      case 2: copy.insert(contentsOf: noise.bytes(count), at: at)
      case 3: copy.replaceSubrange(at..<at + count, with: repeatElement(0, count: count))
      case 4: copy.insert(contentsOf: copy[at..<at + count], at: at)
      default: copy.removeLast(min(count, copy.count - 1))
      }
    }
    return copy
  }

  @Test func forwardBackwardSeeksAndFramesAgree() throws {
    let directory = try KafkaTestDirectory()
    for round in 0..<Self.rounds {
      var noise = Noise(UInt64(round) &+ 1000)
      for (index, original) in Self.originals.enumerated() {
        let bytes = mutate(original, &noise)
        let context = "round \(round), original \(index)"
        try directory.segment("t-0", 0, bytes)
        var options = ReadOptions()
        options.damaged = noise.next() % 3 == 0
        let source = try KafkaSource(path: directory.path, options: options)
        let forward = try Kafka.read(source, "t", nil, .forward, count: 1 + Int(noise.next() % 50))
        let ascends = zip(forward.offsets, forward.offsets.dropFirst()).allSatisfy { $0 < $1 }
        // Two batches that failed their checks may both claim what a third one holds.
        guard ascends || !options.damaged else { continue }
        #expect(ascends, "\(context)")
        #expect(Set(forward.damage).count == forward.damage.count, "\(context)")
        let again = try KafkaSource(path: directory.path, options: options)
        let backward = try Kafka.read(again, "t", nil, .backward, count: 1 + Int(noise.next() % 50))
        #expect(forward.offsets == backward.offsets.reversed(), "\(context)")
        #expect(Set(forward.damage) == Set(backward.damage), "\(context)")
        #expect(forward.damage.count == backward.damage.count, "\(context)")
        try checkSeeks(source, forward.offsets, &noise, context)
        try checkFrames(source, UInt64(bytes.count), context)
        let entry = try source.catalog(.count(limit: nil), Work()).entries[0]
        #expect(entry.first == forward.events.first?.positionText, "\(context)")
        #expect(entry.last == forward.events.last?.positionText, "\(context)")
      }
    }
  }

  private func checkSeeks(_ source: KafkaSource, _ offsets: [Int64], _ noise: inout Noise, _ context: String)
    throws
  {
    let log = try source.log(StreamID("t"))
    for _ in 0..<3 {
      guard let last = offsets.last, last < 1 << 40 else { return }
      let wanted = Int64(noise.next() % UInt64(last + 2))
      var batch = EventBatch()
      _ = try log.read(log.seek(.position("\(wanted)"), Work()), .forward, count: 1, into: &batch, Work())
      #expect(batch.records.first?.position.signed == offsets.first { $0 >= wanted }, "\(context), \(wanted)")
    }
  }

  private func checkFrames(_ source: KafkaSource, _ size: UInt64, _ context: String) throws {
    var at: UInt64 = 0
    var frames: [(String, FrameEntry)] = []
    try source.frames(of: .everything, Work()) { frames.append(($0, $1)) }
    for (file, frame) in frames {
      #expect(frame.offset == at, "\(context)")
      at += frame.length
      let detail = try source.frame(file, at: frame.offset, record: nil)
      #expect(detail.offset == frame.offset && detail.length == frame.length, "\(context) @\(frame.offset)")
    }
    #expect(at == size, "\(context)")
  }
}
