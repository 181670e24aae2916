/// A nationality as its ISO 3166-1 alpha-2 code, in capitals.
package enum Nationality {
    /// What a caller is told who gives something else.
    package static let expectation = "two capital letters of ISO 3166-1"

    /// Whether the text has the form of a code.
    package static func isCode(_ text: String) -> Bool {
        text.utf8.count == 2 && text.utf8.allSatisfy { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    }
}
