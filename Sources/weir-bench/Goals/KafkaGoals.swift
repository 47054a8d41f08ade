import Glibc
import WeirCore

extension Goal {
  /// A partition of 1 GiB in four segments, uncompressed, in batches of 16 KiB.
  static let kafka: [Goal] = [
    Goal(name: "kafka-check-decode-1-core", limit: 2.0) { data in try checkAndDecode(data, threads: 1) },
    Goal(name: "kafka-check-decode-2-cores", limit: 1.2) { data in try checkAndDecode(data, threads: 2) },
    Goal(name: "kafka-index", limit: 1.2) { data in
      let source = try open(data.partition.directory)
      let yardstick = Hop(data.partition)
      let samples = try ratios(by: .processor) {
        let totals = try KafkaTotals.of(source, .headers, threads: 1, Work())
        try expect(totals.batches, data.partition.batches, "batches")
        try expect(totals.records, data.partition.records, "records in the headers")
      } to: {
        try yardstick.run()
      }
      return Figure(samples, remark: yardstick.speed)
    },
    Goal(name: "kafka-seek-offset", limit: 100, unit: "us") { data in
      try seeks(data) { number in .position(String(number)) }
    },
    Goal(name: "kafka-seek-time", limit: 100, unit: "us") { data in
      try seeks(data) { number in
        .time(Instant(milliseconds: data.partition.firstTime + Int64(number) * data.partition.interval))
      }
    },
  ]

  private static func open(_ directory: String) throws -> any Source {
    let source = try Format.open(directory, ReadOptions(), Work())
    try expect(source.about.format, "kafka", "format of \(directory)")
    return source
  }

  /// Every batch's CRC and every record, against one thread that adds up the same bytes.
  private static func checkAndDecode(_ data: Data, threads: Int) throws -> Figure {
    let source = try open(data.partition.directory)
    let yardstick = try Sum(data.partition.paths)
    let samples = try ratios(by: threads == 1 ? .processor : .clock) {
      let totals = try KafkaTotals.of(source, .records, threads: threads, Work())
      try expect(totals.records, data.partition.records, "records")
      try expect(totals.contentBytes, data.partition.contentBytes, "bytes of keys and values")
      try expect(totals.timeSum, data.partition.timeSum, "sum of times")
      try expect(totals.damage.count, 0, "damage")
    } to: {
      try yardstick.run()
    }
    return Figure(samples, remark: yardstick.speed)
  }

  /// From a record's offset or time to a screen of decoded records, ten thousand times all over the
  /// partition: the 99th of a hundred.
  private static func seeks(_ data: Data, _ target: (Int) -> Target) throws -> Figure {
    let rows = 50
    let log = try open(data.partition.indexed).log(StreamID("bank", partition: .number(0)))
    var batch = EventBatch()
    var state: UInt64 = 0x5EED
    var (samples, busySamples): ([Double], [Double]) = ([], [])
    for round in 0..<10_100 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      let number = Int(state >> 33) % (data.partition.records - rows)
      let wanted = target(number)
      let (start, busyStart) = (now(), busy())
      let cursor = try log.seek(wanted, Work())
      _ = try log.read(cursor, .forward, count: rows, into: &batch, Work())
      let (microseconds, busyMicroseconds) = ((now() - start) * 1e6, (busy() - busyStart) * 1e6)
      // The first hundred fill caches and buffers.
      if round >= 100 {
        samples.append(microseconds)
        busySamples.append(busyMicroseconds)
      }
      let found = batch.records.map(\.position.signed)
      try expect(found, (0..<Int64(rows)).map { Int64(number) + $0 }, "offsets after a seek")
    }
    let all = Samples(samples)
    return Figure(
      value: all.quantile(0.99), least: all.least, most: all.most,
      remark: "median \(short(all.median))us, to \(rows) decoded records; processor alone "
        + "\(short(Samples(busySamples).quantile(0.99)))us")
  }
}
