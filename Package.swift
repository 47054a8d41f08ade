// swift-tools-version: 6.2
import PackageDescription

// The house, storey by storey (README, "Architecture"):
// bytes -> frames -> events -> streams (WeirCore) -> replay (WeirReplay) -> view model (WeirUI) -> cells
// (WeirCells, WeirTerminal). Nothing here resolves from the network: C and C++ libraries come from Debian's
// -dev packages.

// For `make fuzz` everything reports which edges it takes, and checks its memory.
let isFuzzing = Context.environment["WEIR_FUZZ"] != nil
let swiftSettings: [SwiftSetting] =
  [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
    .treatAllWarnings(as: .error),
  ] + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address"])] : [])
// C kernels are optimised in debug builds too: checksums at -O0 would make the tests crawl.
let kernelSettings: [CSetting] = [
  .unsafeFlags(
    ["-O2", "-Wall", "-Wextra", "-Werror"] + (isFuzzing ? ["-fsanitize=fuzzer-no-link,address"] : []))
]

func system(_ name: String, apt package: String) -> Target {
  .systemLibrary(name: name, providers: [.apt([package])])
}

func storey(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(name: name, dependencies: dependencies + ["Support"], swiftSettings: swiftSettings)
}

let libraries: [Target] = [
  system("CNcurses", apt: "libncursesw5-dev"), system("CSQLite", apt: "libsqlite3-dev"),
  system("CZstd", apt: "libzstd-dev"),
  system("CLZ4", apt: "liblz4-dev"), system("CSnappy", apt: "libsnappy-dev"),
  system("CDeflate", apt: "libdeflate-dev"),
  system("CZlib", apt: "zlib1g-dev"), system("CUtf8proc", apt: "libutf8proc-dev"),
  system("CPCRE2", apt: "libpcre2-dev"),
  .target(name: "CKernels", cSettings: kernelSettings),
  .target(
    name: "CReadOnlyVFS", dependencies: ["CSQLite"], cSettings: kernelSettings,
    linkerSettings: [.linkedLibrary("sqlite3")]),
  .target(name: "CEvents", cSettings: kernelSettings),
  .target(name: "CSandbox", cSettings: kernelSettings),
  .target(name: "CCrashGuard", cSettings: kernelSettings),
  .target(name: "CJavaScript", cSettings: kernelSettings),
  .target(name: "CToml", cxxSettings: [.unsafeFlags(["-O2"])]),
]

let engine: [Target] = [
  storey(
    "WeirCore",
    ["CKernels", "CSQLite", "CReadOnlyVFS", "CZstd", "CLZ4", "CSnappy", "CDeflate", "CZlib", "CPCRE2"]),
  storey("WeirReplay", ["WeirCore", "CJavaScript"]),
  .target(
    name: "Support", dependencies: ["WeirCore", "CSQLite"], path: "Tests/Support",
    swiftSettings: swiftSettings),
  tests("WeirCoreTests", ["WeirCore", "CKernels"]),
  tests("WeirReplayTests", ["WeirReplay", "WeirCore"]),
]

let screens: [Target] = [
  storey("WeirCells", ["CUtf8proc"]),
  storey("WeirUI", ["WeirCore", "WeirReplay", "WeirCells"]),
  storey("WeirTerminal", ["WeirCells", "CNcurses", "CCrashGuard"]),
  tests("WeirUITests", ["WeirUI", "WeirReplay", "WeirCore", "WeirCells"]),
  tests("WeirTerminalTests", ["WeirTerminal", "WeirCells", "CNcurses"]),
]

let program: [Target] = [
  .executableTarget(
    name: "weir",
    dependencies: [
      "WeirCore", "WeirReplay", "WeirCells", "WeirUI", "WeirTerminal", "CToml", "CSandbox", "CEvents",
    ],
    swiftSettings: swiftSettings),
  tests("EndToEndTests", ["weir", "WeirUI"]),
  tests("TidyTests", []),
]

// WEIR_STOREY=engine or screens builds and tests only so far up: a quick inner loop on a small machine.
let storeys: [Target]
switch Context.environment["WEIR_STOREY"] {
case "engine": storeys = libraries + engine
case "screens": storeys = libraries + engine + screens
default: storeys = libraries + engine + screens + program
}

// Seen only by those who ask (`make bench`, `make fuzz`).
var extras: [Target] = []
if Context.environment["WEIR_BENCH"] != nil {
  let seen: [Target.Dependency] = ["WeirCore", "WeirReplay", "WeirCells", "WeirUI", "WeirTerminal"]
  extras = [
    .target(name: "CBench", cSettings: kernelSettings),
    .executableTarget(
      name: "weir-bench", dependencies: seen + ["CKernels", "CBench"], swiftSettings: swiftSettings),
  ]
}

if isFuzzing {
  extras += [
    .target(name: "CFuzz", cSettings: kernelSettings),
    .executableTarget(
      name: "weir-fuzz",
      dependencies: ["WeirCore", "WeirReplay", "WeirCells", "WeirTerminal", "CSQLite", "CToml", "CFuzz"],
      swiftSettings: swiftSettings, linkerSettings: [.unsafeFlags(["-sanitize=address"])]),
  ]
}

let package = Package(
  name: "weir", targets: storeys + extras, swiftLanguageModes: [.v6], cxxLanguageStandard: .cxx17)
