import Glibc

/// What a Kafka broker keeps on disk, opened without one byte being written.
///
/// Design: `KafkaDirectoryName`, `KafkaSegmentName`, `KafkaCheckpoint` say what the names and texts mean;
/// `KafkaSegment` enters a `.log` file anywhere and gives `KafkaChunk`s of checked batches, found by
/// `KafkaSegmentScanner`, which survives damage through `KafkaResync`; a `KafkaRun` strings segments
/// together; `KafkaRecordStream` turns them into records, `KafkaPartitionLog` into the events of a partition,
/// and `MergedLog` several of those into a topic.
final class KafkaSource: Source {
  let about: SourceAbout
  let options: ReadOptions
  /// Sorted by topic, then number; those to be deleted, stray or future ones are not among them.
  let partitions: [KafkaPartition]
  /// What was left out and why, for the catalog.
  let notes: [String]
  let shared = KafkaShared()

  init(path: String, options: ReadOptions) throws(Fault) {
    var path = path
    while path.count > 1, path.last == "/" { path.removeLast() }
    let opening = try KafkaOpening(path: path, shared: shared)
    self.options = options
    partitions = opening.partitions.sorted { $0.id < $1.id }
    notes = opening.notes
    var about = SourceAbout(label: opening.label, address: path, kind: .stream, format: "kafka")
    about.notes = opening.about
    self.about = about
  }

  /// The partitions that are shown when no topic is named.
  var visible: [KafkaPartition] {
    let isAlone = Set(partitions.map(\.id.topic)).count == 1
    return partitions.filter { options.showInternal || isAlone || !$0.isInternal }
  }

  func partitions(of stream: StreamID) throws(Fault) -> [KafkaPartition] {
    let ofTopic = stream.name.isEmpty ? visible : partitions.filter { $0.id.topic == stream.name }
    guard !ofTopic.isEmpty || stream.name.isEmpty else {
      throw Fault(
        .nothingThere, "find", stream.name, "there is no such topic", hint: "weir ls lists the topics")
    }
    guard let wanted = stream.partition else { return ofTopic }
    let found = ofTopic.filter { PartitionID.number($0.id.partition) == wanted }
    guard !found.isEmpty else {
      let known = ofTopic.map { String($0.id.partition) }.joined(separator: ", ")
      throw Fault(
        .nothingThere, "find", "\(stream.name)/\(wanted)", "there is no such partition",
        hint: "known: \(known)")
    }
    return found
  }

  func log(_ stream: StreamID) throws(Fault) -> any EventLog {
    let found = try partitions(of: stream)
    let logs = found.map { log(of: $0, stream) }
    if logs.count == 1, let only = logs.first { return only }
    return MergedLog(stream, logs)
  }

  /// The log of one partition, as part of `stream`.
  func log(of partition: KafkaPartition, _ stream: StreamID = .everything, options: ReadOptions? = nil)
    -> KafkaPartitionLog
  {
    let own = StreamID(partition.id.topic, partition: .number(partition.id.partition), key: stream.key)
    return KafkaPartitionLog(partition, stream: own, label: about.label, options: options ?? self.options)
  }
}

/// What a path turned out to be.
private struct KafkaOpening {
  var label: String
  var partitions: [KafkaPartition] = []
  /// Sentences on the source as a whole.
  var about: [String] = []
  var notes: [String] = []

  init(path: String, shared: KafkaShared) throws(Fault) {
    label = KafkaOpening.lastPart(path)
    var status = stat()
    guard stat(path, &status) == 0 else { throw Fault.system("open", path) }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      openFile(path, shared)
      return
    }
    let names = try Probe.names(in: path, limit: .max)
    if names.contains(where: { KafkaSegmentName($0) != nil }) {
      openPartition(path, shared)
    } else {
      openLogDirectory(path, names, shared)
    }
    if partitions.isEmpty { throw Fault(.nothingThere, "open", path, "no partition of a topic is in there") }
  }

  private static func lastPart(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  private static func parent(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The absolute path, so that the directories above a relative one have names.
  private static func absolute(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  private mutating func openFile(_ path: String, _ shared: KafkaShared) {
    let whole = Self.absolute(path)
    let directory = Self.parent(whole)
    let name = KafkaDirectoryName(Self.lastPart(directory))
    let id = name?.id ?? KafkaTopicPartition(topic: label, partition: 0)
    about = ["one segment file of \(id.topic), partition \(id.partition)"]
    let segment = KafkaSegmentName(label)
    // Offsets in a file of another name (KRaft's snapshots) are not those of the partition.
    let isOfPartition = name != nil && segment != nil
    let checkpoints =
      isOfPartition ? KafkaRootCheckpoints(directory: Self.parent(directory)) : KafkaRootCheckpoints()
    partitions = [
      KafkaPartition(
        id: id, state: name?.state ?? .current, path: path, prefix: "", checkpoints: checkpoints,
        shared: shared, onlyFile: label, following: segment.flatMap { Self.base(after: $0, in: directory) })
    ]
  }

  /// Where the next current segment of the directory begins; nil when there is none.
  private static func base(after segment: KafkaSegmentName, in directory: String) -> Int64? {
    guard segment.state == .current, let names = try? Probe.names(in: directory, limit: .max) else {
      return nil
    }
    return names.compactMap(KafkaSegmentName.init)
      .filter { $0.state == .current && $0.base > segment.base }.map(\.base).min()
  }

  private mutating func openPartition(_ path: String, _ shared: KafkaShared) {
    let whole = Self.absolute(path)
    let name = KafkaDirectoryName(Self.lastPart(whole))
    let id = name?.id ?? KafkaTopicPartition(topic: Self.lastPart(whole), partition: 0)
    about = ["one partition's directory: \(id.topic), partition \(id.partition)"]
    if let state = name?.state, state != .current { about.append(Self.words(state)) }
    partitions = [
      KafkaPartition(
        id: id, state: name?.state ?? .current, path: path, prefix: "",
        checkpoints: KafkaRootCheckpoints(directory: Self.parent(whole)), shared: shared)
    ]
  }

  private mutating func openLogDirectory(_ path: String, _ names: [String], _ shared: KafkaShared) {
    let checkpoints = KafkaRootCheckpoints(directory: path)
    for name in names {
      guard let directory = KafkaDirectoryName(name) else { continue }
      guard directory.state == .current else {
        notes.append("\(name) \(Self.words(directory.state)), and is not shown; open it by itself to see it")
        continue
      }
      partitions.append(
        KafkaPartition(
          id: directory.id, state: .current, path: path + "/" + name, prefix: name + "/",
          checkpoints: checkpoints,
          shared: shared))
    }
    let properties = KafkaProperties.parse(KafkaCheckpoint.text(path + "/meta.properties") ?? "")
    var words = "a Kafka log directory"
    if let node = properties["node.id"] ?? properties["broker.id"] { words += " of node \(node)" }
    if let cluster = properties["cluster.id"] { words += ", cluster \(cluster)" }
    about.append(words)
    if names.contains("__cluster_metadata-0") { about.append("written in KRaft mode") }
    about.append(
      names.contains(".kafka_cleanshutdown")
        ? "the broker was stopped in order" : "no mark of an orderly stop: the broker was running, or crashed"
    )
  }

  private static func words(_ state: KafkaDirectoryName.State) -> String {
    switch state {
    case .current: "is in use"
    case .delete: "is scheduled for deletion"
    case .stray: "was found by the broker without being assigned to it"
    case .future: "is being copied here from another log directory"
    }
  }
}
