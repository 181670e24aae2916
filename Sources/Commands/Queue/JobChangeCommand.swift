import ArgumentParser
import JobQueue
import Postgres

/// What changes the state of one job.
protocol JobChange {
    var id: Int64 { get }
    var database: DatabaseOptions { get }
    var output: OutputOptions { get }

    /// The state that a job is in afterwards which was in this one.
    static func newState(after state: String) -> String

    /// Why a job in this state is left alone, and what to do.
    static func refusal(_ state: String) -> String

    func change(_ control: JobControl, until deadline: Deadline) async throws(PostgresError) -> JobControl.Outcome?
}

/// A command that does nothing else.
protocol JobChangeCommand: JobChange, AsyncParsableCommand {}

extension JobChange {
    func run() async throws {
        let outcome = try await database.withPool { pool in
            try await change(JobControl(pool: pool), until: .after(.seconds(30)))
        }
        guard let outcome else {
            throw CommandFailure(.notFound, "there is no job \(id): `amenity queue list` shows them.")
        }
        guard outcome.isChanged else {
            throw CommandFailure(.conflict, "job \(id) is \(outcome.state): \(Self.refusal(outcome.state))")
        }
        let newState = Self.newState(after: outcome.state)
        let json: JSONValue = ["id": .integer(id), "from": .string(outcome.state), "to": .string(newState)]
        Terminal.print(output.json ? json.text : "job \(id): \(outcome.state) -> \(newState)")
    }
}
