import Commands
import Postgres
import TestSupport
import Testing

@testable import Service

/// A client that calls methods and reads their replies as JSON.
struct CallConversation {
    private var client: Client

    init(port: Int) async throws { client = try await Client(port: port) }

    /// The whole reply; notifications before it are passed over.
    mutating func reply(_ method: String, _ params: String = "{}") async throws -> JSONValue {
        try await client.send(#"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(params)}"# + "\n")
        while true {
            let message = try await receive()
            if message["method"].isNull { return message }
        }
    }

    /// The result of a call that succeeds.
    mutating func result(_ method: String, _ params: String = "{}") async throws -> JSONValue {
        let reply = try await reply(method, params)
        try #require(reply["error"].isNull, "\(reply.text)")
        return reply["result"]
    }

    /// The error of a call that fails.
    mutating func error(_ method: String, _ params: String = "{}") async throws -> JSONValue {
        let reply = try await reply(method, params)
        try #require(!reply["error"].isNull, "\(reply.text)")
        return reply["error"]
    }

    mutating func send(_ text: String) async throws { try await client.send(text) }

    mutating func receive() async throws -> JSONValue {
        try JSONValue(parsing: try #require(await client.receive()).utf8)
    }

    func close() async throws { try await client.close() }
}

extension TestServer {
    /// Lends a server over the suite's database and a pool on it.
    static func withDatabase(
        leased: Int = 6,
        _ body: (TestServer, Pool) async throws -> Void
    ) async throws {
        try await TestDatabase.required().withServicePool(leased: leased) { pool in
            try await TestServer.with(pool: pool) { try await body($0, pool) }
        }
    }
}
