import CFuzz
import Glibc

/// `make fuzz`: feeds bytes that libFuzzer makes up to the reader that `$WEIR_FUZZ_READER` names; a trap, a
/// memory error, a hang or too much memory ends it with a failure and leaves the input.
///
/// Built with `WEIR_FUZZ` set only, everything instrumented (Package.swift); `.ci/fuzz` runs one reader after
/// the other, each from its seeds (`weir-fuzz --seeds FOLDER` writes them).
@main
struct Fuzz {
  static func main() {
    if CommandLine.arguments.count == 3, CommandLine.arguments[1] == "--seeds" {
      exit(Seeds.write(to: CommandLine.arguments[2]) ? 0 : 1)
    }
    guard Entry.chosen != nil else {
      let names = Entry.all.map(\.name).joined(separator: " ")
      _ = "WEIR_FUZZ_READER is one of: \(names)\n".withCString { write(2, $0, strlen($0)) }
      exit(2)
    }
    var count = CommandLine.argc
    var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
    // libFuzzer calls back into this function for each input.
    exit(
      withUnsafeMutablePointer(to: &arguments) { pointer in
        pointer.withMemoryRebound(to: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?.self, capacity: 1) {
          LLVMFuzzerRunDriver(&count, $0) { bytes, count in
            Entry.chosen?.feed(UnsafeRawBufferPointer(start: bytes, count: count))
            return 0
          }
        }
      })
  }
}

/// One reader that is fed.
struct Entry: Sendable {
  let name: String
  /// Takes one input. It has failed when it traps, or when it says so with `fail`.
  let feed: @Sendable (UnsafeRawBufferPointer) -> Void

  static let all: [Entry] = [
    .kafka, .kafkaSidecars, .kafkaLegacy, .json, .text, .sqlite, .sqliteSidecars, .query, .cells, .settings,
  ]

  static let chosen: Entry? = getenv("WEIR_FUZZ_READER").flatMap { name in
    let wanted = String(cString: name)
    return all.first { $0.name == wanted }
  }
}

/// A law is broken: says which and ends the run as a crash does.
func fail(_ law: String) -> Never {
  _ = "broken law: \(law)\n".withCString { write(2, $0, strlen($0)) }
  abort()
}
