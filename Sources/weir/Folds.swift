import WeirCore
import WeirReplay
import WeirUI

/// Which fold a command uses: the flag, else the configuration, else a guess from the payloads.
enum Folds {
  /// The engine and whether nobody chose it.
  static func engine(
    _ choice: String?, for log: any EventLog, _ work: Work
  ) throws(Fault) -> (engine: any FoldEngine, isGuess: Bool) {
    if let choice, let rule = BuiltInFold(rawValue: choice) { return (NativeEngine(rule), false) }
    guard let choice else { return (NativeEngine(.byType), true) }
    throw Fault(.foldFailed, "load the fold", choice, "not a built-in fold", hint: "weir folds lists them")
  }
}

extension Folds {
  /// What `F` offers: the built-in folds and the fold files beside the source.
  static func choices(beside path: String) -> [FoldChoice] {
    var choices = BuiltInFold.allCases.map { FoldChoice(name: $0.rawValue, detail: $0.summary) }
    for folder in Set([FileNames.folder(of: path), path, "."]).sorted() {
      for name in (try? Probe.names(in: folder)) ?? []
      where [".fold.js", ".projection.js", ".evolve.js"].contains(where: name.hasSuffix) {
        choices.append(FoldChoice(name: folder + "/" + name, detail: "a fold file"))
      }
    }
    return choices
  }
}

extension Opened {
  /// The fold that flag or configuration chose; nil leaves it to a guess.
  func foldChoice(_ invocation: Invocation) throws(Fault) -> String? {
    if let choice = invocation.value("fold") { return choice }
    return context.configuration.fold(source: address.path, stream: address.stream ?? "")
  }

  /// The log of the address's aggregate, folded by its fold; nothing is read yet.
  func replay(_ invocation: Invocation) throws(Fault) -> any ReplaySession {
    let log = try log()
    let (engine, isGuess) = try Folds.engine(try foldChoice(invocation), for: log, context.work)
    let aggregate = address.key ?? address.stream ?? ""
    return FoldedTimeline(log: log, aggregate: aggregate, engine: engine, isGuess: isGuess)
  }
}
