/// The scenes in which people ask for something and say something.
extension Tour {
    func askForDentist() async throws {
        scene(
            "5. Somebody asks for what no search box knows",
            "\"German-speaking dentist near Jiaxing\". The request becomes a job; a worker answers it."
        )
        let receipt = try await ask(
            "requests.submit",
            ["text": "German-speaking dentist near Jiaxing", "park": "jx-de", "lang": "en", "nationality": "DE"]
        )
        let (id, secret) = try keys(of: receipt)
        tell("\(receipt["status"].plain.capitalised) as \(id). Only who holds the secret may read the answer.")
        let key: JSONValue = ["id": .string(id), "secret": .string(secret)]
        let answer = try await wait(for: ["answered", "unmet"], "requests.get", key)
        let understood = answer["understood"]
        let codes = (understood["categories"].elements + understood["attributes"].elements).map(\.plain)
        tell("Understood as \(codes.joined(separator: ", ")).")
        tell(
            answer["status"] == "answered"
                ? "Answered: these places fit."
                : "Unmet: no place within reach fits in full. That is evidence for the gap report. The best there is:"
        )
        for match in answer["matches"].elements { tell("- \(RequestGetCommand.match(match))") }
        if answer["matches"].elements.isEmpty { tell("- nothing of the kind within reach") }
        if !answer["nearest_alternative"].isNull {
            tell("Further away: \(RequestGetCommand.match(answer["nearest_alternative"]))")
        }
        tell("What happened:\n" + RequestGetCommand.timeline(of: answer).joined(separator: "\n"))
    }

    func correctPhone(of hospital: String) async throws {
        scene(
            "6. Somebody corrects a phone number",
            "A nurse sends the hospital's new number. Nothing that a stranger says changes the listing by itself."
        )
        let receipt = try await ask(
            "feedback.submit",
            ["amenity": .string(hospital), "correction": ["field": "phone", "value": "+8657382519999"], "lang": "en"]
        )
        let (id, secret) = try keys(of: receipt)
        let key: JSONValue = ["id": .string(id), "secret": .string(secret)]
        let filed = try await wait(for: ["in_review"], "feedback.get", key)
        tell("\(filed["field"].plain): \(filed["value"].plain). It waits in the review queue of the park's staff.")
        tell("What happened:\n" + RequestGetCommand.timeline(of: filed).joined(separator: "\n"))
    }

    func reportGaps() async throws {
        scene(
            "7. What is missing?",
            "The park manager asks what the Japanese residents of the park in Pinghu need and do not find within reach."
        )
        let result = try await ask("reports.gaps", ["park": "jx-jp", "nationality": "JP", "_meta": ["lang": "en"]])
        guard !result["rows"].elements.isEmpty else { throw surprise("the report is empty") }
        tell(GapTable(result).table(showsWhere: false).text)
        tell("\"sure\" is the range in which the gap lies: 0 means that nothing is missing, 1 that all is.")
    }

    private func keys(of receipt: JSONValue) throws -> (id: String, secret: String) {
        (
            try require(receipt["id"].string, "the receipt has no id"),
            try require(receipt["secret"].string, "the receipt has no secret")
        )
    }
}

extension String {
    /// With a capital at its beginning, as a sentence has.
    fileprivate var capitalised: String { prefix(1).uppercased() + dropFirst() }
}
