import Support
import Testing

@testable import WeirCore

/// Entering a log anywhere gives what walking there gives, whatever the sidecars say.
@Suite struct KafkaSeekTests {
  /// Three segments of batches of about 1 KiB, 300 KiB each: too large to be walked without looking for the
  /// place. Compacted: offsets have gaps, and so have times.
  static let segments: [[KafkaTestBatch]] = {
    let value = String(repeating: "x", count: 200)
    var segments: [[KafkaTestBatch]] = []
    var offset: Int64 = 0
    for index in 0..<3 {
      var batches: [KafkaTestBatch] = []
      for number in 0..<300 {
        var batch = KafkaTestBatch(
          offset,
          (0..<4).map { KafkaTestRecord($0, key: "k\(number % 7)", value: "\(offset + Int64($0)) \(value)") })
        batch.baseTimestamp = 1_700_000_000_000 + offset * 10
        if number % 50 == 0 { batch.codec = .zstd }
        batches.append(batch)
        offset += number % 10 == 0 ? 7 : 4
      }
      offset += Int64(index) * 100
      segments.append(batches)
    }
    return segments
  }()

  enum Sidecars: String, CaseIterable, Sendable {
    case right, missing, zeros, padded, stale, garbage, shuffled, beyond
  }

  /// The directory and its offsets, with index files of one kind.
  private func directory(_ sidecars: Sidecars) throws -> (KafkaTestDirectory, [Int64]) {
    let directory = try KafkaTestDirectory()
    var offsets: [Int64] = []
    for batches in Self.segments {
      let base = batches[0].baseOffset
      try directory.segment("t-0", base, batches)
      offsets += batches.flatMap { batch in batch.records.map { batch.baseOffset + Int64($0.offsetDelta) } }
      guard sidecars != .missing else { continue }
      let (index, times) = try index(batches, base, sidecars)
      try directory.file("t-0", KafkaTestDirectory.name(base, "index"), index)
      try directory.file("t-0", KafkaTestDirectory.name(base, "timeindex"), times)
    }
    return (directory, offsets)
  }

  private func index(_ batches: [KafkaTestBatch], _ base: Int64, _ sidecars: Sidecars) throws -> (
    [UInt8], [UInt8]
  ) {
    var index = ByteBuilder()
    var times = ByteBuilder()
    var position: Int32 = 0
    var noise = Noise(5)
    for (number, batch) in batches.enumerated() {
      if number % 4 == 3 {
        let last = Int32(batch.baseOffset + 3 - base)
        switch sidecars {
        case .stale:
          index.big(last / 2 + 1)
          index.big(position)
          times.big(batch.baseTimestamp + 77)
          times.big(last / 2)
        case .shuffled:
          index.big(Int32(noise.next() % 5000))
          index.big(Int32(noise.next() % 300_000))
          times.big(Int64(1_700_000_000_000 + noise.next() % 40_000))
          times.big(Int32(noise.next() % 5000))
        case .beyond:
          index.big(last)
          index.big(position + 2_000_000)
          times.big(batch.baseTimestamp + 3)
          times.big(last + 100_000)
        default:
          index.big(last)
          index.big(position)
          times.big(batch.baseTimestamp + 3)
          times.big(last)
        }
      }
      position += Int32(batch.bytes.count)
    }
    switch sidecars {
    case .zeros: return ([UInt8](repeating: 0, count: 4096), [UInt8](repeating: 0, count: 4092))
    case .padded:
      return (
        index.bytes + [UInt8](repeating: 0, count: 4096), times.bytes + [UInt8](repeating: 0, count: 1200)
      )
    case .garbage: return (noise.bytes(803), noise.bytes(1201))
    default: return (index.bytes, times.bytes)
    }
  }

  private func first(_ log: any EventLog, _ target: Target, _ direction: WeirCore.Direction = .forward) throws
    -> Int64?
  {
    var batch = EventBatch()
    _ = try log.read(log.seek(target, Work()), direction, count: 1, into: &batch, Work())
    return batch.records.first?.position.signed
  }

  @Test(arguments: Sidecars.allCases) func offsets(sidecars: Sidecars) throws {
    let (directory, offsets) = try directory(sidecars)
    let log = try Kafka.open(directory.path).log(StreamID("t"))
    let last = try #require(offsets.last)
    for wanted in stride(from: Int64(0), through: last + 5, by: 61) {
      #expect(try first(log, .position("\(wanted)")) == offsets.first { $0 >= wanted }, "offset \(wanted)")
      #expect(
        try first(log, .position("\(wanted)"), .backward) == offsets.last { $0 < wanted }, "before \(wanted)")
    }
    // In any order, so that what was remembered is of little help.
    let fresh = try Kafka.open(directory.path).log(StreamID("t"))
    var noise = Noise(1)
    for _ in 0..<60 {
      let wanted = Int64(noise.next() % UInt64(last))
      #expect(try first(fresh, .position("\(wanted)")) == offsets.first { $0 >= wanted }, "offset \(wanted)")
    }
  }

  /// A gap may lie right between two stretches that are scanned one after the other.
  @Test func anOffsetInAnyGap() throws {
    let (directory, offsets) = try directory(.missing)
    let path = directory.path
    for (last, next) in zip(offsets, offsets.dropFirst()) where next > last + 1 {
      let log = try Kafka.open(path).log(StreamID("t"))
      #expect(try first(log, .position("\(last + 1)")) == next)
      #expect(try first(log, .position("\(last + 1)"), .backward) == last)
    }
    withExtendedLifetime(directory) {}
  }

  @Test(arguments: Sidecars.allCases) func times(sidecars: Sidecars) throws {
    let (directory, offsets) = try directory(sidecars)
    let log = try Kafka.open(directory.path).log(StreamID("t"))
    let times = Self.segments.joined().flatMap { batch in
      batch.records.map { batch.baseTimestamp + $0.timestampDelta }
    }
    let last = try #require(times.last)
    for wanted in stride(from: times[0] - 5, through: last + 500, by: 531) {
      let index = times.firstIndex { $0 >= wanted }
      let target = Target.time(Instant(milliseconds: wanted))
      #expect(try first(log, target) == index.map { offsets[$0] }, "time \(wanted)")
      let before = (index ?? offsets.count) - 1
      #expect(try first(log, target, .backward) == (before < 0 ? nil : offsets[before]), "before \(wanted)")
    }
    // A part of a millisecond later is after it.
    var later = Instant(milliseconds: times[8])
    later.nanoseconds += 1
    #expect(try first(log, .time(later)) == offsets[9])
  }

  @Test(arguments: Sidecars.allCases) func fractionsAndTheEnds(sidecars: Sidecars) throws {
    let (directory, offsets) = try directory(sidecars)
    let log = try Kafka.open(directory.path).log(StreamID("t"))
    let end = try #require(offsets.last) + 1
    for share in [0, 0.1, 0.5, 0.75, 0.999] {
      let wanted = Int64(Double(end) * share)
      #expect(try first(log, .fraction(share)) == offsets.first { $0 >= wanted })
    }
    #expect(try first(log, .fraction(1)) == nil)
    #expect(try first(log, .start) == offsets.first)
    #expect(try first(log, .end) == nil)
    #expect(try first(log, .end, .backward) == offsets.last)
    #expect(throws: Fault.self) { try log.seek(.position("twelve"), Work()) }
    #expect(throws: Fault.self) { try log.seek(.position("-1"), Work()) }
  }

  @Test(arguments: Sidecars.allCases) func backwardIsForwardReversed(sidecars: Sidecars) throws {
    let (directory, offsets) = try directory(sidecars)
    for count in [37, 5000] {
      let source = try Kafka.open(directory.path)
      #expect(try Kafka.read(source, "t", nil, .backward, count: count).offsets == offsets.reversed())
      #expect(try Kafka.read(source, "t", nil, .forward, count: count).offsets == offsets)
    }
  }

  @Test func aWrongIndexIsReportedAndARightOneIsNot() throws {
    // Noise leads nowhere in a search, so it is not even met.
    for sidecars in Sidecars.allCases where sidecars != .garbage {
      let (directory, _) = try directory(sidecars)
      let source = try Kafka.open(directory.path)
      let log = try source.log(StreamID("t"))
      for wanted in [500, 900, 2000, 3000] { _ = try first(log, .position("\(wanted)")) }
      let catalog = try source.catalog(.glance, Work())
      let isGood = [.right, .missing, .zeros, .padded].contains(sidecars)
      #expect(catalog.damage.contains { $0.kind == .staleSidecar } == !isGood, "\(sidecars)")
      withExtendedLifetime(directory) {}
    }
  }

  @Test func cursorsStandBeforeAndAfterAnEvent() throws {
    let (directory, _) = try directory(.right)
    let log = try Kafka.open(directory.path).log(StreamID("t"))
    let events = try LogContent(log, count: 500).events
    for index in [0, 1, 500, 1799, 2399] {
      for (side, direction, wanted) in [
        (CursorSide.before, WeirCore.Direction.forward, index), (.before, .backward, index - 1),
        (.after, .forward, index + 1), (.after, .backward, index),
      ] {
        var batch = EventBatch()
        _ = try log.read(log.cursor(side, events[index]), direction, count: 1, into: &batch, Work())
        let expected = events.indices.contains(wanted) ? events[wanted].position : nil
        #expect(batch.records.first?.position == expected)
      }
    }
  }

  @Test func oneKeyAlone() throws {
    let (directory, _) = try directory(.right)
    let source = try Kafka.open(directory.path)
    let all = try Kafka.read(source, "t").events
    let wanted = all.filter { $0.key == Array("k3".utf8) }.map(\.position)
    let log = try source.log(StreamID("t", key: Array("k3".utf8)))
    for count in [1, 13, 1000] {
      #expect(try LogContent(log, count: count).events.map(\.position) == wanted)
      #expect(try LogContent(log, .backward, count: count).events.map(\.position) == wanted.reversed())
    }
  }

  @Test func timesAmongDeletedRecordsToo() throws {
    let directory = try KafkaTestDirectory()
    try directory.segment("t-0", 0, [KafkaTestBatch(0, count: 5)], suffix: ".deleted")
    try directory.segment("t-0", 5, [KafkaTestBatch(5, count: 5)])
    let log = try Kafka.open(directory.path) { $0.deleted = true }.log(StreamID("t"))
    #expect(try first(log, .time(Instant(milliseconds: 1_700_000_000_003))) == 3)
    #expect(try first(log, .time(Instant(milliseconds: 1_700_000_000_009))) == nil)
  }

  /// Format 0 has no times: the payload's own are gone by.
  @Test func aLogWithoutTimesIsEnteredByTheEventsOwn() throws {
    let log = try Kafka.open(Kafka.legacy).log(StreamID("bank.v0.gzip"))
    let events = try LogContent(log).events
    #expect(events.allSatisfy { $0.time == nil && $0.eventTime != nil })
    for index in [0, 1, 40, 82] {
      let time = try #require(events[index].placedTime)
      #expect(try first(log, .time(time)) == events[index].position.signed)
    }
    #expect(try first(log, .time(Instant(seconds: 4_000_000_000))) == nil)
    let mixed = try Kafka.open(Kafka.legacy).log(StreamID("bank.mixed"))
    for event in try LogContent(mixed).events where event.position.signed % 20 == 3 {
      #expect(try first(mixed, .time(try #require(event.placedTime))) == event.position.signed)
    }
  }
}
