/// A guided conversation with a running service: what is asked, what is really sent, and what the answer means.
///
/// It stops at the first surprise, so that a demonstration that ends well has shown that everything works.
struct Tour {
    private let client: Client
    private let server: ServerAddress

    /// How long the workers may take for one job.
    private static let patience = Duration.seconds(30)
    private static let pause = Duration.milliseconds(200)

    init(client: Client, server: ServerAddress) {
        self.client = client
        self.server = server
    }

    /// Plays every scene.
    func play() async throws {
        Terminal.print("A conversation with the Amenity Directory at \(server), one JSON message a line.")
        try await showParks()
        let hospital = try await searchInEnglish()
        try await searchInJapanese()
        try await showRecord(of: hospital)
        try await askForDentist()
        try await correctPhone(of: hospital)
        try await reportGaps()
        showTheWay(hospital)
    }

    // MARK: Telling

    /// Begins a scene.
    func scene(_ title: String, _ story: String) {
        Terminal.print("\n\(Terminal.bold(title))\n\(story)")
    }

    /// Says what an answer means, indented under what was asked.
    func tell(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        Terminal.print(lines.map { "   \($0)" }.joined(separator: "\n"))
    }

    /// Sends a call, showing the line without a token and shortened to a screen's width.
    func ask(_ method: String, _ params: JSONValue) async throws -> JSONValue {
        Terminal.print(Terminal.dim("-> " + Client.request(method, params).text.truncated(to: 150)))
        return try await client.call(method, params)
    }

    /// Asks quietly until the answer has one of these states.
    func wait(for states: Set<String>, _ method: String, _ params: JSONValue) async throws -> JSONValue {
        Terminal.print(Terminal.dim("-> " + Client.request(method, params).text.truncated(to: 150)))
        let end = ContinuousClock.now + Self.patience
        while true {
            let answer = try await client.call(method, params)
            let state = answer["status"].plain
            if states.contains(state) { return answer }
            guard ["received", "understood"].contains(state) else {
                throw surprise("expected \(states.sorted().joined(separator: " or ")), but the status is \(state)")
            }
            guard ContinuousClock.now < end else {
                throw surprise(
                    "after \(Self.patience) the status is still \(state). Do the workers run? "
                        + "`amenity queue status` tells"
                )
            }
            try await Task.sleep(for: Self.pause)
        }
    }

    /// The value, or the end of the tour.
    func require<Value>(_ value: Value?, _ what: String) throws -> Value {
        guard let value else { throw surprise(what) }
        return value
    }

    func surprise(_ what: String) -> CommandFailure { CommandFailure(.failed, "the tour stops here: \(what).") }

    private func showTheWay(_ hospital: String) {
        scene("How to go on", "With the settings of .amenity/env in the environment:")
        tell(
            """
            amenity park list
            amenity search --park jx-jp --lang ja 病院
            amenity get \(hospital)
            amenity request submit --park jx-de "English-speaking paediatrician"
            amenity report gaps --park jx-de --format csv
            amenity queue status
            amenity call system.info
            """
        )
    }
}
