import Access
import Commands
import Glibc
import Postgres
import TestSupport
import Testing

/// What stands in the logs of a run in which everything private is marked, and what does not.
@Suite("The programs' logs", .needsPrograms, .timeLimit(.minutes(1)))
struct DiscretionTests {
    /// Stands in every text, contact and secret that the callers send, in some form.
    private static let mark = "Zq7vX9"
    private static let phone = "+8657399990000"

    @Test("tell of each call under its id, from the service to the worker and the audit log, but nothing private")
    func marked() async throws {
        try await withQueue { database, observer in
            let token = try await database.withPool { pool in
                try await Tokens(pool: pool)
                    .create(Grant(role: .admin), name: "operator", life: 600, until: .after(.seconds(30))).token.text
            }
            let debug = ["--log-level", "debug"]
            try await withProgram("amenityd", switches(database, ["--listen", "127.0.0.1:0"] + debug)) { program in
                let service = try await LiveService(program)
                try await withProgram("amenity-requests", switches(database, debug)) { worker in
                    try await worker.event("registered")
                    let secret = try await converse(service, token: token)
                    try await worker.event("job finished")
                    try await observer.wait(for: "not exists (select from queue.live)")
                    program.send(SIGTERM)
                    worker.send(SIGTERM)
                    try await program.ended()
                    try await worker.ended()
                    for line in program.log.lines + worker.log.lines {
                        for word in [Self.mark, Self.phone, "99990000", token, secret, "select ", "intake."] {
                            #expect(!line.contains(word), "\(line)")
                        }
                    }
                    for (log, name) in [(program, "call"), (worker, "job finished")] {
                        #expect(try log.events(name).contains { $0["rid"].string == "ride-along-1" }, "\(name)")
                    }
                    let own = try program.events("call").first { $0["rid"].string == "ride-along-1" }
                    #expect(own?["actor"].string == "token 1" && own?["role"].string == "admin")
                    let times = ["db_ms", "ms"].compactMap { own?[$0].string.flatMap(Double.init) }
                    #expect(times.count == 2 && times[0] > 0 && times[0] <= times[1], "\(times)")
                    let codes = try program.events("call").compactMap { $0["code"].string }
                    #expect(codes == ["-32700", "-32601", "-32602", "1001", "-32001"])
                }
            }
            try await observer.execute("select access.seal()")
            let entries = try await observer.execute("select act from access.audit where request_id = 'ride-along-1'")
            #expect(entries == [["request.create"]])
            let refusals = try await observer.execute("select object from access.audit where act = 'auth.refused'")
            #expect(refusals == [["unknown token"]])
        }
    }

    /// A submission, and every way to fail; returns the receipt's secret.
    private func converse(_ service: LiveService, token: String) async throws -> String {
        try await withClient(service.address) { client in
            _ = try await client.call("auth.login", ["token": .string(token)])
            let receipt = try await client.call(
                "requests.submit",
                [
                    "text": .string("A school, \(Self.mark), call \(Self.phone)"),
                    "contact": .string("\(Self.mark) \(Self.phone)"), "_meta": ["request_id": "ride-along-1"],
                ]
            )
            let id = try #require(receipt.result?["id"])
            let secret = try #require(receipt.result?["secret"].string)
            try await client.send("{\"\(Self.mark)\n")
            _ = try await client.call("\(Self.mark).list")
            _ = try await client.call("parks.get", ["\(Self.mark)": .string(Self.phone)])
            _ = try await client.call("amenities.get", ["id": .string(Self.mark + Self.phone)])
            let unknown: JSONValue = ["_meta": ["token": .string(Token(role: .admin).text)]]
            _ = try await client.call("auth.whoami", unknown)
            _ = try await client.call("requests.get", ["id": id, "secret": .string(secret)])
            return secret
        }
    }
}
