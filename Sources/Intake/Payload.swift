import FoundationEssentials
import Postgres

/// The payload of this slice's jobs: which row to work on.
struct Payload: Codable {
    let id: UUID

    init(id: UUID) { self.id = id }

    /// - Throws: `DecodingError` for a payload that no program of ours wrote.
    init(_ json: JSONText) throws { self = try JSONDecoder().decode(Payload.self, from: Data(json.utf8)) }

    var json: JSONText { JSONText(#"{"id":"\#(id.uuidString.lowercased())"}"#) }
}
