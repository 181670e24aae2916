import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue show`
struct QueueShowCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract:
            "Show all that is known of one job; of one that waits also why, its place in line and when it should start.",
        discussion: """
            The place is among the jobs of its kind and park. The expected start goes by how many jobs the workers of its \
            kind have ended lately; it is missing where there is no telling.
            """
    )

    @Argument(help: "The job's id.")
    var id: Int64

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let job = try await database.withPool { pool in
            try await QueueInspector(pool: pool).job(id, until: .after(.seconds(30)))
        }
        guard let job else {
            throw CommandFailure(.notFound, "there is no job \(id): `amenity queue list` shows them.")
        }
        Terminal.print(output.json ? job.text : Self.sheet(of: try JSONValue(parsing: job.utf8)).text)
    }

    private static func sheet(of job: JSONValue) -> FactSheet {
        var sheet = FactSheet()
        sheet.add("job", job["id"].plain)
        for name in ["kind", "park", "state"] { sheet.add(name, job[name].plain) }
        sheet.add("waits because", job["reason"].plain)
        sheet.add("place", place(of: job))
        sheet.add("expected", job["expected_at"].time)
        sheet.add("attempts", "\(job["attempt"].plain) failed, \(job["crashes"].plain) ended with their process")
        sheet.add("priority", job["priority"].plain)
        sheet.add("unique key", job["unique_key"].plain)
        for (label, name) in [
            ("enqueued", "enqueued_at"), ("due", "run_at"), ("started", "started_at"), ("finished", "finished_at"),
        ] { sheet.add(label, job[name].time) }
        sheet.add("worker", job["worker"].plain)
        sheet.add("put in by", job["origin"].plain)
        sheet.add("last error", job["last_error"].plain.split(separator: "\n").map(String.init))
        sheet.add("payload", job["payload"].isNull ? "" : job["payload"].text)
        sheet.add("result", job["result"].isNull ? "" : job["result"].text)
        return sheet
    }

    private static func place(of job: JSONValue) -> String {
        guard let position = job["position"].int else { return "" }
        let line = job["park"].string.map { "of its kind in \($0)" } ?? "of its kind without a park"
        return position == 1 ? "next \(line)" : "\(position.grouped) among those \(line)"
    }
}
