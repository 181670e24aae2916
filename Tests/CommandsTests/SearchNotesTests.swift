import Testing

@testable import Commands

/// What is said under the table of a search.
@Suite("Notes on a search")
struct SearchNotesTests {
    @Test("call what is not wanted so, and not among what is")
    func refused() throws {
        let answer = """
            {"items":[],"understood":{"categories":["food.restaurant"],"excluded":["food.chinese"],"attributes":[],"text":"",
            "labels":{"food.restaurant":"Restaurant","food.chinese":"Chinese restaurant"}}}
            """
        let result = try JSONValue(parsing: answer.utf8)
        #expect(AmenitySearchCommand.notes(on: result) == ["Understood: Restaurant, not Chinese restaurant"])
    }
}
