import Commands
import TestSupport
import Testing

@testable import Service

/// SQL where a caller may write a text.
@Suite("SQL in the strings of a call", .needsPrograms, .seededDatabase, .timeLimit(.minutes(1)))
struct InjectionTests {
    private static let texts = [
        "'; drop table catalog.amenity cascade; --",
        "$$; delete from intake.request; $$",
        "\\'; truncate queue.live; --",
        "1); drop schema catalog cascade; --",
        "%_\\%' or '1' = '1",
        "$1",
        "{\"a\": \"', now()), ('\"}",
    ]

    @Test("is a text like any other, in every method and every parameter")
    func everywhere() async throws {
        let database = try TestDatabase.required()
        let token =
            try await run(
                "amenity",
                ["token", "create", "--role", "admin", "--name", "tests", "--database", database.conninfo.text]
            ).output.first ?? ""
        let observer = try await database.observer()
        defer { observer.close() }
        let before = try await facts(observer)
        try await withService(on: database) { service in
            try await withWorker("amenity-requests", on: database) { _ in
                try await withWorker("amenity-feedback", on: database) { worker in
                    try await withClient(service.address) { client in
                        for entry in MethodTable.release.entries {
                            for text in Self.texts { try await call(entry, with: text, token: token, client) }
                        }
                        for text in Self.texts { try await correct(with: text, client) }
                    }
                    try await observer.wait(for: "not exists (select from queue.job where state <> 'done')")
                    #expect(worker.isRunning)
                }
            }
        }
        #expect(try await facts(observer) == before)
        // The texts that were taken are kept as they were written.
        let kept = try await observer.execute("select distinct text from intake.request")
        #expect(Set(kept.compactMap { $0.first ?? nil }) == Set(Self.texts + ["x"]))
        let proposed = try await observer.execute("select distinct proposed_value from intake.review")
        #expect(Set(proposed.compactMap { $0.first ?? nil }) == Set(Self.texts))
    }

    /// The tables there are, and how much stands in those that no call of this test may change.
    private func facts(_ observer: ServerObserver) async throws -> [[String?]] {
        try await observer.execute(
            """
            select (select count(*) from pg_tables where schemaname in ('catalog', 'intake', 'queue', 'gaps', 'access')),
                (select count(*) from catalog.amenity), (select count(*) from catalog.park),
                (select count(*) from catalog.term), (select count(*) from access.token)
            """
        )
    }

    /// Calls the method with the text in each of its strings in turn, and then in all at once.
    private func call(_ entry: MethodEntry, with text: String, token: String, _ client: WireClient) async throws {
        let names = entry.parameters.filter { Self.holdsText($0.schema) }.map(\.name)
        for chosen in names.map({ [$0] }) + [names] {
            var members: [JSONValue.Member] = []
            for parameter in entry.parameters where parameter.isRequired || chosen.contains(parameter.name) {
                let isChosen = chosen.contains(parameter.name)
                members.append(.init(name: parameter.name, value: Self.value(parameter.schema, isChosen ? text : "x")))
            }
            members.append(
                .init(
                    name: "_meta",
                    value: ["token": .string(token), "request_id": .string(text), "lang": .string(text)]
                )
            )
            let reply = try await client.call(entry.name, .object(members))
            #expect(reply.code != -32603, "\(entry.name) \(chosen): \(reply.json.text)")
        }
        let lone = try await client.call(entry.name, ["_meta": ["token": .string(text)]])
        #expect(lone.code != -32603, "\(entry.name): \(lone.json.text)")
    }

    /// Feedback whose texts come as far as the review queue.
    private func correct(with text: String, _ client: WireClient) async throws {
        let receipt = try await client.call(
            "feedback.submit",
            [
                "amenity": "jiaxing-first-hospital", "text": .string(text),
                "correction": ["field": "phone", "value": .string(text)],
            ]
        )
        #expect(receipt.result?["status"].string == "received", "\(receipt.json.text)")
    }

    private static func holdsText(_ schema: Schema) -> Bool {
        switch schema {
        case .text, .uuid, .time, .choice, .cursor, .any: true
        case .boolean, .integer, .number: false
        case .array(let element, _), .map(let element), .nullable(let element): holdsText(element)
        case .object(let members): members.contains { holdsText($0.schema) }
        }
    }

    /// A value that the schema lets through, with the text wherever one may stand.
    private static func value(_ schema: Schema, _ text: String) -> JSONValue {
        switch schema {
        case .text, .uuid, .time, .choice, .cursor, .any: .string(text)
        case .boolean: true
        case .integer(let range): .integer(range.lowerBound)
        case .number(let range): .fraction(max(0, range.lowerBound))
        case .array(let element, _): [value(element, text)]
        case .map(let element): [text: value(element, text)]
        case .nullable(let element): value(element, text)
        case .object(let members): .object(members.map { .init(name: $0.name, value: value($0.schema, text)) })
        }
    }
}
