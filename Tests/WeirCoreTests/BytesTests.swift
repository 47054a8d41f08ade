import Support
import Testing

@testable import WeirCore

@Suite struct ByteReaderTests {
  private func read<Value>(_ bytes: [UInt8], _ body: (inout ByteReader) throws -> Value) throws -> Value {
    try bytes.withUnsafeBytes { all in
      var reader = ByteReader(all)
      return try body(&reader)
    }
  }

  @Test func integersOfBothOrders() throws {
    let bytes: [UInt8] = [0x01, 0x02, 0x03, 0x04, 0xFF, 0xFE]
    try read(bytes) { (reader: inout ByteReader) throws in
      #expect(try reader.big(UInt16.self) == 0x0102)
      #expect(try reader.little(UInt16.self) == 0x0403)
      #expect(try reader.big(Int16.self) == -2)
      #expect(reader.isAtEnd && reader.remaining == 0)
      #expect(throws: ByteReader.Shortage(at: 6)) { try reader.big(UInt8.self) }
      #expect(throws: ByteReader.Shortage(at: 6)) { try reader.little(UInt8.self) }
    }
  }

  @Test(
    arguments: [
      ([0x00], 0), ([0x7F], 127), ([0x80, 0x01], 128), ([0xAC, 0x02], 300),
      ([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], UInt64.max),
    ] as [([UInt8], UInt64)]) func varints(bytes: [UInt8], value: UInt64) throws
  {
    #expect(try read(bytes) { try $0.unsignedVarint() } == value)
    for count in 0..<bytes.count {
      #expect(throws: ByteReader.Shortage(at: 0)) {
        try read(Array(bytes.prefix(count))) { try $0.unsignedVarint() }
      }
    }
  }

  @Test func varintsThatAreTooLong() {
    let long = [UInt8](repeating: 0x80, count: 10) + [0]
    #expect(throws: ByteReader.Shortage.self) { try read(long) { try $0.unsignedVarint() } }
    let large = [UInt8](repeating: 0xFF, count: 9) + [2]
    #expect(throws: ByteReader.Shortage.self) { try read(large) { try $0.unsignedVarint() } }
  }

  @Test(arguments: [0, -1, 1, -2, 300, .max, .min] as [Int64]) func zigzag(value: Int64) throws {
    var bytes = ByteBuilder()
    bytes.zigzag(value)
    #expect(try read(bytes.bytes) { try $0.zigzag() } == value)
  }

  @Test func slices() throws {
    try read([1, 2, 3]) { (reader: inout ByteReader) throws in
      #expect(try reader.slice(2) == 0..<2)
      #expect(throws: ByteReader.Shortage(at: 2)) { try reader.slice(2) }
      #expect(throws: ByteReader.Shortage(at: 2)) { try reader.slice(-1) }
      #expect(try reader.slice(1) == 2..<3)
      #expect(try reader.slice(0) == 3..<3)
    }
  }
}

@Suite struct ByteSourceTests {
  @Test func filesGiveWhatTheyHold() throws {
    let folder = try TemporaryFolder()
    let content = (0..<1000).map { UInt8(truncatingIfNeeded: $0) }
    let path = try folder.write("f", content)
    let sources: [any ByteSource] = [
      try FileBytes(path: path), try MappedBytes(path: path), MemoryBytes(name: path, content),
    ]
    for source in sources {
      #expect(source.name == path)
      #expect(source.size == 1000)
      #expect(try source.bytes(at: 0, count: 1000) == content)
      #expect(try source.bytes(at: 990, count: .max) == Array(content[990...]))
      #expect(try source.bytes(at: 1000, count: 10) == [])
      #expect(try source.bytes(at: .max, count: 10) == [])
      #expect(try source.bytes(at: 5, count: -3) == [])
      var buffer = [UInt8](repeating: 7, count: 20)
      let far = try buffer.withUnsafeMutableBytes { try source.read(into: $0, at: .max) }
      #expect(far == 0)
      #expect(buffer == [UInt8](repeating: 7, count: 20))
      let none = try source.read(into: UnsafeMutableRawBufferPointer(start: nil, count: 0), at: 0)
      #expect(none == 0)
    }
    #expect(sources[0].data(from: 0) == 0)
    #expect(sources[0].data(from: 1 << 40) == nil)
    #expect(sources[2].data(from: 3) == 3)
    try folder.extend(path, to: 10_000_000)
    #expect(try FileBytes(path: path).data(from: 8_000_000) == nil)
  }

  @Test func whatCannotBeOpened() throws {
    let folder = try TemporaryFolder()
    for attempt in [folder.path, folder.path + "/missing"] {
      let fault = #expect(throws: Fault.self) { try FileBytes(path: attempt) }
      #expect(fault?.kind == .nothingThere)
    }
    #expect(throws: Fault.self) { try MappedBytes(path: folder.path + "/missing") }
    let fault = Fault(.usage, "open", "x", "it is odd", hint: "look")
    #expect(fault.description == "cannot open x: it is odd (look)")
    let damage = Damage(.corrupt, file: "f", range: 1..<4, reason: "CRC mismatch")
    #expect(damage.description == "f: bytes 1..<4: CRC mismatch")
  }

  @Test func aWindowGivesTheSameWhateverItReadsAhead() throws {
    let content = (0..<5000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let source = MemoryBytes(name: "m", content)
    for readAhead in [1, 16, 64, 10_000] {
      let window = FrameWindow(source, readAhead: readAhead)
      var noise = Noise(4)
      for _ in 0..<200 {
        let (at, count) = (Int(noise.next() % 5200), Int(noise.next() % 300))
        let wanted = content.dropFirst(at).prefix(count)
        #expect(try Array(window.view(at: UInt64(at), count: count)) == Array(wanted))
      }
      #expect(window.bytesRead > 0)
    }
    let zeros = FrameWindow(MemoryBytes(name: "z", [UInt8](repeating: 0, count: 300) + [1]), readAhead: 16)
    #expect(try zeros.isZero(from: 0, to: 300))
    #expect(try !zeros.isZero(from: 0, to: 301))
    #expect(try zeros.isZero(from: 900, to: 1000))
  }

  @Test func workIsSharedAndStopped() throws {
    let work = Work()
    work.expect(10)
    work.advance(by: 4)
    #expect((work.done, work.total, work.isCancelled) == (4, 10, false))
    try work.check()
    work.cancel()
    #expect(throws: Fault.cancelled) { try work.check() }
  }

  @Test func parallelAnswersStandInOrder() throws {
    for threads in [0, 1, 2, 7] {
      #expect(try Parallel.map(Array(0..<50), threads: threads) { $0 * 2 } == (0..<50).map { $0 * 2 })
      #expect(try Parallel.map([Int](), threads: threads) { $0 } == [])
      let failing: @Sendable (Int) throws(Fault) -> Int = { number throws(Fault) in
        if number % 4 == 3 { throw Fault(.usage, "count", "\(number)", "no") }
        return number
      }
      #expect(throws: Fault(.usage, "count", "3", "no")) {
        try Parallel.map(Array(0..<9), threads: threads, failing)
      }
    }
  }
}
