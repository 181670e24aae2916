import ArgumentParser

/// `amenity tail`
struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Show what happens as it happens.",
        discussion: """
            A lost connection is made anew, and what happened meanwhile is shown then. Ctrl-C ends it.
            Examples:
              amenity tail amenity.changed
              amenity tail request.updated --of 7c9e6679-7425-40de-944b-e07fc1f90ae7:SECRET
              amenity tail job.finished --since 4711 --json
            """
    )

    @Argument(
        help: ArgumentHelp("amenity.changed, request.updated, feedback.updated or job.finished.", valueName: "topic")
    )
    var topics: [String]

    @Option(help: ArgumentHelp("Also what came after this event.", valueName: "seq"))
    var since: Int?

    @Option(help: ArgumentHelp("A request or feedback to follow; may be repeated.", valueName: "id:secret"))
    var of: [String] = []

    @Option(help: ArgumentHelp("End after so many events.", valueName: "number"))
    var count: Int?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard count ?? 1 > 0 else { throw ValidationError("--count is a number from 1") }
        guard of.allSatisfy({ $0.split(separator: ":").count == 2 }) else {
            throw ValidationError("--of is the id and the secret of a receipt, as id:secret")
        }
    }

    func run() async throws {
        var position = since
        var left = count ?? .max
        var pause = Duration.zero
        while left > 0 {
            let client = try await connect(isFirst: pause == .zero)
            pause = .seconds(1)
            do {
                let opened = try await client?.call("subscriptions.open", params(since: position))
                position = position ?? opened?["seq"].int
                while left > 0, let event = try await client?.notification() {
                    show(event)
                    // A gap has no number of its own: what follows it has.
                    if let seq = event["params"]["seq"].int { (position, left) = (seq, left - 1) }
                }
            } catch let failure as CommandFailure where failure.status == .busy {
                Terminal.note("amenity: \(failure.description)")
            }
            if left > 0 { try await Task.sleep(for: pause) }
        }
    }

    /// A connection; one that can't be made again is tried later.
    private func connect(isFirst: Bool) async throws -> Client? {
        do {
            return try await server.connect()
        } catch let failure as CommandFailure where failure.status == .busy && !isFirst {
            return nil
        }
    }

    private func params(since: Int?) -> JSONValue {
        var params = JSONObject()
        params.add("topics", topics)
        params.add("since", since)
        let followed = of.map { text -> JSONValue in
            let parts = text.split(separator: ":").map(String.init)
            return ["id": .string(parts[0]), "secret": .string(parts[1])]
        }
        params.add("of", followed.isEmpty ? nil : JSONValue.array(followed))
        return params.json
    }

    private func show(_ event: JSONValue) {
        guard !output.json else { return Terminal.print(event.text) }
        guard case .object(let members) = event["params"] else { return }
        let rest = members.filter { !["sub", "seq", "at"].contains($0.name) }.map { "\($0.name)=\($0.value.plain)" }
        let words = [event["params"]["seq"].plain, event["params"]["at"].plain, event["method"].plain] + rest
        Terminal.print(words.filter { !$0.isEmpty }.joined(separator: " "))
    }
}
