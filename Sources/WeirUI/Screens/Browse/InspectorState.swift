import WeirCore

/// The pane that shows one event in full.
struct InspectorState: Sendable {
  enum Tab: Int, CaseIterable, Sendable {
    case payload, metadata, hex, place, about

    var title: String {
      switch self {
      case .payload: "Payload"
      case .metadata: "Metadata"
      case .hex: "Hex"
      case .place: "Where"
      case .about: "About"
      }
    }
  }

  var tab = Tab.payload
  var inspection: Inspection?
  /// What has been asked for; the inspection shown may still be that of the event before, then it is dimmed.
  var wanted: EventRef?
  var generation = 0
  var payload = JSONTree(style: .json)
  var meta = JSONTree(style: .json)
  var frame: FrameBytes?
  var frameGeneration = 0
  var frameFault: Fault?
  /// First line shown of the tabs that are plain text.
  var top = 0
  /// The line of such a tab that a search found.
  var foundLine: Int?

  var isStale: Bool { inspection?.ref != wanted }
}
