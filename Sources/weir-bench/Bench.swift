import Glibc

/// `make bench`: measures what weir promises about its speed, each promise against a yardstick of this
/// machine that is measured in the same run, in turn with it.
///
/// Fails only when an answer is wrong; a goal that is missed is printed as missed. `$WEIR_BENCH_MIB` makes
/// the files smaller than 1 GiB; arguments after the program's name choose goals by a part of their names.
@main
struct Bench {
  static func main() {
    guard CommandLine.arguments.count > 1 else {
      tell("usage: weir-bench PATH-TO-WEIR [GOAL…]")
      exit(2)
    }
    let wanted = CommandLine.arguments.dropFirst(2)
    let goals = all.filter { goal in wanted.isEmpty || wanted.contains { goal.name.contains($0) } }
    do {
      exit(try run(goals) ? 0 : 1)
    } catch {
      tell("weir-bench: \(error)")
      exit(1)
    }
  }

  private static let all = Goal.explorer + Goal.kafka + Goal.text

  /// Says something to the person who waits, beside the report.
  private static func tell(_ text: String) {
    _ = (text + "\n").withCString { write(2, $0, strlen($0)) }
  }

  private static func run(_ goals: [Goal]) throws -> Bool {
    let mebibytes = getenv("WEIR_BENCH_MIB").flatMap { Int(String(cString: $0)) } ?? 1024
    return try withTemporaryFolder { folder in
      tell("writing \(mebibytes) MiB of lines and of a partition, and two sparse directories")
      let data = try Data(weir: CommandLine.arguments[1], folder: folder, mebibytes: mebibytes)
      var right = true
      for goal in goals where !goal.report(data) { right = false }
      return right
    }
  }
}
