/// A compression that frames are stored in.
package enum Codec: UInt8, Sendable, CaseIterable {
  case none, gzip, snappy, lz4, zstd

  /// The most that one frame may decompress to, in bytes. Brokers refuse messages far smaller; a bomb ends
  /// here.
  package static let limit = 256 << 20

  package var name: String {
    switch self {
    case .none: "none"
    case .gzip: "gzip"
    case .snappy: "snappy"
    case .lz4: "lz4"
    case .zstd: "zstd"
    }
  }
}

/// Why a compressed frame could not be undone. Becomes a `Damage` where the frame's place is known.
package struct CodecError: Error, Equatable, Sendable, CustomStringConvertible {
  package var codec: Codec
  package var reason: String

  package init(_ codec: Codec, _ reason: String) {
    self.codec = codec
    self.reason = reason
  }

  package var description: String { "\(codec.name): \(reason)" }
}

/// What one try at decompressing into a given room came to.
enum DecompressionAttempt {
  /// So many bytes were written.
  case done(Int)
  /// The room did not suffice; nothing that was written counts.
  case tooSmall
}
