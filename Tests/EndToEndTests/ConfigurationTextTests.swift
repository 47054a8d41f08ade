import Support
import Testing

@testable import weir

@Suite struct ConfigurationTextTests {
  /// The fuzzer's find: toml++ asserted that a table header begins with a key, and the program ended.
  @Test(arguments: ["[{", "x = 1\n[{a.b\nfile = \"y\"", "[\"", "[[", "a = [", "\u{0}", "[a.b.", "= 1"])
  func textThatIsNoTOMLIsAMistake(text: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("config.toml", text)
    let configuration = try Configuration(explicit: path)
    #expect(configuration.mistakes.count == 1)
    #expect(configuration.theme.value == "weir")
  }
}
