import WeirCore
import WeirReplay

/// What leaves the screen: the clipboard, files, and the command that comes back here.
extension AppState {
  func text(of part: CopyPart) -> String? {
    if let replay { return text(of: part, in: replay) }
    guard let event = browse.inspector.inspection?.event else { return nil }
    switch part {
    case .payload:
      return event.data == .absent || event.data == .null
        ? nil : String(decoding: event.data.raw, as: UTF8.self)
    case .key: return event.key.map(StoredEvent.keyText)
    case .event: return browse.inspector.inspection.map { String(decoding: $0.json, as: UTF8.self) }
    case .address: return address
    case .id: return event.id
    case .state: return nil
    }
  }

  private func text(of part: CopyPart, in replay: ReplayState) -> String? {
    switch part {
    case .payload: return replay.stepEvent.map { String(decoding: $0.payload, as: UTF8.self) }
    case .key: return replay.about?.aggregate ?? replay.request.aggregate
    case .event: return replay.stepEvent?.json
    case .address: return address
    case .id: return replay.stepEvent?.summary.id
    case .state: return replay.step.map { String(decoding: $0.state.compact, as: UTF8.self) }
    }
  }

  /// Where this view stands, as the command line takes it.
  var address: String {
    if let replay {
      let at =
        replay.moment == replay.events ? nil : replay.row(replay.moment).map { $0.version ?? $0.positionText }
      return Address.text(sources[replay.request.log.source].path, replay.request.log.stream, at: at)
    }
    guard let window = browse.events else { return sources.map(\.path).first ?? "" }
    return Address.text(
      sources[window.log.source].path, window.log.stream, at: window.selectedEvent?.positionText)
  }

  /// `weir 'logs#bank.accounts/2@1403' --fold bank.fold.js`.
  var command: String {
    let current = replay?.request.log.source ?? browse.events?.log.source ?? 0
    let others = sources.filter { $0.index != current }.map { Address.quoted($0.path) }
    var words = ["weir", Address.quoted(address)] + others
    if let fold = replay?.request.fold ?? sources.first(where: { $0.index == current })?.launch.fold {
      words += ["--fold", Address.quoted(fold)]
    }
    if showsLocalTime { words.append("--local") }
    return words.joined(separator: " ")
  }

  /// What `w` writes here, and the name it proposes.
  var takeaway: (name: String, content: [UInt8])? {
    if let replay {
      let base = FileName.safe(replay.about?.aggregate ?? replay.request.aggregate)
      if let from = replay.diffFrom {
        let lines = replay.diff.map { Takeaway.line(of: $0) }
        return (
          "\(base)-\(from)-\(replay.moment).diff.ndjson", Array((lines.joined(separator: "\n") + "\n").utf8)
        )
      }
      if replay.focus == .timeline || replay.focus == .changes, let event = replay.stepEvent {
        return ("\(base)-\(FileName.safe(event.summary.positionText)).json", Array((event.json + "\n").utf8))
      }
      return replay.step.map { ("\(base)-after-\($0.moment).json", $0.state.compact + [0x0A]) }
    }
    guard let inspection = browse.inspector.inspection else { return nil }
    let event = inspection.event
    let name = "\(FileName.safe(event.aggregate))-\(FileName.safe(event.positionText)).json"
    return (name, inspection.json + [0x0A])
  }
}

/// Addresses as the command line reads them.
enum Address {
  static func text(_ path: String, _ stream: StreamID, at position: String?) -> String {
    var out = path
    if !stream.name.isEmpty {
      out += "#" + escaped(stream.name)
      if let partition = stream.partition { out += "/\(partition)" }
      if let key = stream.key { out += "~" + escaped(StoredEvent.keyText(key)) }
    }
    if let position { out += "@" + position }
    return out
  }

  private static func escaped(_ name: String) -> String {
    var out = ""
    for character in name {
      switch character {
      case "%": out += "%25"
      case "#": out += "%23"
      case "@": out += "%40"
      case "~": out += "%7E"
      case "/": out += "%2F"
      default: out.append(character)
      }
    }
    return out
  }

  /// Quoted for a shell, where it needs to be.
  static func quoted(_ text: String) -> String {
    let plain = text.unicodeScalars.allSatisfy {
      $0.isASCII
        && ($0.properties.isAlphabetic || ("0"..."9").contains($0)
          || "/._-@%+=:,".unicodeScalars.contains($0))
    }
    return plain && !text.isEmpty
      ? text
      : "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
  }
}

enum FileName {
  /// The part behind the last slash.
  static func last(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? path }

  /// A name without anything that a shell or a file system could mind.
  static func safe(_ text: String) -> String {
    let kept = text.prefix(80).map { $0.isLetter || $0.isNumber || "._-".contains($0) ? $0 : "_" }
    let name = String(kept.drop { $0 == "." || $0 == "-" })
    return name.isEmpty ? "event" : name
  }
}

enum Takeaway {
  /// A changed path as `weir diff --json` prints it.
  static func line(of change: StateChange) -> String {
    var members = [JSONMember("path", .string(change.path.text))]
    if let from = change.from { members.append(JSONMember("from", from)) }
    if let to = change.to { members.append(JSONMember("to", to)) }
    return String(decoding: JSONValue.object(members).compact, as: UTF8.self)
  }
}
