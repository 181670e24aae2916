import Catalog
import TestSupport
import Testing

/// Words that are written or inflected in other ways than the lexicon has them.
@Suite("Forms of words in queries")
struct QueryFormTests {
    private func read(_ query: String, _ language: String) -> QueryUnderstanding {
        StarterReference.reference.reader.readOrCorrected(query, language: .resolve(language))
    }

    @Test(
        "Korean in plain letters is what it sounds like, in any system of writing it",
        arguments: [
            ("chigwa", "ko", "health.dentist"), ("chikwa", "en", "health.dentist"),
            ("byeongwon", "en", "health.hospital"),
            ("byungwon", "ko", "health.hospital"), ("yakguk", "ko", "health.pharmacy"),
            ("hangukhakgyo", "ko", "edu.korean"), ("hanguk hakkyo", "en", "edu.korean"),
            ("hanguk sikdang", "en", "food.korean"), ("miyongsil", "ko", "daily.hair"),
            ("gyohoe", "ko", "worship.protestant"), ("hanuiwon", "ko", "health.tcm"),
        ]
    )
    func romaja(query: String, language: String, category: String) {
        #expect(read(query, language).categories.contains(category), "\(read(query, language).categories)")
    }

    @Test(
        "Hangul is written as it is spelled and as it is spoken",
        arguments: [
            ("국립", "gukrip"), ("국립", "gungnip"), ("한의원", "hanuiwon"), ("신라", "silla"), ("음악", "eumak"),
            ("편의점", "pyeonuijeom"), ("백화점", "baekhwajeom"), ("법률", "beomnyul"), ("한국말", "hangungmal"),
        ]
    )
    func assimilation(hangul: String, letters: String) throws {
        #expect(Romaja.letters(ofHangul: hangul).contains(try #require(Romaja.letters(ofLatin: letters))))
    }

    @Test(
        "what can't be Korean, or is too short to tell, has no letters of it",
        arguments: ["cafe", "vraag", "Bank", "gi"]
    )
    func noRomaja(word: String) { #expect(Romaja.letters(ofLatin: word) == nil) }

    @Test(
        "words of other languages that nothing explains are no Korean",
        arguments: ["kanton", "heting", "mario", "shulan", "courtyard", "vincent", "boeing"]
    )
    func strangers(word: String) {
        let reading = read(word, "en")
        #expect(reading.categories.isEmpty && reading.groups.isEmpty, "\(reading.categories) \(reading.groups)")
    }

    @Test(
        "a verb that parts with its beginning is one verb",
        arguments: [
            ("Wo hebe ich Geld ab?", "de", "pro.bank"), ("Wir ziehen im März um", "de", "pro.mover"),
            ("Wo lade ich mein Auto auf", "de", "transport.charging"), ("Waar neem ik geld op?", "nl", "pro.bank"),
            ("Waar laad ik mijn auto op", "nl", "transport.charging"),
        ]
    )
    func separableVerbs(query: String, language: String, category: String) {
        #expect(read(query, language).categories.first == category, "\(read(query, language).categories)")
    }

    @Test("a preposition that could begin a verb is one all the same")
    func prepositions() {
        #expect(read("Hotel an der Straße", "de").categories == ["stay.hotel"])
        #expect(read("Krankenhaus mit Ärzten", "de").categories.first == "health.hospital")
    }

    @Test(
        "German plurals of words in -is and -um",
        arguments: [
            ("Zahnarztpraxen", "health.dentist"), ("Museen", "leisure.museum"), ("Fitnesszentren", "leisure.gym"),
        ]
    )
    func latinPlurals(word: String, category: String) {
        #expect(read(word, "de").categories.contains(category), "\(read(word, "de").categories)")
    }

    @Test(
        "a park is known by its partner's name in every language",
        arguments: [
            ("Zahnärzte in der Nähe vom Deutschen Park", "de", "jx-de"),
            ("apotheek bij het Duitse park", "nl", "jx-de"),
            ("école près du parc français", "fr", "jx-fr"), ("日本産業園の近くの病院", "ja", "jx-jp"),
            ("네덜란드 공단 근처 병원", "ko", "jx-nl"), ("法国园附近的医院", "zh-Hans", "jx-fr"),
            ("德國園區附近的醫院", "zh-Hant", "jx-de"), ("dentist near the Dutch industrial park", "en", "jx-nl"),
        ]
    )
    func parks(query: String, language: String, park: String) {
        let reading = read(query, language)
        #expect(reading.park == park)
        #expect(!reading.categories.contains("leisure.park"))
        #expect(reading.groups.isEmpty, "the park's language is not asked for")
    }

    @Test("a word of some phrase is spelled right and nothing to correct")
    func noSlip() {
        let reader = StarterReference.reference.reader
        let reading = reader.readCorrected("zzzzzz parlour", language: .resolve("en"))
        #expect(reading?.corrections.allSatisfy { $0.from != $0.to } ?? true)
    }

    @Test("Thai massage is no food")
    func massage() {
        let reading = read("Thai massage", "en")
        #expect(reading.categories.first?.hasPrefix("health.") == true)
        #expect(!reading.categories.contains { $0.hasPrefix("food") })
        #expect(reading.groups.isEmpty)
        #expect(read("Thai restaurant", "en").groups == [["a.cuisine.thai"]])
    }

    @Test("a doctor whom children call teacher gives no lessons")
    func teachers() {
        let reading = read("英語が話せる小児科の先生", "ja")
        #expect(!reading.categories.contains("edu.language"))
        #expect(reading.attributes.contains("a.spec.paediatrics") && reading.attributes.contains("a.lang.en"))
        #expect(read("英語の先生", "ja").categories.first == "edu.language")
    }

    @Test("of two kinds of which one lies in the other the narrower is wanted")
    func narrower() {
        let reading = read("restaurant zonder varkensvlees", "nl")
        #expect(reading.categories == ["food.halal"])
        #expect(reading.wider == ["food.restaurant"])
        #expect(read("church, not Catholic", "en").categories.contains("worship.protestant"))
    }
}
