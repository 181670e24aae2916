package import Postgres

/// A plain session through which a test looks at the server, kills sessions, and waits for what they do.
package struct ServerObserver: Sendable {
    private let session: ScriptSession

    package init(_ configuration: PostgresConfiguration) async throws {
        session = try await ScriptSession.open(configuration)
    }

    /// Runs a script and returns the last statement's rows.
    @discardableResult
    package func execute(_ script: String) async throws -> [[String?]] { try await session.execute(script) }

    /// The first column of the first row.
    package func value(_ query: String) async throws -> String? { try await session.execute(query).first?.first ?? nil }

    /// Asks the server again and again, a hundredth of a second apart on its clock, until the condition holds.
    package func wait(for condition: String) async throws {
        for _ in 0..<3000 {
            if try await value("SELECT (\(condition))") == "t" { return }
            try await execute("SELECT pg_sleep(0.01)")
            try Task.checkCancellation()
        }
        throw TestSupportError("the server never came to: \(condition)")
    }

    /// Waits until the session is running a statement whose text contains the words.
    package func waitUntilRunning(_ words: String, processID: Int32? = nil) async throws {
        let whose = processID.map { "pid = \($0)" } ?? "pid <> pg_backend_pid() AND datname = current_database()"
        try await wait(
            for: "EXISTS (SELECT FROM pg_stat_activity WHERE \(whose) AND state = 'active' AND query LIKE '%\(words)%')"
        )
    }

    /// Ends a session and waits until its process is gone.
    package func kill(_ processID: Int32) async throws {
        try await execute("SELECT pg_terminate_backend(\(processID))")
        try await wait(for: "NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = \(processID))")
    }

    package func close() { session.close() }
}
