import Foundation
import TestSupport
import Testing

@testable import Service

@Suite("A client recorded with protocol 1.0", .needsServer, .seededDatabase, .timeLimit(.minutes(1)))
struct RecordedClientTests {
    /// What was said and answered, in turn.
    private static let transcript: [(call: String, reply: String)] = {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        let text = try? String(contentsOf: folder.appending(path: "Cases/transcript_1.0.txt"), encoding: .utf8)
        let lines = (text ?? "").split(separator: "\n").filter { !$0.hasPrefix("#") }.map { String($0.dropFirst(2)) }
        return stride(from: 0, to: lines.count - 1, by: 2).map { (lines[$0], lines[$0 + 1]) }
    }()

    /// A reply with stars for ids, times, and words that are for people.
    private func starred(_ reply: String) -> String {
        reply.replacing(#/"(request_id|message|hint|expected)":"(\\.|[^"\\])*"/#) { "\"\($0.1)\":\"*\"" }
            .replacing(#/"(server_ms|seq)":[0-9.]+/#) { "\"\($0.1)\":*" }
            .replacing(#/"etag":"[a-z2-7]{13}"/#, with: #""etag":"*""#)
            .replacing(#/"id":"[0-9a-f]{8}-[0-9a-f-]{27}"/#, with: #""id":"*""#)
            .replacing(#/"secret":"[0-9a-f]{32}"/#, with: #""secret":"*""#)
            .replacing(#/"sub":"s[0-9]+"/#, with: #""sub":"*""#)
    }

    @Test("still has the same answers")
    func replay() async throws {
        #expect(Self.transcript.count > 30)
        try await TestServer.withDatabase { server, _ in
            var client = try await Client(port: server.port)
            for (call, expected) in Self.transcript {
                let reply = try #require(try await client.ask(call))
                #expect(starred(String(reply.dropLast())) == expected, "\(call)")
            }
        }
    }
}
