import CPCRE2

/// A compiled PCRE2 pattern. Matching is bounded: a pattern that would backtrack without end counts as not
/// matching.
///
/// `@unchecked Sendable`: compiled code is read-only and may be matched by any number of threads; each match
/// makes its own match data.
package final class RegularExpression: @unchecked Sendable {
  package struct Mistake: Error, Equatable {
    /// Byte offset in the pattern.
    package var offset: Int
    package var reason: String
  }

  private let code: OpaquePointer
  private let limits: OpaquePointer

  /// Backtracking steps and KiB of heap one match may take: milliseconds, not minutes.
  private static let matchLimit: UInt32 = 200_000
  private static let heapLimit: UInt32 = 8192

  /// `flags` as in JavaScript: `i` (ignore case), `m` (`^` and `$` at lines), `s` (`.` takes line breaks),
  /// `x` (blanks and comments); `g` and `u` change nothing.
  package init(_ pattern: String, flags: String = "") throws(Mistake) {
    var options = PCRE2_UTF | PCRE2_UCP
    for flag in flags {
      switch flag {
      case "i": options |= PCRE2_CASELESS
      case "m": options |= PCRE2_MULTILINE
      case "s": options |= PCRE2_DOTALL
      case "x": options |= PCRE2_EXTENDED
      case "g", "u": break
      default:
        throw Mistake(offset: pattern.utf8.count + 1, reason: "unknown flag `\(flag)`: use i, m, s or x")
      }
    }
    var number: Int32 = 0
    var offset = 0
    let bytes = Array(pattern.utf8)
    guard let code = pcre2_compile_8(bytes, bytes.count, options, &number, &offset, nil) else {
      throw Mistake(offset: offset, reason: RegularExpression.message(number))
    }
    guard let limits = pcre2_match_context_create_8(nil) else {
      pcre2_code_free_8(code)
      throw Mistake(offset: 0, reason: "no memory left")
    }
    pcre2_set_match_limit_8(limits, RegularExpression.matchLimit)
    pcre2_set_heap_limit_8(limits, RegularExpression.heapLimit)
    pcre2_jit_compile_8(code, UInt32(PCRE2_JIT_COMPLETE))
    self.code = code
    self.limits = limits
  }

  deinit {
    pcre2_match_context_free_8(limits)
    pcre2_code_free_8(code)
  }

  private static func message(_ number: Int32) -> String {
    var buffer = [UInt8](repeating: 0, count: 256)
    let length = pcre2_get_error_message_8(number, &buffer, buffer.count)
    return String(decoding: buffer.prefix(Int(max(0, length))), as: UTF8.self)
  }

  package func matches(_ text: String) -> Bool {
    guard let data = pcre2_match_data_create_8(1, nil) else { return false }
    defer { pcre2_match_data_free_8(data) }
    var text = text
    return text.withUTF8 { bytes in
      // Swift's text is valid UTF-8: the check would cost a pass over it.
      let base = bytes.baseAddress
      let first = pcre2_match_8(code, base, bytes.count, 0, PCRE2_NO_UTF_CHECK, data, limits)
      guard first == PCRE2_ERROR_JIT_STACKLIMIT else { return first >= 0 }
      return pcre2_match_8(code, base, bytes.count, 0, PCRE2_NO_UTF_CHECK | PCRE2_NO_JIT, data, limits) >= 0
    }
  }
}
