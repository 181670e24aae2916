import Foundation
import Postgres

/// A database of a bench's own, on the server that the user named, so that nothing real is ever touched.
struct ScratchDatabase {
    /// How to reach it.
    let configuration: PostgresConfiguration
    let name: String
    private let server: PostgresConfiguration

    private init(on server: PostgresConfiguration, name: String? = nil) {
        self.server = server
        self.name = name ?? "amenity_bench_" + UUID().uuidString.lowercased().filter { $0 != "-" }.prefix(12)
        var configuration = server
        configuration.database = name
        self.configuration = configuration
    }

    /// Lends a database with the whole schema and no rows; it is gone when the body has returned.
    static func with<Value>(
        on server: PostgresConfiguration,
        _ body: (ScratchDatabase) async throws -> Value
    ) async throws -> Value {
        let scratch = ScratchDatabase(on: server)
        try await scratch.create()
        let value: Value
        do {
            _ = try await Migrator(scratch.configuration).migrate { _ in }
            value = try await body(scratch)
        } catch {
            try? await scratch.drop()
            throw error
        }
        try await scratch.drop()
        return value
    }

    /// Lends a database that stays: the one of this name that a body has filled before, else a new one.
    ///
    /// - Parameter body: also told whether the database is filled; what it leaves when it throws is dropped.
    static func keeping<Value>(
        _ name: String,
        on server: PostgresConfiguration,
        _ body: (ScratchDatabase, Bool) async throws -> Value
    ) async throws -> Value {
        let scratch = ScratchDatabase(on: server, name: "amenity_bench_" + name)
        let session = try await ScriptSession.open(server)
        let known = try await session.execute("select from pg_database where datname = '\(scratch.name)'")
        session.close()
        guard known.isEmpty else { return try await body(scratch, true) }
        try await scratch.create()
        do {
            _ = try await Migrator(scratch.configuration).migrate { _ in }
            return try await body(scratch, false)
        } catch {
            try? await scratch.drop()
            throw error
        }
    }

    private func create() async throws {
        do {
            // From template1, which has the extensions where the user may not create them.
            try await execute("create database \(name)")
        } catch let error as PostgresError where error.sqlState == .insufficientPrivilege {
            throw CommandFailure(
                .notAllowed,
                "the bench makes a database of its own and drops it afterwards, which the database's user may not do: "
                    + "name one with CREATEDB, or another server."
            )
        }
    }

    /// Also ends the sessions of workers that did not stop.
    private func drop() async throws { try await execute("drop database if exists \(name) with (force)") }

    private func execute(_ command: String) async throws {
        let session = try await ScriptSession.open(server)
        defer { session.close() }
        try await session.execute(command)
    }
}
