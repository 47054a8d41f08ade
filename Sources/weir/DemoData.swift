import Glibc

/// The bundled bank that `weir demo` opens: a Kafka log directory (`kafka`), an event store (`emmett.sqlite`)
/// and the fold of their accounts (`bank.fold.js`), in one folder.
enum DemoData {
  /// How far above the program its source tree may begin: `.build/x86_64-unknown-linux-gnu/release/weir` lies
  /// four levels down, test bundles a few more.
  private static let levels = 8

  /// The folder, or nil when it is not installed: `$WEIR_SHARE/demo`, else `<executable>/../share/weir/demo`,
  /// else `Tests/Fixtures/demo` of the source tree that the program was built in.
  static func locate() -> String? {
    var candidates: [String] = []
    if let share = getenv("WEIR_SHARE"), share.pointee != 0 {
      candidates.append(String(cString: share) + "/demo")
    }
    var folder = FileNames.folder(of: FileNames.executable())
    candidates.append(FileNames.folder(of: folder) + "/share/weir/demo")
    for _ in 0..<levels where folder != "/" {
      folder = FileNames.folder(of: folder)
      candidates.append(folder + "/Tests/Fixtures/demo")
    }
    return candidates.first { FileNames.exists($0 + "/bank.fold.js") }
  }
}
