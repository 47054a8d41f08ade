import Glibc
import Support
import Testing
import WeirCore

@testable import weir

/// "A good guest": what is not asked for is not read, and what is read leaves no trace.
@Suite struct GuestTests {
  /// A partition of a terabyte by its size: 600 segments, each with one real batch at its start.
  private func terabyte() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    let batch = try FileBytes(path: Fixtures.path("demo/kafka/bank.accounts-2/00000000000000000000.log"))
      .bytes(at: 0, count: 64 << 10)
    let length = batch[8..<12].reduce(0) { $0 << 8 | Int($1) } + 12
    #expect(mkdir(folder.path + "/big-0", 0o700) == 0)
    for number in 0..<600 {
      let digits = String(number * 1_000_000)
      let name = "big-0/" + String(repeating: "0", count: 20 - digits.count) + digits + ".log"
      var content = Array(batch[..<length])
      let base = number * 1_000_000
      for place in 0..<8 { content[7 - place] = UInt8(truncatingIfNeeded: base >> (8 * place)) }
      let path = try folder.write(name, content)
      #expect(truncate(path, off_t(1) << 31 - 1) == 0)
    }
    return folder
  }

  /// Bytes that the program read from files, as the kernel answered.
  private func bytesRead(_ arguments: [String]) throws -> Int {
    let log = try TemporaryFolder()
    let trace = log.path + "/trace"
    let tracer = ["strace", "-f", "-s", "0", "-e", "trace=read,pread64,readv,preadv,preadv2", "-o", trace]
    let outcome = try Program.run(arguments, under: tracer)
    #expect(outcome.status == 0, "\(outcome.errors)")
    let file = try FileBytes(path: trace)
    let text = String(decoding: try file.bytes(at: 0, count: Int(file.size)), as: UTF8.self)
    #expect(text.contains("pread64"))
    return text.split(separator: "\n").reduce(0) { sum, line in
      guard let equals = line.lastIndex(of: "="),
        let count = Int(line[line.index(after: equals)...].drop { $0 == " " }.prefix { $0.isNumber })
      else { return sum }
      return sum + count
    }
  }

  @Test(.needs("strace")) func listingATerabyteReadsNextToNothing() throws {
    let folder = try terabyte()
    let count = try bytesRead(["ls", folder.path])
    #expect(count < 16 << 20)
  }

  @Test(.needs("strace")) func lookingAtATerabyteReadsLittle() throws {
    let folder = try terabyte()
    let script = try folder.write("keys", "wait\nenter\nwait\ng\nwait\nG\nwait\n")
    let screen = folder.path + "/screen"
    let arguments = ["--script", script, "--screen", screen, "--size", "100x30", folder.path + "#big/0"]
    let count = try bytesRead(arguments)
    #expect(count < 64 << 20)
  }

  @Test(.needs("strace")) func commandsReadAtIdlePriority() throws {
    let log = try TemporaryFolder()
    let trace = log.path + "/trace"
    let tracer = ["strace", "-f", "-e", "trace=ioprio_set", "-o", trace]
    _ = try Program.run(["ls", Fixtures.path("demo/kafka")], under: tracer)
    let text = String(decoding: try FileBytes(path: trace).bytes(at: 0, count: 1 << 16), as: UTF8.self)
    #expect(text.contains("IOPRIO_CLASS_IDLE"))
  }

  /// The helper that opens what `w` writes: new files, and never one that exists.
  @Test func theScribeOpensNewFilesOnly() throws {
    let folder = try TemporaryFolder()
    let scribe = try #require(Scribe())
    let path = folder.path + "/new"
    let file = scribe.create(path)
    #expect(file >= 0)
    #expect(write(file, "text", 4) == 4)
    close(file)
    #expect(try FileBytes(path: path).bytes(at: 0, count: 10) == Array("text".utf8))
    #expect(scribe.create(path) == -1)
    #expect(errno == EEXIST)
    #expect(scribe.create(folder.path + "/no/such/folder") == -1)
    #expect(errno == ENOENT)
    #expect(scribe.create("") == -1)
    // It goes on after refusals.
    #expect(scribe.create(folder.path + "/another") >= 0)
  }
}
