import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue status`
struct QueueStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how many jobs wait, run and ended, what is paused, and who is at work."
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private static let states = ["scheduled", "ready", "running", "failed", "done", "dead", "cancelled"]

    func run() async throws {
        let status = try await database.withPool { pool in
            try await QueueInspector(pool: pool).status(until: .after(.seconds(30)))
        }
        guard !output.json else { return Terminal.print(status.text) }
        let value = try JSONValue(parsing: status.utf8)
        Terminal.print(Self.kinds(value).text)
        let tables = [Self.parks(value), Self.pauses(value), Self.workers(value)]
        for table in tables.compactMap({ $0 }) { Terminal.print("\n" + table.text) }
    }

    private static func kinds(_ status: JSONValue) -> TextTable {
        TextTable(
            headings: ["kind"] + states + ["oldest ready"],
            rows: status["kinds"].elements.map { kind in
                let oldest = kind["oldest_ready_s"].double.map { "\(Int($0.rounded())) s" } ?? ""
                return [kind["kind"].plain] + states.map { kind["states"][$0].int.map(String.init) ?? "0" } + [oldest]
            },
            rightAligned: Set(1...states.count + 1)
        )
    }

    private static func parks(_ status: JSONValue) -> TextTable? {
        let parks = status["parks"].elements
        guard !parks.isEmpty else { return nil }
        return TextTable(
            headings: ["park", "waiting", "running"],
            rows: parks.map { [$0["park"].plain, $0["waiting"].plain, $0["running"].plain] },
            rightAligned: [1, 2]
        )
    }

    private static func pauses(_ status: JSONValue) -> TextTable? {
        let pauses = status["paused"].elements
        guard !pauses.isEmpty else { return nil }
        return TextTable(
            headings: ["paused", "name", "since", "by", "reason"],
            rows: pauses.map { pause in
                [
                    pause["scope"].plain, pause["name"].plain, String(pause["since"].plain.prefix(19)),
                    pause["by"].plain, pause["reason"].plain.truncated(to: 60),
                ]
            }
        )
    }

    private static func workers(_ status: JSONValue) -> TextTable? {
        let workers = status["workers"].elements
        guard !workers.isEmpty else { return nil }
        return TextTable(
            headings: ["worker", "program", "host", "pid", "seen"],
            rows: workers.map { worker in
                [
                    worker["id"].plain, worker["program"].plain, worker["host"].plain, worker["pid"].plain,
                    worker["seen_at"].plain,
                ]
            },
            rightAligned: [0, 3]
        )
    }
}
