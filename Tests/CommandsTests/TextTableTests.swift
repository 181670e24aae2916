import Commands
import Testing

@Suite("Tables on a terminal")
struct TextTableTests {
    @Test(
        "a text takes the columns that a terminal gives it",
        arguments: [
            ("", 0), ("abc", 3), ("医院", 4), ("病院", 4), ("インター", 8), ("ｶﾅ", 2), ("병원", 4), ("école", 5),
            ("e\u{301}cole", 5), ("（甲）", 6), ("🏥", 2), ("👨‍👩‍👧", 2), ("❤️", 2), ("🇩🇪", 2), ("𠮷野", 4),
        ]
    )
    func width(text: String, columns: Int) {
        #expect(text.displayWidth == columns)
    }

    @Test("columns stand below each other, whatever the script")
    func alignment() {
        let table = TextTable(
            headings: ["name", "km"],
            rows: [["嘉兴市第一医院", "3"], ["German School", "112"], ["two\nlines", "1"]],
            rightAligned: [1]
        )
        #expect(
            table.text == """
                name             km
                嘉兴市第一医院    3
                German School   112
                two lines         1
                """
        )
    }

    @Test("a long text is cut at a character, not in the middle of a wide one")
    func truncation() {
        #expect("嘉兴市第一医院".truncated(to: 8) == "嘉兴市…")
        #expect("嘉兴".truncated(to: 4) == "嘉兴")
        #expect("abcdef".truncated(to: 4) == "abc…")
    }
}
