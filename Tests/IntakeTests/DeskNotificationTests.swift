import Intake
import JobQueue
import Postgres
import TestSupport
import Testing

/// What workers hear of submissions.
@Suite("Workers", .needsServer, .timeLimit(.minutes(1)))
struct DeskNotificationTests {
    private func withDesk(
        _ body: (Desk, Notifier, ServerObserver, EventLog<String>) async throws -> Void
    ) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.hearing { heard in
                try await database.withPool { pool in
                    let notifier = Notifier(database.configuration)
                    try await body(Desk(pool: pool, notifier: notifier), notifier, observer, heard)
                }
            }
        }
    }

    private static func submit(to desk: Desk) async throws {
        _ = try await desk.submit(RequestDraft(text: "A school, please"), until: .after(.seconds(20)))
    }

    @Test("are told of a request once it is committed")
    func committed() async throws {
        try await withDesk { desk, notifier, observer, heard in
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await notifier.run() }
                try await Self.submit(to: desk)
                let word = try await heard.next()
                #expect(word == "request")
                group.cancelAll()
            }
        }
    }

    @Test("are not told of a request that was rolled back after its job was enqueued")
    func rolledBack() async throws {
        try await withDesk { desk, notifier, observer, heard in
            try await observer.execute(
                """
                create function public.refuse() returns trigger language plpgsql as $$
                    begin raise 'refused'; end
                $$;
                create trigger refuse before insert on intake.request for each row execute function public.refuse()
                """
            )
            await #expect(throws: IntakeError.self) { try await Self.submit(to: desk) }
            // Only now does the notifier begin, so whatever was marked is said together with this.
            notifier.mark("zz last")
            try await withThrowingDiscardingTaskGroup { group in
                group.addTask { await notifier.run() }
                let word = try await heard.next()
                #expect(word == "zz last")
                group.cancelAll()
            }
        }
    }
}
