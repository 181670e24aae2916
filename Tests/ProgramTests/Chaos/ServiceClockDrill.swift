import Access
import Commands
import Glibc
import Postgres
import TestSupport
import Testing

/// A wall clock that jumps under a service that runs.
@Suite("A service whose clock jumps", .needsPrograms, .drillLimit)
struct ServiceClockDrill {
    @Test(
        "a day forth and back keeps deadlines, connections, rates and tokens as they are",
        .enabled(if: BentClock.isAvailable, "no clang on PATH")
    )
    func jumps() async throws {
        let drill = Drill("S15")
        var jumps = 0
        try await withQueue { database, observer in
            let token = try await database.withPool { pool in
                try await Tokens(pool: pool).create(
                    Grant(role: .analyst),
                    name: "desk",
                    life: 3600,
                    until: .after(.seconds(30))
                ).token.text
            }
            try await withBentClock { clock in
                let arguments = switches(database, ["--listen", "127.0.0.1:0"])
                try await withProgram("amenityd", arguments, environment: clock.environment) { program in
                    let service = try await LiveService(program)
                    let client = try WireClient(service.address)
                    defer { client.close() }
                    #expect(try await client.call("auth.login", ["token": .string(token)]).isResult)
                    for _ in 0..<Drill.rounds(1, long: 20) {
                        for days in [1, -1, 0] {
                            try clock.run(ahead: days * 86_400)
                            jumps += 1
                            try await expectOrder(service, client, observer)
                            let lines = try program.events("call")
                            try expectBent(days * 86_400, try #require(lines.last))
                        }
                    }
                    program.send(SIGTERM)
                    #expect(try await program.ended() == .exit(0))
                }
            }
        }
        drill.report(["jumps": jumps])
    }

    private func expectOrder(_ service: LiveService, _ client: WireClient, _ observer: ServerObserver) async throws {
        #expect(try await client.call("auth.whoami").result?["role"].string == "analyst")
        #expect(try await service.answers("parks.list"))
        // Not at once, and not in a day.
        let request: JSONValue = ["text": "A dentist", "_meta": ["deadline_ms": 500]]
        #expect(try await client.call("requests.submit", request).isResult)
        try await observer.execute("begin; lock table intake.request in access exclusive mode")
        #expect(try await client.call("requests.submit", request).code == -32005)
        try await observer.execute("rollback")
        #expect(try await client.call("requests.submit", request).isResult)
    }
}
