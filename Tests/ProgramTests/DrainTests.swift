import Commands
import Glibc
import TestSupport
import Testing

/// The end of the service on SIGTERM, and clients that end first.
@Suite("A service with calls under way", .needsPrograms, .timeLimit(.minutes(1)))
struct DrainTests {
    /// Keeps everybody from a table for as long as the body runs.
    private func holding<Value>(
        _ table: String,
        of database: TestDatabase,
        _ body: (_ release: () async throws -> Void) async throws -> Value
    ) async throws -> Value {
        let holder = try await database.observer()
        defer { holder.close() }
        try await holder.execute("begin; lock table \(table) in access exclusive mode")
        return try await body { try await holder.execute("rollback") }
    }

    /// How many sessions wait for a lock.
    private func waitForBlocked(_ count: Int, _ observer: ServerObserver) async throws {
        try await observer.wait(
            for: "(select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
                + " and datname = current_database()) = \(count)"
        )
    }

    @Test("answers on SIGTERM all it has read, takes nobody new, and ends with 0")
    func terminated() async throws {
        try await withQueue { database, observer in
            try await withService(on: database) { service in
                try await holding("intake.request", of: database) { release in
                    let client = try WireClient(service.address)
                    defer { client.close() }
                    for id in 1...5 {
                        try await client.send(
                            #"{"jsonrpc":"2.0","id":\#(id),"method":"requests.submit","params":{"text":"A school"}}"#
                                + "\n"
                        )
                    }
                    try await waitForBlocked(5, observer)
                    service.program.send(SIGTERM)
                    try await service.program.event("draining")
                    // The line stands in the log a moment before the drain begins.
                    while try await isOpen(service) { try Task.checkCancellation() }
                    #expect(client.received.lines == [])
                    try await release()
                    var answered: Set<Int> = []
                    for index in 0..<5 {
                        let reply = try await client.reply(index)
                        #expect(reply.result?["status"].string == "received", "\(reply.json.text)")
                        if let id = reply.json["id"].int { answered.insert(id) }
                    }
                    #expect(answered == [1, 2, 3, 4, 5])
                    try await client.received.whenOver()
                    #expect(client.received.lines.count == 5)
                }
                #expect(try await service.program.ended() == .exit(0))
                #expect(try await observer.value("select count(*) from intake.request") == "5")
            }
        }
    }

    /// Whether a new connection is taken and answered; else it is refused, or told why it is of no use.
    private func isOpen(_ service: LiveService) async throws -> Bool {
        do {
            return try await withClient(service.address) { late in
                let reply = try await late.call("system.ping")
                guard !reply.isResult else { return true }
                #expect(reply.kind == "shutting_down")
                return false
            }
        } catch is TestSupportError {
            // Refused, or closed before the call was out.
            return false
        } catch Transcript.Silence.over {
            return false
        }
    }

    @Test("ends with 1 at once when it is told a second time to stop")
    func terminatedTwice() async throws {
        try await withQueue { database, observer in
            try await withService(on: database) { service in
                try await holding("intake.request", of: database) { _ in
                    let client = try WireClient(service.address)
                    defer { client.close() }
                    try await client.send(
                        #"{"jsonrpc":"2.0","id":1,"method":"requests.submit","params":{"text":"A school"}}"# + "\n"
                    )
                    try await waitForBlocked(1, observer)
                    service.program.send(SIGTERM)
                    try await service.program.event("draining")
                    service.program.send(SIGTERM)
                    // The table is still held, so nothing that waits for an answer could have ended it.
                    #expect(try await service.program.ended() == .exit(1))
                    #expect(try service.program.events("stopped").isEmpty)
                }
            }
        }
    }

    @Test("cancels the look-ups of a client that vanishes, and goes on")
    func vanishedReader() async throws {
        try await withQueue { database, observer in
            try await withService(on: database) { service in
                try await holding("catalog.park", of: database) { release in
                    let client = try WireClient(service.address)
                    try await client.send(#"{"jsonrpc":"2.0","id":1,"method":"parks.list"}"# + "\n")
                    try await waitForBlocked(1, observer)
                    #expect(try await service.metric("amenity_rpc_inflight") == 1)
                    client.vanish()
                    // While the table is still held: the statement itself was ended.
                    try await waitForBlocked(0, observer)
                    try await service.wait(for: "amenity_rpc_inflight", toBe: 0)
                    try await service.wait(for: "amenity_connections_open", toBe: 0)
                    try await release()
                }
                #expect(try await service.answers("parks.list"))
            }
        }
    }

    @Test("finishes the submission of a client that vanishes, and goes on")
    func vanishedWriter() async throws {
        try await withQueue { database, observer in
            try await withService(on: database) { service in
                try await holding("intake.request", of: database) { release in
                    let client = try WireClient(service.address)
                    try await client.send(
                        #"{"jsonrpc":"2.0","id":1,"method":"requests.submit","params":{"text":"A school"}}"#
                            + "\n" + #"{"jsonrpc":"2.0","id":2,"met"#
                    )
                    try await waitForBlocked(1, observer)
                    client.vanish()
                    try await service.wait(for: "amenity_connections_open", toBe: 0)
                    try await release()
                }
                try await observer.wait(
                    for: "exists (select from intake.request join queue.job on job.id = request.job)"
                )
                try await service.wait(for: "amenity_rpc_inflight", toBe: 0)
                #expect(try await service.answers("system.ping"))
            }
        }
    }
}
