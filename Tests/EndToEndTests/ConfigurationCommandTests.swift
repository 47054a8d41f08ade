import Support
import Testing

/// `weir config`, and what wins over what: flags, the environment, the file.
@Suite struct ConfigurationCommandTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func file(_ text: String) throws -> String { try folder.write("config.toml", text) }

  @Test func flagsWinOverTheEnvironmentAndThatOverTheFile() throws {
    let path = try file("theme = \"paper\"\nzone = \"Europe/Madrid\"\n")
    func theme(_ words: [String], under: [String] = []) throws -> String {
      let run = try Program.run(["config", "show", "--config", path] + words, under: under)
      return run.lines.first { $0.hasPrefix("theme") }?.split(separator: " ").dropFirst().joined(
        separator: " ") ?? ""
    }
    #expect(try theme([]) == "paper config.toml:1")
    #expect(try theme([], under: ["env", "WEIR_THEME=mono"]) == "mono WEIR_THEME")
    #expect(try theme(["--theme", "weir"], under: ["env", "WEIR_THEME=mono"]) == "weir --theme")
    let event = Array(#"{"type":"T","time":"2025-07-01T10:00:00Z"}"#.utf8)
    #expect(try Program.run(["cat", "-", "--config", path], input: event).text.hasPrefix("2025-07-01 12:00"))
    #expect(
      try Program.run(["cat", "-", "--config", path, "--utc"], input: event).text.hasPrefix(
        "2025-07-01 10:00"))
    let named = try Program.run(["config", "path"], under: ["env", "WEIR_CONFIG=\(path)"])
    #expect(named.lines == [path[...]])
  }

  @Test func mistakesHaveLineAndColumn() throws {
    let path = try file(
      """
      theme = 3
      zone = "Mars/Base"
      mose = true
      mouse = "no"
      [keys.replay]
      next-change = ["]", "no-such-key"]
      nxt-change = "x"
      [fold."a*"]
      fle = "x.js"
      [map."b*"]
      type = "kind"

      """)
    let check = try Program.run(["config", "check", "--config", path])
    #expect(check.status == 1)
    #expect(
      check.lines.map { $0.dropFirst(path.count + 1).prefix { $0 != " " } }
        == ["1:9:", "2:8:", "3:8:", "4:9:", "6:16:", "7:14:", "9:7:", "11:8:"])
    #expect(check.text.contains("did you mean 'mouse'?"))
    // The rest still counts, and every command says what does not.
    let cat = try Program.run(["cat", "-", "--config", path], input: Array("{}\n".utf8))
    #expect(cat.status == 0)
    #expect(cat.errors.contains("\(path):2:8:"))
    #expect(try Program.run(["config", "check", "--config", try file("")]).status == 0)
    #expect(try Program.run(["config", "check", "--config", folder.path + "/none.toml"]).status == 3)
  }

  @Test func foldsAndMappingsByPattern() throws {
    try folder.write("n.fold.js", "module.exports = { initial: 0, when: { $any: s => s + 1 } };")
    let path = try file("[fold.\"A-*\"]\nname = \"count\"\n[map.\"*\"]\ntype = \"data:/data/kind\"\n")
    let event = #"{"stream":"A-1","data":{"kind":"K"}}"# + "\n"
    let state = try Program.run(["state", "-", "A-1", "--config", path, "--json"], input: Array(event.utf8))
    #expect(state.text.contains(#""state":1"#))
    #expect(!state.errors.contains("guess"))
    let cat = try Program.run(["cat", "-", "--config", path, "--json"], input: Array(event.utf8))
    #expect(cat.text.contains(#""type":"K""#))
    // What the command line says wins.
    let flagged = try Program.run(
      ["cat", "-", "--config", path, "--json", "--map", "type=data:/data/other"], input: Array(event.utf8))
    #expect(!flagged.text.contains(#""type":"K""#))
  }

  @Test func keysAreListedWithTheirActions() throws {
    let path = try file("[keys.replay]\nnext-change = [\"x\"]\n")
    let keys = try Program.run(["config", "keys", "--config", path])
    #expect(
      keys.lines.contains { $0.hasPrefix("keys.replay") && $0.contains("next-change") && $0.contains(" x ") })
  }
}
