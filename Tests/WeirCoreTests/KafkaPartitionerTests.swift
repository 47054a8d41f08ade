import Support
import Testing

@testable import WeirCore

/// Kafka's own hash, against what its own client chose.
struct KafkaPartitionerTests {
  @Test func hashesAsKafkaDoes() {
    // The vectors of Apache Kafka's own test of `Utils.murmur2`.
    let vectors: [(String, Int32)] = [
      ("21", -973_932_308), ("foobar", -790_332_482), ("a-little-bit-long-string", -985_981_536),
      ("a-little-bit-longer-string", -1_486_304_829),
      ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
      ("abc", 479_470_107),
    ]
    for (text, hash) in vectors {
      #expect(Int32(bitPattern: KafkaPartitioner.murmur2(Array(text.utf8))) == hash, "\(text)")
    }
  }

  /// Every keyed record of the demo's topic lies where the hash says: a real producer put it there.
  @Test func namesThePartitionsOfTheRealClient() throws {
    let source = try Format.open(Fixtures.path("demo/kafka"), ReadOptions(), Work())
    let keyed = try #require(source as? any KeyedSource)
    for partition in 0..<Int32(6) {
      let log = try source.log(StreamID("bank.accounts", partition: .number(partition)))
      var batch = EventBatch()
      _ = try log.read(Cursor(.start), .forward, count: 200, into: &batch, Work())
      #expect(!batch.records.isEmpty)
      for record in batch.records {
        let key = try #require(batch.slice(record.key))
        #expect(keyed.likelyPartition(of: Array(key), in: "bank.accounts") == .number(partition))
      }
    }
  }
}
