import Support
import Testing
import WeirCells
import WeirCore

@testable import WeirUI

/// What Browse shows of sources that are empty, damaged, unknown or hidden by a filter.
@Suite struct TroubleGoldens {
  @Test(arguments: goldenSizes) func troubles(size: Size) throws {
    let folder = try TemporaryFolder()
    try Troubles.write(to: folder)
    try Troubles.damagedPartition(in: folder)
    let names = ["missing.ndjson", "empty.ndjson", "notes.bin", "damaged.ndjson", "bank.accounts-2"]
    let app = drive(.files(names, in: folder), size)
    var screens = [app.golden("sources that do not open")]
    app.press("G tab g 15*down")
    screens.append(app.golden("a broken batch"))
    app.press("f").type("type == \"Nothing\"").press("enter")
    screens.append(app.golden("everything hidden by the filter"))
    Golden.expect("troubles-\(size).screen", GridText.story(screens))
  }

  /// Nothing is opened yet: the first screen, before any answer.
  @Test func firstScreenAtOnce() {
    let app = drive(.demo, holds: true)
    Golden.expect("first-80x24.screen", GridText.story([app.golden("nothing answered yet")]))
  }
}

extension Troubles {
  /// A partition of the bundled bank with one byte of its second batch flipped.
  static func damagedPartition(in folder: TemporaryFolder) throws {
    let name = "00000000000000000000.log"
    let log = try FileBytes(path: Fixtures.path("demo/kafka/bank.accounts-2/" + name))
    var bytes = try log.bytes(at: 0, count: Int(log.size))
    // Offset and length stand before a batch (Kafka, "Record Batch").
    let length = bytes[8..<12].reduce(0) { $0 << 8 | Int($1) }
    bytes[12 + length + 100] ^= 0x40
    try folder.directory("bank.accounts-2")
    try folder.write("bank.accounts-2/" + name, bytes)
  }
}
