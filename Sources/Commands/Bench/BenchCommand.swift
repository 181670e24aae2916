import ArgumentParser

/// `amenity bench`
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast a part of the directory is on this machine.",
        subcommands: [
            BenchCatalogueCommand.self, BenchDriverCommand.self, BenchLookupCommand.self, BenchQueueCommand.self,
            BenchQueueWorkerCommand.self, BenchServiceCommand.self,
        ]
    )
}

/// The options of every bench.
struct BenchOptions: ParsableArguments {
    @Flag(help: "Measure a debug build all the same. The figures say nothing about a release.")
    var allowDebug = false

    /// Refuses to print figures that would be quoted one day.
    func requireOptimisedBuild() throws {
        #if DEBUG
            guard allowDebug else {
                throw CommandFailure(
                    .usage,
                    "this is a debug build, whose figures say nothing: build with `swift build -c release`, "
                        + "or add --allow-debug."
                )
            }
        #endif
    }
}
