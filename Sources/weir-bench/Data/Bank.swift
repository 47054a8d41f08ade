/// Events of a made-up bank, always the same ones: about 200 bytes of JSON each, eight types, 100,000
/// accounts, evenly spread over the year 2025.
struct Bank {
  private static let types = [
    "AccountOpened", "Deposited", "Withdrawn", "TransferSent", "TransferReceived", "MonthlyFeeCharged",
    "AddressChanged", "NoteAdded",
  ].map { Array($0.utf8) }
  /// 2025-01-01T00:00:00Z in milliseconds.
  private static let start: Int64 = 1_735_689_600_000
  private static let year: Int64 = 365 * 86_400_000

  /// How many events the year holds: sets how far apart they are.
  let interval: Int64
  private var random: UInt64 = 0x5EED_0F_3E17
  private(set) var number: Int64 = 0
  /// The last event: its JSON without a line break, its account, its time in milliseconds since 1970.
  private(set) var json: [UInt8] = []
  private(set) var account: [UInt8] = []
  private(set) var time: Int64 = Bank.start

  init(count: Int) {
    interval = max(1, Bank.year / Int64(max(count, 1)))
    json.reserveCapacity(256)
    account.reserveCapacity(16)
  }

  /// Makes the next event.
  mutating func next() {
    let bits = draw()
    time = Bank.start + number * interval
    number += 1
    account.removeAll(keepingCapacity: true)
    account += Array("acc-".utf8)
    Bank.decimal(Int(bits % 100_000), width: 6, into: &account)
    json.removeAll(keepingCapacity: true)
    put("{\"id\":\"evt-")
    hexadecimal(draw(), digits: 16)
    put("\",\"type\":\"")
    json += Bank.types[Int(bits >> 20 & 7)]
    put("\",\"account\":\"")
    json += account
    put("\",\"seq\":")
    Bank.decimal(Int(number), width: 1, into: &json)
    put(",\"amount\":")
    Bank.decimal(Int(bits >> 24 % 90_000), width: 1, into: &json)
    put(".")
    Bank.decimal(Int(bits >> 44 % 100), width: 2, into: &json)
    put(",\"currency\":\"EUR\",\"at\":\"")
    instant()
    put("\",\"meta\":{\"corr\":\"")
    hexadecimal(bits, digits: 8)
    put("\",\"user\":\"u")
    Bank.decimal(Int(bits >> 50 % 1000), width: 4, into: &json)
    put("\",\"ok\":true}}")
  }

  /// SplitMix64: small, and the same everywhere.
  private mutating func draw() -> UInt64 {
    random &+= 0x9E37_79B9_7F4A_7C15
    var z = random
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  private mutating func put(_ text: StaticString) {
    json += UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  private mutating func hexadecimal(_ value: UInt64, digits: Int) {
    for place in stride(from: (digits - 1) * 4, through: 0, by: -4) {
      let digit = UInt8(truncatingIfNeeded: value >> UInt64(place) & 15)
      json.append(digit < 10 ? 48 + digit : 87 + digit)
    }
  }

  static func decimal(_ value: Int, width: Int, into bytes: inout [UInt8]) {
    let first = bytes.count
    var rest = value
    var digits = 0
    while rest > 0 || digits < width {
      bytes.append(48 + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
      digits += 1
    }
    bytes[first...].reverse()
  }

  /// `time` as `2025-MM-DDTHH:MM:SS.mmmZ`.
  private mutating func instant() {
    let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    let since = time - Bank.start
    var day = Int(since / 86_400_000)
    var month = 0
    while month < 11, day >= lengths[month] {
      day -= lengths[month]
      month += 1
    }
    let clock = Int(since % 86_400_000)
    put("2025-")
    Bank.decimal(month + 1, width: 2, into: &json)
    put("-")
    Bank.decimal(day + 1, width: 2, into: &json)
    put("T")
    Bank.decimal(clock / 3_600_000, width: 2, into: &json)
    put(":")
    Bank.decimal(clock / 60_000 % 60, width: 2, into: &json)
    put(":")
    Bank.decimal(clock / 1000 % 60, width: 2, into: &json)
    put(".")
    Bank.decimal(clock % 1000, width: 3, into: &json)
    put("Z")
  }
}
