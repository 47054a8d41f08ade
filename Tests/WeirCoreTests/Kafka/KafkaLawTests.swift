import Support
import Testing

@testable import WeirCore

/// What must hold for every segment, however it was cut or changed: no trap, no hang; every byte belongs to
/// one batch or one damage; whatever was not touched is still found.
@Suite struct KafkaLawTests {
  struct Sample: CustomTestStringConvertible, Sendable {
    var testDescription: String
    var bytes: [UInt8]

    init(_ name: String, _ bytes: [UInt8]) { (testDescription, self.bytes) = (name, bytes) }
  }

  /// Small segments of every kind of entry.
  static let samples: [Sample] = {
    var samples: [Sample] = []
    for codec in Codec.allCases {
      let batches = [
        KafkaTestBatch(0, count: 3, codec: codec), KafkaTestBatch(3, count: 1, codec: codec),
        KafkaTestBatch(4, count: 2, codec: codec),
      ]
      samples.append(Sample("v2 \(codec.name)", batches.flatMap(\.bytes)))
    }
    let transaction =
      [
        KafkaTestBatch(0, count: 2).inTransaction(of: 9), KafkaTestBatch(2, count: 1),
        .marker(3, 9, commits: true), KafkaTestBatch(4, []),
      ]
    samples.append(Sample("v2 transaction", transaction.flatMap(\.bytes)))
    for magic: UInt8 in [0, 1] {
      let plain = (0..<4).map { KafkaTestMessage(magic: magic, Int64($0)) }
      samples.append(Sample("v\(magic)", plain.flatMap(\.bytes)))
      for codec in [Codec.gzip, .snappy, .lz4] {
        samples.append(Sample("v\(magic) \(codec.name)", sets(magic, codec)))
      }
    }
    let mixed =
      KafkaTestMessage(magic: 0, 0).bytes + KafkaTestMessage(magic: 1, 1).bytes
      + KafkaTestBatch(2, count: 2).bytes
    samples.append(Sample("mixed", mixed))
    return samples
  }()

  /// Two wrappers of two messages each; inner offsets of magic 1 are relative.
  private static func sets(_ magic: UInt8, _ codec: Codec) -> [UInt8] {
    [Int64(0), 2].flatMap { base in
      let inner = (Int64(0)..<2).map { index in
        KafkaTestMessage(magic: magic, magic == 0 ? base + index : index)
      }
      return KafkaTestMessage(wrapping: inner, codec, at: base + 1).bytes
    }
  }

  /// Every byte is in exactly one item, in order.
  private func isTiled(_ items: [KafkaItem], _ bytes: [UInt8]) -> Bool {
    var at: UInt64 = 0
    for item in items {
      guard item.range.lowerBound == at, item.range.upperBound > at else { return false }
      at = item.range.upperBound
    }
    return at == UInt64(bytes.count)
  }

  @Test(arguments: samples) func wholeSegmentsHaveNoDamage(sample: Sample) throws {
    let items = try Kafka.scan(sample.bytes)
    #expect(items.allSatisfy { $0.header != nil })
    #expect(isTiled(items, sample.bytes))
    #expect(try !Kafka.values(sample.bytes, items).isEmpty)
  }

  @Test(arguments: samples) func theWindowsSizeChangesNothing(sample: Sample) throws {
    let whole = try Kafka.scan(sample.bytes)
    for readAhead in [1, 2, 17, 61, 100] {
      let items = try Kafka.scan(sample.bytes, readAhead: readAhead)
      #expect(items.map(\.header) == whole.map(\.header))
    }
  }

  @Test(arguments: samples, [true, false]) func everyTruncation(sample: Sample, isLast: Bool) throws {
    let whole = try Kafka.scan(sample.bytes).compactMap(\.header)
    var failures: [String] = []
    for count in 0..<sample.bytes.count {
      let cut = Array(sample.bytes.prefix(count))
      let items = try Kafka.scan(cut, isLast: isLast)
      if !isTiled(items, cut) { failures.append("cut to \(count): bytes are left out") }
      let wanted = whole.filter { $0.end <= UInt64(count) }
      if items.compactMap(\.header) != wanted { failures.append("cut to \(count): other batches") }
      // Zeros at the end are what a preallocated file has.
      let expected: Damage.Kind = isLast ? .tornTail : .corrupt
      let rest = (wanted.last?.end ?? 0) < UInt64(count)
      let damage = items.compactMap(\.damage)
      if damage.count != (rest ? 1 : 0)
        || damage.contains(where: { $0.kind != expected && $0.kind != .zeroTail })
      {
        failures.append("cut to \(count): \(damage)")
      }
    }
    #expect(failures.prefix(3) == [])
  }

  @Test(arguments: samples) func everyFlippedByte(sample: Sample) throws {
    let whole = try Kafka.scan(sample.bytes).compactMap(\.header)
    var failures: [String] = []
    for index in sample.bytes.indices {
      for mask: UInt8 in [0x01, 0x80, 0xFF] {
        var bytes = sample.bytes
        bytes[index] ^= mask
        let items = try Kafka.scan(bytes)
        if !isTiled(items, bytes) { failures.append("\(index) ^ \(mask): bytes are left out") }
        let found = items.compactMap(\.header)
        for header in whole where !header.range.contains(UInt64(index)) && !found.contains(header) {
          failures.append("\(index) ^ \(mask): lost \(header.position)")
        }
        guard let touched = whole.first(where: { $0.range.contains(UInt64(index)) }) else { continue }
        let same = found.first { $0.position == touched.position }
        // The last entry has no neighbour to hold its offset against.
        let isUncovered = touched == whole.last && index - Int(touched.position) < 8
        if let same, !isUncovered, !isHarmless(same, touched) {
          failures.append("\(index) ^ \(mask): not seen, offset \(same.baseOffset)")
        }
      }
    }
    #expect(failures.prefix(3) == [])
  }

  /// Whether a changed entry still says the same of its records: no checksum covers a batch's leader epoch,
  /// nor the outer offset of a message set.
  private func isHarmless(_ changed: KafkaBatchHeader, _ original: KafkaBatchHeader) -> Bool {
    var copy = changed
    copy.leaderEpoch = original.leaderEpoch
    return copy == original
  }

  @Test(arguments: samples) func garbageBetweenBatchesIsSkipped(sample: Sample) throws {
    let whole = try Kafka.scan(sample.bytes).compactMap(\.header)
    let cut = try #require(whole.first).length
    var noise = Noise(3)
    for count in [1, 11, 12, 60, 300] {
      let garbage = noise.bytes(count)
      let bytes = sample.bytes[..<cut] + garbage + sample.bytes[cut...]
      let items = try Kafka.scan(Array(bytes))
      #expect(items.compactMap(\.header).map(\.baseOffset) == whole.map(\.baseOffset))
      #expect(items.compactMap(\.damage).map(\.range) == [UInt64(cut)..<UInt64(cut + count)])
    }
  }

  @Test(arguments: samples) func zerosAtTheEndAreNoDamage(sample: Sample) throws {
    for count in [1, 16, 17, 100, 70_000] {
      let items = try Kafka.scan(sample.bytes + [UInt8](repeating: 0, count: count), isLast: false)
      #expect(items.compactMap(\.damage).map(\.kind) == [.zeroTail])
    }
    // Zeros with something behind them are damage.
    let hole = [UInt8](repeating: 0, count: 100)
    let items = try Kafka.scan(hole + sample.bytes)
    #expect(items.compactMap(\.damage).map(\.range) == [0..<100])
    #expect(items.compactMap(\.damage).map(\.kind) == [.corrupt])
  }

  @Test func aFileReadThroughTheWholeSourceSurvivesEveryFlip() throws {
    let directory = try KafkaTestDirectory()
    let batches = [KafkaTestBatch(0, count: 3, codec: .lz4), KafkaTestBatch(3, count: 2), .init(5, count: 1)]
    let bytes = batches.flatMap(\.bytes)
    for index in stride(from: 0, to: bytes.count, by: 3) {
      var changed = bytes
      changed[index] ^= 0x10
      try directory.segment("t-0", 0, changed)
      let forward = try Kafka.read(Kafka.open(directory.path) { $0.damaged = true }, "t")
      let backward = try Kafka.read(Kafka.open(directory.path) { $0.damaged = true }, "t", nil, .backward)
      #expect(forward.offsets == backward.offsets.reversed())
      #expect(Set(forward.damage) == Set(backward.damage))
    }
  }
}
