import FoundationEssentials
package import Postgres

/// What is kept of an amenity for its whole record.
struct StoredRecord: Sendable {
    /// The members that no reader and no hour changes: an object.
    let facts: JSONText
    let names: KnownNames
    let category: String
    let region: String
    let attributes: [String]
    /// An object each, with its scheme's code.
    let accreditations: [(scheme: String, facts: JSONText)]
    /// What is known of its hours, an object.
    let hours: JSONText?
    let schedule: Schedule?
    let phone: String?
    /// As of a ``ListedAmenity``.
    let verified: TextBytes
    /// By group of fields what was checked, an object each, and how fresh that is.
    let checks: [(state: String, facts: JSONText)]
    /// An array.
    let sources: JSONText?
    /// Programmes, rules of admission, fees and the like: an object.
    let parts: JSONText?
    /// Further telephones, with what each is for, an object.
    let lines: [(phone: String, facts: JSONText)]
}

/// Reads a record by id or slug.
struct AmenityRecord: OptionalRow {
    static let sql = SQL("amenity_record", PackageResources.amenity_record_sql)
    static let route = Route.shared
    let reference: String

    func bind(to parameters: inout Parameters) {
        parameters.append(reference)
        parameters.append(UUID(uuidString: reference))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> StoredRecord {
        let facts = try row.next(JSONText.self)
        let names = KnownNames(lines: try row.next())
        let category = try row.next(String.self)
        let region = try row.next(String.self)
        let attributes = try row.next(PostgresArray<String>.self).elements
        let accreditations = try row.next(PostgresArray<JSONText>.self).elements
        let schemes = try row.next(PostgresArray<String>.self).elements
        let hours = try row.nextIfPresent(JSONText.self)
        let schedule = try row.nextIfPresent(String.self).flatMap(Schedule.init)
        let phone = try row.nextIfPresent(String.self)
        let verified = try row.next(TextBytes.self)
        let checks = try row.next(PostgresArray<JSONText>.self).elements
        let states = try row.next(PostgresArray<String>.self).elements
        let sources = try row.nextIfPresent(JSONText.self)
        let parts = try row.nextIfPresent(JSONText.self)
        let phones = try row.next(PostgresArray<String>.self).elements
        let phoneFacts = try row.next(PostgresArray<JSONText>.self).elements
        return StoredRecord(
            facts: facts,
            names: names,
            category: category,
            region: region,
            attributes: attributes,
            accreditations: zip(schemes, accreditations).map { (scheme: $0, facts: $1) },
            hours: hours,
            schedule: schedule,
            phone: phone,
            verified: verified,
            checks: zip(states, checks).map { (state: $0, facts: $1) },
            sources: sources,
            parts: parts,
            lines: zip(phones, phoneFacts).map { (phone: $0, facts: $1) }
        )
    }
}

extension Lookup {
    /// The whole record of an amenity by id or slug, also of a closed one.
    ///
    /// - Throws: ``CatalogError/notFound(what:id:)``
    package func amenity(
        _ id: String,
        language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> JSONText {
        guard let stored = try await run(AmenityRecord(reference: id), until: deadline) else {
            throw .notFound(what: "amenity", id: id)
        }
        var state = OpenState.unknown
        if let schedule = stored.schedule {
            state = schedule.state(at: try await clock(at: .now, until: deadline))
        }
        return stored.json(try await reference(until: deadline), state, language)
    }
}

extension StoredRecord {
    /// The record for a reader at an hour.
    func json(_ reference: Reference, _ state: OpenState, _ language: Language) -> JSONText {
        var members: [(String, JSONText)] = []
        if let name = names.first(in: NameOrder(for: language), orAny: true) { members.append(("name", .name(name))) }
        if let local = names.first(in: KnownNames.local) { members.append(("name_local", .name(local))) }
        members += reference.labels(of: category, in: region, language)
        members.append(("attributes", .array(attributes.map { Self.labelled($0, reference, language) })))
        let accredited = accreditations.map { accreditation in
            accreditation.facts.adding(Self.label(accreditation.scheme, reference, language))
        }
        members.append(("accreditation", .array(accredited)))
        members.append(("verified", JSONText(utf8: Self.verified + verified.utf8 + [UInt8(ascii: "}")])))
        let verification = checks.map { $0.facts.adding([("state", .string($0.state))]) }
        members.append(("verification", .array(verification)))
        members.append(("sources", sources ?? .array([])))
        members.append(("open", state.json))
        members.append(("hours", hours(state)))
        let phones =
            (phone.map { [PhoneNumber.json(of: $0)] } ?? [])
            + lines.map { PhoneNumber.json(of: $0.phone).merging($0.facts) }
        if !phones.isEmpty { members.append(("phones", .array(phones))) }
        let record = facts.adding(members)
        return parts.map(record.merging) ?? record
    }

    private static let verified = Array(#"{"state":""#.utf8)

    private static func labelled(_ code: String, _ reference: Reference, _ language: Language) -> JSONText {
        .object([("code", .string(code))] + label(code, reference, language))
    }

    private static func label(_ code: String, _ reference: Reference, _ language: Language) -> [(String, JSONText)] {
        reference.label(code, in: language).map { [("label", .string($0))] } ?? []
    }

    private func hours(_ state: OpenState) -> JSONText {
        var members = [("state", JSONText.string(state.kind.rawValue))]
        guard let hours else { return .object(members) }
        // Kept as a note, with the reason for whoever could put it right.
        if let schedule {
            do throws(OpeningHoursError) {
                _ = try OpeningHours(parsing: schedule.expression)
            } catch {
                members.append(("not_understood", .string(error.description)))
            }
        }
        return hours.adding(members)
    }
}

extension Reference {
    /// The members that tell a kind of place and where it is in a language.
    func labels(of category: String, in region: String, _ language: Language) -> [(String, JSONText)] {
        let regionName = gazetteer.regionName(region, in: language) ?? region
        return [
            ("category_label", .string(label(category, in: language) ?? category)),
            ("area", .object(("region", .string(region)), ("name", .string(regionName)))),
        ]
    }
}
