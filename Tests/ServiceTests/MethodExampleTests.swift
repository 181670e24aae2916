import Access
import Commands
import Postgres
import TestSupport
import Testing

@testable import Service

@Suite("The examples of the methods", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct MethodExampleTests {
    @Test("Every example is answered as it says, with the result that its method declares")
    func examples() async throws {
        let database = try TestDatabase.required()
        let staff = try await database.token(Grant(role: .staff, parks: ["jx-de"]), name: "desk")
        let admin = try await database.token(Grant(role: .admin), name: "admin")
        try await database.withServicePool { pool in
            try await TestServer.with(pool: pool) { server in
                var client = try await Client(port: server.port)
                // What earlier answers had where the examples have these.
                var known = ["amn_stf_0000000000000000000000000000": staff]
                for method in Reference.methods {
                    for example in method.examples {
                        let params = known.reduce(example.params) { $0.replacing($1.key, with: $1.value) }
                        let token = method.access.isRestricted ? admin : nil
                        let result = try await call(&client, method.name, JSONValue(parsing: params.utf8), token)
                        var check = SchemaCheck()
                        check.check(result, method.result)
                        check.compare(result, with: try JSONValue(parsing: example.result.utf8))
                        #expect(check.faults == [], "\(method.name): \(example.name)")
                        known.merge(check.bindings) { $1 }
                    }
                }
            }
        }
    }

    private func call(
        _ client: inout Client,
        _ method: String,
        _ params: JSONValue,
        _ token: String?
    ) async throws -> JSONValue {
        let request = Commands.Client.request(method, params, token: token)
        let reply = try JSONValue(parsing: try #require(try await client.ask(request.text)).utf8)
        #expect(reply["error"] == .null, "\(method)")
        var meta = SchemaCheck()
        meta.check(reply["result"]["_meta"], Reply.Meta.members, at: "/_meta")
        #expect(meta.faults == [], "\(method)")
        return reply["result"]
    }
}
