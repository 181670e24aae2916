import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue cap`
struct QueueCapCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cap",
        abstract: "Limit how many jobs of a kind or a park run at once, or how many start in a second.",
        discussion: """
            The cap holds exactly, over all workers, from the moment the command returns; jobs that run already go on. It \
            replaces the cap that was there: name both numbers to have both. `amenity queue uncap` lifts it, and \
            `amenity queue status` lists what is capped. A kind or park without jobs can be capped before they come.
            """
    )

    @OptionGroup var what: JobGroupOptions

    @Option(help: ArgumentHelp("How many may run at once.", valueName: "jobs"))
    var running: Int?

    @Option(
        help: ArgumentHelp("How many may start in a second, on average; 0.1 is one in ten seconds.", valueName: "jobs")
    )
    var rate: Double?

    @Option(
        help: ArgumentHelp("How many may start at once after a quiet time (the rate, rounded up).", valueName: "jobs")
    )
    var burst: Int?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private static let counts = 1...1_000_000
    private static let rates = 0.000_01...1_000_000

    func validate() throws {
        if running == nil, rate == nil { throw ValidationError("say how many: --running JOBS, --rate JOBS or both") }
        if let running, !Self.counts.contains(running) {
            throw ValidationError("--running is a number from 1 to \(Self.counts.upperBound); to stop all, pause")
        }
        if let rate, !Self.rates.contains(rate) {
            throw ValidationError("--rate is a number from 0.00001 to \(Self.counts.upperBound); to stop all, pause")
        }
        guard let burst else { return }
        guard rate != nil else { throw ValidationError("--burst says how a --rate is counted, and there is none") }
        guard Self.counts.contains(burst) else {
            throw ValidationError("--burst is a number from 1 to \(Self.counts.upperBound)")
        }
    }

    func run() async throws {
        let (target, cap) = (what.target, Cap(running: running, rate: rate, burst: burst))
        let census = try await database.withPool { pool in
            try await CapControl(pool: pool).set(target, to: cap)
            return try await PauseControl(pool: pool).census(of: target)
        }
        if output.json {
            let json: JSONValue = [
                "scope": .string(target.scope.rawValue), "name": .string(target.name), "capped": true,
                "running": cap.running.map { .integer($0) } ?? .null, "rate": cap.rate.map { .fraction($0) } ?? .null,
                "burst": cap.rate == nil ? .null : .integer(cap.burst),
                "running_now": .integer(census.running), "known": .boolean(census.isKnown),
            ]
            Terminal.print(json.text)
        } else {
            Terminal.print("\(target.words): \(cap.words); \(census.running) running now")
        }
        target.noteIfUnknown(census)
    }
}

extension Cap {
    /// As it is told to an operator.
    fileprivate var words: String {
        var words: [String] = []
        if let running { words.append("at most \(running) at once") }
        if let rate { words.append("at most \(rate.shortText) a second, up to \(burst) of them together") }
        return words.joined(separator: ", and ")
    }
}
