import CKernels

/// Exact byte strings.
package enum ByteSearch {
  /// Whether `wanted` occurs in `bytes`; the empty string always does.
  package static func contains(_ wanted: [UInt8], in bytes: [UInt8]) -> Bool {
    weir_contains(bytes, bytes.count, wanted, wanted.count) != 0
  }
}
