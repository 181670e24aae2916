import Testing

@testable import Commands

@Suite("What is written to a terminal")
struct TerminalTests {
    @Test(
        "strangers' texts can't command the terminal",
        arguments: [
            ("\u{1B}[2J\u{1B}]0;pwn\u{7}x", "\u{FFFD}[2J\u{FFFD}]0;pwn\u{FFFD}x"), ("a\rFAKE", "a\u{FFFD}FAKE"),
            ("\u{9B}31m", "\u{FFFD}31m"), ("evil\u{202E}gro", "evil\u{FFFD}gro"), ("\u{1B}[31mred", "\u{FFFD}[31mred"),
        ]
    )
    func strangers(text: String, shown: String) {
        #expect(Terminal.harmless(text) == shown)
    }

    @Test(
        "our own styles, line breaks and every script pass",
        arguments: ["\u{1B}[1mbold\u{1B}[0m \u{1B}[2mgrey\u{1B}[0m", "a\tb\nc", "平湖市 병원 Ärzte 🏥 e\u{301}", ""]
    )
    func ours(text: String) {
        #expect(Terminal.harmless(text) == text)
    }
}
