import Support
import Testing
import WeirCells
import WeirCore

@testable import WeirUI

/// Sizes at which every screen is kept: cramped, usual, roomy.
let goldenSizes = [
  Size(columns: 40, rows: 12), Size(columns: 80, rows: 24), Size(columns: 120, rows: 40),
]

/// The Browse screen as a reviewer sees it. `RECORD=1 make test FILTER=Goldens` takes new looks over.
@Suite struct BrowseGoldens {
  /// Streams with an open topic, events of a partition, an aggregate's events.
  @Test(arguments: goldenSizes + [Size(columns: 200, rows: 60)]) func browse(size: Size) {
    let app = drive(.demo, size)
    var screens = [app.golden("first screen")]
    app.press("enter 4*down")
    screens.append(app.golden("a partition"))
    app.press("tab 3*up")
    screens.append(app.golden("an event in the middle"))
    app.press("shift-tab G")
    screens.append(app.golden("a stream of the store"))
    Golden.expect("browse-\(size).screen", GridText.story(screens))
  }

  @Test(arguments: goldenSizes) func inspector(size: Size) {
    let app = drive(.demo, size).press("2*tab")
    var screens = [app.golden("payload")]
    for tab in ["metadata", "hex", "where"] {
      app.press("]")
      screens.append(app.golden(tab))
    }
    app.press("shift-tab shift-tab G 2*tab 3*[")
    screens.append(app.golden("payload of a store"))
    app.press("]")
    screens.append(app.golden("metadata of a store"))
    Golden.expect("inspector-\(size).screen", GridText.story(screens))
  }
}
