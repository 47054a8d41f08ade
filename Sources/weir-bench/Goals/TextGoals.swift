import CBench
import CKernels
import WeirCore

extension Goal {
  /// Lines of 1 GiB of NDJSON counted into an index, against adding up the same bytes.
  static let text: [Goal] = [
    Goal(name: "ndjson-line-index", limit: 1.4) { data in
      let yardstick = try Sum([data.lines.path])
      let samples = try ratios(by: .processor) {
        let index = LineIndex(try FileBytes(path: data.lines.path))
        try index.build(upTo: .max, Work())
        try expect(index.total, UInt64(data.lines.count), "line breaks")
      } to: {
        try yardstick.run()
      }
      return Figure(samples, remark: yardstick.speed)
    }
  ]
}
