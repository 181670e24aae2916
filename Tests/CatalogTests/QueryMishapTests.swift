import Catalog
import TestSupport
import Testing

/// What searches were once taken for by mistake, and what they are about.
@Suite("Queries that were misread")
struct QueryMishapTests {
    private func read(_ query: String, _ language: String) -> QueryUnderstanding {
        StarterReference.reference.reader.readOrCorrected(query, language: .resolve(language))
    }

    @Test(
        "a kind that is refused is not found by the wider word beside it",
        arguments: [
            ("church, not Catholic", "en", "worship.catholic"),
            ("Kirche, aber nicht katholisch", "de", "worship.catholic"),
            ("kerk, niet katholiek", "nl", "worship.catholic"),
            ("église, mais pas catholique", "fr", "worship.catholic"), ("교회 말고 성당", "ko", "worship.protestant"),
        ]
    )
    func refusedPart(query: String, language: String, refused: String) {
        let reading = read(query, language)
        #expect(reading.excluded.contains(refused))
        #expect(!reading.categories.isEmpty && !reading.categories.contains(refused), "\(reading.categories)")
    }

    @Test("what is wanted by name is not refused for the sake of another word for the same")
    func refusedOther() {
        #expect(read("マッサージ以外のリハビリ", "ja").categories == ["health.physio"])
    }

    @Test(
        "children are no Indians: what ends in a word that says nothing does not end in a part of it",
        arguments: [("Ausländerkinder", "de"), ("Nachbarskinder", "de"), ("expatkinderen", "nl")]
    )
    func compoundEnds(word: String, language: String) {
        #expect(!read(word, language).attributes.contains("a.cuisine.indian"))
    }

    @Test("two slips are put right in the asker's own language only, and not at the beginning")
    func slips() {
        #expect(read("Nutaufnohme", "de").categories.first == "health.emergency")
        #expect(read("Krankenhaas", "nl").categories.first == "health.hospital", "one slip in another language")
        #expect(read("Nutaufnohme", "nl").categories.isEmpty)
        #expect(read("Bpothege", "de").categories.isEmpty)
    }

    @Test("two characters that sound like a word are one only where nothing else stands beside them")
    func homophones() {
        for query in ["银航", "附近的银航", "找银航", "银航在哪里"] {
            #expect(read(query, "zh-Hans").categories == ["pro.bank"], "\(query)")
        }
        #expect(!read("商贩店铺", "zh-Hans").categories.contains("stay.hotel"))
        #expect(read("量販店", "zh-Hant").categories == ["shop.supermarket"])
    }

    @Test("in Japanese one character before a particle is a word")
    func oneCharacterNouns() {
        #expect(read("猫を診てくれる病院", "ja").categories.contains("health.vet"))
        #expect(read("歯が欠けた", "ja").categories == ["health.dentist"])
        #expect(read("目の検査", "ja").attributes.contains("a.spec.ophthalmology"))
        for query in ["近くの塾", "塾はどこですか", "平湖で塾を探しています"] {
            #expect(read(query, "ja").categories == ["edu.tutoring"], "\(query)")
        }
        #expect(!read("大目に見る", "ja").attributes.contains("a.spec.ophthalmology"))
    }

    @Test(
        "some people's school is theirs, and any school one that takes foreigners",
        arguments: [
            ("德国人学校", "zh-Hans", "edu.german"), ("荷兰人的学校", "zh-Hans", "edu.ntc"),
            ("school in German", "en", "edu.german"), ("독일 사람 학교", "ko", "edu.german"),
            ("a school for our daughter", "en", "edu.intl"), ("学校", "ja", "edu.intl"), ("Schulen", "de", "edu.intl"),
            ("音乐学校", "zh-Hans", "edu.music"), ("日本人学校", "ja", "edu.japanese"), ("école de musique", "fr", "edu.music"),
        ]
    )
    func schools(query: String, language: String, category: String) {
        #expect(read(query, language).categories.first == category)
    }

    @Test(
        "a Mandarin speaker of Taiwan has other words for the same",
        arguments: [
            ("義大利餐廳", "food.italian"), ("幫傭", "daily.cleaning"), ("超商", "shop.convenience"), ("提款機", "pro.bank"),
            ("租屋", "home.apartment"), ("房仲", "home.agent"), ("健檢", "health.checkup"), ("復健", "health.physio"),
            ("國小", "edu.primary"), ("國中", "edu.secondary"), ("影城", "leisure.cinema"), ("換匯", "pro.exchange"),
        ]
    )
    func taiwan(query: String, category: String) {
        #expect(read(query, "zh-Hant").categories.first == category)
    }

    @Test("a word that says nothing does not take the beginning of the next with it")
    func greedyFillers() {
        #expect(read("근처 의원", "ko").categories.contains("health.clinic"))
        #expect(read("근처 의사", "ko").categories.contains("health.gp"))
        #expect(read("한국 마트에서", "ko").categories.first == "shop.korean")
    }

    @Test("an article is no abbreviation of a school")
    func article() {
        #expect(read("Wo ist das Krankenhaus?", "de").categories == ["health.hospital"])
    }

    @Test(
        "false friends are the asker's own",
        arguments: [
            ("gymnasium", "en", "leisure.gym", "edu.secondary"), ("Gymnasium", "de", "edu.secondary", "leisure.gym"),
            ("gymnase", "fr", "leisure.sports", "edu.secondary"),
        ]
    )
    func falseFriends(query: String, language: String, category: String, other: String) {
        let categories = read(query, language).categories
        #expect(categories.contains(category) && !categories.contains(other), "\(categories)")
    }

    @Test(
        "words that only look like one of ours are text",
        arguments: [
            ("Gift", "de"), ("dentelle", "fr"), ("何なんですか", "ja"), ("脚踏车", "zh-Hans"),
        ]
    )
    func strangers(query: String, language: String) {
        let categories = read(query, language).categories
        #expect(!categories.contains { $0.hasPrefix("health.") || $0.hasPrefix("food.") }, "\(categories)")
    }

    @Test(
        "denominations, in the words of those who belong to them",
        arguments: [
            ("Anglican service", "en", "worship.protestant"), ("lutherisch", "de", "worship.protestant"),
            ("gereformeerde kerk", "nl", "worship.protestant"), ("culte évangélique", "fr", "worship.protestant"),
            ("장로교회", "ko", "worship.protestant"), ("浸信会", "zh-Hans", "worship.protestant"),
            ("ロシア正教会", "ja", "worship.orthodox"), ("Gebetsraum für Muslime", "de", "worship.mosque"),
            ("messe dominicale", "fr", "worship.catholic"),
        ]
    )
    func denominations(query: String, language: String, category: String) {
        #expect(read(query, language).categories.first == category)
    }

    @Test(
        "who is admitted, and who interprets",
        arguments: [
            ("招收港澳台學生的國際學校", "zh-Hant", "a.enrol.hmt"), ("외국인만 받는 학교", "ko", "a.enrol.foreign_only"),
            ("通訳のいる病院", "ja", "a.langlevel.interpreter"),
            ("Krankenhaus mit Dolmetscher", "de", "a.langlevel.interpreter"),
        ]
    )
    func conditions(query: String, language: String, attribute: String) {
        #expect(read(query, language).attributes.contains(attribute))
    }
}
