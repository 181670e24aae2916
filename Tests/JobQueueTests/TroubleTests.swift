import Testing

@testable import JobQueue

@Suite("What fails again and again")
struct TroubleTests {
    private struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private func told(_ failures: [String?]) -> [String] {
        var trouble = Trouble()
        var told: [String] = []
        for failure in failures {
            if let failure {
                trouble.tell(Failure(description: failure), of: "looking") { event in
                    if case .databaseTrouble(let reason) = event { told.append(reason) }
                }
            } else {
                trouble.end()
            }
        }
        return told
    }

    @Test("is told once, until it goes well again or fails of something else")
    func once() {
        #expect(told(["away", "away", "away"]) == ["looking: away"])
        #expect(told(["away", nil, "away"]) == ["looking: away", "looking: away"])
        #expect(told(["away", "full", "away"]) == ["looking: away", "looking: full", "looking: away"])
        #expect(told([nil, nil]) == [])
    }

    @Test("is not told of what was cut off")
    func cancelled() async {
        let told = await Task { () -> [String] in
            withUnsafeCurrentTask { $0?.cancel() }
            return self.told(["away"])
        }.value
        #expect(told == [])
    }
}
