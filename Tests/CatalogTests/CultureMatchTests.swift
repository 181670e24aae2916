import Catalog
import TestSupport
import Testing

@Suite("How an amenity suits a culture")
struct CultureMatchTests {
    private static let japanese = CultureProfile(
        nationality: "JP",
        terms: [
            "a.lang.ja", "edu.japanese", "a.curr.jp", "a.acc.mext", "food.japanese", "a.cuisine.sushi", "shop.japanese",
        ]
    )
    private static let unknownClinic = CultureTraits(category: "health.clinic")

    @Test("a place that nothing is known of is in the middle, without reasons: unknown is not no")
    func unknown() {
        for category in ["health.clinic", "edu.intl", "food.restaurant", "worship", "gov.police"] {
            let match = CultureMatch(Self.japanese, CultureTraits(category: category))
            #expect(match == CultureMatch(CultureProfile(nationality: "XX"), CultureTraits(category: category)))
            #expect(match.score == 0.5 && match.reasons == [])
        }
    }

    @Test(
        "each thing that is asked and known counts",
        arguments: [
            // The language, by how well it is spoken.
            (CultureTraits(category: "health.clinic", languages: [.init(language: "ja", level: "native")]), 1.0),
            (CultureTraits(category: "health.clinic", languages: [.init(language: "ja", level: "interpreter")]), 0.9),
            (CultureTraits(category: "health.clinic", languages: [.init(language: "ja", level: "written")]), 0.7),
            (CultureTraits(category: "health.clinic", languages: [.init(language: "ja", level: "unknown")]), 0.85),
            (CultureTraits(category: "health.clinic", attributes: ["a.lang.ja"]), 0.85),
            (CultureTraits(category: "health.clinic", languages: [.init(language: "de", level: "native")]), 0.5),
            // The nationality's own kind of place, and its cuisine; the language is not known there.
            (CultureTraits(category: "food.japanese"), 0.75),
            (CultureTraits(category: "food.restaurant", attributes: ["a.cuisine.sushi"]), 0.75),
            (CultureTraits(category: "food.german"), 0.5),
            (CultureTraits(category: "food.japanese", attributes: ["a.lang.ja"]), 0.925),
            // A school: language, origin and admission.
            (CultureTraits(category: "edu.japanese", attributes: ["a.lang.ja"], admits: "japanese"), 0.95),
            (CultureTraits(category: "edu.intl", admits: "foreign"), 0.667),
            (CultureTraits(category: "edu.japanese_supp"), 0.5),
        ]
    )
    func scores(traits: CultureTraits, score: Double) {
        #expect(CultureMatch(Self.japanese, traits).score == score)
    }

    @Test("who may not enrol is told so, and the score says it")
    func admission() {
        let school = CultureTraits(category: "edu.intl", admits: "foreign")
        func match(_ nationality: String, _ traits: CultureTraits) -> CultureMatch {
            CultureMatch(CultureProfile(nationality: nationality), traits)
        }
        #expect(match("DE", school) == match("FR", school))
        #expect(match("DE", school).score == 1 && match("DE", school).reasons == [.admitted])
        #expect(match("CN", school).score == 0 && match("CN", school).reasons == [.notAdmitted])
        // Children of Hong Kong, Macao and Taiwan: only where the school was approved for them, and nobody said so.
        #expect(match("TW", school).score == 0.5 && match("TW", school).reasons == [])
        let approved = CultureTraits(category: "edu.intl", attributes: ["a.enrol.hmt"], admits: "foreign")
        #expect(match("TW", approved).score == 1)
        #expect(match("DE", CultureTraits(category: "edu.japanese", admits: "japanese")).score == 0)
    }

    @Test("children's ages, faith, diet and insurer count where they matter and nowhere else")
    func others() {
        let family = CultureProfile(
            childAges: [4, 9],
            faiths: ["worship.catholic"],
            diets: ["a.diet.halal", "a.diet.vegan"],
            insurers: ["a.insurer.msh", "a.insurer.axa"]
        )
        func match(_ traits: CultureTraits) -> CultureMatch { CultureMatch(family, traits) }
        #expect(match(CultureTraits(category: "edu.primary")).reasons == [.rightAge])
        #expect(match(CultureTraits(category: "edu.primary")).score == 0.75)
        #expect(match(CultureTraits(category: "edu.secondary")).reasons == [.wrongAge])
        #expect(match(CultureTraits(category: "edu.secondary")).score == 0)
        #expect(match(CultureTraits(category: "edu.intl")).score == 0.5)
        #expect(match(CultureTraits(category: "worship.catholic")).score == 1)
        #expect(match(CultureTraits(category: "worship.mosque")).reasons == [.otherFaith("worship.mosque")])
        #expect(match(CultureTraits(category: "worship")).score == 0.5)
        #expect(
            match(CultureTraits(category: "food.halal")).reasons == [.diet("a.diet.halal"), .unknown("a.diet.vegan")]
        )
        #expect(match(CultureTraits(category: "food.halal")).score == 0.75)
        #expect(match(CultureTraits(category: "health.clinic", attributes: ["a.insurer.axa"])).score == 1)
        #expect(match(CultureTraits(category: "health.clinic", attributes: ["a.insurer.bupa"])).score == 0.5)
        let other = match(CultureTraits(category: "health.clinic", attributes: ["a.insurer.bupa"]))
        #expect(other.reasons == [.unknown("a.insurer.axa"), .unknown("a.insurer.msh")])
        #expect(match(CultureTraits(category: "gov.police")).score == 0.5)
    }

    @Test("languages that are given take the place of the nationality's")
    func languages() {
        var profile = Self.japanese
        #expect(profile.languages == ["ja"])
        profile = CultureProfile(nationality: "JP", terms: Self.japanese.terms, languages: ["en", "ja"])
        let both = CultureTraits(
            category: "health.clinic",
            languages: [.init(language: "ja", level: "basic"), .init(language: "en", level: "fluent")]
        )
        let match = CultureMatch(profile, both)
        #expect(match.score == 1)
        #expect(
            match.reasons == [.speaks(language: "en", level: "fluent"), .speaks(language: "ja", level: "basic")]
        )
    }

    @Test("a language's reason says who speaks it and when somebody last checked")
    func confirmed() {
        let clinic = CultureTraits(
            category: "health.clinic",
            languages: [.init(language: "ja", level: "fluent", channel: "clinician")],
            languagesConfirmed: "2026-09"
        )
        var profile = Self.japanese
        profile.insurers = ["a.insurer.msh"]
        let match = CultureMatch(profile, clinic)
        let texts = match.reasons.map {
            $0.text(in: .english) { ["a.lang.ja": "Japanese", "a.langlevel.fluent": "fluent"][$0] }
        }
        #expect(
            texts == [
                "Language of service: Japanese – fluent – doctor – confirmed 2026-09", "Not known: a.insurer.msh",
            ]
        )
    }

    @Test("an accreditation of the nationality that has lapsed is a reason against")
    func lapsed() {
        let school = CultureTraits(category: "edu.intl", lapsed: ["a.acc.mext", "a.acc.jci"])
        let match = CultureMatch(Self.japanese, school)
        #expect(match.reasons == [.lapsed("a.acc.mext")])
        #expect(match.score < 0.5)
    }

    @Test("to learn something good of a place never lowers its score, and all scores are within 0 and 1")
    func monotone() {
        var random = SplitMix64.announced("what is known of places")
        let categories = [
            "edu.intl", "edu.japanese", "food.restaurant", "health.clinic", "worship.catholic", "shop.japanese",
        ]
        let good = ["a.lang.ja", "a.curr.jp", "a.cuisine.sushi", "a.diet.halal", "a.insurer.msh", "a.acc.mext"]
        let levels = ["native", "fluent", "interpreter", "basic", "written", "unknown"]
        var profile = Self.japanese
        profile.diets = ["a.diet.halal", "a.diet.vegan"]
        profile.insurers = ["a.insurer.msh"]
        profile.faiths = ["worship.catholic"]
        for _ in 0..<500 {
            var traits = CultureTraits(category: categories.randomElement(using: &random) ?? "edu")
            var before = CultureMatch(profile, traits).score
            for _ in 0..<4 {
                if Bool.random(using: &random) {
                    traits.attributes.insert(good.randomElement(using: &random) ?? "")
                } else {
                    traits.languages.append(.init(language: "ja", level: levels.randomElement(using: &random) ?? ""))
                }
                let after = CultureMatch(profile, traits).score
                #expect(after >= before && (0...1).contains(after), "\(traits)")
                before = after
            }
        }
    }

    @Test("reasons are told in all eight languages, each its own", arguments: Language.all)
    func words(language: Language) {
        let reasons: [CultureReason] = [
            .speaks(language: "ja", level: "interpreter"), .ofNationality("edu.japanese"), .lapsed("a.acc.mext"),
            .speaks(language: "ja", level: nil, channel: "clinician", confirmed: "2026-09"), .admitted, .notAdmitted,
            .rightAge, .wrongAge, .faith("worship.catholic"), .otherFaith("worship.mosque"),
            .diet("a.diet.halal"), .insurer("a.insurer.msh"),
            .unknown("a.diet.halal"),
        ]
        let texts = reasons.map { $0.text(in: language) { "<" + $0 + ">" } }
        #expect(Set(texts).count == reasons.count)
        for (reason, text) in zip(reasons, texts) {
            #expect(!text.isEmpty)
            guard language != .english else { continue }
            #expect(text != reason.text(in: .english) { "<" + $0 + ">" }, "untranslated")
        }
        #expect(texts[0].contains("<a.lang.ja> – <a.langlevel.interpreter>"))
        #expect(texts[1].contains("<edu.japanese>"))
    }

    @Test("a language that the taxonomy lacks is named by its tag")
    func unlabelled() {
        let reason = CultureReason.speaks(language: "it", level: nil)
        #expect(reason.text(in: .english) { _ in nil } == "Language of service: it")
    }
}
