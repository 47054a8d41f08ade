import Support
import Testing
import WeirCore

/// The bank's accounts, folded by every dialect from every source that holds their events, against the states
/// that an independent program in another language came to.
@Suite(.serialized, .needsLibrary("libjavascriptcoregtk-4.1.so.0")) struct BankProofTests {
  static let bank = Fixtures.path("bank")
  static let sources = [bank + "/year.ndjson.gz", Fixtures.path("demo/kafka") + "#bank.accounts"]
  static let folds = ["bank.fold.js", "bank.evolve.js", "bank.projection.js"]
  /// How many accounts had an event by each time.
  static let times = [
    "2025-03-31T23:59:59.999Z": 109, "2025-06-01T00:00:00.000Z": 217, "2025-09-15T12:00:00.000Z": 300,
    "9999": 300,
  ]

  /// State by account, of one time of a file of reference states.
  private func reference(_ file: String, at time: String) throws -> [String: JSONValue] {
    var states: [String: JSONValue] = [:]
    for line in try Program.run(["cat", BankProofTests.bank + "/" + file, "--json"]).lines {
      let event = try JSONParser.parse(Array(line.utf8))
      guard event["data"]?["asOf"]?.string == time, let name = event["stream"]?.string else { continue }
      states[name] = event["data"]?["state"]
    }
    return states
  }

  /// State by aggregate, as `weir state --all --json` prints it.
  private func folded(_ source: String, _ fold: String, _ flags: [String] = []) throws -> [String: JSONValue]
  {
    let run = try Program.run(
      ["state", source, "--all", "--json", "--fold", BankProofTests.bank + "/" + fold] + flags)
    #expect(run.status == 0, "\(run.errors)")
    var states: [String: JSONValue] = [:]
    for line in run.lines {
      let value = try JSONParser.parse(Array(line.utf8))
      let name = try #require(value["aggregate"]?.string)
      #expect(states[name] == nil, "\(name) twice")
      #expect(value["inexact"] == .array([]))
      states[name] = value["state"]
    }
    return states
  }

  @Test(arguments: folds, Array(times.keys))
  func everyAccountAtFourTimes(_ fold: String, _ time: String) throws {
    let expected = try reference("year.states.ndjson.gz", at: time)
    #expect(expected.count == BankProofTests.times[time])
    for source in BankProofTests.sources {
      let states = try folded(source, fold, time == "9999" ? [] : ["--at", time])
      #expect(states.count == expected.count)
      let wrong = expected.filter { states[$0.key] != $0.value }.map(\.key)
      #expect(wrong == [], "\(source)")
    }
  }

  @Test(arguments: folds) func theStoreHasTheFirstTwoThousand(_ fold: String) throws {
    let expected = try reference("bank.states.ndjson.gz", at: "end")
    #expect(expected.count == 78)
    let states = try folded(Fixtures.path("demo/emmett.sqlite"), fold)
    #expect(expected.filter { states[$0.key] != $0.value }.map(\.key) == [])
    #expect(Set(states.keys.filter { $0.hasPrefix("Account-") }) == Set(expected.keys))
  }

  /// The same account by an address, by operands, by its steps and by a digest on any path.
  @Test func oneAccountHoweverItIsAskedFor() throws {
    let (account, fold) = ("Account-19b6554d", ["--fold", BankProofTests.bank + "/bank.fold.js"])
    let logs = Fixtures.path("demo/kafka")
    let asked = [
      ["state", logs + "#bank.accounts~" + account], ["state", logs + "#bank.accounts", account],
      ["state", logs, "--stream", "bank.accounts", "--key", account],
      ["state", BankProofTests.sources[0], account], ["state", BankProofTests.sources[0] + "#" + account],
      ["state", logs + "#bank.accounts/3", account],
    ]
    var digests: Set<String> = []
    for words in asked {
      let run = try Program.run(words + fold + ["--json"])
      #expect(run.status == 0, "\(words): \(run.errors)")
      let value = try JSONParser.parse(run.output)
      #expect(value["events"] == .int(360))
      digests.insert(value["digest"]?.string ?? "none")
    }
    let steps = try Program.run(["replay", BankProofTests.sources[0], account, "--json"] + fold)
    #expect(steps.status == 1, "the account went below its overdraft")
    let last = try JSONParser.parse(Array((steps.lines.last ?? "").utf8))
    digests.insert(last["digest"]?.string ?? "none")
    #expect(steps.lines.count == 360)
    #expect(digests.count == 1, "\(digests)")
  }
}
