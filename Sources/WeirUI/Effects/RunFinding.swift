import WeirCore

/// Looking for texts in logs.
extension EffectRunner {
  /// Events read at a time while searching.
  private static let step = 512

  func search(_ request: SearchRequest, _ work: Work, _ post: (Message) -> Void) throws(Fault) {
    let log = try session.log(request.log)
    let filter = try EffectRunner.expression(request.filter)
    let needle = Needle(request.text)
    var next: Cursor? = Cursor(request.direction == .forward ? .start : .end)
    if let from = request.from {
      next = log.cursor(request.direction == .forward ? .after : .before, try event(from, work))
    }
    work.expect(try expected(request.log))
    var batch = EventBatch()
    while let cursor = next {
      try work.check()
      next = try log.read(cursor, request.direction, count: EffectRunner.step, into: &batch, work)
      for index in batch.records.indices where needle.part(of: batch.records[index], in: batch) != nil {
        let event = log.event(index, of: batch)
        guard filter?.holds(event: event) ?? true else { continue }
        let (before, after) = try around(
          log.cursor(.before, event), log, request.log, request.count, request.filter, readsOn: true, work)
        post(.found(before: before, after: after, request: request))
        return
      }
      work.advance(by: batch.records.count)
    }
    post(.notFound(request: request))
  }

  /// Events in a log as far as they are known without reading it, for the progress figure.
  private func expected(_ ref: LogRef) throws(Fault) -> Int {
    let catalog = try session.source(ref.source).catalog(.glance, Work())
    switch StreamIndex(catalog).count(of: ref.stream) {
    case .exact(let count), .atMost(let count, _): return count
    case .unknown: return 0
    }
  }

  /// All places of all sources that hold the text: names first, then every event, newest first.
  func find(_ text: String, _ generation: Int, _ work: Work, _ post: (Message) -> Void) throws(Fault) {
    let needle = Needle(text)
    var plans: [(LogRef, any EventLog)] = []
    for (index, source) in session.openSources {
      let streams = StreamIndex(try source.catalog(.glance, work))
      let named = streams.groups.map(streams.name).filter { needle.isIn(Array($0.utf8)) }
      let hits = named.prefix(HitList.limit).map { Hit(source: index, place: .stream(StreamID($0))) }
      if !hits.isEmpty { post(.hits(Array(hits), generation: generation)) }
      for stream in EffectRunner.logs(of: streams, source, text) {
        let ref = LogRef(source: index, stream: stream)
        plans.append((ref, try session.log(ref)))
        work.expect(try expected(ref))
      }
    }
    for (ref, log) in plans { try find(needle, in: log, ref, generation, work, post) }
  }

  /// A store is read in its own order; of a stream every partition by itself, so that nothing has to be
  /// merged. If the text is a key, its hash names the partitions to begin with.
  private static func logs(of streams: StreamIndex, _ source: any Source, _ text: String) -> [StreamID] {
    let partitioned = streams.catalog.entries.map(\.stream).filter { $0.partition != nil }
    guard source.about.kind != .store, !partitioned.isEmpty else { return [.everything] }
    guard let keyed = source as? any KeyedSource else { return partitioned }
    let key = Array(text.utf8)
    let likely = partitioned.filter { $0.partition == keyed.likelyPartition(of: key, in: $0.name) }
    let known = Set(likely)
    return likely + partitioned.filter { !known.contains($0) }
  }

  private func find(
    _ needle: Needle, in log: any EventLog, _ ref: LogRef, _ generation: Int, _ work: Work,
    _ post: (Message) -> Void
  ) throws(Fault) {
    var batch = EventBatch()
    var next: Cursor? = Cursor(.end)
    while let cursor = next {
      try work.check()
      next = try log.read(cursor, .backward, count: EffectRunner.step, into: &batch, work)
      var hits: [Hit] = []
      for index in batch.records.indices {
        guard let part = needle.part(of: batch.records[index], in: batch) else { continue }
        hits.append(
          Hit(source: ref.source, place: .event(EventSummary(log.event(index, of: batch)), part: part)))
      }
      work.advance(by: batch.records.count)
      if !hits.isEmpty { post(.hits(hits, generation: generation)) }
    }
  }
}

/// A text that is looked for in bytes: in any case as long as it is typed in lower case.
struct Needle: Sendable {
  private let bytes: [UInt8]
  private let ignoresCase: Bool

  init(_ text: String) {
    ignoresCase = text == text.lowercased()
    bytes = Array(text.utf8)
  }

  func isIn(_ text: some Collection<UInt8>) -> Bool {
    guard !bytes.isEmpty else { return false }
    return text.withContiguousStorageIfAvailable { isIn($0) }
      ?? Array(text).withUnsafeBufferPointer { isIn($0) }
  }

  private func isIn(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    guard text.count >= bytes.count else { return false }
    return bytes.withUnsafeBufferPointer { wanted in
      let first = wanted[0]
      let other = ignoresCase ? Needle.upper(first) : first
      var start = 0
      while start <= text.count - wanted.count {
        if text[start] == first || text[start] == other {
          var length = 1
          while length < wanted.count, matches(text[start + length], wanted[length]) { length += 1 }
          if length == wanted.count { return true }
        }
        start += 1
      }
      return false
    }
  }

  @inline(__always)
  private func matches(_ byte: UInt8, _ wanted: UInt8) -> Bool {
    byte == wanted || (ignoresCase && byte == Needle.upper(wanted))
  }

  /// ASCII only: other letters must be typed as they are.
  @inline(__always)
  private static func upper(_ byte: UInt8) -> UInt8 { byte >= 0x61 && byte <= 0x7A ? byte - 0x20 : byte }

  /// Which part of a record holds the text, the most telling one first; nil when none does.
  func part(of record: EventRecord, in batch: EventBatch) -> String? {
    let parts: [(String, ByteSlice)] = [
      ("id", record.id), ("key", record.key), ("stream", record.stream), ("type", record.type),
      ("payload", record.value), ("metadata", record.meta),
    ]
    for (name, slice) in parts {
      if let content = batch.slice(slice), isIn(content) { return name }
    }
    for index in record.headers where batch.headers.indices.contains(Int(index)) {
      let header = batch.headers[Int(index)]
      if batch.slice(header.value).map(isIn) ?? false { return "header" }
    }
    return nil
  }
}
