internal import Glibc
package import WeirCells

/// How many colours a terminal has, and how a theme's colours become its numbers.
///
/// Themes are written in 24 bits. Where there are fewer, the nearest colour is taken as the eye sees it: by
/// distance in OKLab (Björn Ottosson, 2020), where equal distances look equal. In 256 colours only the cube
/// and the greys are used, because the first sixteen are whatever the user made them.
package enum ColorDepth: Equatable, Sendable {
  /// The number is the colour (terminfo flag `RGB`).
  case direct
  case indexed256
  case indexed16
  case indexed8
  /// Attributes only.
  case mono

  /// The terminal's number for a colour; -1, its own default, in mono.
  package func number(for color: Color) -> Int32 {
    switch self {
    case .direct:
      let value = Int32(color.red) << 16 | Int32(color.green) << 8 | Int32(color.blue)
      // Entries with RGB keep 0 to 7 for the ANSI palette (CO#8): near-black must not become yellow.
      return value < 8 && value > 0 ? 8 : (value == 0 ? 8 : value)
    case .indexed256: return ColorDepth.nearest(to: color, in: ColorDepth.cubeAndGreys) + 16
    case .indexed16: return ColorDepth.nearest(to: color, in: ColorDepth.ansi)
    case .indexed8: return ColorDepth.nearest(to: color, in: Array(ColorDepth.ansi.prefix(8)))
    case .mono: return -1
    }
  }

  /// What a style becomes: colour numbers (-1 for the terminal's own) and attributes.
  package func rendition(of style: Style) -> Rendition {
    var result = Rendition(foreground: -1, background: -1, flags: style.flags)
    if let color = style.foreground { result.foreground = number(for: color) }
    if let color = style.background { result.background = number(for: color) }
    switch self {
    case .direct, .indexed256: return result
    case .mono:
      // A background is an emphasis, and the only one left for it is to be reversed.
      if style.background != nil { result.flags.formSymmetricDifference(.reversed) }
      return result
    case .indexed16, .indexed8:
      // Subtle backgrounds become black here, which most terminals have anyway: nothing would be seen of
      // them.
      if result.background == 0 {
        result.background = -1
        result.flags.formSymmetricDifference(.reversed)
        if result.foreground == 0 { result.foreground = -1 }
      } else if result.background >= 0, result.foreground == result.background {
        result.foreground = result.background == 0 || result.background == 8 ? 7 : 0
      }
      return result
    }
  }

  /// The colour a 256-colour number stands for, for tests and for those who wonder.
  package static func color(of number: Int32) -> Color? {
    switch number {
    case 0..<16: ansi[Int(number)].color
    case 16..<256: cubeAndGreys[Int(number) - 16].color
    default: nil
    }
  }

  private static func nearest(to color: Color, in palette: [Swatch]) -> Int32 {
    let wanted = Lab(color)
    var best = 0
    var distance = Double.infinity
    // A grey stays grey: on eight colours the nearest to a middle grey would be cyan.
    for (index, swatch) in palette.enumerated() where !wanted.isGrey || swatch.lab.isGrey {
      let candidate = wanted.squaredDistance(to: swatch.lab)
      if candidate < distance {
        distance = candidate
        best = index
      }
    }
    return Int32(best)
  }

  /// xterm's own sixteen, which is all that can be assumed.
  private static let ansi: [Swatch] = [
    0x000000, 0xCD0000, 0x00CD00, 0xCDCD00, 0x0000EE, 0xCD00CD, 0x00CDCD, 0xE5E5E5,
    0x7F7F7F, 0xFF0000, 0x00FF00, 0xFFFF00, 0x5C5CFF, 0xFF00FF, 0x00FFFF, 0xFFFFFF,
  ].map { (value: UInt32) -> Swatch in
    Swatch(Color(red: UInt8(value >> 16), green: UInt8(value >> 8 & 0xFF), blue: UInt8(value & 0xFF)))
  }

  /// Numbers 16 to 255: a cube of six steps a side, then 24 greys.
  private static let cubeAndGreys: [Swatch] = {
    let steps: [UInt8] = [0, 95, 135, 175, 215, 255]
    let cube: [Color] = (0..<216).map { (index: Int) -> Color in
      Color(red: steps[index / 36], green: steps[index / 6 % 6], blue: steps[index % 6])
    }
    let greys: [Color] = (0..<24).map { (index: Int) -> Color in
      let level = UInt8(8 + 10 * index)
      return Color(red: level, green: level, blue: level)
    }
    return (cube + greys).map(Swatch.init)
  }()
}

/// A style in the terminal's own terms.
package struct Rendition: Hashable, Sendable {
  package var foreground: Int32
  package var background: Int32
  package var flags: CellFlags
}

private struct Swatch: Sendable {
  let color: Color
  let lab: Lab

  init(_ color: Color) {
    self.color = color
    lab = Lab(color)
  }
}

/// A colour in OKLab.
private struct Lab: Sendable {
  let lightness: Double
  let a: Double
  let b: Double

  init(_ color: Color) {
    let red = Lab.linear(color.red)
    let green = Lab.linear(color.green)
    let blue = Lab.linear(color.blue)
    let l = cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
    let m = cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
    let s = cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
    lightness = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s
    a = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s
    b = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s
  }

  /// Too little colour for a hue to be seen.
  var isGrey: Bool { a * a + b * b < 0.03 * 0.03 }

  func squaredDistance(to other: Lab) -> Double {
    let dl = lightness - other.lightness
    let da = a - other.a
    let db = b - other.b
    return dl * dl + da * da + db * db
  }

  private static func linear(_ component: UInt8) -> Double {
    let value = Double(component) / 255
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4)
  }
}
