import Support
import Testing
import WeirCells

@testable import WeirUI

/// What lies over the screens: help, palette, every prompt, what was found.
@Suite struct OverlayGoldens {
  @Test(arguments: goldenSizes) func overlays(size: Size) {
    let app = drive(.demo, size)
    var screens = [app.press("?").golden("help of the streams")]
    app.press("escape tab ?").type("filter")
    screens.append(app.golden("help, searched"))
    app.press("2*escape :")
    screens.append(app.golden("palette"))
    app.type("gto")
    screens.append(app.golden("palette, searched"))
    app.press("escape i").type("68e8cc07")
    screens.append(app.golden("asking for an identifier"))
    app.press("enter")
    screens.append(app.golden("where it was found"))
    Golden.expect("overlays-\(size).screen", GridText.story(screens))
  }

  /// Each prompt empty, with its example; then with what it says while something is typed.
  @Test func prompts() {
    let app = drive(.demo).press("tab")
    var screens: [String] = []
    func ask(_ name: String, _ key: String, _ text: String, clears: Bool = false) {
      app.press(key)
      if clears { app.press("ctrl-u") }
      screens.append(app.golden(name))
      app.type(text)
      screens.append(app.golden(name + ", typed"))
      app.press("escape")
    }
    ask("search", "/", "Deposited")
    ask("filter", "f", "type == \"Deposited\" && data.amount_cents > 1000")
    ask("filter with a mistake", "f", "type === 1")
    ask("go to a time", "t", "2025-09-03 15:00")
    ask("go to a percentage", "t", "50%")
    ask("go on from here", "t", "-500")
    ask("go to", "t", "-2h")
    ask("find", "i", "x")
    ask("write", "w", "out.json", clears: true)
    app.press("shift-tab")
    ask("names", "f", "trans")
    app.press("2*tab")
    ask("search in the inspector", "/", "cents")
    Golden.expect("prompts-80x24.screen", GridText.story(screens))
  }
}
