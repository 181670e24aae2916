import FoundationEssentials
import Postgres

/// The payload of this slice's jobs: which row to work on.
struct Payload: Decodable {
    let id: UUID

    /// - Throws: `DecodingError` for a payload that no program of ours wrote.
    init(_ json: JSONText) throws { self = try JSONDecoder().decode(Payload.self, from: Data(json.utf8)) }
}
