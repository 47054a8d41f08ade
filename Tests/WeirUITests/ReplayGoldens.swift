import Support
import Testing
import WeirCells

@testable import WeirUI

/// The Replay screen as a reviewer sees it.
@Suite(.serialized) struct ReplayGoldens {
  @Test(
    .needsLibrary("libjavascriptcoregtk-4.1.so.0"), arguments: goldenSizes + [Size(columns: 200, rows: 60)])
  func replay(size: Size) {
    let app = drive(.replay(), size)
    var screens = [app.golden("after the last event")]
    app.press("g")
    screens.append(app.golden("before the first event"))
    app.press("}")
    screens.append(app.golden("a broken invariant"))
    app.press("1 2 0 G")
    screens.append(app.golden("in the middle"))
    app.press("tab 2*down")
    screens.append(app.golden("a field of the state"))
    Golden.expect("replay-\(size).screen", GridText.story(screens))
  }

  @Test(.needsLibrary("libjavascriptcoregtk-4.1.so.0"), arguments: goldenSizes)
  func replayTools(size: Size) {
    let app = drive(.replay(), size)
    app.press("1 0 0 G m a 1 2 0 G D")
    var screens = [app.golden("from mark a to here")]
    app.press("2*tab")
    screens.append(app.golden("the comparison alone"))
    app.press("D B").type("state.balance < 0")
    screens.append(app.golden("asking for a condition"))
    app.press("enter")
    screens.append(app.golden("where it turned"))
    app.press("escape B").type("state.balance <")
    screens.append(app.golden("a mistake in the condition"))
    app.press("escape F")
    screens.append(app.golden("choosing the fold"))
    app.press("enter")
    screens.append(app.golden("a built-in fold"))
    Golden.expect("replay-tools-\(size).screen", GridText.story(screens))
  }

  /// A guessed fold says so; a fold that throws shows where; one that does not load says why.
  @Test(.needsLibrary("libjavascriptcoregtk-4.1.so.0"), arguments: goldenSizes)
  func replayTroubles(size: Size) throws {
    let guess = drive(.replay(fold: nil), size)
    var screens = [guess.golden("a guessed fold")]
    let folder = try TemporaryFolder()
    try Troubles.write(to: folder)
    var story = Story.files(["orders.ndjson"], in: folder)
    story.launches[0].fold = "throws.fold.js"
    let app = drive(story, size).press("r")
    screens.append(app.golden("after a fold that threw"))
    app.press("{")
    screens.append(app.golden("where it threw"))
    story.launches[0].fold = "broken.fold.js"
    screens.append(drive(story, size).press("r").golden("a fold that does not load"))
    Golden.expect("replay-troubles-\(size).screen", GridText.story(screens))
  }
}

/// Small files with something wrong in them.
enum Troubles {
  static let orders = [
    #"{"stream":"Order-1","type":"Placed","id":"a","time":"2025-01-02T03:04:05Z","data":{"cents":100}}"#,
    #"{"stream":"Order-1","type":"Paid","id":"b","time":"2025-01-02T03:05:05Z","data":{"cents":100}}"#,
    #"{"stream":"Order-1","type":"Shipped","id":"c","time":"2025-01-03T03:04:05Z","data":{"to":null}}"#,
    #"{"stream":"Order-1","type":"Closed","id":"d","time":"2025-01-04T03:04:05Z","data":{}}"#,
  ]

  static func write(to folder: TemporaryFolder) throws {
    try folder.write("orders.ndjson", orders.joined(separator: "\n") + "\n")
    try folder.write("empty.ndjson", "")
    try folder.write("notes.bin", [0, 1, 2, 3, 0xFF, 0xFE])
    try folder.write("broken.fold.js", "module.exports = {\n  when: { Placed: (s, e) => s.\n};\n")
    try folder.write(
      "throws.fold.js",
      """
      module.exports = {
        initial: () => ({ paid: 0 }),
        when: {
          Paid: (s, { data }) => { s.paid += data.cents },
          Shipped: (s, { data }) => {
            s.to = data.to.street;
          },
          Closed: s => { s.closed = true },
        },
      };

      """)
    var lines = orders
    lines[1] = #"{"stream":"Order-1","type":"Paid","id":"b","ti"#
    try folder.write("damaged.ndjson", lines.joined(separator: "\n") + "\n")
  }
}
