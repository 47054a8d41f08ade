import Glibc
import Support
import Testing

@testable import WeirCore

@Suite struct KafkaSweepTests {
  private let demo = Fixtures.path("demo/kafka")

  private func totals(_ path: String, _ depth: KafkaTotals.Depth, threads: Int = 1) throws -> KafkaTotals {
    var options = ReadOptions()
    options.format = "kafka"
    options.showInternal = true
    return try KafkaTotals.of(try Format.open(path, options, Work()), depth, threads: threads, Work())
  }

  /// The headers count what the records are, and so does reading them one by one.
  @Test func headersBatchesAndRecordsAgree() throws {
    let byRecords = try totals(demo, .records)
    #expect(try totals(demo, .headers).records == byRecords.records)
    #expect(try totals(demo, .batches).records == byRecords.records)
    #expect(byRecords.damage.isEmpty)
    var options = ReadOptions()
    options.control = true
    options.showInternal = true
    let log = try Format.open(demo, options, Work()).log(.everything)
    let read = try LogContent(log).events
    #expect(read.count == byRecords.records)
    #expect(read.reduce(0) { $0 + $1.size } == byRecords.contentBytes)
  }

  @Test(arguments: [1, 2, 3, 100]) func threadsChangeNothing(threads: Int) throws {
    #expect(try totals(demo, .records, threads: threads) == (try totals(demo, .records)))
  }

  /// A segment that nobody has touched for ten minutes is mapped, and holds the same.
  @Test func mappedIsAsRead() throws {
    let folder = try TemporaryFolder()
    let name = "00000000000000000000.log"
    let file = try FileBytes(path: demo + "/bank.accounts-2/" + name)
    let path = try folder.write(name, file.bytes(at: 0, count: Int(file.size)))
    #expect(try MappedBytes.settled(path) is FileBytes)
    let read = try totals(folder.path, .records)
    let hourAgo = timespec(tv_sec: time(nil) - 3600, tv_nsec: 0)
    #expect(utimensat(AT_FDCWD, path, [hourAgo, hourAgo], 0) == 0)
    #expect(try MappedBytes.settled(path) is MappedBytes)
    #expect(try totals(folder.path, .records) == read)
  }

  /// One flipped byte costs one batch, which the headers alone do not notice.
  @Test func aFlippedByteIsFoundInItsBatch() throws {
    let folder = try TemporaryFolder()
    let name = "00000000000000000000.log"
    let file = try FileBytes(path: demo + "/bank.accounts-2/" + name)
    var bytes = try file.bytes(at: 0, count: Int(file.size))
    let whole = try totals(demo + "/bank.accounts-2/" + name, .batches)
    bytes[100] ^= 0x10
    let path = try folder.write(name, bytes)
    let found = try totals(path, .batches)
    #expect(found.batches == whole.batches - 1)
    #expect(found.damage.map(\.range.lowerBound) == [0])
    #expect(try totals(path, .headers).batches == whole.batches)
  }

  @Test func stoppedWorkStops() throws {
    let work = Work()
    work.cancel()
    let source = try Format.open(demo, ReadOptions(), Work())
    #expect(throws: Fault.cancelled) { try KafkaTotals.of(source, .records, threads: 2, work) }
  }
}

@Suite struct HoleTests {
  /// A hole in the middle of a file is passed over, and what lies behind it is read.
  @Test func holesAreKnown() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("sparse", [])
    let end = 1 << 30
    #expect(truncate(path, off_t(end)) == 0)
    let file = try #require(fopen(path, "r+"))
    fseek(file, end - 4096, SEEK_SET)
    fputc(7, file)
    fclose(file)
    let source = try FileBytes(path: path)
    let window = FrameWindow(source, readAhead: 4096)
    #expect(try !window.isZero(from: 0, to: UInt64(end)))
    #expect(try window.isZero(from: 0, to: UInt64(end - 4096)))
    // What was read is what lies around the data, whatever the file system knows of the hole before it.
    if let data = source.data(from: 0), data > 0 { #expect(window.bytesRead <= 1 << 20) }
  }

  /// The last batch behind a hole of a gigabyte is found without reading the hole.
  @Test func aBatchBehindAHoleIsFound() throws {
    let folder = try TemporaryFolder()
    let original = try FileBytes(path: Fixtures.path("demo/kafka/bank.accounts-2/00000000000000000000.log"))
    let bytes = try original.bytes(at: 0, count: Int(original.size))
    let last = try #require(KafkaBatches.starts(bytes).last)
    let path = try folder.write("00000000000000000000.log", Array(bytes[..<last]))
    let file = try #require(fopen(path, "r+"))
    fseek(file, 1 << 30, SEEK_SET)
    fwrite(Array(bytes[last...]), 1, bytes.count - last, file)
    fclose(file)
    let source = try Format.open(path, ReadOptions(), Work())
    let log = try source.log(.everything)
    let whole = try LogContent(try Format.open(original.name, ReadOptions(), Work()).log(.everything))
    let found = try LogContent(log)
    #expect(found.events.map(\.positionText) == whole.events.map(\.positionText))
    #expect(found.damage.map(\.kind) == [.corrupt])
  }
}

/// Batches of an undamaged segment.
private enum KafkaBatches {
  /// Where each begins.
  static func starts(_ bytes: [UInt8]) -> [Int] {
    var starts: [Int] = []
    var at = 0
    while bytes.count - at >= KafkaBatchHeader.size {
      let length = bytes[at + 8..<at + 12].reduce(0) { $0 << 8 | Int($1) } + 12
      guard length <= bytes.count - at else { break }
      starts.append(at)
      at += length
    }
    return starts
  }
}
