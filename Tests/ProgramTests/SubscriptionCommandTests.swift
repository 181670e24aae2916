import Commands
import Glibc
import TestSupport
import Testing

@Suite("Writes and news on the command line", .needsPrograms, .seededDatabase, .timeLimit(.minutes(2)))
struct SubscriptionCommandTests {
    @Test("a submission whose commit nobody answered is found out and made once")
    func lostCommit() async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        let proxy = try Proxy(to: database.conninfo)
        defer { proxy.close() }
        try await withService(on: proxy.database(database)) { service in
            proxy.set(.swallowReplies, after: "COMMIT\u{0}") {
                proxy.cut()
                proxy.set(.forward)
            }
            let outcome = try await run(
                "amenity",
                ["request", "submit", "told once", "--park", "jx-de", "--server", service.address]
            )
            #expect(outcome.ending == .exit(0), "\(outcome.errors)")
            let id = outcome.output.first?.split(separator: " ").first.map(String.init) ?? ""
            let rows = try await observer.execute("select id from intake.request where text = 'told once'")
            #expect(rows.map { $0.first ?? nil } == [id])
        }
    }

    @Test("tail shows what happens, and what happened while the service was away")
    func tail() async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        func change(_ note: String) async throws {
            try await observer.execute(
                "update catalog.amenity set notes = '\(note)' where slug = 'jiaxing-first-hospital'"
            )
        }
        let first = try await withProgram(
            "amenityd",
            switches(database, ["--listen", "127.0.0.1:0"])
        ) { program -> (address: String, seq: Int) in
            let service = try await LiveService(program)
            return try await withProgram(
                "amenity",
                ["tail", "amenity.changed", "--count", "1", "--json", "--server", service.address]
            ) { tail in
                try await service.wait(
                    for: #"amenity_rpc_requests_total{method="subscriptions.open",outcome="ok"}"#,
                    toBe: 1
                )
                try await change("one")
                #expect(try await tail.ended() == .exit(0))
                let event = try JSONValue(parsing: try #require(tail.output.lines.first).utf8)
                #expect(event["method"] == "amenity.changed" && event["params"]["change"] == "updated")
                return (service.address, try #require(event["params"]["seq"].int))
            }
        }
        try await change("two")
        try await withService(on: database) { service in
            let outcome = try await run(
                "amenity",
                ["tail", "amenity.changed", "--since", "\(first.seq)", "--count", "1", "--server", service.address]
            )
            #expect(outcome.ending == .exit(0))
            #expect(outcome.output.count == 1 && outcome.output.first?.contains(" amenity.changed ") == true)
        }
    }

    @Test("tail says what it can't follow", arguments: [["request.updated"], ["job.finished"], ["amenity.change"]])
    func refusals(_ topics: [String]) async throws {
        try await withService(on: try TestDatabase.required()) { service in
            let outcome = try await run("amenity", ["tail"] + topics + ["--server", service.address])
            #expect(outcome.ending == .exit(topics == ["amenity.change"] ? 2 : 4))
            #expect(outcome.errors.joined().contains("/params/topics"))
        }
    }
}
