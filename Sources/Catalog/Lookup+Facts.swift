import FoundationEssentials
import Postgres

/// The members of answers that are computed from facts, not read: whether it is open, how well it suits.
extension Lookup {
    /// What the computed members of a page need.
    struct PageFacts: Sendable {
        /// `nil` where nothing on the page has hours.
        let clock: HolidayClock?
        /// `nil` where nobody said who looks.
        let culture: Culture?

        struct Culture: Sendable {
            let profile: CultureProfile
            let traits: [UUID: CultureTraits]
            let labels: [String: String]
            let language: Language
        }
    }

    /// The schedules that are open at the time that a search wants; `nil` where it wants none.
    func openSchedules(
        of search: AmenitySearch,
        until deadline: Deadline
    ) async throws(CatalogError) -> (clock: HolidayClock, schedules: [Schedule])? {
        guard let openAt = search.openAt else { return nil }
        return try await schedules(openAt: openAt, until: deadline)
    }

    /// The schedules that are open at a time.
    func schedules(
        openAt time: AmenitySearch.OpenTime,
        until deadline: Deadline
    ) async throws(CatalogError) -> (clock: HolidayClock, schedules: [Schedule]) {
        let clock = try await clock(at: time, until: deadline)
        let all = try await run(ListSchedules(), until: deadline)
        return (clock, all.compactMap { $0 }.filter { $0.state(at: clock).kind == .open })
    }

    /// Reads what the computed members of a page need, and nothing for a page that needs nothing.
    func facts(
        of found: [Listing],
        for search: AmenitySearch,
        clock: HolidayClock?,
        language: Language,
        until deadline: Deadline
    ) async throws(CatalogError) -> PageFacts {
        var clock = clock
        if clock == nil, found.contains(where: { $0.schedule != nil }) {
            clock = try await self.clock(at: .now, until: deadline)
        }
        guard search.nationality != nil || !search.languages.isEmpty || !search.household.isEmpty else {
            return PageFacts(clock: clock, culture: nil)
        }
        let culture = try await run(CultureTerms(nationality: search.nationality, language: language), until: deadline)
        let traits = try await run(FindCultureTraits(ids: found.map(\.id)), until: deadline)
        let profile = CultureProfile(
            nationality: search.nationality,
            terms: culture.terms,
            languages: search.languages.compactMap(SpokenLanguage.primarySubtag),
            childAges: search.household.childAges,
            faiths: Set(search.household.faiths),
            diets: Set(search.household.diets),
            insurers: Set(search.household.insurers)
        )
        return PageFacts(
            clock: clock,
            culture: PageFacts.Culture(
                profile: profile,
                traits: Dictionary(traits.map { ($0.id, $0.traits) }) { first, _ in first },
                labels: culture.labels,
                language: language
            )
        )
    }

    func clock(at time: AmenitySearch.OpenTime, until deadline: Deadline) async throws(CatalogError)
        -> HolidayClock
    {
        let instant: Timestamp? =
            switch time {
            case .now: nil
            case .at(let time): time.instant
            }
        return try await run(HolidaysAround(instant: instant), until: deadline)
    }
}

extension Lookup.PageFacts.Culture {
    /// The contract's `match`; `nil` for an amenity that has just gone.
    func match(of id: UUID) -> JSONText? {
        guard let traits = traits[id] else { return nil }
        let match = CultureMatch(profile, traits)
        let reasons = match.reasons.map { $0.text(in: language) { labels[$0] } }
        return .object(("score", JSONText("\(match.score)")), ("reasons", .strings(reasons)))
    }
}

extension OpenState {
    /// The contract's `open`, and what the hours say about it.
    var json: JSONText {
        var members = [("state", JSONText.string(kind.rawValue))]
        if let until { members.append(("until", .string(until.text))) }
        if let comment { members.append(("comment", .string(comment))) }
        return .object(members)
    }
}

extension PhoneNumber {
    /// The forms of a number kept in E.164; one that is not, as it is.
    static func json(of kept: String) -> JSONText {
        guard let number = PhoneNumber(e164: kept) else { return .object("national", .string(kept)) }
        var members: [(String, JSONText)] = [
            ("kind", .string(number.kind.rawValue)),
            ("national", .string(number.national)),
            ("dialable_from_abroad", .boolean(number.isDialableFromAbroad)),
        ]
        if let e164 = number.e164 { members.append(("e164", .string(e164))) }
        if let international = number.international { members.append(("international", .string(international))) }
        return .object(members)
    }
}
