import Catalog
import Testing

@Suite("The language of labels")
struct LanguageTests {
    @Test(
        "is found for any BCP 47 tag",
        arguments: [
            ("en", "en"), ("de-AT", "de"), ("DE", "de"), ("nl-BE", "nl"), ("fr_FR", "fr"), ("ja-JP", "ja"),
            ("ko", "ko"), ("zh", "zh-Hans"), ("zh-CN", "zh-Hans"), ("zh-Hant", "zh-Hant"), ("zh-TW", "zh-Hant"),
            ("zh-HK", "zh-Hant"), ("zh-Hans-HK", "zh-Hans"), ("zh-hant-cn", "zh-Hant"),
        ]
    )
    func known(tag: String, code: String) {
        #expect(Language.resolve(tag).code == code)
    }

    @Test("falls back to English and never fails", arguments: ["", "-", "pt", "xx-YY", "klingon", "日本語", "e n"])
    func unknown(tag: String) {
        #expect(Language.resolve(tag) == .english)
    }

    @Test("is English when nothing is asked for")
    func absent() {
        #expect(Language.resolve(nil) == .english)
    }
}
