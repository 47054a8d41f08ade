import Glibc

/// The zone in which times are shown and read. Rules come from the system's zone files through the C library,
/// which knows one local zone a process: a named zone becomes that one.
package enum Zone: Sendable, Equatable {
  case utc
  /// The process's local zone, with its name for the screen.
  case local(name: String)

  /// `utc`, `local`, or a name such as `Europe/Madrid`. nil when the system has no such zone. Sets TZ for the
  /// process: call it once, before threads are started.
  package static func named(_ name: String) -> Zone? {
    switch name.lowercased() {
    case "utc", "z", "gmt": return .utc
    case "local":
      tzset()
      return .local(name: localName())
    default:
      guard !name.contains(".."), !name.hasPrefix("/"), access("/usr/share/zoneinfo/\(name)", R_OK) == 0
      else {
        return nil
      }
      setenv("TZ", name, 1)
      tzset()
      return .local(name: name)
    }
  }

  private static func localName() -> String {
    if let variable = getenv("TZ").map({ String(cString: $0) }), !variable.isEmpty { return variable }
    var buffer = [CChar](repeating: 0, count: 1024)
    let count = readlink("/etc/localtime", &buffer, 1023)
    guard count > 0 else { return "local" }
    let path = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    let marker = path.split(separator: "/").firstIndex(of: "zoneinfo")
    return marker.map { path.split(separator: "/")[($0 + 1)...].joined(separator: "/") } ?? "local"
  }

  /// "UTC" or the zone's name.
  package var title: String { if case .local(let name) = self { name } else { "UTC" } }

  /// Seconds east of UTC at a moment.
  package func offset(at seconds: Int64) -> Int {
    guard self != .utc else { return 0 }
    var moment = time_t(seconds)
    var parts = tm()
    guard localtime_r(&moment, &parts) != nil else { return 0 }
    return parts.tm_gmtoff
  }

  /// Seconds since the epoch of a wall clock's reading in this zone.
  package func seconds(_ wall: WallClock) -> Int64 {
    let asUTC =
      TimeText.days(wall.year, wall.month, wall.day) * 86_400
      + Int64(wall.hour * 3600 + wall.minute * 60 + wall.second)
    guard self != .utc else { return asUTC }
    // The offset at the answer, not at the question: two rounds settle every change of summer time.
    let first = asUTC - Int64(offset(at: asUTC))
    return asUTC - Int64(offset(at: first))
  }

  /// What the wall clock of this zone reads.
  package func wall(_ seconds: Int64) -> WallClock {
    let (date, clock) = TimeText.civil(seconds &+ Int64(offset(at: seconds)))
    return WallClock(
      year: date.year, month: date.month, day: date.day, hour: clock / 3600, minute: clock / 60 % 60,
      second: clock % 60)
  }

  /// `2025-09-03 11:02:14.201`: what every screen and table shows. At least milliseconds are cut off where
  /// the source has none.
  package func text(_ instant: Instant) -> String {
    let wall = wall(instant.seconds)
    var text = "\(TimeText.pad(wall.year, 4))-\(TimeText.pad(wall.month, 2))-\(TimeText.pad(wall.day, 2)) "
    text += "\(TimeText.pad(wall.hour, 2)):\(TimeText.pad(wall.minute, 2)):\(TimeText.pad(wall.second, 2))"
    if instant.digits > 0 {
      text += "." + TimeText.pad(Int(instant.nanoseconds), 9).prefix(Int(instant.digits))
    }
    return text
  }
}

/// A date and a time of day without a zone.
package struct WallClock: Sendable, Equatable {
  package var year: Int
  package var month: Int
  package var day: Int
  package var hour: Int
  package var minute: Int
  package var second: Int

  package init(year: Int, month: Int, day: Int, hour: Int = 0, minute: Int = 0, second: Int = 0) {
    (self.year, self.month, self.day) = (year, month, day)
    (self.hour, self.minute, self.second) = (hour, minute, second)
  }
}
