import Glibc
package import WeirCore
import WeirReplay

/// Does what effects ask for, on the thread that calls it: one of the runtime's workers. Any number may run
/// at once.
package struct EffectRunner: Sendable {
  let session: Session

  package init(_ session: Session) { self.session = session }

  /// Runs one effect to its end and posts its answers as they come, `.ended` last. Effects that belong to the
  /// runtime do nothing here.
  package func run(_ effect: Effect, _ work: Work, post: (Message) -> Void) {
    var fault: Fault?
    do throws(Fault) {
      if effect.isScan {
        try Guest.atIdle { () throws(Fault) in try perform(effect, work, post) }
      } else {
        try perform(effect, work, post)
      }
    } catch { fault = error }
    if case .openSource(let index, _) = effect, let failure = fault {
      post(.sourceFailed(index: index, failure))
      return
    }
    if let generation = effect.generation { post(.ended(generation: generation, fault)) }
  }

  /// All answers at once, for tests and scripts.
  package func run(_ effect: Effect, _ work: Work = Work()) -> [Message] {
    var messages: [Message] = []
    run(effect, work) { messages.append($0) }
    return messages
  }

  private func perform(_ effect: Effect, _ work: Work, _ post: (Message) -> Void) throws(Fault) {
    switch effect {
    case .openSource(let index, let path):
      let source = try session.openers.openSource(path, work)
      session.add(source, at: index)
      post(.sourceOpened(index: index, source.about))
    case .catalog(let index, let exact, let generation):
      try catalog(index, exact: exact, generation, work, post)
    case .aggregates(let index, let stream, let generation):
      post(.aggregates(try session.source(index).aggregates(stream, work), generation: generation))
    case .activity(let index, let generation):
      if let activity = try activity(index, work) {
        post(.activity(source: index, activity, generation: generation))
      }
    case .page(let request): try page(request, work, post)
    case .inspect(let ref, let generation):
      post(.inspected(try inspect(ref, work), generation: generation))
    case .frame(let index, let place, let generation):
      post(.frame(try frame(index, place), generation: generation))
    case .density(let request):
      let (counts, span) = try density(request, nil, work)
      post(.density(counts, span, generation: request.generation))
    case .search(let request): try search(request, work, post)
    case .previewFilter(let text, let refs, let generation):
      try previewFilter(text, refs, generation, work, post)
    case .find(let text, let generation): try find(text, generation, work, post)
    case .openReplay(let request): try openReplay(request, work, post)
    case .replay(let query, let number, let generation):
      let answer = try answer(query, number, work)
      post(.replay(answer, session: number, generation: generation))
    case .closeReplay(let number): session.closeReplay(number)
    case .folds(let index, let stream, let generation):
      post(.folds(session.openers.folds(try session.source(index), stream), generation: generation))
    case .write(let path, let content, let generation):
      try write(content, to: path)
      post(.wrote(path: path, bytes: content.count, generation: generation))
    case .copy, .cancel, .setMouse, .redraw, .suspend, .quit: break
    }
  }

  /// Bytes that may be read for counts nobody asked for: names, indexes and frame headers of that much data.
  private static let uninvited: UInt64 = 1 << 30

  private func catalog(
    _ index: Int, exact: Bool, _ generation: Int, _ work: Work, _ post: (Message) -> Void
  ) throws(Fault) {
    let source = try session.source(index)
    session.forget(source: index)
    let glance = try source.catalog(.glance, work)
    post(.catalog(source: index, StreamIndex(glance), isFinal: false, generation: generation))
    let limit = exact ? nil : EffectRunner.uninvited
    let counted = try source.catalog(.count(limit: limit), work)
    post(.catalog(source: index, StreamIndex(counted), isFinal: true, generation: generation))
  }

  private func frame(_ index: Int, _ place: FramePlace) throws(Fault) -> FrameBytes {
    guard let source = try session.source(index) as? any FrameSource else {
      throw Fault(.nothingThere, "read the frame of", place.file, "this source's files have no frames")
    }
    let detail = try source.frame(place.file, at: place.offset, record: place.record)
    return FrameBytes(place: place, detail: detail)
  }

  /// Writes a new file; one that exists is never touched.
  private func write(_ content: [UInt8], to path: String) throws(Fault) {
    let descriptor = session.openers.newFile(path)
    guard descriptor >= 0 else {
      let exists = errno == EEXIST
      let fault = Fault.system("write", path)
      throw exists
        ? Fault(.usage, "write", path, "it exists, and weir overwrites nothing", hint: "choose another name")
        : fault
    }
    defer { close(descriptor) }
    var done = 0
    while done < content.count {
      let count = content.withUnsafeBytes { bytes in
        bytes.baseAddress.map { Glibc.write(descriptor, $0 + done, bytes.count - done) } ?? 0
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Fault.system("write", path) }
      done += count
    }
  }
}
