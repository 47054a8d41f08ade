import Support
import Testing
import WeirCore

/// NDJSON, arrays and CloudEvents: golden events, both directions, damage, torn tails.
@Suite struct TextSourceTests {
  private func open(_ text: String, name: String = "events.ndjson") throws -> (any Source, TemporaryFolder) {
    let folder = try TemporaryFolder()
    let path = try folder.write(name, text)
    return (try Format.open(path, ReadOptions(), Work()), folder)
  }

  private let bank = """
    {"stream":"A","version":0,"type":"Opened","time":"2025-01-02T09:02:34.632Z","id":"x1","data":{"n":1}\
    ,"meta":{"user":"m"}}

    {"stream":"B","version":0,"type":"Opened","time":"2025-01-03T09:02:34Z","id":"x2",\
    "data":{"n":12345678901234567890.10}}
    {"stream":"A","version":1,"type":"Closed","time":1735900000000,"id":"x3","data":null}
    """

  @Test func linesBecomeEvents() throws {
    let (source, _) = try open(bank + "\n")
    let events = try LogContent(source.log(.everything)).events
    #expect(events.map(\.positionText) == ["1", "3", "4"])
    #expect(events.map(\.stream) == ["A", "B", "A"])
    #expect(events.map(\.type) == ["Opened", "Opened", "Closed"])
    #expect(events.map(\.version) == ["0", "0", "1"])
    #expect(events[0].meta == .json(Array(#"{"user":"m"}"#.utf8)))
    #expect(events[1].data == .json(Array(#"{"n":12345678901234567890.10}"#.utf8)), "digits stay as written")
    #expect(events[0].time == TimeText.parse("2025-01-02T09:02:34.632Z"))
    #expect(events[2].time == Instant(milliseconds: 1_735_900_000_000))
  }

  @Test func backwardIsForwardReversed() throws {
    let lines = (1...3000).map {
      #"{"stream":"s\#($0 % 7)","type":"T","data":{"n":\#($0)}}"# + ($0 % 5 == 0 ? "\n" : "")
    }
    let (source, _) = try open(lines.joined(separator: "\n"))
    for stream in [StreamID.everything, StreamID("s3")] {
      let log = try source.log(stream)
      let forward = try LogContent(log).events
      let backward = try LogContent(log, .backward).events
      #expect(forward.count == (stream == .everything ? 3000 : 429))
      #expect(forward.map(\.position.a) == backward.reversed().map(\.position.a))
      #expect(forward.map(\.positionText) == backward.reversed().map(\.positionText))
    }
  }

  @Test func aBrokenLineHidesNoOther() throws {
    let (source, _) = try open("{\"type\":\"a\"}\n{\"type\": oops}\n\u{FF}x\n{\"type\":\"b\"}\n{\"type\":\"c")
    let content = try LogContent(source.log(.everything))
    #expect(content.events.map(\.type) == ["a", "b"])
    #expect(content.damage.map(\.kind) == [.corrupt, .corrupt, .tornTail])
    #expect(content.damage[0].range == 13..<27)
    #expect(content.damage[0].reason.contains("line 2"))
  }

  @Test func everyTruncationKeepsTheWholeLines() throws {
    let whole = Array((bank + "\n").utf8)
    let ends = whole.indices.filter { whole[$0] == 0x0A }
    for length in 1..<whole.count {
      let bytes = MemoryBytes(name: "t", Array(whole[..<length]))
      let folder = try TemporaryFolder()
      let path = try folder.write("t.ndjson", try bytes.bytes(at: 0, count: length))
      let content = try LogContent(try Format.open(path, ReadOptions(), Work()).log(.everything))
      let lines = [ends[0], ends[2], ends[3]].filter { $0 <= length }.count
      #expect(content.events.count == lines, "cut at \(length)")
      #expect(content.damage.allSatisfy { $0.kind == .tornTail })
    }
  }

  @Test func everyByteFlipLeavesTheOtherLines() throws {
    let lines = [
      "{\"type\":\"a\",\"id\":\"1\"}", "{\"type\":\"b\",\"id\":\"2\"}", "{\"type\":\"c\",\"id\":\"3\"}",
    ]
    let whole = Array(lines.joined(separator: "\n").utf8 + [0x0A])
    for index in whole.indices {
      for bit: UInt8 in [0x01, 0x20, 0x80] {
        var bytes = whole
        bytes[index] ^= bit
        let layoutLine = index / (lines[0].utf8.count + 1)
        let folder = try TemporaryFolder()
        let source = try Format.open(try folder.write("t.ndjson", bytes), ReadOptions(), Work())
        let ids = Set(try LogContent(source.log(.everything)).events.compactMap(\.id))
        // A broken line break joins two lines: both are then in doubt.
        let isBreak = whole[index] == 0x0A
        let untouched = (0..<3).filter { $0 != layoutLine && !(isBreak && $0 == layoutLine + 1) }
        for line in untouched { #expect(ids.contains(String(line + 1)), "byte \(index) bit \(bit)") }
      }
    }
  }

  @Test func arraysCountFromZero() throws {
    let (source, _) = try open(#" [ {"type":"a","data":{"s":"],["}}, {"type":"b"}, 7 ]"#, name: "x.json")
    let events = try LogContent(source.log(.everything)).events
    #expect(events.map(\.positionText) == ["0", "1", "2"])
    #expect(events.map(\.type) == ["a", "b", nil])
    #expect(source.about.format == "json")
    let backward = try LogContent(try source.log(.everything), .backward).events
    #expect(backward.map(\.positionText) == ["2", "1", "0"])
  }

  @Test func aBrokenElementHidesNoOther() throws {
    let (source, _) = try open(#"[{"type":"a"},{oops},{"type":"b"},{"type":"c""#, name: "x.json")
    let content = try LogContent(source.log(.everything))
    #expect(content.events.map(\.type) == ["a", "b"])
    #expect(content.damage.map(\.kind) == [.corrupt, .tornTail])
  }

  @Test func anArrayOneLevelDown() throws {
    let (source, _) = try open(#"{"next":null,"events":[{"type":"a"},{"type":"b"}]}"#, name: "x.json")
    #expect(try LogContent(source.log(.everything)).events.map(\.type) == ["a", "b"])
  }

  @Test func oneObjectOverSeveralLines() throws {
    let (source, _) = try open(
      "{\n  \"type\": \"a\",\n  \"data\": {\n \"n\": 1 }\n}\n{\n \"type\":\"b\"}\n", name: "x.json")
    let events = try LogContent(source.log(.everything)).events
    #expect(events.map(\.type) == ["a", "b"])
    #expect(events.map(\.positionText) == ["1", "6"])
    #expect(
      events[0].data == .json(Array(#"{     "n": 1 }"#.utf8.filter { $0 != 0x0A }))
        || events[0].data != .absent)
  }

  @Test func cloudEventsAreUnwrapped() throws {
    let (source, _) = try open(
      #"{"specversion":"1.0","id":"i","source":"/s","type":"t.T","subject":"Order-1","#
        + #""time":"2025-01-01T00:00:00Z","data":{"a":1},"user":"u"}"# + "\n"
        + #"{"specversion":"1.0","id":"j","source":"/s","type":"t.T","data_base64":"/wA="}"# + "\n")
    let events = try LogContent(source.log(.everything)).events
    #expect(source.about.format == "cloudevents")
    #expect(events[0].stream == "Order-1")
    #expect(events[0].data == .json(Array(#"{"a":1}"#.utf8)))
    #expect(
      events[0].meta
        == .json(Array(#"{"specversion":"1.0","source":"/s","subject":"Order-1","user":"u"}"#.utf8)))
    #expect(events[1].stream == "/s")
    #expect(events[1].data == .bytes([0xFF, 0x00]))
  }

  @Test func seeksByLineTimeAndShare() throws {
    let (source, _) = try open(bank + "\n")
    let log = try source.log(.everything)
    var batch = EventBatch()
    for (target, position) in [
      (Target.position("3"), "3"), (.position("2"), "3"), (.time(Instant(seconds: 1_735_850_000)), "3"),
      (.start, "1"),
    ] {
      let cursor = try log.seek(target, Work())
      _ = try log.read(cursor, .forward, count: 1, into: &batch, Work())
      #expect(log.event(0, of: batch).positionText == position, "\(target)")
    }
    #expect(throws: Fault.self) { try log.seek(.position("x"), Work()) }
  }

  @Test func linesWithoutAStreamBelongToTheFile() throws {
    let (source, _) = try open("{\"type\":\"a\"}\n")
    let catalog = try source.catalog(.count(limit: nil), Work())
    #expect(catalog.entries.map(\.stream.name) == ["events.ndjson"])
    #expect(catalog.entries.map(\.count) == [.exact(1)])
  }

  @Test func mappingRulesWin() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(
      "o.ndjson", #"{"kind":"Placed","order":{"no":17},"when":"2025-03-04","body":{"x":1}}"# + "\n")
    var options = ReadOptions()
    options.mapping.places = [
      .type: .data("/kind"), .stream: .data("/order/no"), .time: .data("/when"), .data: .data("/body"),
    ]
    let event = try #require(
      try LogContent(try Format.open(path, options, Work()).log(.everything)).events.first)
    #expect(event.type == "Placed")
    #expect(event.stream == "17")
    #expect(event.time == TimeText.parse("2025-03-04"))
    #expect(event.data == .json(Array(#"{"x":1}"#.utf8)))
  }

  @Test func emptyAndStrangeFilesAreRefused() throws {
    let folder = try TemporaryFolder()
    for (name, content) in [("empty.ndjson", ""), ("x.bin", "\u{1}\u{2}\u{3}")] {
      let path = try folder.write(name, content)
      let fault = #expect(throws: Fault.self) { try Format.open(path, ReadOptions(), Work()) }
      #expect(fault?.kind == .nothingThere)
    }
  }
}
