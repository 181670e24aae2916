import ArgumentParser

/// `amenity bench service`
struct BenchServiceCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Measure a running service: calls a second, and how long they wait.",
        discussion: """
            Every connection keeps as many calls under way as --pipeline says and sends a new one for each answer, all from \
            one thread, as redis-benchmark and pgbench do. The service must know the token, or be told not to limit this \
            machine, as ./dev up does; else its limits are what is measured.

            Examples:
              amenity bench service --connections 64 --pipeline 16
              amenity bench service --method amenities.search --params '{"park":"jx-jp","limit":5}'
            """
    )

    @OptionGroup var load: ServiceLoadOptions

    @Option(help: ArgumentHelp("The method to call.", valueName: "name"))
    var method = "system.ping"

    func run() async throws { try await load.run(method, default: [:]) }
}

/// `amenity bench lookup`
struct BenchLookupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lookup",
        abstract: "Measure look-ups of a running service; see also `bench service`."
    )

    @OptionGroup var load: ServiceLoadOptions

    @Option(help: ArgumentHelp("The method to call.", valueName: "name"))
    var method = "amenities.search"

    func run() async throws {
        try await load.run(method, default: method == "amenities.search" ? ["park": "jx-jp", "limit": 5] : [:])
    }
}

/// How to load a service.
struct ServiceLoadOptions: ParsableArguments {
    @Option(help: "Connections.")
    var connections = 8

    @Option(help: "Calls under way on each.")
    var pipeline = 1

    @Option(help: ArgumentHelp("Its params, as a JSON object.", valueName: "json"))
    var params: String?

    @Option(help: "How long to measure, after half a second to warm up.")
    var seconds = 5

    @OptionGroup var bench: BenchOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard [connections, pipeline, seconds].allSatisfy({ $0 > 0 }) else {
            throw ValidationError("every number must be above 0")
        }
    }

    func run(_ method: String, default fallback: JSONValue) async throws {
        try bench.requireOptimisedBuild()
        let load = ServiceLoad(
            address: try server.address(),
            connections: connections,
            pipeline: pipeline,
            method: method,
            params: try params.map(Self.parse) ?? fallback,
            token: try server.token(),
            warmUp: .milliseconds(500),
            time: .seconds(seconds)
        )
        let report = try await load.run()
        Terminal.print(output.json ? report.json.text : report.text)
    }

    private static func parse(_ text: String) throws -> JSONValue {
        let value: JSONValue
        do throws(JSONError) {
            value = try JSONValue(parsing: text.utf8)
        } catch {
            throw CommandFailure(.usage, "--params is not JSON: \(error).")
        }
        guard case .object = value else { throw CommandFailure(.usage, "--params has to be a JSON object.") }
        return value
    }
}
