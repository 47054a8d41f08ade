import CToml
import Glibc
import WeirCore
import WeirUI

/// The user's configuration (cli.md, "Configuration"): TOML at `--config`, else `$WEIR_CONFIG`, else
/// `$XDG_CONFIG_HOME/weir/config.toml`, else `~/.config/weir/config.toml`. Mistakes are told with line and
/// column, and the rest counts.
struct Configuration: Sendable {
  /// A value and where it came from.
  struct Setting<Value: Sendable>: Sendable {
    var value: Value
    /// `default`, `--theme`, `WEIR_THEME`, `config.toml:3`.
    var origin: String
  }

  struct Mistake: Sendable, Equatable {
    var line: Int
    var column: Int
    var text: String
  }

  /// A table that begins with a pattern over `source#stream`.
  struct Pattern<Value: Sendable>: Sendable {
    var glob: String
    var value: Value
    var origin: String
  }

  private(set) var theme = Setting(value: "weir", origin: "default")
  private(set) var mouse = Setting(value: false, origin: "default")
  private(set) var zone = Setting(value: "utc", origin: "default")
  private(set) var borders = Setting(value: "auto", origin: "default")
  /// Action names with the keys that reach them, by table (`keys.replay`).
  var keys: [String: [String]] { keySettings.mapValues(\.value) }
  private(set) var keySettings: [String: Setting<[String]>] = [:]
  private var keyPlaces: [String: (line: Int, column: Int)] = [:]
  private(set) var folds: [Pattern<String>] = []
  private(set) var maps: [Pattern<String>] = []
  private(set) var mistakes: [Mistake] = []
  /// Where it was read from; nil when there is no file.
  private(set) var path: String?

  /// Reads the file and the environment; flags are laid over it by `applyFlags`.
  init(explicit: String?) throws(Fault) {
    let path = explicit ?? Configuration.defaultPath()
    if FileNames.exists(path) {
      let file = try FileBytes(path: path)
      // A configuration is written by hand: 1 MiB is beyond any.
      read(try file.bytes(at: 0, count: 1 << 20), path)
      self.path = path
    } else if explicit != nil {
      throw Fault(.nothingThere, "read the configuration", path, "no such file")
    }
    if let name = Configuration.environment("WEIR_THEME") {
      theme = Setting(value: name, origin: "WEIR_THEME")
    }
  }

  static func environment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// Where the file is looked for.
  static func defaultPath() -> String {
    if let path = environment("WEIR_CONFIG") { return path }
    let folder = environment("XDG_CONFIG_HOME") ?? (environment("HOME") ?? "") + "/.config"
    return folder + "/weir/config.toml"
  }

  mutating func applyFlags(_ invocation: Invocation) {
    if let name = invocation.value("theme") { theme = Setting(value: name, origin: "--theme") }
    if invocation.has("utc") { zone = Setting(value: "utc", origin: "--utc") }
    if invocation.has("local") { zone = Setting(value: "local", origin: "--local") }
    if let name = invocation.value("zone") { zone = Setting(value: name, origin: "--zone") }
  }

  // MARK: Reading

  /// Kinds of a value, as the reader in CToml tells them.
  private enum Kind {
    static let string = Int32(WEIR_TOML_TEXT.rawValue)
    static let bool = Int32(WEIR_TOML_FLAG.rawValue)
  }

  private final class Leaves {
    var all: [(path: [String], kind: Int32, text: String, line: Int, column: Int)] = []
  }

  private mutating func read(_ bytes: [UInt8], _ path: String) {
    let leaves = Leaves()
    var message = [CChar](repeating: 0, count: 512)
    var (line, column): (Int32, Int32) = (0, 0)
    let status = bytes.withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { text in
        weir_toml_read(
          text.baseAddress, text.count, Unmanaged.passUnretained(leaves).toOpaque(),
          { context, path, kind, text, line, column in
            guard let context, let path, let text else { return }
            let leaves = Unmanaged<Leaves>.fromOpaque(context).takeUnretainedValue()
            let keys = String(cString: path).split(separator: "\u{1F}", omittingEmptySubsequences: false).map(
              String.init)
            leaves.all.append((keys, kind, String(cString: text), Int(line), Int(column)))
          }, &message, message.count, &line, &column)
      }
    }
    guard status == 0 else {
      let text = String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      mistakes.append(Mistake(line: Int(line), column: Int(column), text: text))
      return
    }
    let name = path.split(separator: "/").last.map(String.init) ?? path
    for leaf in leaves.all {
      take(
        leaf.path, leaf.kind, leaf.text, origin: "\(name):\(leaf.line)", at: (leaf.line, leaf.column),
        file: path)
    }
  }

  private mutating func take(
    _ path: [String], _ kind: Int32, _ text: String, origin: String, at place: (Int, Int), file: String
  ) {
    func mistake(_ text: String) -> Mistake { Mistake(line: place.0, column: place.1, text: text) }
    switch (path.first ?? "", path.count) {
    case ("theme", 1), ("zone", 1), ("fold", 3), ("map", 3), ("keys", 2...3):
      guard kind == Kind.string else {
        mistakes.append(mistake("\(path.joined(separator: ".")) is a text in quotes"))
        return
      }
      takeText(path, text, origin: origin, at: place, file: file)
    case ("borders", 1):
      if ["auto", "unicode", "ascii"].contains(text) {
        borders = Setting(value: text, origin: origin)
      } else {
        mistakes.append(mistake("borders is auto, unicode or ascii, not '\(text)'"))
      }
    case ("mouse", 1):
      if kind == Kind.bool {
        mouse = Setting(value: text == "true", origin: origin)
      } else {
        mistakes.append(mistake("mouse is true or false"))
      }
    default:
      mistakes.append(mistake("unknown key '\(path.joined(separator: "."))'\(Configuration.hint(path))"))
    }
  }

  private static func hint(_ path: [String]) -> String {
    let known = ["theme", "mouse", "zone", "borders", "keys", "fold", "map"]
    let near = known.min { distance($0, path[0]) < distance($1, path[0]) }
    return near.flatMap { distance($0, path[0]) <= 2 && $0 != path[0] ? "; did you mean '\($0)'?" : nil }
      ?? ""
  }

  private mutating func takeText(
    _ path: [String], _ text: String, origin: String, at place: (Int, Int), file: String
  ) {
    func mistake(_ text: String) -> Mistake { Mistake(line: place.0, column: place.1, text: text) }
    switch path[0] {
    case "theme": theme = Setting(value: text, origin: origin)
    case "zone":
      if Zone.named(text) == nil {
        mistakes.append(mistake("zone: this system has no zone '\(text)' (utc, local, Europe/Madrid)"))
      } else {
        zone = Setting(value: text, origin: origin)
      }
    case "keys":
      let name = path.dropFirst().joined(separator: ".")
      keySettings[name] = Setting(value: (keySettings[name]?.value ?? []) + [text], origin: origin)
      keyPlaces[name] = keyPlaces[name] ?? place
    case "fold" where path[2] == "file" || path[2] == "name":
      let value = path[2] == "file" && !text.hasPrefix("/") ? FileNames.folder(of: file) + "/" + text : text
      folds.append(Pattern(glob: path[1], value: value, origin: origin))
    case "map":
      do throws(Fault) {
        _ = try Context.mapping(["\(path[2])=\(text)"])
        maps.append(Pattern(glob: path[1], value: "\(path[2])=\(text)", origin: origin))
      } catch { mistakes.append(mistake("map: \(error.reason)" + (error.hint.map { " (\($0))" } ?? ""))) }
    default:
      mistakes.append(mistake("unknown key '\(path.joined(separator: "."))': a fold has a file or a name"))
    }
  }

  /// What is wrong with the file, keys and theme included, in the order of its lines.
  var allMistakes: [Mistake] {
    var all = mistakes
    for (name, setting) in keySettings {
      var texts: [String] = []
      _ = Keymap(overrides: [name: setting.value], mistakes: &texts)
      let place = keyPlaces[name] ?? (0, 0)
      all += texts.map { Mistake(line: place.line, column: place.column, text: $0) }
    }
    return all.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
  }

  // MARK: Patterns

  /// The fold that the first matching `[fold."PATTERN"]` names for `source#stream`.
  func fold(source: String, stream: String) -> String? {
    folds.first { Glob.matches($0.glob, "\(source)#\(stream)") || Glob.matches($0.glob, stream) }?.value
  }

  /// The rules of every `[map."PATTERN"]` that matches the source.
  func mapping(source: String) -> [String] {
    maps.filter { Glob.matches($0.glob, source) || Glob.matches($0.glob, source + "#") }.map(\.value)
  }
}

/// Shell patterns: `*` any run of characters, `?` one.
enum Glob {
  static func matches(_ pattern: String, _ text: String) -> Bool {
    fnmatch(pattern, text, 0) == 0
  }
}
