/// The steps of a search, each wider than the one before: the first that finds anything is the answer.
struct SearchLadder: Sendable {
    enum Step: Int, CaseIterable, Sendable {
        /// All words and all concepts.
        case everything
        /// The same with slips of the hand put right by the words of the lexicon.
        case corrected
        /// The same with slips put right by the words of names.
        case correctedNames
        /// Without the words that no concept explains, and whether open or not.
        case concepts
        /// Kinds of place that may serve where none of the right kind is: an international clinic for a family doctor.
        case standIns
        /// With fewer of the wishes known to be met, down to none.
        case oneWishLess
        case noWishes
        /// With at least half of the words in a name or an address.
        case someWords
    }

    let search: AmenitySearch
    let reference: Reference
    /// `nil` where the search has no words.
    let reading: QueryUnderstanding?
    /// With the slips put right by the lexicon.
    private(set) var correctedReading: QueryUnderstanding?
    let origin: Gazetteer.Origin
    let profileLanguages: [String]
    let profileTerms: [String]

    init(_ search: AmenitySearch, reference: Reference, language: Language) {
        self.search = search
        self.reference = reference
        let q = search.q.flatMap { $0.isEmpty ? nil : $0 }
        let reading = q.map { reference.reader.read($0, language: language) }
        self.reading = reading
        let namedRegion = reading?.region ?? reading?.park.flatMap { reference.gazetteer.park($0)?.region }
        // A place in the words is where somebody looks; the park is where they are.
        let region = search.near == nil ? namedRegion : nil
        origin = reference.gazetteer.origin(
            park: search.park,
            region: region,
            near: search.near,
            radius: search.radiusMetres
        )
        let terms = search.nationality.flatMap { reference.reader.implications.terms[$0] } ?? []
        let prefix = CultureProfile.languagePrefix
        let spoken = search.languages.compactMap(SpokenLanguage.primarySubtag).map { prefix + $0 }
        let ofNationality = terms.filter { $0.hasPrefix(prefix) }
        // Who writes in a language is glad to be served in it.
        let own = q != nil && !["en", "zh-Hans", "zh-Hant"].contains(language.code) ? [prefix + language.code] : []
        profileLanguages = spoken.isEmpty ? (ofNationality.isEmpty ? own : ofNationality) : spoken
        profileTerms = terms.filter { !$0.hasPrefix(prefix) }
    }

    /// Puts slips of the hand right by the words of the lexicon; before the step that needs it, since it takes a while.
    mutating func correct(_ language: Language) {
        guard let reading, !reading.rest.isEmpty, let q = search.q else { return }
        correctedReading = reference.reader.readCorrected(q, language: language)
    }

    /// What was understood as far as a step goes.
    func reading(at step: Step) -> QueryUnderstanding? {
        step == .everything || step == .correctedNames ? reading : correctedReading ?? reading
    }

    /// What a step asks for; `nil` where it would ask for the same as one before, or for nothing.
    ///
    /// - Parameter names: the words that are left with slips put right by those of names, for that step.
    func criteria(at step: Step, names: [Atom]? = nil, schedules: [Schedule]?, openNow: [Schedule]?) -> SearchCriteria?
    {
        var criteria = base(reading(at: step), schedules: schedules)
        guard let reading = reading(at: step) else { return step == .everything ? criteria : nil }
        switch step {
        case .everything:
            ask(for: reading.rest, of: reading, openNow: openNow, in: &criteria)
        case .corrected:
            guard correctedReading != nil else { return nil }
            ask(for: reading.rest, of: reading, openNow: openNow, in: &criteria)
        case .correctedNames:
            guard let names, names != reading.rest else { return nil }
            ask(for: names, of: reading, openNow: openNow, in: &criteria)
        case .concepts:
            guard hasConcepts(criteria), !reading.rest.isEmpty || reading.wantsOpen else { return nil }
        case .standIns:
            let others = standIns(for: reading)
            guard search.categories.isEmpty, !others.isEmpty else { return nil }
            criteria.categories = others.flatMap { code in reference.family(of: code).map { ($0, 1) } }
        case .oneWishLess:
            guard criteria.categories != nil, criteria.groups.count > 1 else { return nil }
            criteria.neededGroups = criteria.groups.count - 1
        case .noWishes:
            guard criteria.categories != nil, !criteria.groups.isEmpty else { return nil }
            criteria.neededGroups = 0
        case .someWords:
            // A Korean restaurant is nothing that is called a Korean school: what was understood is no word of a name.
            guard !reading.rest.isEmpty else { return nil }
            let parts = WordQuery(Atom.split(reading.whole)).parts
            guard parts.count > 1, parts.count <= 32 else { return nil }
            criteria.categories = search.categories.isEmpty ? nil : criteria.categories
            criteria.groups = []
            criteria.neededGroups = 0
            criteria.words = parts.joined(separator: " | ")
            criteria.parts = parts
            criteria.neededParts = (parts.count + 1) / 2
        }
        return criteria
    }

    /// What serves in place of the kinds that were understood, what has the properties that are wanted (the French
    /// baccalaureate is had at French schools), and what the kinds lie in.
    private func standIns(for reading: QueryUnderstanding) -> [String] {
        let implications = reference.reader.implications
        func root(_ code: String) -> Substring { code.prefix { $0 != "." } }
        let roots = Set(reading.categories.map(root))
        let having = reading.groups.flatMap(\.self).flatMap(implications.categories).filter { roots.contains(root($0)) }
        let own = Set(reading.categories)
        let others = reading.categories.flatMap { implications.categories[$0] ?? [] } + having + reading.wider
        return others.filter { !own.contains($0) }
    }

    private func hasConcepts(_ criteria: SearchCriteria) -> Bool {
        criteria.categories != nil || !criteria.groups.isEmpty
    }

    /// Everything but the words.
    private func base(_ reading: QueryUnderstanding?, schedules: [Schedule]?) -> SearchCriteria {
        var criteria = SearchCriteria()
        criteria.origin = origin
        criteria.radiusMetres = search.radiusMetres
        criteria.categories = categories(reading)
        criteria.attributes = search.attributes
        criteria.groups = reading?.groups ?? []
        criteria.neededGroups = criteria.groups.count
        criteria.excluded = (reading?.excluded ?? []).flatMap {
            reference.isCategory($0) ? reference.family(of: $0) : [$0]
        }
        criteria.schedules = schedules
        criteria.confirmedWithinDays = search.verifiedWithinDays
        criteria.languageAttributes = profileLanguages
        criteria.suitingTerms = profileTerms + softAttributes(reading)
        criteria.sort = search.sort
        criteria.counted = search.facets.map(\.rawValue) + (search.count ? ["total"] : [])
        // Without words nobody asked for what is further than near. With them the nearest comes first anyway, and the only
        // German school may be in the next city.
        let asksForMore =
            reading.map { !$0.rest.isEmpty || $0.phone != nil || !$0.groups.isEmpty || !$0.categories.isEmpty } ?? false
        if !asksForMore, criteria.radiusMetres == nil, origin.point != nil {
            criteria.radiusMetres = AmenitySearch.reach
        }
        return criteria
    }

    private func categories(_ reading: QueryUnderstanding?) -> [(code: String, place: Int)]? {
        let chosen = !search.categories.isEmpty
        let wanted = chosen ? search.categories : reading?.categories ?? []
        guard !wanted.isEmpty else { return nil }
        var categories: [(code: String, place: Int)] = []
        for code in wanted {
            let place = chosen ? 1 : reading?.places[code] ?? 1
            categories += reference.family(of: code).filter { code in !categories.contains { $0.code == code } }
                .map { ($0, place) }
        }
        return categories
    }

    /// Attributes that are good to have and that no group demands.
    private func softAttributes(_ reading: QueryUnderstanding?) -> [String] {
        guard let reading else { return [] }
        let demanded = Set(reading.groups.flatMap(\.self))
        return reading.attributes.filter { !demanded.contains($0) }
    }

    private func ask(
        for words: [Atom],
        of reading: QueryUnderstanding,
        openNow: [Schedule]?,
        in criteria: inout SearchCriteria
    ) {
        if reading.wantsOpen, criteria.schedules == nil { criteria.schedules = openNow }
        if let phone = reading.phone {
            criteria.words = WordQuery.phone(phone)
            return
        }
        criteria.words = WordQuery(words).all
        let isExplained = words.isEmpty
        // Where concepts explain every word, only what is called just so is meant by the name as well.
        guard !isExplained || hasConcepts(criteria) else { return }
        criteria.name = search.categories.isEmpty ? WordQuery.name(reading.whole, isBeginning: !isExplained) : nil
        criteria.whole = reading.whole
        criteria.closeness = isExplained ? [0, 0, 100] : [10, 20, 100]
    }
}
