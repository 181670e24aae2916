import Postgres
import TestSupport
import Testing

@Suite("The freshness of facts", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct FreshnessTests {
    private func ask(_ sql: String) async throws -> [[String?]] {
        let session = try await ScriptSession.open(TestDatabase.required().configuration)
        defer { session.close() }
        return try await session.execute(sql)
    }

    @Test(
        "follows from the last confirmation, reports and vain attempts since, and the kind of fact",
        arguments: [
            // Phone and hours of a hospital hold 90 days, and are overdue after 45 more.
            ("phone", "health.hospital", "null", "'2026-08-27'", "null", "null", "confirmed"),
            ("phone", "health.hospital", "null", "'2026-08-25'", "null", "null", "due"),
            ("hours", "food.restaurant", "null", "'2026-07-10'", "null", "null", "overdue"),
            // Those of others half a year.
            ("phone", "edu.intl", "null", "'2026-06-01'", "null", "null", "confirmed"),
            ("languages", "health.clinic", "null", "'2026-06-01'", "null", "null", "confirmed"),
            ("insurance", "health.clinic", "null", "'2026-06-01'", "null", "null", "overdue"),
            ("existence", "food.restaurant", "null", "'2025-12-01'", "null", "null", "confirmed"),
            // Rules of admission run to the next 1 March or 1 September.
            ("admission", "edu.intl", "null", "'2026-09-02'", "null", "null", "confirmed"),
            ("admission", "edu.intl", "null", "'2026-08-30'", "null", "null", "due"),
            ("admission", "edu.intl", "null", "'2026-02-27'", "null", "null", "overdue"),
            // Never confirmed: the date of the fact is no confirmation.
            ("existence", "health.hospital", "'2026'", "null", "null", "null", "due"),
            ("existence", "health.hospital", "'2025-11-24'", "null", "null", "null", "due"),
            ("existence", "health.hospital", "'2020-01-22'", "null", "null", "null", "overdue"),
            ("existence", "health.hospital", "null", "null", "null", "null", "overdue"),
            // Reported since; reported and confirmed since then.
            ("phone", "health.hospital", "null", "'2026-11-01'", "'2026-11-20'", "null", "reported"),
            ("phone", "health.hospital", "'2026'", "null", "'2026-11-20'", "null", "reported"),
            ("phone", "health.hospital", "null", "'2026-11-21'", "'2026-11-20'", "null", "confirmed"),
            // Nobody answered since: due at once.
            ("phone", "health.hospital", "null", "'2026-11-01'", "null", "'2026-11-20'", "due"),
            ("phone", "health.hospital", "null", "'2026-11-21'", "null", "'2026-11-20'", "confirmed"),
        ]
    )
    func rule(
        group: String,
        category: String,
        asOf: String,
        confirmed: String,
        reported: String,
        failed: String,
        state: String
    ) async throws {
        let found = try await ask(
            """
            select catalog.freshness_state('\(group)', '\(category)', \(asOf), \(confirmed), \(reported), \(failed), \
            '2026-11-24')
            """
        )
        #expect(found == [[state]])
    }

    @Test("an import confirms nothing, a check does, and a report shows until the next check")
    func checks() async throws {
        let slug = "shanghai-japanese-school-pudong"
        func state() async throws -> [String?] {
            try await ask(
                """
                select verified ->> 'state', verified ->> 'method' from catalog.amenity join catalog.verified on amenity = id where slug = '\(slug)'
                """
            )[0]
        }
        func record(_ group: String, _ method: String, _ result: String) async throws {
            _ = try await ask(
                """
                insert into catalog.field_check (amenity, field_group, method, result)
                select id, '\(group)', '\(method)', '\(result)' from catalog.amenity where slug = '\(slug)'
                """
            )
        }
        func groups() async throws -> [[String?]] {
            try await ask(
                """
                select field_group, state from catalog.freshness join catalog.amenity on id = amenity
                where slug = '\(slug)' order by field_group
                """
            )
        }
        #expect(try await state() == ["overdue", nil])
        #expect(try await groups().map { $0[0] } == ["admission", "existence", "languages", "phone"])
        // A call that confirms the phone also proves that the place exists, and nothing of its languages.
        try await record("phone", "phone", "confirmed")
        #expect(try await state() == ["confirmed", "phone"])
        #expect(
            try await groups().map { $0[1] } == ["overdue", "confirmed", "overdue", "confirmed"]
        )
        try await record("languages", "user_report", "wrong")
        #expect(try await state() == ["reported", "phone"])
        try await record("languages", "site_visit", "changed")
        #expect(try await state() == ["confirmed", "site_visit"])
    }

    @Test("a row that is written anew is no fresher")
    func updatedAt() async throws {
        let slug = "hangzhou-japanese-school"
        let before = try await ask(
            "select state from catalog.freshness join catalog.amenity on id = amenity where slug = '\(slug)'"
        )
        _ = try await ask("update catalog.amenity set updated_at = clock_timestamp() where slug = '\(slug)'")
        let after = try await ask(
            "select state from catalog.freshness join catalog.amenity on id = amenity where slug = '\(slug)'"
        )
        #expect(before == after && !before.isEmpty)
    }
}
