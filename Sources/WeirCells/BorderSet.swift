/// The characters of frames, charts and signs: Unicode, or ASCII where the locale or the user asks for it.
package struct BorderSet: Hashable, Sendable {
  package var horizontal: Character
  package var vertical: Character
  package var topLeft: Character
  package var topRight: Character
  package var bottomLeft: Character
  package var bottomRight: Character
  /// Where a divider meets the frame: on its left side, right side, top, bottom, and in the middle.
  package var teeLeft: Character
  package var teeRight: Character
  package var teeTop: Character
  package var teeBottom: Character
  package var cross: Character
  /// Eight steps from the lowest to the highest value of a sparkline.
  package var sparks: [Character]

  package static let unicode = BorderSet(
    horizontal: "─", vertical: "│", topLeft: "┌", topRight: "┐", bottomLeft: "└", bottomRight: "┘",
    teeLeft: "├", teeRight: "┤", teeTop: "┬", teeBottom: "┴", cross: "┼",
    sparks: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"])

  package static let ascii = BorderSet(
    horizontal: "-", vertical: "|", topLeft: "+", topRight: "+", bottomLeft: "+", bottomRight: "+",
    teeLeft: "+", teeRight: "+", teeTop: "+", teeBottom: "+", cross: "+",
    sparks: [".", ":", "-", "=", "+", "*", "#", "@"])

  /// The step for a fraction of the largest value, 0 to 1; anything outside (and NaN) is clamped.
  package func spark(_ fraction: Double) -> Character {
    let clamped = fraction > 0 ? min(fraction, 1) : 0
    return sparks[min(sparks.count - 1, Int(clamped * Double(sparks.count)))]
  }

  /// What a terminal without Unicode shows instead of a scalar: frames and sparks one by one, arrows and
  /// signs by their nearest ASCII, everything else `?`.
  package static func asciiFallback(for scalar: UInt32) -> UInt8 {
    switch scalar {
    case 0x20..<0x7F: UInt8(scalar)
    case 0x2500, 0x2501, 0x2504, 0x2505, 0x2508, 0x2509, 0x2014, 0x2013, 0x2212: UInt8(ascii: "-")
    case 0x2502, 0x2503, 0x2506, 0x2507, 0x250A, 0x250B, 0x258F, 0x2595: UInt8(ascii: "|")
    case 0x2550: UInt8(ascii: "=")
    case 0x250C...0x254B, 0x2551...0x256C: UInt8(ascii: "+")
    case 0x2581: UInt8(ascii: ".")
    case 0x2582: UInt8(ascii: ":")
    case 0x2583: UInt8(ascii: "-")
    case 0x2584: UInt8(ascii: "=")
    case 0x2585: UInt8(ascii: "+")
    case 0x2586: UInt8(ascii: "*")
    case 0x2587, 0x2591...0x2593: UInt8(ascii: "#")
    case 0x2588: UInt8(ascii: "@")
    default: asciiSign(scalar)
    }
  }

  private static func asciiSign(_ scalar: UInt32) -> UInt8 {
    switch scalar {
    case 0xB7, 0x2026, 0x2218: UInt8(ascii: ".")
    case 0x25B6, 0x25B8, 0x2192, 0x203A: UInt8(ascii: ">")
    case 0x25C0, 0x25C2, 0x2190, 0x2039: UInt8(ascii: "<")
    case 0x25B2, 0x25B4, 0x2191, 0x21E7: UInt8(ascii: "^")
    case 0x25BC, 0x25BE, 0x2193: UInt8(ascii: "v")
    case 0x25CF, 0x2022, 0x25C6, 0x25C7: UInt8(ascii: "*")
    case 0x25CB, 0x25E6: UInt8(ascii: "o")
    case 0x2715, 0x2717, 0x2718, 0xD7: UInt8(ascii: "x")
    case 0x2713, 0x2714: UInt8(ascii: "+")
    case 0x226B, 0x224B, 0x2248: UInt8(ascii: "~")
    case 0x26A0: UInt8(ascii: "!")
    case 0x2018, 0x2019: UInt8(ascii: "'")
    case 0x201C, 0x201D: UInt8(ascii: "\"")
    case 0xB5, 0x3BC: UInt8(ascii: "u")
    case 0x3000, 0xA0, 0x2000...0x200A: UInt8(ascii: " ")
    default: UInt8(ascii: "?")
    }
  }
}
