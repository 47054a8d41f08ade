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
    guard let choice else { return (NativeEngine(try guess(log, work)), true) }
    return (try script(choice), false)
  }

  /// The longest fold file: people write folds by hand.
  private static let scriptLimit = 4 << 20

  /// A JavaScript fold, in a worker process of its own.
  private static func script(_ path: String) throws(Fault) -> any FoldEngine {
    let file: FileBytes
    do throws(Fault) { file = try FileBytes(path: path) } catch {
      let known = BuiltInFold.allCases.map(\.rawValue).joined(separator: ", ")
      throw Fault(.foldFailed, "load the fold", path, error.reason, hint: "a file, or one of \(known)")
    }
    let text = String(decoding: try file.bytes(at: 0, count: scriptLimit), as: UTF8.self)
    let name = path.split(separator: "/").last.map(String.init) ?? path
    do throws(FoldStop) { return try JavaScriptEngine(name: name, source: text) } catch {
      throw Fault(.foldFailed, "load the fold", path, error.failure.description)
    }
  }

  /// What the first payloads look like: change envelopes, operations, else domain events.
  private static func guess(_ log: any EventLog, _ work: Work) throws(Fault) -> BuiltInFold {
    var batch = EventBatch()
    _ = try log.read(Cursor(log.partitions.map { _ in .start }), .forward, count: 20, into: &batch, work)
    var votes: [BuiltInFold: Int] = [:]
    for index in batch.records.indices {
      guard case .json(let bytes) = log.event(index, of: batch).data else { continue }
      if bytes.first == UInt8(ascii: "["), let first = (try? JSONParser.parse(bytes))?.elements?.first,
        first["op"] != nil, first["path"] != nil
      {
        votes[.patch, default: 0] += 1
      } else if let members = JSONMembers(bytes), members.first(["op"]) != nil,
        members.first(["after", "before"]) != nil
      {
        votes[.debezium, default: 0] += 1
      }
    }
    let best = votes.max { $0.value < $1.value }
    return best.map { $0.value * 2 > batch.records.count ? $0.key : .byType } ?? .byType
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
