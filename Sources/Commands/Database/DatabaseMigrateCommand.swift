import ArgumentParser

/// `amenity db migrate`
struct DatabaseMigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Apply the migrations that the database lacks.",
        discussion: """
            Each file is one transaction: after a failure, the files before it stay and the command can be run again.
            """
    )

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func run() async throws {
        let isJSON = output.json
        let applied = try await Migrator(try database.configuration()).migrate { event in
            switch event {
            case .waitsForAnother: Terminal.note("Another migrator is at work; waiting for it.")
            case .applied(let migration): if !isJSON { Terminal.print("applied \(migration.name)") }
            }
        }
        if isJSON {
            Terminal.print((["applied": .array(applied.map { .string($0.name) })] as JSONValue).text)
        } else if applied.isEmpty {
            Terminal.print("up to date: \(Migration.all.last?.name ?? "no migrations")")
        }
    }
}
