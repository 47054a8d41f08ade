// tidy: table
import WeirCore

/// Flags that every command and the explorer share.
enum CommonOptions {
  static let all: [OptionSpec] = [
    OptionSpec("json", short: "j", "one JSON object per line on standard output"),
    OptionSpec("color", value: "WHEN", "auto, always or never", choices: ["auto", "always", "never"]),
    OptionSpec("theme", value: "NAME", "a theme's name or file (weir themes)"),
    OptionSpec("utc", "show and read times in UTC (the default)"),
    OptionSpec("local", "show and read times in the local zone"),
    OptionSpec("zone", value: "ZONE", "show and read times in a zone: Europe/Madrid"),
    OptionSpec(
      "clock", value: "CLOCK", "recorded: the log's own time; event: the time found in headers or payload",
      choices: ["recorded", "event"]),
    OptionSpec("format", value: "NAME", "skip detection (weir formats)"),
    OptionSpec("fold", value: "FILE|NAME", "the fold: a JavaScript file or a built-in one (weir folds)"),
    OptionSpec(
      "map", value: "FIELD=WHERE",
      "where stream, type, id, version, time, key, meta, data stand: header:NAME, data:/PATH, meta:/PATH, column:NAME"
    ),
    OptionSpec("stream", value: "NAME", "the stream or topic, when its name has # @ ~ or /"),
    OptionSpec("partition", value: "N", "one partition"),
    OptionSpec("key", value: "KEY", "one record key"),
    OptionSpec("at", value: "WHEN", "a time, position or version"),
    OptionSpec("table", value: "NAME", "one event table of a database"),
    OptionSpec("snapshots", "the store's snapshots instead of its events"),
    OptionSpec("committed", "Kafka: only what a read_committed consumer gets"),
    OptionSpec("control", "Kafka: transaction markers too"),
    OptionSpec("deleted", "also what is deleted or archived but still on disk"),
    OptionSpec("internal", "also __ topics and system streams"),
    OptionSpec("damaged", "also what still decodes inside a frame that failed its check"),
    OptionSpec("count", "count exactly, whatever it costs"),
    OptionSpec("no-cache", "keep no cache"),
    OptionSpec("config", value: "FILE", "read this configuration file"),
    OptionSpec("quiet", short: "q", "no notes on standard error"),
    OptionSpec("verbose", short: "v", "say where things were found"),
    OptionSpec("help", short: "h", "help, with examples"),
    OptionSpec("version", "weir's version"),
  ]
}

/// Flags of the explorer alone.
enum ExplorerOptions {
  static let all: [OptionSpec] = [
    OptionSpec("script", value: "FILE", "play the keys in FILE with no terminal at all"),
    OptionSpec("screen", value: "FILE", "write the screen as text after the script (- is standard output)"),
    OptionSpec("size", value: "WxH", "size of the screen for --script, 80x24 unless told"),
    OptionSpec("where", value: "EXPR", "begin with this filter"),
  ]
}

/// Flags that several commands share.
enum SharedOptions {
  static let range = [
    OptionSpec("from", value: "WHEN", "begin at this time or position"),
    OptionSpec("to", value: "WHEN", "end at this time or position, which is included"),
    OptionSpec("limit", value: "N", "print at most N"),
  ]
  static let filters = [
    OptionSpec("where", value: "EXPR", "only events for which the expression holds"),
    OptionSpec("grep", value: "TEXT", "only events whose key, headers or payload contain the text"),
    OptionSpec("type", value: "TYPE", "only events of this type, in full or short"),
  ]
  static let moment = [
    OptionSpec("version", value: "V", "up to and including this version"),
    OptionSpec("after", value: "POSITION", "up to and including this position"),
  ]
}
