import Glibc

/// One thing that weir promises about its speed: `ok|MISSED name ratio goal spread`.
struct Goal: Sendable {
  let name: String
  /// What must not be exceeded, in `unit`.
  let limit: Double
  /// Empty for a ratio to a yardstick; `ms`, `us`, `MiB` for what a person or a machine notices as such.
  var unit = ""
  /// Measures it. Throws `Wrong` when the answer was wrong, `NotBuilt` where there is nothing to measure yet.
  let measure: @Sendable (Data) throws -> Figure
}

/// A measured figure with the least and the most that was seen.
struct Figure {
  var value: Double
  var least: Double
  var most: Double
  /// What else is worth knowing: the yardstick's own speed, what was compared.
  var remark = ""

  init(_ samples: Samples, remark: String = "") {
    (value, least, most) = (samples.median, samples.least, samples.most)
    self.remark = remark
  }

  init(value: Double, least: Double, most: Double, remark: String = "") {
    (self.value, self.least, self.most, self.remark) = (value, least, most, remark)
  }
}

/// A benchmark gave another answer than the one known: the only thing that fails a run.
struct Wrong: Error { let what: String }

/// There is nothing to measure yet.
struct NotBuilt: Error { let why: String }

/// Checks an answer against the one known.
func expect<T: Equatable>(_ found: T, _ known: T, _ what: String) throws {
  guard found == known else { throw Wrong(what: "\(what): \(found), but \(known) is right") }
}

extension Goal {
  /// Measures, prints one line; false when the answer was wrong.
  func report(_ data: Data) -> Bool {
    var line: String
    var right = true
    do {
      let figure = try measure(data)
      let verdict = figure.value <= limit ? "ok" : "MISSED"
      line = "\(verdict) \(name) \(short(figure.value))\(unit) \(short(limit))\(unit)"
      line += " \(short(figure.least))..\(short(figure.most))"
      if !figure.remark.isEmpty { line += " (\(figure.remark))" }
    } catch let missing as NotBuilt {
      line = "MISSED \(name) - \(short(limit))\(unit) - (not built: \(missing.why))"
    } catch let wrong as Wrong {
      line = "WRONG \(name) \(wrong.what)"
      right = false
    } catch {
      line = "WRONG \(name) \(error)"
      right = false
    }
    print(line)
    fflush(nil)
    return right
  }
}
