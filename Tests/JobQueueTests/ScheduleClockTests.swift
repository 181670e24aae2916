import Postgres
import TestSupport
import Testing

@testable import JobQueue

@Suite("The schedule, where clocks jump", .needsServer, .timeLimit(.minutes(2)))
struct ScheduleClockTests {
    @Test("fires nothing again when the clock goes back")
    func clockGoesBack() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            try await stage.set("a", "*/10 * * * *", backfill: 5)
            try await stage.fire(at: "2026-01-01 01:00:00Z")
            let fired = try await stage.dueTimes("a")
            #expect(fired.count == 3)
            for clock in ["00:00:00", "00:40:00", "00:50:00", "01:00:00", "01:09:59"] {
                try await stage.fire(at: "2026-01-01 \(clock)Z")
            }
            #expect(try await stage.dueTimes("a") == fired)
            // Nor when an operator gives it a new line meanwhile.
            try await stage.set(clock: "2026-01-01 00:45:00Z")
            try await stage.set("a", "*/5 * * * *")
            try await stage.fire(at: "2026-01-01 01:09:00Z")
            let times = ["00:40", "00:50", "01:00", "00:55", "01:05"]
            #expect(try await stage.dueTimes("a") == times.map { "2026-01-01T\($0):00Z" })
        }
    }

    @Test("goes on when a clock that was years ahead is set right")
    func clockWasWrong() async throws {
        try await withScheduleStage(clock: "2026-01-01 00:30:00Z") { stage in
            try await stage.set("a", "@hourly")
            try await stage.fire(at: "2030-06-01 00:00:00Z")
            #expect(try await stage.dueTimes("a") == ["2030-06-01T00:00:00Z"])
            try await stage.fire(at: "2026-01-01 00:45:00Z")
            try await stage.fire(at: "2026-01-01 01:00:00Z")
            #expect(try await stage.dueTimes("a") == ["2030-06-01T00:00:00Z", "2026-01-01T01:00:00Z"])
        }
    }

    @Test("fires at the right instants when summer time begins and ends")
    func summerTime() async throws {
        try await withScheduleStage(clock: "2026-03-28 12:00:00Z") { stage in
            try await stage.set("a", "30 2 * * *", zone: "Europe/Berlin", backfill: 10)
            try await stage.fire(at: "2026-03-29 00:59:59Z")
            #expect(try await stage.dueTimes("a") == [])
            try await stage.fire(at: "2026-03-29 01:00:00Z")
            #expect(try await stage.column("next_due_at", of: "a") == "2026-03-30 00:30:00+00")
            try await stage.set("b", "30 2 * * *", zone: "Europe/Berlin", backfill: 10)
            try await stage.set(clock: "2026-10-24 12:00:00Z")
            try await stage.set("b", "31 2 * * *")
            for clock in ["00:31:00", "01:31:00", "02:00:00"] { try await stage.fire(at: "2026-10-25 \(clock)Z") }
            try await stage.fire(at: "2026-10-26 01:31:00Z")
            #expect(try await stage.dueTimes("b") == ["2026-10-25T00:31:00Z", "2026-10-26T01:31:00Z"])
            #expect(try await stage.dueTimes("a").first == "2026-03-29T01:00:00Z")
        }
    }

    @Test("notices within a day when the rules of a zone have changed")
    func changedRules() async throws {
        try await withScheduleStage(clock: "2026-03-01 12:00:00Z") { stage in
            try await stage.set("a", "0 12 1 * *", zone: "Europe/Berlin")
            // As by rules without summer time.
            try await stage.observer.execute("update queue.schedule set next_due_at = '2026-04-01 11:00:00Z'")
            try await stage.fire(at: "2026-03-02 12:00:00Z")
            #expect(try await stage.column("next_due_at", of: "a") == "2026-04-01 10:00:00+00")
            #expect(try await stage.dueTimes("a") == [])
        }
    }
}
