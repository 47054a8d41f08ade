import Glibc
package import Testing

/// Tests that need something of the machine (tmux, strace, JavaScriptCore) say so with a trait:
/// `@Test(.needs("tmux"))`, `@Test(.needsLibrary("libjavascriptcoregtk-4.1.so.0"))`.
///
/// Where it is missing, the test is skipped and counted: its reason is appended to the file that
/// `$WEIR_NOT_RUN` names, and `make test` prints `not run: N`. Where `$CI` is set a missing tool is a
/// failure.
package struct Missing: Error, CustomStringConvertible {
  package let description: String
}

extension Trait where Self == ConditionTrait {
  /// The test runs only where `program` is in `$PATH`.
  package static func needs(_ program: String) -> Self {
    .enabled("needs \(program)") { try available(program, found: isInPath(program)) }
  }

  /// The test runs only where the shared library `name` can be loaded.
  package static func needsLibrary(_ name: String) -> Self {
    .enabled("needs \(name)") { try available(name, found: canLoad(name)) }
  }
}

/// True where `program` is an executable file in a folder of `$PATH`.
package func isInPath(_ program: String) -> Bool {
  guard let path = getenv("PATH") else { return false }
  return String(cString: path).split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
}

private func canLoad(_ library: String) -> Bool {
  guard let handle = dlopen(library, RTLD_LAZY | RTLD_LOCAL) else { return false }
  dlclose(handle)
  return true
}

/// Answers `found`, after counting what is missing; throws, and so fails the test, where `$CI` is set.
private func available(_ what: String, found: Bool) throws -> Bool {
  if found { return true }
  if getenv("CI") != nil {
    throw Missing(description: "\(what) is missing, and in CI nothing may be left out")
  }
  if let list = getenv("WEIR_NOT_RUN"), let file = fopen(String(cString: list), "a") {
    // One write of one short line: appends of parallel tests do not mix.
    fputs("\(what) is missing\n", file)
    fclose(file)
  }
  return false
}
