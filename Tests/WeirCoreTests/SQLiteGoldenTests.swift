import Support
import Testing

@testable import WeirCore

/// What the real systems' own clients read, event for event.
@Suite struct SQLiteGoldenTests {
  private struct Store {
    let folder: TemporaryFolder
    let source: any Source

    init(_ fixture: String, _ names: [String], _ options: ReadOptions = ReadOptions()) throws {
      folder = try TemporaryFolder()
      let path = try folder.copy(names, from: "sqlite/\(fixture)")
      source = try Format.open(path, options, Work())
    }
  }

  private func expected(_ name: String) throws -> [JSONValue] {
    try Fixtures.bytes("sqlite/\(name)").split(separator: 0x0A).map { try JSONParser.parse($0) }
  }

  private func check(_ events: [StoredEvent], _ wanted: [JSONValue]) throws {
    #expect(events.count == wanted.count)
    for (event, want) in zip(events.sorted { $0.position < $1.position }, wanted) {
      #expect(event.stream == want["stream"]?.string)
      #expect(event.version == want["version"]?.string)
      if let position = want["position"]?.string { #expect(event.positionText == position) }
      #expect(event.type == want["type"]?.string)
      #expect(event.id == want["id"]?.string)
      #expect(event.time == want["time"]?.string.flatMap { TimeText.parse($0) })
      #expect(event.data.value == want["data"])
      #expect(event.meta.value == want["meta"])
    }
  }

  @Test(arguments: [
    ("emmett-live", 600), ("emmett-live-midtxn", 640),
  ])
  func emmettWithALiveLog(fixture: String, count: Int) throws {
    let store = try Store(fixture, ["emmett.sqlite", "emmett.sqlite-wal"])
    #expect(store.source.about.format == "emmett")
    let content = try LogContent(store.source.log(.everything))
    #expect(content.events.count == count)
    #expect(content.damage.isEmpty)
    let byPosition = try expected("\(fixture)/expected.ndjson").sorted {
      Int($0["position"]?.string ?? "") ?? 0 < Int($1["position"]?.string ?? "") ?? 0
    }
    try check(content.events, byPosition)
  }

  /// The database file by itself is an older state: fewer events, none of them wrong.
  @Test func emmettWithoutItsLog() throws {
    let store = try Store("emmett-live", ["emmett.sqlite"])
    let events = try LogContent(store.source.log(.everything)).events
    #expect(events.map(\.positionText) == (1...572).map(String.init))
  }

  @Test(arguments: [false, true]) func emmettWithArchivedStreams(deleted: Bool) throws {
    var options = ReadOptions()
    options.deleted = deleted
    let store = try Store("emmett-archived", ["emmett.sqlite"], options)
    let events = try LogContent(store.source.log(.everything)).events
    let wanted = try expected("emmett-archived/expected\(deleted ? ".with-archived" : "").ndjson")
    #expect(events.count == wanted.count)
    let found = Dictionary(events.map { ("\($0.stream)/\($0.version ?? "")", $0) }) { first, _ in first }
    for want in wanted {
      let key = "\(want["stream"]?.string ?? "")/\(want["version"]?.string ?? "")"
      let event = try #require(found[key], "\(key)")
      #expect(event.data.value == want["data"])
      #expect(event.id == want["id"]?.string)
    }
    #expect(events.filter { $0.marks.contains(.archived) }.count == (deleted ? 68 : 0))
    let entries = try store.source.catalog(.glance, Work()).entries
    #expect(entries.contains { $0.stream.name == "Account-19b6554d" } == deleted)
    let truncated = try #require(entries.first { $0.stream.name == "Account-d3d2f579" })
    #expect(truncated.notes.contains { $0.contains("history begins at version 3: 2 earlier events") })
  }

  @Test(arguments: ["plain", "zlib"]) func pythonEventsourcing(kind: String) throws {
    let store = try Store("eventsourcing", ["\(kind).sqlite"])
    #expect(store.source.about.format == "python-eventsourcing")
    let events = try LogContent(store.source.log(.everything)).events
    let wanted = try expected("eventsourcing/\(kind).expected.ndjson")
    #expect(events.count == wanted.count && events.count == 120)
    for (event, want) in zip(events, wanted) {
      #expect(event.positionText == want["position"].map { String(decoding: $0.compact, as: UTF8.self) })
      #expect(event.stream == want["stream"]?.string)
      #expect(event.version == want["version"].map { String(decoding: $0.compact, as: UTF8.self) })
      #expect(event.type == want["topic"]?.string)
      let state = try #require(want["state"]?.string)
      #expect(event.data == .json(Array(state.utf8)))
      #expect(event.time != nil, "the time stands in the state alone")
    }
  }

  @Test func pythonSnapshots() throws {
    var options = ReadOptions()
    options.snapshots = true
    let store = try Store("eventsourcing", ["plain.sqlite"], options)
    let events = try LogContent(store.source.log(.everything)).events
    #expect(events.count == 5)
    #expect(events.allSatisfy { $0.marks == [.snapshot] })
  }

  /// Every way through a store gives the same events: pages of any size, both directions, stream by stream.
  @Test(arguments: [("emmett-live", "emmett.sqlite"), ("eventsourcing", "plain.sqlite")])
  func everyWayThrough(fixture: String, name: String) throws {
    let names = fixture == "emmett-live" ? [name, name + "-wal"] : [name]
    let store = try Store(fixture, names)
    let log = try store.source.log(.everything)
    let whole = try LogContent(log).events
    for count in [1, 7, 1000] {
      #expect(try LogContent(log, count: count).events.map(\.position) == whole.map(\.position))
      #expect(
        try LogContent(log, .backward, count: count).events.map(\.position)
          == whole.map(\.position).reversed())
    }
    let entries = try store.source.catalog(.count(limit: nil), Work()).entries
    #expect(entries.map(\.stream.name) == Set(whole.map(\.stream)).sorted())
    for entry in entries {
      let own = whole.filter { $0.stream == entry.stream.name }
      let stream = try store.source.log(entry.stream)
      for count in [1, 100] {
        let forward = try LogContent(stream, count: count).events
        #expect(forward.map(\.version) == own.map(\.version))
        #expect(
          try LogContent(stream, .backward, count: count).events.map(\.version)
            == own.map(\.version).reversed())
      }
      #expect(entry.count == .exact(own.count))
      #expect(entry.first == own.first?.positionText && entry.last == own.last?.positionText)
    }
    let aggregates = try store.source.aggregates(.everything, Work())
    #expect(aggregates.map(\.name) == entries.map(\.stream.name))
    #expect(aggregates.map(\.count).reduce(0, +) == whole.count)
  }

  @Test func seeks() throws {
    let store = try Store("emmett-live", ["emmett.sqlite", "emmett.sqlite-wal"])
    let stream = "Account-19b6554d"
    for id in [StreamID.everything, StreamID(stream)] {
      let log = try store.source.log(id)
      let all = try LogContent(log).events
      func first(_ target: Target) throws -> StoredEvent? {
        var batch = EventBatch()
        _ = try log.read(try log.seek(target, Work()), .forward, count: 1, into: &batch, Work())
        return batch.records.isEmpty ? nil : log.event(0, of: batch)
      }
      for event in all.enumerated().filter({ $0.offset % 17 == 0 }).map(\.element) {
        #expect(try first(.position(event.positionText))?.position == event.position)
        let time = try #require(event.time)
        let wanted = try #require(all.first { $0.time.map { $0 >= time } ?? false })
        #expect(try first(.time(time))?.position == wanted.position)
        for (side, next) in [(CursorSide.before, event), (.after, event)] {
          var batch = EventBatch()
          _ = try log.read(log.cursor(side, next), .forward, count: 1, into: &batch, Work())
          let found = batch.records.first?.position
          #expect(side == .before ? found == next.position : found != next.position)
        }
      }
      #expect(try first(.fraction(0))?.position == all[0].position)
      #expect(try first(.fraction(1)) == nil)
      let middle = try #require(try first(.fraction(0.5)))
      let index = try #require(all.firstIndex { $0.position == middle.position })
      #expect(abs(index - all.count / 2) <= all.count / 20)
      #expect(try first(.position("100000")) == nil)
      #expect(try first(.time(Instant(seconds: 9_999_999_999))) == nil)
      #expect(throws: Fault.self) { try log.seek(.position("x"), Work()) }
    }
    #expect(throws: Fault.self) { try store.source.log(StreamID("Account-nobody")) }
  }
}
