import Commands
import Synchronization
import TestSupport

/// Clients that search and submit without a pause, and what became of their calls.
final class Load: Sendable {
    struct Counts: Sendable {
        var results = 0
        var unavailable = 0
        /// Submissions lost in their commit: nobody knows whether they are there.
        var unknown = 0
    }

    private struct State {
        var counts = Counts()
        var acknowledged: [String] = []
        var unexpected: [String] = []
    }

    private let address: String
    private let state = Mutex(State())
    private let isOver = Flag()
    /// A line a call, on which others may wait.
    private let ended = Transcript()

    /// Longer than the longest patience of a method called here, so that the service has to answer before it.
    private static let limit = Duration.seconds(14)

    init(address: String) { self.address = address }

    /// The ids of the submissions that were answered with a receipt.
    var acknowledged: [String] { state.withLock { $0.acknowledged } }

    /// Replies that no caller should have to expect.
    var unexpected: [String] { state.withLock { $0.unexpected } }

    var summary: String {
        state.withLock { state in
            "\(state.counts.results) results, \(state.counts.unavailable) unavailable, \(state.counts.unknown) unknown, "
                + "\(state.acknowledged.count) submissions acknowledged"
        }
    }

    func stop() { isOver.raise() }

    /// Runs clients until ``stop()``.
    ///
    /// - Throws: when a reply does not come in time or a connection is lost, which no restart of the database excuses.
    func run(clients: Int) async throws {
        try await withThrowingTaskGroup { group in
            for number in 0..<clients { group.addTask { try await self.work(number) } }
            try await group.waitForAll()
        }
    }

    /// Waits until so many more calls than now have ended this way.
    func wait(forMore count: Int, _ pick: (Counts) -> Int) async throws {
        let goal = state.withLock { pick($0.counts) } + count
        while true {
            let place = ended.lines.count
            if state.withLock({ pick($0.counts) }) >= goal { return }
            _ = try await ended.first("another call", from: place, within: .seconds(30))
        }
    }

    private func work(_ number: Int) async throws {
        try await withClient(address) { client in
            var turn = number
            while !isOver.isRaised {
                turn += 1
                let isSubmission = turn.isMultiple(of: 2)
                let reply =
                    isSubmission
                    ? try await client.call(
                        "requests.submit",
                        ["text": .string("A hospital for client \(number)"), "park": "jx-jp"],
                        within: Self.limit
                    )
                    : try await client.call("amenities.search", ["park": "jx-jp", "q": "hospital"], within: Self.limit)
                if let pause = record(reply, isSubmission: isSubmission) {
                    // As the reply asks its caller to.
                    try await Task.sleep(for: .milliseconds(pause))
                }
                ended.add("")
            }
        }
    }

    /// Notes a reply; the milliseconds to wait before the next call, if the reply names them.
    private func record(_ reply: WireClient.Reply, isSubmission: Bool) -> Int? {
        state.withLock { state in
            if let result = reply.result {
                state.counts.results += 1
                if isSubmission, let id = result["id"].string { state.acknowledged.append(id) }
                return nil
            }
            let data = reply.json["error"]["data"]
            guard reply.code == -32012, data["kind"].string == "database_unavailable" else {
                state.unexpected.append(reply.json.text)
                return 100
            }
            if data["retryable"].bool == false {
                state.counts.unknown += 1
                if !isSubmission || data["hint"].string?.contains("unknown") != true {
                    state.unexpected.append(reply.json.text)
                }
                return 100
            }
            state.counts.unavailable += 1
            return data["retry_after_ms"].int ?? 100
        }
    }
}
