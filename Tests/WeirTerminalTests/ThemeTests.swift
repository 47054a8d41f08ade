import Support
import Testing
import WeirCells

/// Themes: the language, and every file that comes with the program.
@Suite struct ThemeTests {
  static let names = (["weir"] + Theme.available()).uniqued()

  /// A theme for every need: dark, light, high contrast, no colour at all.
  @Test func theOnesThatWerePromisedAreThere() {
    for name in ["weir", "paper", "contrast", "mono"] { #expect(ThemeTests.names.contains(name)) }
    #expect(ThemeTests.names.count >= 5)
  }

  @Test(arguments: names) func everyThemeLoadsAndNamesEveryRole(name: String) {
    let (theme, mistakes) = Theme.search(name)
    #expect(mistakes.isEmpty, "\(mistakes)")
    for role in Role.allCases {
      #expect(theme.named.contains(role), "\(name) says nothing of \(role.rawValue)")
    }
  }

  @Test func theBuiltInThemeIsTheFile() {
    #expect(Golden.read(Fixtures.repository + "/themes/weir.theme") == Theme.builtInText)
    #expect(Theme.search("weir").theme == Theme.builtIn)
  }

  /// Severity is told by an attribute, a ground of its own, or the glyph that screens put before it (✗ !),
  /// never by hue alone: without colours, what is bad still differs from text and from what is good.
  @Test(arguments: names) func severityIsNotHueAlone(name: String) {
    let theme = Theme.search(name).theme
    func bare(_ role: Role) -> CellFlags {
      var flags = theme[role].flags
      if theme[role].background != nil, theme[role].background != theme[.text].background {
        flags.formSymmetricDifference(.reversed)
      }
      return flags
    }
    for role in [Role.damage, .warning, .statusError, .tombstone, .removed, .added, .guess] {
      #expect(bare(role) != bare(.text), "\(name): \(role.rawValue) looks like text without colours")
      #expect(bare(role) != bare(.ok) || role == .guess, "\(name): \(role.rawValue) looks like ok")
    }
    #expect(bare(.damage) != bare(.warning) && bare(.added) != bare(.removed))
    #expect(bare(.selection) != bare(.text) && bare(.menuSelected) != bare(.menu))
    #expect(bare(.chartNegative) != bare(.chart), "\(name): below zero looks like above")
  }

  @Test func monoHasNoColours() {
    let theme = Theme.search("mono").theme
    for role in Role.allCases {
      #expect(theme[role].foreground == nil && theme[role].background == nil, "\(role.rawValue)")
    }
  }

  /// What is read must be readable: at least 4.5 to 1 for text on its own ground in themes that name both
  /// (WCAG 2.1), 7 to 1 in the one for high contrast.
  @Test(arguments: names) func textIsReadable(name: String) {
    let theme = Theme.search(name).theme
    let least = name == "contrast" ? 7.0 : 4.5
    for role in [
      Role.text, .title, .path, .type, .number, .string, .member, .damage, .statusError, .key, .menu,
    ] {
      let style = theme[role]
      guard let front = style.foreground, let back = style.background ?? theme[.text].background else {
        continue
      }
      #expect(ratio(front, back) >= least, "\(name): \(role.rawValue) \(ratio(front, back))")
    }
  }

  private func ratio(_ a: Color, _ b: Color) -> Double {
    let lights = [luminance(a), luminance(b)].sorted()
    return (lights[1] + 0.05) / (lights[0] + 0.05)
  }

  private func luminance(_ color: Color) -> Double {
    let parts = [color.red, color.green, color.blue].map { component -> Double in
      let value = Double(component) / 255
      return value <= 0.04045 ? value / 12.92 : power((value + 0.055) / 1.055)
    }
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
  }

  /// x to the 2.4: the fifth root, by Newton, of its twelfth power.
  private func power(_ x: Double) -> Double {
    let target = (1...12).reduce(1.0) { product, _ in product * x }
    var root = x
    for _ in 0..<60 where root > 0 { root = 0.8 * root + target / (5 * root * root * root * root) }
    return root
  }

  // MARK: The language

  @Test func rolesColoursAndAttributes() throws {
    let (theme, mistakes) = Theme.parse(
      """
      # a comment
      @ink = #112233
      text = @ink
      title = @ink on #ffffff bold underline   # at the end
      muted=dim
      """, name: "test")
    #expect(mistakes.isEmpty)
    #expect(theme[.title].foreground == Color("#112233") && theme[.title].background == Color("#ffffff"))
    #expect(theme[.title].flags == [.bold, .underline] && theme[.muted].flags == .dim)
    #expect(theme[.size] == theme[.text], "what is not named looks like text")
    #expect(theme.named == [.text, .title, .muted])
  }

  @Test func mistakesAreToldByLineAndTheRestCounts() {
    let (theme, mistakes) = Theme.parse(
      "text = #12345\nnonsense = bold\ntitle = bold\nhint\n@x = 3\nlink = @y\ninherits = nobody\n", name: "t")
    #expect(mistakes.map(\.line) == [1, 2, 4, 5, 6, 7])
    #expect(theme[.title].flags == .bold)
  }

  @Test func inheritance() {
    let parent = Theme.parse("text = #ffffff\ntitle = bold\n", name: "p").theme
    let child = Theme.parse("inherits = p\nlink = underline\n", name: "c") { $0 == "p" ? parent : nil }.theme
    #expect(child[.title].flags == .bold && child[.link].flags == .underline)
    #expect(child.named == [.text, .title, .link])
  }

  /// A chain of themes that bites its own tail ends, and one that is not there is told with those that are.
  @Test func ringsAndUnknownNamesEnd() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("ring.theme", "inherits = \(folder.path)/ring.theme\ntext = bold\n")
    #expect(Theme.search(path).theme[.text].flags == .bold)
    let (theme, mistakes) = Theme.search("no-such-theme")
    #expect(theme == .builtIn && mistakes.count == 1 && mistakes[0].reason.contains("paper"))
  }
}

extension Array where Element: Hashable {
  fileprivate func uniqued() -> [Element] {
    var seen: Set<Element> = []
    return filter { seen.insert($0).inserted }
  }
}
