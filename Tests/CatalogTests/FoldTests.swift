import Catalog
import Testing

@Suite("Folding")
struct FoldTests {
    @Test(
        "spellings of one word meet",
        arguments: [
            // Traditional, simplified and Japanese forms.
            ["国际学校", "國際學校", "国際学校"], ["齿科", "齒科", "歯科"], ["药局", "藥局", "薬局"], ["图书馆", "圖書館", "図書館"],
            ["幼儿园", "幼兒園"], ["铁", "鐵", "鉄"], ["广", "廣", "広"], ["盐", "鹽", "塩"], ["县", "縣", "県"],
            // Kana.
            ["インターナショナル スクール", "ｲﾝﾀｰﾅｼｮﾅﾙ ｽｸｰﾙ", "いんたーなしょなる　すくーる"],
            ["コンビニ", "ｺﾝﾋﾞﾆ", "こんびに"], ["パン", "ﾊﾟﾝ"], ["ラーメン", "ラ－メン", "ラ—メン"],
            // Marks, case, width, ligatures.
            ["école française", "ECOLE FRANCAISE", "e\u{301}cole franc\u{327}aise"], ["Straße", "STRASSE", "strasse"],
            ["cœur", "COEUR"], ["ＩＢ １", "ib 1"], ["ﬁtness", "fitness"], ["hôpital", "hopital"],
            // What is no letter separates, what is invisible vanishes.
            ["A-Level", "a level", "A–Level", "（A／Level）"],
            ["den\u{AD}tist", "den\u{200B}tist", "den\u{202E}tist", "dentist"],
            ["People's Hospital", "People’s Hospital", "people hospital"],
        ]
    )
    func meeting(spellings: [String]) {
        #expect(Set(spellings.map { Fold.text($0) }).count == 1, "\(spellings.map { Fold.text($0) })")
    }

    @Test(
        "different words stay apart",
        arguments: [("か", "が"), ("ハ", "パ"), ("医院", "病院"), ("Bar", "Baer"), ("stau", "strauss"), ("ラーメン", "ラ ーメン")]
    )
    func apart(one: String, other: String) { #expect(Fold.text(one) != Fold.text(other)) }

    @Test("umlauts are dropped or spelled")
    func umlauts() {
        #expect(Fold.text("Bäckerei Müller") == "backerei muller")
        #expect(Fold.text("Bäckerei Müller", umlauts: .spelled) == "baeckerei mueller")
        #expect(Fold.hasUmlauts("Bäckerei") && !Fold.hasUmlauts("Baeckerei"))
    }

    @Test("the l of l'école is a word, and l's possessive is none")
    func apostrophes() {
        #expect(Fold.text("l'école d’avocats") == "l ecole d avocats")
        #expect(Fold.text("l'sncf") == "l sncf")
        #expect(Fold.text("children's") == "children")
    }

    @Test("nothing is left of signs", arguments: ["", " \u{3000}\t", "🏥🦷", "%$\\", "\u{202E}\u{200B}\u{7}", "。、！？"])
    func signs(text: String) { #expect(Fold.text(text).isEmpty) }

    @Test("folding twice changes nothing", arguments: ["國際學校 Bäckerei ｲﾝﾀｰ", "歯医者さん l'école", "ＩＢ　A&E 한국어"])
    func idempotent(text: String) { #expect(Fold.text(Fold.text(text)) == Fold.text(text)) }

    @Test("a text that grows is cut")
    func growth() { #expect(Fold.text(String(repeating: "\u{FDFA}", count: 4000)).count <= 2000) }

    @Test(
        "Chinese is read in syllables",
        arguments: [
            ("嘉兴国际学校", "jia xing guo ji xue xiao"), ("音乐", "yin yue"), ("银行", "yin hang"), ("重庆", "chong qing"),
        ]
    )
    func pinyin(text: String, reading: String) {
        #expect(Pinyin.syllables(of: text.unicodeScalars)?.joined(separator: " ") == reading)
    }

    @Test("joined syllables are divided, ambiguous ones in every way")
    func divisions() {
        #expect(Pinyin.divisions(of: "jiaxingguojixuexiao").contains(["jia", "xing", "guo", "ji", "xue", "xiao"]))
        #expect(Set(Pinyin.divisions(of: "xian")) == [["xian"], ["xi", "an"]])
        #expect(Pinyin.divisions(of: "strasse").isEmpty)
        #expect(Pinyin.divisions(of: "").isEmpty)
        #expect(Pinyin.divisions(of: "xianxianxian").count == 4, "of eight ways the shortest four")
    }

    @Test(
        "forms of a word have one stem",
        arguments: [
            ("en", ["pharmacy", "pharmacies"]), ("en", ["church", "churches"]), ("en", ["dentist", "dentists"]),
            ("de", ["zahnarzt", "zahnarzte", "zahnarztin", "zahnarztinnen"]), ("de", ["schule", "schulen"]),
            ("de", ["deutsche", "deutscher", "deutsches", "deutschen"]), ("de", ["krankenhaus", "krankenhauser"]),
            ("nl", ["tandarts", "tandartsen"]), ("nl", ["school", "scholen"]), ("nl", ["ziekenhuis", "ziekenhuizen"]),
            ("nl", ["apotheek", "apotheken"]), ("nl", ["japans", "japanse"]), ("fr", ["hopital", "hopitaux"]),
            ("fr", ["francais", "francaise", "francaises"]), ("fr", ["italien", "italienne"]),
            ("fr", ["ecole", "ecoles"]),
        ]
    )
    func stems(language: String, forms: [String]) {
        #expect(Set(forms.map { Stem.of($0, in: language) }).count == 1, "\(forms.map { Stem.of($0, in: language) })")
    }

    @Test("slips of the hand are counted, and only up to the limit")
    func distances() {
        func distance(_ left: String, _ right: String, _ limit: Int) -> Int? {
            EditDistance.between(Array(left.utf8), Array(right.utf8), limit: limit)
        }
        #expect(distance("steuerberatr", "steuerberater", 2) == 1)
        #expect(distance("zahnrazt", "zahnarzt", 2) == 1, "a swap is one slip")
        #expect(distance("abc", "xyz", 2) == nil)
        #expect(distance("", "ab", 2) == 2)
        #expect(distance("same", "same", 0) == 0)
        #expect(distance("ca", "abc", 5) == 3)
    }
}
