import Access
import ArgumentParser
import Catalog
import Postgres

/// `amenity token create`
struct TokenCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token and print it.",
        discussion: "Only its hash is kept, so it is shown now and never again."
    )

    @Option(help: "investor, staff, analyst or admin.")
    var role: String

    @Option(help: "Whom it is for.")
    var name: String

    @Option(
        name: .customLong("park"),
        help: ArgumentHelp("A park that staff may curate; may be repeated.", valueName: "park")
    )
    var parks: [String] = []

    @Option(help: "Days until it expires; for ever without.")
    var days: Int?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard let role = Role(rawValue: role), role != .anonymous else {
            throw ValidationError("--role is investor, staff, analyst or admin")
        }
        guard !name.isEmpty else { throw ValidationError("--name may not be empty") }
        guard role == .staff || parks.isEmpty else { throw ValidationError("--park is for --role staff only") }
        if let days, !(1...36500).contains(days) { throw ValidationError("--days is a number from 1 to 36500") }
    }

    func run() async throws {
        guard let role = Role(rawValue: role) else { preconditionFailure("the role was validated") }
        let deadline = Deadline.after(.seconds(30))
        let token = try await database.withPool { pool in
            try await check(parks, in: pool, until: deadline)
            return try await Tokens(pool: pool).create(
                role: role,
                name: name,
                parks: parks,
                days: days,
                until: deadline
            )
        }
        let json: JSONValue = ["token": .string(token.text)]
        Terminal.print(output.json ? json.text : token.text)
    }

    /// A token for a park that does not exist would silently allow nothing.
    private func check(_ parks: [String], in pool: Pool, until deadline: Deadline) async throws {
        guard !parks.isEmpty else { return }
        let known = try await pool.execute(ParkIDs(), until: deadline)
        guard let unknown = parks.first(where: { !known.contains($0) }) else { return }
        throw CommandFailure(.notFound, "there is no park \(unknown). Known: \(known.joined(separator: ", ")).")
    }
}
