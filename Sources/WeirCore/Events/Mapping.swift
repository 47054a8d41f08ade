/// Where stream, type, id, version, time, key and metadata come from when the source does not say (`--map
/// FIELD=WHERE`).
package struct MappingRules: Sendable, Equatable {
  package enum Field: String, Sendable, CaseIterable { case stream, type, id, version, time, key, meta, data }

  package enum Place: Sendable, Equatable {
    /// A header by name.
    case header(String)
    /// A JSON pointer into the payload (`/account/id`; empty: the payload itself).
    case data(String)
    /// A JSON pointer into the metadata.
    case meta(String)
    /// A column of a table.
    case column(String)
  }

  package var places: [Field: Place] = [:]
  package init() {}
}
