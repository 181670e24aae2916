import Postgres
import TestSupport
import Testing

@testable import JobQueue

/// Time zones as the database knows them.
@Suite("A time zone", .needsServer, .migratedDatabase, .timeLimit(.minutes(1)))
struct ZoneTests {
    private func offsets(_ zone: String, from start: Int, until end: Int) async throws -> ZoneOffsets {
        try await TestDatabase.required().withPool { pool in
            try await pool.withSession(until: .after(.seconds(30))) { session in
                try await session.offsets(of: zone, from: start, until: end)
            }
        }
    }

    @Test(
        "of the database jumps when and as far as its published rules say",
        arguments: [
            TimetableTests.berlin, TimetableTests.newYork, TimetableTests.lordHowe, TimetableTests.shanghai,
            TimetableTests.apia,
        ]
    )
    func jumps(zone: TimetableTests.Zone) async throws {
        let jumps = zone.offsets.spans.compactMap(\.start)
        // All of 2026, or the days around a jump long ago.
        let start = min(1_767_225_600, (jumps.first ?? .max) - 10 * 86_400)
        let found = try await offsets(zone.name, from: start, until: (jumps.last ?? start) + 10 * 86_400)
        #expect(found.spans[0].offset == zone.offsets.spans[0].offset)
        for (span, expected) in zip(found.spans.dropFirst(), zone.offsets.spans.dropFirst()) {
            #expect(span.start == expected.start && span.offset == expected.offset)
            #expect(span.offsetBefore == expected.offsetBefore)
        }
        #expect(found.spans.count >= zone.offsets.spans.count)
    }

    @Test("without summer time does not jump")
    func shanghai() async throws {
        #expect(try await offsets("Asia/Shanghai", from: 1_767_225_600, until: 1_800_000_000).spans.count == 1)
    }

    @Test(
        "is found as the database spells it",
        arguments: [
            ("europe/BERLIN", "Europe/Berlin"), ("utc", "UTC"), ("Asia/Shanghai", "Asia/Shanghai"),
            ("Etc/GMT+5", "Etc/GMT+5"),
        ]
    )
    func spelling(text: String, name: String) async throws {
        let zone = try await TestDatabase.required().withPool { pool in
            try await pool.execute(FindZone(zone: text), until: .after(.seconds(30)))
        }
        #expect(zone.name == name)
    }

    /// What PostgreSQL would take for a zone, without summer time, is refused as well.
    @Test(
        "that is none is refused",
        arguments: ["Europe/Berlim", "", "CEST", "FOO+5", "+02:00", "posix/Europe/Berlin", "Factory"]
    )
    func unknown(text: String) async throws {
        try await TestDatabase.required().withPool { pool in
            var change = ScheduleControl.Change(name: "a")
            change.cron = try CronExpression("@daily")
            change.kind = "kind"
            change.zone = text
            await #expect(throws: ScheduleError.unknownZone(text, similar: [])) {
                try await ScheduleControl(pool: pool).set(change)
            }
        }
    }

    @Test("that is called by its city alone is guessed")
    func similar() async throws {
        let zone = try await TestDatabase.required().withPool { pool in
            try await pool.execute(FindZone(zone: "new york"), until: .after(.seconds(30)))
        }
        #expect(zone.name == nil && zone.similar == ["America/New_York"])
        let error = ScheduleError.unknownZone("new york", similar: zone.similar)
        #expect(error.description.hasSuffix("did you mean America/New_York?"))
    }
}
