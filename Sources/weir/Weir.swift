import Glibc
import WeirCore
import WeirReplay

/// The program: takes the command line apart, runs a command or the explorer, and turns what happened into an
/// exit status.
@main
struct Weir {
  static let version = "0.1.0"

  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == FoldWorker.argument { exit(FoldWorker.main(Array(arguments.dropFirst()))) }
    exit(run(arguments))
  }

  static func run(_ arguments: [String]) -> Int32 {
    do throws(Fault) {
      try NotYet.check(arguments)
      let invocation = try Invocation(arguments, commands: Commands.all, common: CommonOptions.all)
      if invocation.has("version"), invocation.value("version") == "" {
        print("weir \(version)")
        return ExitStatus.done
      }
      if invocation.has("help") {
        Help.print(invocation.command)
        return ExitStatus.done
      }
      guard let command = invocation.command else { return try explore(invocation) }
      if command.name != "demo" {
        Endings.prepare()
        Guest.becomeIdle()
        Sandbox.restrictWrites(to: Sandbox.commandPaths)
      }
      return try command.run(invocation)
    } catch {
      complain(error.description)
      return ExitStatus.of(error)
    }
  }

  private static func explore(_ invocation: Invocation) throws(Fault) -> Int32 {
    guard !invocation.operands.isEmpty else {
      Help.print(nil, descriptor: 2)
      return ExitStatus.usage
    }
    return try Explorer.run(invocation)
  }
}
