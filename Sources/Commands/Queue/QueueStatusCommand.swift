import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue status`
struct QueueStatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract:
            "Show how many jobs wait, run and ended, what is paused and capped, who is at work, and what is wrong.",
        discussion: """
            A line that begins with "warning:" says what stands in the queue's way and what to do: a kind of which jobs wait \
            and that no worker handles, or somebody's old transaction, because of which finished jobs can't be cleaned up.
            """
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private static let states = JobState.allCases.map(\.rawValue)

    func run() async throws {
        let status = try await database.withPool { pool in
            try await QueueInspector(pool: pool).status(tellsQueries: true, until: .after(.seconds(30)))
        }
        guard !output.json else { return Terminal.print(status.text) }
        let value = try JSONValue(parsing: status.utf8)
        let conditions = QueueConditions(json: value)
        Terminal.print(Self.kinds(value).text)
        for warning in conditions.warnings(unhandled: Self.unhandled(value)) { Terminal.print(Terminal.bold(warning)) }
        let tables = [
            Self.parks(value), conditions.pauses, conditions.caps, conditions.workers(), conditions.generations,
        ]
        for table in tables.compactMap({ $0 }) { Terminal.print("\n" + table.text) }
    }

    private static func kinds(_ status: JSONValue) -> TextTable {
        TextTable(
            headings: ["kind"] + states + ["oldest ready", "workers"],
            rows: status["kinds"].elements.map { kind in
                let oldest = kind["oldest_ready_s"].double?.ageText ?? ""
                return [kind["kind"].plain] + states.map { kind["states"][$0].int.map(String.init) ?? "0" }
                    + [oldest, kind["workers"].plain]
            },
            rightAligned: Set(1...states.count + 2)
        )
    }

    /// The kinds of which jobs wait and that no worker handles.
    private static func unhandled(_ status: JSONValue) -> [(kind: String, waiting: String)] {
        status["kinds"].elements.compactMap { kind in
            let waiting = ["scheduled", "ready", "failed"].reduce(0) { $0 + (kind["states"][$1].int ?? 0) }
            return waiting > 0 && kind["workers"].int == 0 ? (kind["kind"].plain, waiting.grouped) : nil
        }
    }

    private static func parks(_ status: JSONValue) -> TextTable? {
        let parks = status["parks"].elements
        guard !parks.isEmpty else { return nil }
        return TextTable(
            headings: ["park", "waiting", "running", "oldest ready"],
            rows: parks.map { park in
                let oldest = park["oldest_ready_s"].double?.ageText ?? ""
                return [park["park"].plain, park["waiting"].plain, park["running"].plain, oldest]
            },
            rightAligned: [1, 2, 3]
        )
    }
}
