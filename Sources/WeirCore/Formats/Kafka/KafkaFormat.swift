extension Format {
  /// Kafka: a log directory, one partition's directory, or one segment file.
  static let kafka = Format(
    name: "kafka", title: "Apache Kafka log directory",
    summary:
      "A broker's log directory, one TOPIC-PARTITION directory or one .log file; message formats 0, 1 and 2, all codecs.",
    detects: { KafkaDetection.detects($0) },
    open: { path, options, work throws(Fault) in try KafkaDetection.open(path, options) })
}

/// Recognises what Kafka leaves on disk.
enum KafkaDetection {
  /// Directories looked into before it is decided that none of them is a partition.
  private static let looks = 16

  static func open(_ path: String, _ options: ReadOptions) throws(Fault) -> any Source {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    if let name = KafkaSidecarName(file) { return KafkaSidecarSource(path: path, name: name) }
    return try KafkaSource(path: path, options: options)
  }

  static func detects(_ probe: Probe) -> Bool {
    guard probe.isDirectory else { return isSegment(probe) }
    if probe.entries.contains(where: { KafkaSegmentName($0) != nil }) { return true }
    let partitions = probe.entries.filter { KafkaDirectoryName($0) != nil }
    guard !partitions.isEmpty else { return false }
    if probe.entries.contains("recovery-point-offset-checkpoint") || probe.entries.contains("meta.properties")
    {
      return true
    }
    return partitions.prefix(looks).contains { name in
      let names = try? Probe.names(in: probe.path + "/" + name)
      return names?.contains { KafkaSegmentName($0) != nil } ?? false
    }
  }

  /// By content: an entry whose checksum is right, or whose header can be true when it is longer than the
  /// head. By name, when there is any content at all.
  private static func isSegment(_ probe: Probe) -> Bool {
    guard probe.size > 0 else { return false }
    if KafkaSegmentName(probe.name) != nil || KafkaSidecarName(probe.name) != nil { return true }
    return probe.head.withUnsafeBytes { head in
      if head.count > KafkaBatchHeader.prefixSize, head[16] < 2 { return isMessage(head) }
      guard let header = KafkaBatchHeader(head, position: 0), header.flaw == nil else { return false }
      guard header.length <= head.count else {
        return UInt64(header.length) <= probe.size && header.attributes & ~0x7F == 0
      }
      let covered = head[KafkaBatchHeader.coveredFrom..<header.length]
      return Checksum.crc32c(UnsafeRawBufferPointer(rebasing: covered)) == header.crc
    }
  }

  /// A whole message of magic 0 or 1 with the right CRC.
  private static func isMessage(_ head: UnsafeRawBufferPointer) -> Bool {
    guard let length = KafkaLegacySet.length(head), length <= head.count else { return false }
    let stored = UInt32(bigEndian: head.loadUnaligned(fromByteOffset: 12, as: UInt32.self))
    return Checksum.crc32(UnsafeRawBufferPointer(rebasing: head[16..<Int(length)])) == stored
  }
}
