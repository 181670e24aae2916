import Commands
import TestSupport

/// A service that serves.
struct LiveService: Sendable {
    let program: RunningProgram
    /// Where it answers JSON-RPC.
    let address: String
    let admin: String

    /// Waits until the program listens.
    init(_ program: RunningProgram, within limit: Duration = .seconds(20)) async throws {
        self.program = program
        admin = try await program.event("admin listening", within: limit).event["address"].string ?? ""
        address = try await program.event("listening", within: limit).event["address"].string ?? ""
    }

    /// Whether a new client gets a result.
    func answers(_ method: String, _ params: JSONValue = [:]) async throws -> Bool {
        try await withClient(address) { client in try await client.call(method, params).isResult }
    }

    /// A number of `/metrics`.
    func metric(_ name: String) async throws -> Int {
        let lines = try await adminGet("/metrics", of: admin).body.split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix(name + " ") }) else { return 0 }
        return line.split(separator: " ").last.flatMap { Int($0) } ?? 0
    }

    /// Looks again and again until the number is there; each look is a round trip, and the test's time limit bounds it.
    func wait(for name: String, toBe value: Int) async throws {
        while try await metric(name) != value { try Task.checkCancellation() }
    }
}

/// The switches of every program: ports of the system's choice.
func switches(_ database: TestDatabase, _ more: [String] = []) -> [String] {
    ["--database", database.conninfo.text, "--admin-listen", "127.0.0.1:0"] + more
}

/// Lends a service that answers.
///
/// - Parameter more: switches beside. No rates apply to the tests, which all come from one address.
func withService<Value>(
    on database: TestDatabase,
    _ more: [String] = ["--limits-exempt", "127.0.0.0/8"],
    _ body: (LiveService) async throws -> Value
) async throws -> Value {
    try await withProgram("amenityd", switches(database, ["--listen", "127.0.0.1:0"] + more)) { program in
        try await body(LiveService(program))
    }
}

/// Lends a worker that has announced itself.
func withWorker<Value>(
    _ name: String,
    on database: TestDatabase,
    concurrency: Int = 4,
    _ body: (RunningProgram) async throws -> Value
) async throws -> Value {
    try await withProgram(name, switches(database, ["--concurrency", "\(concurrency)"])) { program in
        try await program.event("registered")
        return try await body(program)
    }
}

/// Runs a program to its end.
func run(
    _ name: String,
    _ arguments: [String],
    environment: [String: String] = [:]
) async throws -> (ending: ChildProcess.Ending, output: [String], errors: [String]) {
    try await withProgram(name, arguments, environment: environment) { program in
        let ending = try await program.ended()
        return (ending, program.output.lines, program.log.lines)
    }
}

/// Lends a database with the schema, and nobody else on it.
func withQueue<Value>(_ body: (TestDatabase, ServerObserver) async throws -> Value) async throws -> Value {
    try await withDatabase { database in
        try await database.migrate()
        let observer = try await database.observer()
        defer { observer.close() }
        return try await body(database, observer)
    }
}
