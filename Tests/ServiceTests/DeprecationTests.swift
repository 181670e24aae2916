import Commands
import Testing

@testable import Service

@Suite("A method that will go")
struct DeprecationTests {
    private static let old = Deprecation(since: "2027-01-01", sunset: "2027-07-01", use: "test.new")

    private static func table(_ gate: Gate) -> MethodTable {
        let description = MethodDescription(name: "test.old", summary: "Is old.", deprecation: old)
        let entry = MethodEntry(description, action: gate.method("test.old").action)
        return MethodTable([entry, gate.method("test.new")], successors: ["test.oldest": "test.new"])
    }

    @Test("says so in every answer, and others don't; one that is gone names its successor")
    func answers() async throws {
        let gate = Gate()
        gate.open()
        try await TestServer.with(Self.table(gate)) { server in
            var conversation = try await CallConversation(port: server.port)
            let meta = try await conversation.result("test.old")["_meta"]
            #expect(
                meta["warnings"] == [
                    ["kind": "deprecated", "since": "2027-01-01", "sunset": "2027-07-01", "use": "test.new"]
                ]
            )
            #expect(try await conversation.result("test.new")["_meta"]["warnings"].isNull)
            let error = try await conversation.error("test.oldest")
            #expect(error["code"] == -32013 && error["data"]["kind"] == "method_removed")
            #expect(error["data"]["hint"] == "call test.new instead" && error["data"]["retryable"] == false)
            #expect(try await conversation.error("test.older")["code"] == -32601)
        }
    }

    @Test("is told apart in the document and in the reference")
    func documents() throws {
        let table = Self.table(Gate())
        let document = try JSONValue(parsing: OpenRPC(table: table, limits: ServiceLimits()).json)
        #expect(document["methods"].elements.map { $0["deprecated"] == true } == [true, false])
        let section = Reference.section(table.entries[0].description)
        #expect(
            section.contains(
                "Deprecated since 2027-01-01, and may be gone from 2027-07-01 on: call `test.new` instead."
            )
        )
    }
}
