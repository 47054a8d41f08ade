import Support
import Testing

@testable import WeirCore

/// The write-ahead log and the rollback journal: what counts, what does not, and what is said about it.
@Suite struct SQLiteLogTests {
  private static let table = """
    CREATE TABLE events(id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, type TEXT, data TEXT);
    """

  /// A store of `before` events in the database and `after` commits of one event each in its log, as it is
  /// while the writer has it open.
  private func live(before: Int, after: Int, _ folder: TemporaryFolder) throws -> String {
    let own = try TemporaryFolder()
    let writer = try SQLiteWriter(
      own.path + "/e.sqlite",
      "PRAGMA page_size = 512; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
        + SQLiteLogTests.table)
    for number in 0..<before { try insert(number, writer) }
    try writer.run("PRAGMA wal_checkpoint(TRUNCATE)")
    for number in before..<before + after { try insert(number, writer) }
    return try writer.copy(to: folder)
  }

  private func insert(_ number: Int, _ writer: SQLiteWriter) throws {
    try writer.run(
      "INSERT INTO events VALUES(\(number + 1), 'S', \(number), 'Counted', '{\"n\":\(number + 1)}')")
  }

  private func content(_ path: String) throws -> LogContent {
    try LogContent(Format.open(path, ReadOptions(), Work()).log(.everything))
  }

  private func count(_ path: String) throws -> Int {
    let found = try content(path).events.map(\.positionText)
    #expect(found == (0..<found.count).map { String($0 + 1) }, "not the beginning of the history")
    return found.count
  }

  /// Commits in the first `length` bytes of a log with pages of 512 bytes.
  private func commits(_ log: [UInt8], _ length: Int) -> Int {
    stride(from: 32, through: length - 536, by: 536).filter { log[($0 + 4)..<($0 + 8)] != [0, 0, 0, 0] }.count
  }

  private func bytes(_ path: String) throws -> [UInt8] {
    let file = try FileBytes(path: path)
    return try file.bytes(at: 0, count: Int(file.size))
  }

  @Test func everyTruncationShowsTheCommitsThatAreWhole() throws {
    let folder = try TemporaryFolder()
    let path = try live(before: 4, after: 9, folder)
    let log = try bytes(path + "-wal")
    #expect(try count(path) == 13)
    for length in stride(from: 0, through: log.count, by: 61) {
      try folder.write("e.sqlite-wal", Array(log[..<length]))
      #expect(try count(path) == 4 + commits(log, length), "cut at \(length)")
      let damage = try content(path).damage
      #expect(damage.allSatisfy { $0.kind == .tornTail }, "a torn end is not damage")
    }
  }

  @Test(arguments: [UInt8(0x01), 0x80]) func everyByteFlipEndsTheLogThere(mask: UInt8) throws {
    let folder = try TemporaryFolder()
    let path = try live(before: 4, after: 6, folder)
    let log = try bytes(path + "-wal")
    for index in stride(from: Int(mask) & 1, to: log.count, by: 53) {
      var broken = log
      broken[index] ^= mask
      try folder.write("e.sqlite-wal", broken)
      let frame = (index - 32) / 536
      let whole = index < 32 ? 0 : commits(log, 32 + frame * 536)
      let content = try content(path)
      // The magic's last bit says how checksums count; everything else in header and frames is under one.
      #expect(content.events.count == 4 + whole, "byte \(index)")
      let isSalt = index >= 32 && (8..<16).contains((index - 32) % 536)
      let isLast = frame == (log.count - 32) / 536 - 1
      if !isSalt { #expect(content.damage.map(\.kind) == [isLast ? .tornTail : .corrupt], "byte \(index)") }
    }
  }

  @Test func aLogBegunAgain() throws {
    let own = try TemporaryFolder()
    let writer = try SQLiteWriter(
      own.path + "/e.sqlite",
      "PRAGMA page_size = 512; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0;"
        + SQLiteLogTests.table)
    for number in 0..<9 { try insert(number, writer) }
    try writer.run("PRAGMA wal_checkpoint(RESTART)")
    for number in 9..<11 { try insert(number, writer) }
    let folder = try TemporaryFolder()
    let path = try writer.copy(to: folder)
    #expect(try bytes(path + "-wal").count > 32 + 536 * 6, "frames of the time before are still there")
    #expect(try count(path) == 11)
    #expect(try content(path).damage.isEmpty)
    try writer.run("PRAGMA wal_checkpoint(TRUNCATE)")
    #expect(try count(writer.copy(to: folder)) == 11)
    // A log that does not belong to a database in another mode is nobody's.
    try writer.run("PRAGMA journal_mode = DELETE")
    try folder.write("e.sqlite", try bytes(writer.path))
    try folder.write("e.sqlite-wal", "left over")
    #expect(try count(path) == 11)
    #expect(try content(path).damage.isEmpty)
  }

  @Test func bigEndianChecksums() throws {
    let folder = try TemporaryFolder()
    let path = try live(before: 3, after: 4, folder)
    var log = try bytes(path + "-wal")
    var sums: (UInt32, UInt32) = (0, 0)
    func word(_ at: Int) -> UInt32 { log[at..<at + 4].reduce(0) { $0 << 8 | UInt32($1) } }
    func add(_ range: Range<Int>) {
      for at in stride(from: range.lowerBound, to: range.upperBound, by: 8) {
        sums.0 &+= word(at) &+ sums.1
        sums.1 &+= word(at + 4) &+ sums.0
      }
    }
    func put(_ value: UInt32, _ at: Int) {
      for index in 0..<4 { log[at + index] = UInt8(truncatingIfNeeded: value >> UInt32(24 - 8 * index)) }
    }
    log[3] ^= 1
    add(0..<24)
    put(sums.0, 24)
    put(sums.1, 28)
    for frame in stride(from: 32, to: log.count, by: 536) {
      add(frame..<frame + 8)
      add(frame + 24..<frame + 536)
      put(sums.0, frame + 16)
      put(sums.1, frame + 20)
    }
    try folder.write("e.sqlite-wal", log)
    #expect(try count(path) == 7)
    #expect(try content(path).damage.isEmpty)
  }

  @Test func anUnfinishedTransactionIsNotShownAndThatIsSaid() throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy(
      ["emmett.sqlite", "emmett.sqlite-wal"], from: "sqlite/emmett-live-midtxn")
    let source = try Format.open(path, ReadOptions(), Work())
    #expect(source.about.notes.contains { $0.contains("not finished") })
    #expect(try LogContent(source.log(.everything)).events.count == 640)
  }

  // MARK: Rollback journal

  @Test func aHotJournalIsLaidOverTheFile() throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy(["hot.sqlite", "hot.sqlite-journal"], from: "sqlite/hot-journal")
    let source = try Format.open(path, ReadOptions(), Work())
    let events = try LogContent(source.log(.everything)).events
    #expect(events.count == 40)
    #expect(!events.contains { $0.data == .json(Array(#"{"overwritten":true}"#.utf8)) })
    #expect(source.about.notes.contains { $0.contains("a transaction did not finish") })
  }

  /// A journal without its header (SQLite's own way to say that the transaction is over), none at all, one of
  /// a length of zero: the file is what it is.
  @Test func aJournalThatIsOver() throws {
    for journal in [nil, [], [UInt8](repeating: 0, count: 2048), Array("no journal".utf8)] as [[UInt8]?] {
      let folder = try TemporaryFolder()
      try folder.write("e.sqlite", try SQLiteWriter.bytes(SQLiteLogTests.table + insertions(5)))
      if let journal { try folder.write("e.sqlite-journal", journal) }
      #expect(try count(folder.path + "/e.sqlite") == 5)
    }
  }

  private func insertions(_ count: Int) -> String {
    (1...count).map { "INSERT INTO events VALUES(\($0), 'S', \($0), 'Counted', '{}');" }.joined()
  }

  @Test func brokenJournalsNeverTrap() throws {
    let journal = try Fixtures.bytes("sqlite/hot-journal/hot.sqlite-journal")
    let folder = try TemporaryFolder()
    let path = try folder.copy(["hot.sqlite"], from: "sqlite/hot-journal")
    func open() -> Int? { try? content(path).events.count }
    for length in stride(from: 0, through: journal.count, by: 1031) {
      try folder.write("hot.sqlite-journal", Array(journal[..<length]))
      _ = open()
    }
    for index in Array(0..<32) + Array(stride(from: 512, to: journal.count, by: 1777)) {
      var broken = journal
      broken[index] ^= 0x81
      try folder.write("hot.sqlite-journal", broken)
      _ = open()
    }
    // More records claimed than the file can hold, and all ones: as many as there are, at most.
    for claimed: UInt8 in [0x7F, 0xFF] {
      var forged = journal
      for index in 8..<12 { forged[index] = claimed }
      try folder.write("hot.sqlite-journal", forged)
      #expect(open() != nil)
    }
  }

  /// Part of a transaction over several files: whether it finished is told by the super-journal's being gone.
  @Test(arguments: [false, true]) func aSuperJournal(isThere: Bool) throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy(["hot.sqlite"], from: "sqlite/hot-journal")
    let name = Array((folder.path + "/super-journal").utf8)
    if isThere { try folder.write("super-journal", "x") }
    var journal = try Fixtures.bytes("sqlite/hot-journal/hot.sqlite-journal")
    func word(_ value: UInt32) -> [UInt8] {
      [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
    }
    journal += word(0x4000_0000 / 1024 + 1) + name + word(UInt32(name.count))
    journal += word(name.reduce(0) { $0 + UInt32($1) }) + [0xD9, 0xD5, 0x05, 0xF9, 0x20, 0xA1, 0x63, 0xD7]
    try folder.write("hot.sqlite-journal", journal)
    let source = try Format.open(path, ReadOptions(), Work())
    let part = isThere ? "a transaction did not finish" : "is left over and was not used"
    #expect(source.about.notes.contains { $0.contains(part) })
    if isThere { #expect(try content(path).events.count == 40) }
  }

  @Test func aJournalThatCannotBeReadIsSaid() throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy(["hot.sqlite"], from: "sqlite/hot-journal")
    // A link to itself is there and cannot be opened, also by the superuser.
    try folder.link("hot.sqlite-journal", to: folder.path + "/hot.sqlite-journal")
    let fault = #expect(throws: Fault.self) { try Format.open(path, ReadOptions(), Work()) }
    #expect(fault?.reason.contains("journal") ?? false, "\(fault?.description ?? "")")
    #expect(fault?.kind == .unreadable)
  }

  // MARK: A source that moves

  @Test func aMovingSourceIsTriedThreeTimes() throws {
    let own = try TemporaryFolder()
    let writer = try SQLiteWriter(own.path + "/e.sqlite", SQLiteLogTests.table)
    let database = SQLiteDatabase(path: writer.path)
    var runs = 0
    let result = try database.read(Work()) { _ throws(SQLiteError) in
      runs += 1
      try? insert(runs, writer)
      return runs
    }
    #expect(result == 3 && runs == 3)
    #expect(database.isMoving)
    _ = try database.read(Work()) { _ throws(SQLiteError) in 0 }
    #expect(!database.isMoving)
    // Once it holds still, one try is enough.
    runs = 0
    _ = try database.read(Work()) { _ throws(SQLiteError) in
      runs += 1
      if runs == 1 { try? insert(10, writer) }
    }
    #expect(runs == 2)
    #expect(!database.isMoving)
  }

  @Test func aLogThatOnlyGrowsHoldsStill() throws {
    let own = try TemporaryFolder()
    let writer = try SQLiteWriter(
      own.path + "/e.sqlite", "PRAGMA journal_mode = WAL;" + SQLiteLogTests.table)
    let database = SQLiteDatabase(path: writer.path)
    var runs = 0
    _ = try database.read(Work()) { _ throws(SQLiteError) in
      runs += 1
      try? insert(runs, writer)
    }
    #expect(runs == 1)
    let source = try Format.open(writer.path, ReadOptions(), Work())
    let log = try source.log(.everything)
    for number in 2..<6 {
      try insert(number, writer)
      #expect(try LogContent(log).events.count == number, "the next read sees what was written")
    }
  }

  @Test func cancellingStopsARead() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("e.sqlite", try SQLiteWriter.bytes(SQLiteLogTests.table + insertions(5)))
    let work = Work()
    work.cancel()
    #expect(throws: Fault.cancelled) { try Format.open(path, ReadOptions(), work) }
    let database = SQLiteDatabase(path: path)
    let later = Work()
    #expect(throws: Fault.cancelled) {
      try database.read(later) { connection throws(SQLiteError) in
        later.cancel()
        let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT max(i) FROM n"
        return try connection.statement(endless).step()
      }
    }
  }
}
