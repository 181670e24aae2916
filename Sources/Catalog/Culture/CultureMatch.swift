/// How well an amenity suits somebody's culture, with the reasons.
///
/// Only what was asked and matters for this kind of place counts: language everywhere, the nationality's own kinds of place,
/// curricula and cuisines where it has such, admission and ages for schools, faith for worship, diet for food, the insurer
/// for health. Each of these is worth from -1 (known not to suit) to 1 (known to suit), and 0 where nobody knows: the score
/// is 0.5 plus half their weighted mean. So unknown is not no: a place that nothing is known of has 0.5, and learning
/// something good of a place never lowers its score.
package struct CultureMatch: Sendable, Equatable {
    /// 0...1.
    package let score: Double
    /// The weightiest first.
    package let reasons: [CultureReason]

    package init(_ profile: CultureProfile, _ traits: CultureTraits) {
        let findings = CultureAspect.allCases.compactMap { $0.finding(profile, traits) }
        let total = findings.reduce(0) { $0 + $1.weight }
        let sum = findings.reduce(0) { $0 + $1.weight * $1.value }
        // Three decimals are more than anybody can mean.
        score = total == 0 ? 0.5 : ((0.5 + sum / total / 2) * 1000).rounded() / 1000
        reasons = findings.enumerated()
            .sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
            .flatMap(\.element.reasons)
    }
}

/// One thing by which an amenity may suit somebody.
enum CultureAspect: CaseIterable {
    case language
    case origin
    case admission
    case ages
    case faith
    case diet
    case insurer

    struct Finding {
        let weight: Double
        /// -1...1; 0 where nothing is known.
        var value = 0.0
        var reasons: [CultureReason] = []
    }

    /// `nil` where the aspect was not asked for or does not matter for this kind of place.
    func finding(_ profile: CultureProfile, _ traits: CultureTraits) -> Finding? {
        switch self {
        case .language: Self.language(profile, traits)
        case .origin: Self.origin(profile, traits)
        case .admission: Self.admission(profile, traits)
        case .ages: Self.ages(profile, traits)
        case .faith: Self.faith(profile, traits)
        case .diet: Self.diet(profile, traits)
        case .insurer: Self.insurer(profile, traits)
        }
    }

    private static func language(_ profile: CultureProfile, _ traits: CultureTraits) -> Finding? {
        guard !profile.languages.isEmpty else { return nil }
        let tagged = profile.languages.filter { traits.attributes.contains(CultureProfile.languagePrefix + $0) }
        let offers =
            traits.languages.filter { profile.languages.contains($0.language) }
            + tagged.map { CultureTraits.LanguageOffer(language: $0, level: "unknown") }
        var finding = Finding(weight: 3)
        for language in profile.languages {
            guard let best = offers.filter({ $0.language == language }).max(by: { worth($0.level) < worth($1.level) })
            else { continue }
            finding.value = max(finding.value, worth(best.level))
            finding.reasons.append(
                .speaks(
                    language: language,
                    level: best.level == "unknown" ? nil : best.level,
                    channel: best.channel,
                    confirmed: traits.languagesConfirmed
                )
            )
        }
        return finding
    }

    /// How much of being served in one's language a level is.
    private static func worth(_ level: String) -> Double {
        switch level {
        case "native", "fluent": 1
        case "interpreter": 0.8
        case "basic": 0.6
        case "written": 0.4
        default: 0.7
        }
    }

    /// Kinds of place, curricula and cuisines of the nationality; only where it has any under the same root.
    private static func origin(_ profile: CultureProfile, _ traits: CultureTraits) -> Finding? {
        let own = profile.terms.filter { !$0.hasPrefix(CultureProfile.languagePrefix) && isOf($0, root: traits.root) }
        guard !own.isEmpty else { return nil }
        let found = own.filter { isWithin(traits.category, $0) || traits.attributes.contains($0) }.sorted()
        let lapsed = own.intersection(traits.lapsed).subtracting(found).sorted()
        var finding = Finding(weight: 3)
        finding.value = found.isEmpty ? (lapsed.isEmpty ? 0 : -0.3) : 1
        // Of two own terms, one inside the other, the narrower says it all.
        let narrow = found.filter { term in !found.contains { $0 != term && isWithin($0, term) } }
        finding.reasons = narrow.map(CultureReason.ofNationality) + lapsed.map(CultureReason.lapsed)
        return finding
    }

    private static func isOf(_ term: String, root: Substring) -> Bool {
        switch root {
        case "edu": term.hasPrefix("edu.") || term.hasPrefix("a.curr.") || term.hasPrefix("a.acc.")
        case "food": term.hasPrefix("food.") || term.hasPrefix("a.cuisine.")
        default: term.hasPrefix(root + ".")
        }
    }

    private static func admission(_ profile: CultureProfile, _ traits: CultureTraits) -> Finding? {
        guard traits.root == "edu", let nationality = profile.nationality else { return nil }
        var finding = Finding(weight: 3)
        switch traits.admits {
        case "foreign": finding.value = foreignSchool(admits: nationality, traits)
        case "japanese": finding.value = nationality == "JP" ? 1 : -1
        default: return finding
        }
        finding.reasons = finding.value == 0 ? [] : [finding.value > 0 ? .admitted : .notAdmitted]
        return finding
    }

    /// A school for children of foreign personnel never admits resident Chinese nationals, and children of Hong Kong, Macao
    /// and Taiwan only where it was approved for them.
    private static func foreignSchool(admits nationality: String, _ traits: CultureTraits) -> Double {
        switch nationality {
        case "CN": -1
        case "HK", "MO", "TW": traits.attributes.contains("a.enrol.hmt") ? 1 : 0
        default: 1
        }
    }

    private static func ages(_ profile: CultureProfile, _ traits: CultureTraits) -> Finding? {
        guard traits.root == "edu", !profile.childAges.isEmpty else { return nil }
        var finding = Finding(weight: 3)
        guard let ages = schoolAges(of: traits.category) else { return finding }
        let fitting = profile.childAges.filter(ages.contains).count
        finding.value = fitting == 0 ? -1 : Double(fitting) / Double(profile.childAges.count)
        finding.reasons = [fitting > 0 ? .rightAge : .wrongAge]
        return finding
    }

    /// Ages in years by kind of school, where the kind fixes them: nurseries to 3 and kindergartens from 3 (State Council
    /// guidance on childcare of 2019, Kindergarten Work Regulations of 2016), six years of primary school from 6
    /// (Compulsory Education Law, article 11), then three and three of secondary school.
    private static func schoolAges(of category: String) -> ClosedRange<Int>? {
        switch category {
        case "edu.childcare": 0...3
        case "edu.kindergarten": 3...6
        case "edu.primary": 6...12
        case "edu.secondary": 12...18
        default: nil
        }
    }

    private static func faith(_ profile: CultureProfile, _ traits: CultureTraits) -> Finding? {
        guard traits.root == "worship", !profile.faiths.isEmpty else { return nil }
        var finding = Finding(weight: 4)
        if profile.faiths.contains(where: { isWithin(traits.category, $0) }) {
            finding.value = 1
            finding.reasons = [.faith(traits.category)]
        } else if traits.category != "worship" {
            finding.value = -1
            finding.reasons = [.otherFaith(traits.category)]
        }
        return finding
    }

    private static func diet(_ profile: CultureProfile, _ traits: CultureTraits) -> Finding? {
        guard traits.root == "food", !profile.diets.isEmpty else { return nil }
        let known = traits.category == "food.halal" ? traits.attributes.union(["a.diet.halal"]) : traits.attributes
        let met = profile.diets.intersection(known).sorted()
        var finding = Finding(weight: 3)
        finding.value = Double(met.count) / Double(profile.diets.count)
        finding.reasons =
            met.map(CultureReason.diet) + profile.diets.subtracting(met).sorted().map(CultureReason.unknown)
        return finding
    }

    private static func insurer(_ profile: CultureProfile, _ traits: CultureTraits) -> Finding? {
        guard traits.root == "health", !profile.insurers.isEmpty else { return nil }
        let met = profile.insurers.intersection(traits.attributes).sorted()
        var finding = Finding(weight: 2)
        finding.value = met.isEmpty ? 0 : 1
        finding.reasons =
            met.isEmpty ? profile.insurers.sorted().map(CultureReason.unknown) : met.map(CultureReason.insurer)
        return finding
    }

    private static func isWithin(_ code: String, _ ancestor: String) -> Bool {
        code == ancestor || code.hasPrefix(ancestor + ".")
    }
}
