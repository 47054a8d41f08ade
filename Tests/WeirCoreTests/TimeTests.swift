import Testing
import WeirCore

@Suite struct TimeTests {
  @Test(arguments: [
    ("2025-09-03T11:02:14.201Z", 1_756_897_334, 201_000_000, 3),
    ("2025-09-03 13:02:14+02:00", 1_756_897_334, 0, 0),
    ("2025-09-03T11:02:14.123456789Z", 1_756_897_334, 123_456_789, 9), ("2025-09-03", 1_756_857_600, 0, 0),
    ("1969-12-31T23:59:59Z", -1, 0, 0), ("2024-02-29 00:00", 1_709_164_800, 0, 0),
  ])
  func parses(_ text: String, _ seconds: Int64, _ nanoseconds: Int32, _ digits: Int8) throws {
    let instant = try #require(TimeText.parse(text))
    #expect(instant.seconds == seconds)
    #expect(instant.nanoseconds == nanoseconds)
    #expect(instant.digits == digits)
  }

  @Test(arguments: [
    "", "2025", "2025-13-01", "2025-09-03T", "2025-09-03T25:00", "2025-09-03T11:02:14.Z", "2025-09-03x",
  ])
  func refuses(_ text: String) { #expect(TimeText.parse(text) == nil) }

  @Test func civilDatesGoBothWays() {
    for day in stride(from: Int64(-800_000), to: 800_000, by: 97) {
      let date = TimeText.civil(day * 86_400).date
      #expect(TimeText.days(date.year, date.month, date.day) == day)
    }
  }

  @Test func epochsAreToldBySize() {
    #expect(TimeText.epoch(1_756_897_334).seconds == 1_756_897_334)
    #expect(TimeText.epoch(1_756_897_334_201).seconds == 1_756_897_334)
    #expect(TimeText.epoch(1_756_897_334_201_000).seconds == 1_756_897_334)
    #expect(TimeText.epoch(-1500).seconds == -1500)
    #expect(Instant(milliseconds: -1).seconds == -1)
    #expect(Instant(milliseconds: .max).milliseconds == .max)
    #expect(Instant(milliseconds: .min).milliseconds == .min)
  }

  // 2025-09-09 is a Tuesday.
  private let now = Instant(seconds: 1_757_412_000)

  @Test(arguments: [
    ("now", 1_757_412_000), ("-2h", 1_757_404_800), ("30 min ago", 1_757_410_200),
    ("last tuesday 3pm", 1_756_825_200), ("tuesday 3pm", 1_757_430_000), ("yesterday 15:00", 1_757_343_600),
    ("2025-09-03 15:00", 1_756_911_600), ("1756897334201", 1_756_897_334), ("today", 1_757_376_000),
  ])
  func phrases(_ phrase: String, _ seconds: Int64) {
    #expect(TimePhrase.parse(phrase, zone: .utc, now: now)?.seconds == seconds)
  }

  @Test(arguments: ["", "soon", "last", "tuesday 25:00", "17", "3pm pm", "-2x"])
  func nonsense(_ phrase: String) { #expect(TimePhrase.parse(phrase, zone: .utc, now: now) == nil) }
}
