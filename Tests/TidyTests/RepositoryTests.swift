import Testing

@Test func topLevelStaysSmall() {
  let known: Set<String> = [
    "Package.swift", "Sources", "Tests", "themes", "README.md", "Makefile", "LICENSE", "CHANGELOG.md",
    "dist",  // made by `make dist`, ignored by git
  ]
  for name in Repository.entries(of: "") where !name.hasPrefix(".") {
    #expect(known.contains(name), "\(name) at the top of the repository")
  }
}

/// A golden that no test names proves nothing. `browse-80x24.screen` counts as named where a test says
/// `browse-80x24` or, when it makes up the name from a size, `browse`.
@Test func everyGoldenIsUsed() {
  let tests = testTexts()
  for path in Repository.files(below: "Tests/Goldens") {
    let stem = withoutExtension(name(of: path))
    let subject =
      stem.last?.isNumber == true ? stem[..<(stem.lastIndex(of: "-") ?? stem.endIndex)] : stem[...]
    let used = tests.contains { $0.contains(stem) || $0.contains("\"\(subject)") }
    #expect(used, "\(path) is named by no test")
  }
}

/// Nobody can judge a fixture whose origin is not told: each is named, itself or a folder it lies in below
/// its format's, by a test or by a note (.md, .txt) beside the fixtures.
@Test func everyFixtureIsExplained() {
  let notes = Repository.files(below: "Tests/Fixtures").filter { $0.hasSuffix(".md") || $0.hasSuffix(".txt") }
  let texts = testTexts() + notes.map(Repository.text)
  for path in Repository.files(below: "Tests/Fixtures") where !notes.contains(path) {
    let parts = path.split(separator: "/").dropFirst(2)
    let names = parts.count > 1 ? parts.dropFirst() : parts
    let told = names.contains { name in texts.contains { $0.contains(name) } }
    #expect(told, "\(path) is mentioned by no test and no note")
  }
}

@Test func continuousIntegrationRunsTheTests() {
  let script = Repository.text(".ci/run").split(separator: "\n")
  #expect(script.contains("set -euo pipefail"))
  #expect(script.contains("make lint"))
  #expect(script.last == "make test")
  #expect(script.contains("export CI=1"))
}

/// The README's two commands, and what the house promises beside them.
@Test(arguments: ["build", "demo", "test", "install", "bench", "coverage", "fuzz", "dist", "clean"])
func makefileHasTarget(name: String) {
  #expect(Repository.text("Makefile").split(separator: "\n").contains { $0.hasPrefix("\(name):") })
}

private func testTexts() -> [String] {
  Repository.files(below: "Tests").filter { $0.hasSuffix(".swift") }.map(Repository.text)
}

private func name(of path: String) -> String { String(path.split(separator: "/").last ?? "") }

private func withoutExtension(_ name: String) -> String {
  String(name[..<(name.lastIndex(of: ".") ?? name.endIndex)])
}
