import WeirCore

extension Entry {
  /// A segment of record batches. The first byte chooses what is asked for, and whether checksums are put
  /// right first, so that what lies behind them is reached.
  static let kafka = Entry(name: "kafka") { bytes in
    guard let first = bytes.first else { return }
    var segment = Array(bytes.dropFirst())
    if first & 1 == 0 { KafkaSeal.mend(&segment) }
    Scratch.write(KafkaFolder.partition + "/00000000000000000000.log", segment)
    Exercise(KafkaFolder.options(first)).run(KafkaFolder.logs)
  }

  /// The files beside a good segment: the first byte chooses which, the second what is asked for.
  static let kafkaSidecars = Entry(name: "kafka-sidecars") { bytes in
    guard bytes.count >= 2 else { return }
    let files = KafkaFolder.sidecars
    let path = files[Int(bytes[0]) % files.count]
    Scratch.write(path, UnsafeRawBufferPointer(rebasing: bytes[2...]))
    Exercise(KafkaFolder.options(bytes[1])).run(KafkaFolder.besideGood)
    // The next input finds the others empty.
    Scratch.write(path, [])
  }

  /// Message sets of formats 0 and 1, with the checksums of their outer messages put right.
  static let kafkaLegacy = Entry(name: "kafka-legacy") { bytes in
    guard let first = bytes.first else { return }
    var segment = Array(bytes.dropFirst())
    if first & 1 == 0 { KafkaSeal.mendLegacy(&segment) }
    Scratch.write(KafkaFolder.partition + "/00000000000000000000.log", segment)
    Exercise(KafkaFolder.options(first)).run(KafkaFolder.logs)
  }
}

/// Log directories in memory.
private enum KafkaFolder {
  /// One partition whose segment is the input.
  static let logs = Scratch.make("kafka")
  static let partition = Scratch.make("shop-0", in: logs)

  /// A partition with two good segments, everything beside them empty.
  static let besideGood: String = {
    let folder = Scratch.make("sidecars")
    let partition = Scratch.make("shop-0", in: folder)
    for name in ["00000000000000000000.log", "00000000000000000728.log"] {
      Scratch.write(partition + "/" + name, Seeds.segment("demo/kafka/bank.accounts-2/" + name))
    }
    return folder
  }()

  static let sidecars: [String] = {
    let partition = besideGood + "/shop-0/"
    let beside = [
      "00000000000000000000.index", "00000000000000000000.timeindex", "00000000000000000000.txnindex",
      "00000000000000000728.index", "00000000000000000728.timeindex", "00000000000000000728.snapshot",
      "leader-epoch-checkpoint", "partition.metadata", "00000000000000000100.log.deleted",
    ]
    let above = [
      "log-start-offset-checkpoint", "replication-offset-checkpoint", "recovery-point-offset-checkpoint",
      "cleaner-offset-checkpoint", "meta.properties",
    ]
    return beside.map { partition + $0 } + above.map { besideGood + "/" + $0 }
  }()

  static func options(_ bits: UInt8) -> ReadOptions {
    var options = ReadOptions()
    options.format = "kafka"
    options.committed = bits & 2 != 0
    options.control = bits & 4 != 0
    options.deleted = bits & 8 != 0
    options.damaged = bits & 16 != 0
    options.showInternal = bits & 32 != 0
    return options
  }
}

/// Puts checksums right, as far as lengths lead from one entry to the next.
private enum KafkaSeal {
  static func mend(_ bytes: inout [UInt8]) {
    eachEntry(&bytes, smallest: 61) { entry in
      put(Checksum.crc32c(UnsafeRawBufferPointer(rebasing: entry[21...])), at: 17, of: entry)
    }
  }

  static func mendLegacy(_ bytes: inout [UInt8]) {
    eachEntry(&bytes, smallest: 26) { entry in
      put(Checksum.crc32(UnsafeRawBufferPointer(rebasing: entry[16...])), at: 12, of: entry)
    }
  }

  private static func eachEntry(
    _ bytes: inout [UInt8], smallest: Int, _ body: (UnsafeMutableRawBufferPointer) -> Void
  ) {
    bytes.withUnsafeMutableBytes { bytes in
      var at = 0
      while bytes.count - at >= smallest {
        let length = bytes.loadUnaligned(fromByteOffset: at + 8, as: UInt32.self).bigEndian
        let whole = Int(length) + 12
        guard whole >= smallest, whole <= bytes.count - at else { return }
        body(UnsafeMutableRawBufferPointer(rebasing: bytes[at..<at + whole]))
        at += whole
      }
    }
  }

  private static func put(_ crc: UInt32, at index: Int, of entry: UnsafeMutableRawBufferPointer) {
    entry.storeBytes(of: crc.bigEndian, toByteOffset: index, as: UInt32.self)
  }
}
