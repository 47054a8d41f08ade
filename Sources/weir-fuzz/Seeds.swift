import CSQLite
import Glibc
import WeirCore

/// What the fuzzer begins with: pieces of `Tests/Fixtures` and small files made here, a folder for each
/// reader.
enum Seeds {
  /// Larger seeds slow the search down, in bytes.
  private static let largest = 3 << 10
  /// Of one kind.
  private static let most = 12

  /// Writes all seeds; false when a folder cannot be made.
  static func write(to folder: String) -> Bool {
    mkdir(folder, 0o755)
    for (reader, seeds) in all {
      let target = folder + "/" + reader
      guard mkdir(target, 0o755) == 0 || errno == EEXIST else { return false }
      for (number, seed) in seeds.enumerated() { Scratch.write("\(target)/\(number)", seed) }
    }
    return true
  }

  private static var all: [(String, [[UInt8]])] {
    let files = Fixtures.all
    func some(_ ending: String) -> [[UInt8]] {
      files.filter { $0.hasSuffix(ending) }.spread(most).map(Fixtures.head)
    }
    let segments = some(".log").map { Fixtures.wholeBatches($0, largest) }.filter {
      !$0.isEmpty && $0.count < 16 << 10
    }
    let text = (some(".ndjson") + some(".json")).map(wholeLines) + madeText
    return [
      ("kafka", segments.flatMap { [[0] + $0, [13] + $0] }),
      ("kafka-sidecars", sidecars(some) + segments.prefix(4).map { [8, 13] + $0 }),
      ("kafka-legacy", segments.prefix(2).map { [0] + $0 } + [[0] + legacy]),
      ("json", text.flatMap { $0.split(separator: 10).prefix(3).map(Array.init) }),
      ("text", text.map { [0] + $0 } + (some(".gz") + some(".zst")).map { [2] + $0 }),
      ("sqlite", [[0] + database, [6] + database]),
      ("sqlite-sidecars", [[0] + writeAheadLog, [1] + journal]),
      ("query", queries.map { Array($0.utf8) }), ("cells", words.map { Array($0.utf8) }),
      ("settings", some(".theme") + [Array(configuration.utf8)]),
    ]
  }

  /// The first batches of a fixture's segment.
  static func segment(_ name: String) -> [UInt8] {
    Fixtures.wholeBatches(Fixtures.head(Fixtures.repository + "/Tests/Fixtures/" + name), largest)
  }

  private static func sidecars(_ some: (String) -> [[UInt8]]) -> [[UInt8]] {
    let kinds: [(UInt8, String)] = [
      (0, ".index"), (1, ".timeindex"), (5, ".snapshot"), (6, "leader-epoch-checkpoint"),
      (7, "partition.metadata"), (9, "log-start-offset-checkpoint"),
      (10, "replication-offset-checkpoint"), (13, "meta.properties"),
    ]
    return kinds.flatMap { kind, ending in some(ending).map { [kind, 13] + $0 } }
  }

  private static func wholeLines(_ bytes: [UInt8]) -> [UInt8] {
    guard let end = bytes.lastIndex(of: 10) else { return bytes }
    return Array(bytes[...end].prefix(2048))
  }

  private static let madeText = [
    #"{"id":"1","type":"Deposited","stream":"Account-1","time":"2025-01-02T03:04:05.678Z","data":{"cents":12}}"#,
    #"[{"specversion":"1.0","id":"a","source":"/s","type":"t","data_base64":"AP8="},{"a":[1e5,null,true,"\ud83d\ude00"]}]"#,
    #"{"payload":{"before":null,"after":{"id":7},"op":"c","ts_ms":1736000000000},"schema":{}}"#,
  ].map { Array(($0 + "\n").utf8) }

  private static let queries = [
    #"state.balance < -state.overdraft && event.type != "X""#,
    #"has(data.to) && len(notes) >= 2 || !(a in (1, "b"))"#,
    #"data.name =~ /^a.*\d+$/i"#, "-1.5e3 * (2 + 3) / 4 == before.x", #"notes[0]["a.b"].c"#,
    "last tuesday 3pm",
    "2025-09-03 15:00", "-2h", "30 min ago", "2025-09-03T15:00:00.123456789+02:00", "1736000000000", "AP8=",
  ]

  private static let words = [
    "plain text", "山田 太郎", "e\u{301}\u{301}\u{301}", "👩‍👩‍👧‍👦🏽", "\u{1B}[31mred\u{1B}[0m", "\u{202E}abc\u{202C}",
    "🇪🇸🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "[<35;10;20M", "[200~paste", "a\u{200D}b\u{FE0F}\u{0}\u{9B}",
  ]

  private static let configuration = """
    theme = "mono"
    [keys.replay]
    next-change = ["]", "."]
    [fold."bank.*"]
    file = "bank.fold.js"
    """

  /// A message of format 1, without its checksum: the entry puts it right.
  private static let legacy: [UInt8] = {
    let body: [UInt8] =
      [1, 0] + [0, 0, 1, 0x94, 0, 0, 0, 0] + [0, 0, 0, 1, 0x6B] + [0, 0, 0, 2, 0x7B, 0x7D]
    let length = UInt8(body.count + 4)
    return [UInt8](repeating: 0, count: 11) + [length, 0, 0, 0, 0] + body
  }()

  // MARK: SQLite

  /// An event store of the kind Emmett writes, some pages long.
  static let database: [UInt8] = made.database
  private static let writeAheadLog: [UInt8] = made.log
  /// The header of a journal with one page of the database.
  private static let journal: [UInt8] =
    [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7] + [0, 0, 0, 1] + [0, 0, 0, 0] + [0, 0, 0, 4]
    + [0, 0, 2, 0] + [0, 0, 2, 0] + [UInt8](repeating: 0, count: 484) + [0, 0, 0, 1] + database.prefix(512)
    + [0, 0, 0, 0]

  private static let made: (database: [UInt8], log: [UInt8]) = {
    let path = Scratch.folder + "/seed.sqlite"
    var handle: OpaquePointer?
    guard sqlite3_open(path, &handle) == SQLITE_OK else { fail("sqlite3_open") }
    defer { sqlite3_close(handle) }
    let rows = (1...30).map { number in
      "('Account-\(number % 3)', \(number / 3), 0, 'Deposited', '\(number)', '{\"cents\":\(number)}', '{}', "
        + "'2025-01-02 03:04:05')"
    }
    let schema =
      "CREATE TABLE emt_messages(stream_id TEXT, stream_position INTEGER, is_archived INTEGER, "
      + "message_type TEXT, message_id TEXT, message_data TEXT, message_metadata TEXT, created TEXT, "
      + "global_position INTEGER PRIMARY KEY)"
    let columns =
      "(stream_id, stream_position, is_archived, message_type, message_id, message_data, message_metadata, created)"
    let insert = "INSERT INTO emt_messages \(columns) VALUES "
    let first = "PRAGMA page_size=512; \(schema); \(insert)" + rows.joined(separator: ",")
    let second = "PRAGMA journal_mode=wal; PRAGMA wal_autocheckpoint=0; \(insert)" + rows[0]
    for statements in [first, second] {
      guard sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK else { fail("sqlite3_exec") }
    }
    return (Fixtures.whole(path), Fixtures.whole(path + "-wal"))
  }()
}

/// The files of `Tests/Fixtures` and the themes.
private enum Fixtures {
  static let repository = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

  static var all: [String] {
    (below(repository + "/Tests/Fixtures") + below(repository + "/themes")).sorted()
  }

  private static func below(_ folder: String) -> [String] {
    ((try? Probe.names(in: folder)) ?? []).flatMap { name in
      let path = folder + "/" + name
      let inner = below(path)
      return inner.isEmpty ? [path] : inner
    }
  }

  static func whole(_ path: String) -> [UInt8] {
    guard let file = try? FileBytes(path: path) else { return [] }
    return (try? file.bytes(at: 0, count: Int(file.size))) ?? []
  }

  static func head(_ path: String) -> [UInt8] {
    guard let file = try? FileBytes(path: path) else { return [] }
    return (try? file.bytes(at: 0, count: 32 << 10)) ?? []
  }

  /// As many whole batches as `limit` bytes hold, one at least where it is whole.
  static func wholeBatches(_ bytes: [UInt8], _ limit: Int) -> [UInt8] {
    var end = 0
    while bytes.count - end >= 12 {
      let length = bytes[end + 8..<end + 12].reduce(0) { $0 << 8 | Int($1) } + 12
      guard length <= bytes.count - end, end == 0 || end + length <= limit else { break }
      end += length
    }
    return Array(bytes[..<end])
  }
}

extension Array {
  /// At most `count` elements, spread evenly.
  fileprivate func spread(_ count: Int) -> [Element] {
    guard self.count > count else { return self }
    return (0..<count).map { self[$0 * self.count / count] }
  }
}
