import Commands
import TestSupport
import Testing

/// The thin slice from end to end, as a plain socket client sees it.
@Suite("A conversation over a socket", .needsPrograms, .seededDatabase, .timeLimit(.minutes(1)))
struct ConversationTests {
    @Test("finds an amenity in two languages, gets a request answered, a correction reviewed, and a gap report")
    func conversation() async throws {
        let database = try TestDatabase.required()
        try await withService(on: database) { service in
            try await withWorker("amenity-requests", on: database) { _ in
                try await withWorker("amenity-feedback", on: database) { _ in
                    try await withClient(service.address) { client in
                        let amenity = try await search(client)
                        try await request(client)
                        try await correct(amenity, client)
                        try await report(client)
                    }
                }
            }
        }
    }

    /// The id of what both languages found first.
    private func search(_ client: WireClient) async throws -> String {
        let english = try await client.call(
            "amenities.search",
            ["park": "jx-jp", "q": "hospital", "limit": 5, "_meta": ["lang": "en"]]
        )
        let chinese = try await client.call(
            "amenities.search",
            ["park": "jx-jp", "q": "医院", "limit": 5, "_meta": ["lang": "zh-Hans"]]
        )
        let (first, other) = (try #require(english.result), try #require(chinese.result))
        #expect(first["understood"]["categories"] == other["understood"]["categories"])
        let ids = [first, other].map { $0["items"].elements.compactMap { $0["id"].string } }
        #expect(ids[0] == ids[1])
        #expect(first["items"].elements.first?["category_label"] != other["items"].elements.first?["category_label"])
        let id = try #require(ids[0].first)
        let whole = try await client.call("amenities.get", ["id": .string(id)])
        #expect(whole.result?["id"].string == id)
        #expect(whole.result?["sources"].elements.isEmpty == false)
        return id
    }

    private func request(_ client: WireClient) async throws {
        let text: JSONValue = "Which hospital can we go to?"
        let receipt = try #require(try await client.call("requests.submit", ["text": text, "park": "jx-jp"]).result)
        #expect(receipt["status"].string == "received")
        let answer = try await settled("requests.get", receipt, client)
        #expect(["answered", "unmet"].contains(answer["status"].string))
        #expect(answer["understood"]["categories"].elements.isEmpty == false)
        #expect(answer["job"]["state"].string == "done")
        let other = try await client.call("requests.get", ["id": receipt["id"], "secret": "wrong"])
        #expect(other.kind == "not_found")
    }

    private func correct(_ amenity: String, _ client: WireClient) async throws {
        let receipt = try await client.call(
            "feedback.submit",
            [
                "amenity": .string(amenity), "text": "They moved the switchboard.",
                "correction": ["field": "phone", "value": "+86 573 8000 0000"],
            ]
        )
        let outcome = try await settled("feedback.get", try #require(receipt.result), client)
        #expect(outcome["status"].string == "in_review")
        #expect(outcome["kind"].string == "correction")
        #expect(outcome["field"].string == "phone")
        // Nothing a stranger says is published before staff have looked.
        let whole = try await client.call("amenities.get", ["id": .string(amenity)])
        #expect(whole.result?.text.contains("8000 0000") == false)
    }

    private func report(_ client: WireClient) async throws {
        let gaps = try #require(try await client.call("reports.gaps", ["park": "jx-jp"]).result)
        let row = try #require(gaps["rows"].elements.first)
        #expect(row["park"].string == "jx-jp")
        #expect(row["nationality"].string != nil)
    }

    /// Asks until a worker has settled it; each look is a round trip, and the time limit bounds it.
    private func settled(_ method: String, _ receipt: JSONValue, _ client: WireClient) async throws -> JSONValue {
        while true {
            let reply = try await client.call(method, ["id": receipt["id"], "secret": receipt["secret"]])
            let record = try #require(reply.result, "\(reply.json)")
            if record["status"].string != "received", record["job"]["state"].string == "done" { return record }
        }
    }
}
