/// The version of the program: `weir --version`, the man page, the Debian package. Semantic versioning.
enum Version {
  static let current = "0.1.0"
}
