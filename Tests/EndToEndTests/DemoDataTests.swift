import Support
import Testing

@testable import weir

/// The demo is part of what is installed: small, complete, and found from where the program was built.
struct DemoDataTests {
  @Test func isFoundFromTheBuildFolder() throws {
    let folder = try #require(DemoData.locate())
    for name in ["bank.fold.js", "emmett.sqlite", "kafka/bank.accounts-0/00000000000000000000.log"] {
      #expect(FileNames.exists(folder + "/" + name), "\(name) is missing in \(folder)")
    }
  }
}
