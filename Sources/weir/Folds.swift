import WeirCore
import WeirReplay
import WeirUI

/// Which fold a command uses: the flag, else the configuration, else a guess from the payloads.
enum Folds {
  /// The history of one aggregate, folded as chosen, else by a guess; nothing is read yet. A fold with its
  /// own idea of aggregates takes its events from everything there is.
  static func timeline(
    _ source: any Source, _ stream: StreamID, _ aggregate: String, _ choice: String?, _ context: Context,
    _ work: Work
  ) throws(Fault) -> FoldedTimeline {
    var log = try source.log(stream)
    let engine: any FoldEngine
    if let choice { engine = try Folds.engine(choice) } else { engine = NativeEngine(try guess(log, work)) }
    let isOne = source.about.kind == .store ? !stream.name.isEmpty : stream.key != nil
    if engine.about.keys != .aggregate, isOne {
      var whole = stream
      whole.key = nil
      if source.about.kind == .store { whole = .everything }
      log = SelectedLog(try source.log(whole), of: aggregate, by: engine)
    }
    return FoldedTimeline(
      log: log, aggregate: aggregate, engine: engine, isGuess: choice == nil,
      usesEventClock: context.usesEventClock)
  }

  /// The fold of this name, or in this file.
  static func engine(_ choice: String) throws(Fault) -> any FoldEngine {
    if let rule = BuiltInFold(rawValue: choice) { return NativeEngine(rule) }
    return try script(choice)
  }

  /// No event of an aggregate anywhere: a mistake in its name.
  static func nowhere(_ aggregate: String, _ address: Address) -> Fault {
    let source = address.path + (address.key == nil ? "" : address.stream.map { "#\($0)" } ?? "")
    return Fault(
      .nothingThere, "find", aggregate, "no event of it is in \(source)",
      hint: "weir aggregates \(source) lists them")
  }

  /// The longest fold file: people write folds by hand.
  private static let scriptLimit = 4 << 20

  /// A JavaScript fold, in a worker process of its own.
  private static func script(_ path: String) throws(Fault) -> any FoldEngine {
    let file: FileBytes
    do throws(Fault) { file = try FileBytes(path: path) } catch {
      let names = BuiltInFold.allCases.map(\.rawValue)
      let near = names.min { distance($0, path) < distance($1, path) }
      let guess = near.flatMap { distance($0, path) <= 2 ? "did you mean \($0)?" : nil }
      throw Fault(
        .usage, "load the fold", path, error.reason,
        hint: guess ?? "a JavaScript file, or one of \(names.joined(separator: ", "))")
    }
    let text = String(decoding: try file.bytes(at: 0, count: scriptLimit), as: UTF8.self)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    do throws(FoldStop) { return try JavaScriptEngine(name: name, source: text) } catch {
      throw Fault(.foldFailed, "load the fold", path, error.failure.description)
    }
  }

  /// Events that a guess looks at.
  private static let guessed = 20

  /// What the first payloads look like: change envelopes, operations, partial documents, else domain events.
  static func guess(_ log: any EventLog, _ work: Work) throws(Fault) -> BuiltInFold {
    var batch = EventBatch()
    _ = try log.read(Cursor(log.partitions.map { _ in .start }), .forward, count: guessed, into: &batch, work)
    return BuiltInFold.guess(batch.records.indices.map { log.event($0, of: batch) })
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
    let aggregate = address.key ?? address.stream ?? ""
    let choice = try foldChoice(invocation)
    let timeline = try Folds.timeline(source, streamID, aggregate, choice, context, context.work)
    for note in timeline.engine.about.notes { context.note("\(timeline.engine.about.name): \(note)") }
    return timeline
  }
}
