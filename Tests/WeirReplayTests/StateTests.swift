import Testing
import WeirCore

@testable import WeirReplay

func json(_ text: String) throws -> JSONValue { try JSONParser.parse(Array(text.utf8)) }

extension JSONValue {
  /// With members sorted by name: what remains of a value when the order of members does not count.
  var sorted: JSONValue {
    switch self {
    case .object(let members):
      .object(members.map { JSONMember($0.name, $0.value.sorted) }.sorted { $0.name < $1.name })
    case .array(let elements): .array(elements.map(\.sorted))
    default: self
    }
  }

  var text: String { String(decoding: compact, as: UTF8.self) }
}

@Suite struct StateDiffTests {
  @Test(arguments: [
    ("{}", "{}", []),
    ("{}", #"{"a":1,"b":{"c":[1]}}"#, ["+a=1", #"+b={"c":[1]}"#]),
    ("null", #"{"a":1}"#, ["+a=1"]),
    (#"{"a":1,"b":2}"#, #"{"b":3}"#, ["~b=2>3", "-a=1"]),
    (#"{"t":{"in":1,"out":7}}"#, #"{"t":{"in":1,"out":8}}"#, ["~t.out=7>8"]),
    (#"{"t":{"in":1}}"#, #"{"t":[1]}"#, [#"~t={"in":1}>[1]"#]),
    (#"{"n":[1,2,3]}"#, #"{"n":[1,4]}"#, ["~n[1]=2>4", "-n[2]=3"]),
    (#"{"n":[]}"#, #"{"n":[{"a":1}]}"#, [#"+n[0]={"a":1}"#]),
    (#"{"a.b":1}"#, #"{"a.b":2}"#, [#"~["a.b"]=1>2"#]),
    (#"{"a":1}"#, #"{"a":1.0}"#, ["~a=1>1.0"]),
    (#"{"a":1,"b":2}"#, #"{"b":2,"a":1}"#, []),
    (#"{"a":1}"#, "null", [#"~={"a":1}>null"#]),
    ("3", "4", ["~=3>4"]),
  ])
  func lists(_ from: String, _ to: String, _ expected: [String]) throws {
    let changes = StateDiff.between(try json(from), try json(to))
    let texts = changes.map { change in
      switch (change.from, change.to) {
      case (nil, let to): "+\(change.path)=\(to?.text ?? "")"
      case (let from?, nil): "-\(change.path)=\(from.text)"
      case (let from?, let to?): "~\(change.path)=\(from.text)>\(to.text)"
      }
    }
    #expect(texts == expected)
  }

  /// The law: the changes between two states, made in the first, give the second.
  @Test func applyingADiffGivesTheOther() {
    var random = Dice(seed: 7)
    for _ in 0..<3000 {
      let a = random.value(depth: 3)
      let b = random.mutated(a)
      let changes = StateDiff.between(a, b)
      #expect(StateDiff.apply(changes, to: a).sorted == b.sorted)
      #expect(changes.isEmpty == (a.sorted == b.sorted))
    }
  }

  @Test func signs() throws {
    func sign(_ a: String, _ b: String) throws -> ReplayRow.Sign {
      StateDiff.sign(of: StateDiff.between(try json(a), try json(b)))
    }
    #expect(try sign("{}", "{}") == ReplayRow.Sign.none)
    #expect(try sign("{}", #"{"a":1}"#) == .added)
    #expect(try sign(#"{"a":1}"#, #"{"a":2,"b":1}"#) == .changed)
    #expect(try sign(#"{"a":1}"#, "{}") == .removed)
  }

  @Test func changesWithoutAPlaceAreLeftOut() throws {
    let state = try json(#"{"a":1}"#)
    let far = StateChange(path: StatePath([.member("n"), .index(9)]), from: nil, to: .null)
    #expect(StateDiff.apply([far], to: state)["n"] == .emptyObject)
    let through = StateChange(path: StatePath([.member("a"), .member("b")]), from: nil, to: .null)
    #expect(StateDiff.apply([through], to: state) == state)
  }
}

@Suite struct SHA256Tests {
  /// The vectors of FIPS 180-4 and NIST's examples, and every length around a block's border.
  @Test(arguments: [
    ("", "e3b0c44298fc1c14"), ("abc", "ba7816bf8f01cfea"),
    ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8"),
  ])
  func vectors(_ text: String, _ digest: String) {
    #expect(SHA256.short(Array(text.utf8)) == digest)
  }

  @Test func millionLetters() {
    let digest = SHA256.digest([UInt8](repeating: 0x61, count: 1_000_000))
    #expect(digest.prefix(4) == [0xcd, 0xc7, 0x6e, 0x5c])
    #expect(digest.suffix(2) == [0x2c, 0xd0])
  }

  @Test(arguments: [
    (55, "9f4390f8d30c2dd9"), (56, "b35439a4ac6f0948"), (63, "7d3e74a05d7db15b"), (64, "ffe054fe7ae0cb6d"),
    (65, "635361c48bb9eab1"), (119, "31eba51c313a5c08"), (120, "2f3d335432c70b58"),
  ])
  func aroundABlock(_ count: Int, _ digest: String) {
    #expect(SHA256.short([UInt8](repeating: 0x61, count: count)) == digest)
  }
}

/// Reproducible random values (SplitMix64).
struct Dice {
  private var seed: UInt64
  init(seed: UInt64) { self.seed = seed }

  mutating func roll(_ sides: Int) -> Int {
    seed = seed &+ 0x9E37_79B9_7F4A_7C15
    var z = (seed ^ (seed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) >> 1) % sides
  }

  mutating func value(depth: Int) -> JSONValue {
    switch roll(depth > 0 ? 7 : 4) {
    case 0: return .int(roll(5))
    case 1: return .string(["", "a", "ü"][roll(3)])
    case 2: return .bool(roll(2) == 0)
    case 3: return .null
    case 4: return .array((0..<roll(4)).map { _ in value(depth: depth - 1) })
    default:
      var members: [JSONMember] = []
      for name in ["a", "b", "a.b", "", "0"] where roll(2) == 0 {
        members.append(JSONMember(name, value(depth: depth - 1)))
      }
      return .object(members)
    }
  }

  /// The value with some of its parts replaced, removed and added.
  mutating func mutated(_ value: JSONValue) -> JSONValue {
    if roll(6) == 0 { return self.value(depth: 2) }
    switch value {
    case .array(let elements):
      var out: [JSONValue] = []
      for element in elements where roll(5) != 0 { out.append(mutated(element)) }
      if roll(4) == 0 { out.append(self.value(depth: 1)) }
      return .array(out)
    case .object(let members):
      var out: [JSONMember] = []
      for member in members where roll(5) != 0 { out.append(JSONMember(member.name, mutated(member.value))) }
      if roll(4) == 0, !out.contains(where: { $0.name == "new" }) {
        out.append(JSONMember("new", self.value(depth: 1)))
      }
      return .object(out)
    default: return roll(3) == 0 ? self.value(depth: 1) : value
    }
  }
}
