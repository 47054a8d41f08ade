import Testing

/// Who may import whom. The compiler refuses an undeclared import only when it has not built the module yet,
/// and never refuses what a dependency depends on; this table refuses both. Think hard before changing it.
private let allowed: [String: Set<String>] = [
  "WeirCore": [
    "CKernels", "CSQLite", "CReadOnlyVFS", "CZstd", "CLZ4", "CSnappy", "CDeflate", "CZlib", "CPCRE2",
  ],
  "WeirReplay": ["WeirCore", "CJavaScript"],
  "WeirCells": ["CUtf8proc"],
  "WeirUI": ["WeirCore", "WeirReplay", "WeirCells"],
  "WeirTerminal": ["WeirCells", "CNcurses", "CCrashGuard"],
  "weir": ["WeirCore", "WeirReplay", "WeirCells", "WeirUI", "WeirTerminal", "CToml", "CSandbox", "CEvents"],
  "weir-bench": ["WeirCore", "WeirReplay", "WeirCells", "WeirUI", "WeirTerminal", "CKernels", "CBench"],
  "weir-fuzz": ["WeirCore", "WeirReplay", "WeirCells", "WeirTerminal", "CSQLite", "CToml", "CFuzz"],
]

/// What a Swift file may import besides the project's own modules.
private let system: Set<String> = ["Glibc", "Synchronization", "Testing"]

/// The modules that a file imports, each with its line, from 1.
private func imports(of source: SwiftSource) -> [(module: String, line: Int)] {
  source.code.enumerated().compactMap { index, line in
    let words = SwiftSource.words(line)
    guard let keyword = words.firstIndex(of: "import"), keyword + 1 < words.count,
      words[..<keyword].allSatisfy({
        ["package", "internal", "private", "testable", "preconcurrency"].contains($0)
      })
    else { return nil }
    // `import struct Module.Type` names the module second.
    let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
    let module = kinds.contains(words[keyword + 1]) && keyword + 2 < words.count ? keyword + 2 : keyword + 1
    return (String(words[module]), index + 1)
  }
}

@Test func importsStayInTheirLayer() {
  for source in Repository.swift where source.path.hasPrefix("Sources/") {
    let permitted = (allowed[String(source.target)] ?? []).union(system).subtracting(["Testing"])
    for (module, line) in imports(of: source) {
      #expect(permitted.contains(module), "\(source.path):\(line) imports \(module)")
    }
  }
}

@Test func foundationIsNowhere() {
  for source in Repository.swift where source.path.hasPrefix("Tests/") {
    for (module, line) in imports(of: source) {
      let ours = module.hasPrefix("Weir") || module.hasPrefix("C") || ["weir", "Support"].contains(module)
      #expect(ours || system.contains(module), "\(source.path):\(line) imports \(module)")
    }
  }
}

/// A new target cannot escape the table by not standing in it.
@Test func everyTargetStandsInTheTable() {
  for target in Repository.entries(of: "Sources") {
    let isSwift = Repository.files(below: "Sources/\(target)").contains { $0.hasSuffix(".swift") }
    #expect(!isSwift || allowed[target] != nil, "Sources/\(target) has no row in the import table")
  }
}

@Test func importLinesAreRecognised() {
  let text = "@testable import A\npackage import B\nimport struct C.D\n// import E\nlet text = \"import F\"\n"
  let found = imports(of: SwiftSource(path: "", text: text))
  #expect(found.map(\.module) == ["A", "B", "C"])
  #expect(found.map(\.line) == [1, 2, 3])
}
