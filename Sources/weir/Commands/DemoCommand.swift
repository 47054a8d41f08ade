import WeirCells
import WeirCore

extension Commands {
  static let demo = CommandSpec(
    name: "demo", operands: "", summary: "opens the bundled bank: a Kafka log directory and an event store",
    options: ExplorerOptions.all,
    examples: [("weir demo", "300 accounts, 10 000 events, and the fold of their balances")]
  ) { invocation throws(Fault) in
    guard let folder = DemoData.locate() else {
      throw Fault(
        .nothingThere, "open", "the demo", "its data is not installed", hint: "WEIR_SHARE names its folder")
    }
    let fold = invocation.value("fold") ?? folder + "/bank.fold.js"
    // The account that everybody asks about, after its last event; Esc leads to the rest.
    let sources = [folder + "/kafka#bank.accounts~Account-19b6554d", folder + "/emmett.sqlite"]
    return try Explorer.run(invocation, sources: sources, fold: fold)
  }

  static let themes = CommandSpec(
    name: "themes", operands: "", summary: "the themes that can be found",
    examples: [("weir --theme paper demo", "a light one")]
  ) { invocation throws(Fault) in
    var output = Output()
    for name in Theme.available() {
      output.line(
        invocation.has("json")
          ? JSONValue.object([JSONMember("name", .string(name))]).compact : Array(name.utf8))
    }
    output.flush()
    return ExitStatus.done
  }
}
