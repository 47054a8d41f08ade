import Support
import Testing

@testable import WeirCore

/// What must hold whatever the bytes of a database are: no trap, no hang, and every event whose page is whole
/// is found, or what keeps it from being found is told.
@Suite struct SQLiteLawTests {
  /// 48 events of two streams on pages of 512 bytes; ids name the events, and stand in the table alone.
  private static let sql = """
    PRAGMA page_size = 512; PRAGMA journal_mode = DELETE;
    CREATE TABLE events(id INTEGER PRIMARY KEY, stream_id TEXT, version INTEGER, type TEXT, event_id TEXT,
      data TEXT,
      UNIQUE(stream_id, version));
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 48)
    INSERT INTO events SELECT i, 'S' || (i % 2), i / 2, 'Counted', printf('<%04d>', i),
      '{"n":' || i || ',"text":"' || substr('abcdefghijklmnopqrstuvwxyz', 1, i % 23) || '"'
        || CASE WHEN i = 30 THEN ',"long":"' || printf('%.1500c', 'x') || '"' ELSE '' END || '}' FROM n;
    """

  private struct Outcome {
    /// Event ids, `<0001>` …, with their data.
    var found: [String: [UInt8]] = [:]
    var damage: [Damage] = []
    var fault: Fault?

    /// True when somebody is told that something is wrong.
    var isTold: Bool { fault != nil || !damage.isEmpty }
  }

  private func read(_ path: String, _ options: ReadOptions = ReadOptions()) -> Outcome {
    var outcome = Outcome()
    do throws(Fault) {
      let source = try Format.open(path, options, Work())
      let content = try LogContent(source.log(.everything))
      outcome.damage = content.damage
      for event in content.events { outcome.found[event.id ?? ""] = event.rawValue ?? [] }
      _ = try source.catalog(.count(limit: nil), Work())
      _ = try LogContent(source.log(.everything), .backward)
      _ = try LogContent(source.log(StreamID("S1")))
    } catch { outcome.fault = error }
    return outcome
  }

  private func ids(in page: ArraySlice<UInt8>) -> Set<String> {
    var found: Set<String> = []
    for index in page.indices.dropLast(5)
    where page[index] == UInt8(ascii: "<") && page[index + 5] == UInt8(ascii: ">") {
      found.insert(String(decoding: page[index...index + 5], as: UTF8.self))
    }
    return found
  }

  @Test func theWholeFile() throws {
    let folder = try TemporaryFolder()
    let outcome = read(try folder.write("e.sqlite", try SQLiteWriter.bytes(SQLiteLawTests.sql)))
    #expect(outcome.found.count == 48)
    #expect(!outcome.isTold)
  }

  @Test func everyTruncation() throws {
    let whole = try SQLiteWriter.bytes(SQLiteLawTests.sql)
    let folder = try TemporaryFolder()
    for length in stride(from: 0, through: whole.count, by: 151) {
      let outcome = read(try folder.write("e.sqlite", Array(whole[..<length])))
      #expect(outcome.found.count == 48 || outcome.isTold, "cut at \(length): \(outcome.found.count) events")
      if let fault = outcome.fault { #expect(fault.kind == .nothingThere || fault.kind == .unreadable) }
    }
  }

  /// Cut between pages: what stands on the pages that are left is shown.
  @Test func aMissingEndCostsOnlyItself() throws {
    let whole = try SQLiteWriter.bytes(SQLiteLawTests.sql)
    let folder = try TemporaryFolder()
    var mostFound = 0
    for pages in 4..<whole.count / 512 {
      let left = Array(whole[..<(pages * 512)])
      let outcome = read(try folder.write("e.sqlite", left))
      let complete = (0..<pages).filter { left[$0 * 512] == 0x0D }.map {
        ids(in: left[($0 * 512)..<($0 * 512 + 512)])
      }
      // The tree's root must be there, and page 30's payload continues on other pages.
      let wanted = complete.reduce(into: Set<String>()) { $0.formUnion($1) }.subtracting(["<0030>"])
      if outcome.fault == nil {
        #expect(wanted.isSubset(of: outcome.found.keys), "\(pages) pages")
        mostFound = max(mostFound, outcome.found.count)
      }
    }
    #expect(mostFound > 30)
  }

  @Test(arguments: [UInt8(0x01), 0x40, 0xFF]) func byteFlips(mask: UInt8) throws {
    let whole = try SQLiteWriter.bytes(SQLiteLawTests.sql)
    let original = try read(TemporaryFolder().write("e.sqlite", whole))
    #expect(original.found.count == 48 || original.fault != nil)
    let folder = try TemporaryFolder()
    var checked = 0
    for index in stride(from: Int(mask) % 5, to: whole.count, by: 29) {
      var bytes = whole
      bytes[index] ^= mask
      let outcome = read(try folder.write("e.sqlite", bytes))
      let page = index / 512
      let first = page * 512
      let hit = ids(in: whole[first..<(first + 512)])
      // A leaf of the table: all other events are untouched. (0D: a leaf, and only the table has ids.)
      guard whole[first] == 0x0D, !hit.isEmpty, page > 0 else { continue }
      checked += 1
      let others = Set((1...48).map { "<00\($0 < 10 ? "0" : "")\($0)>" }).subtracting(hit)
      #expect(others.isSubset(of: outcome.found.keys), "byte \(index): \(outcome.fault?.reason ?? "")")
    }
    #expect(checked > 40)
  }
}
