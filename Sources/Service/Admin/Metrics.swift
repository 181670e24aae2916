package import Postgres
import Synchronization

/// Counters of a program, read by `/metrics`. Label values come from closed sets only.
package final class Metrics: Sendable {
    /// A number that many threads count up.
    final class Counter: Sendable {
        private let count = Atomic(0)

        func add(_ amount: Int = 1) { count.add(amount, ordering: .relaxed) }

        var value: Int { count.load(ordering: .relaxed) }
    }

    /// Why a connection ended.
    enum ConnectionEnd: String, CaseIterable {
        case badFrame = "bad_frame"
        case client
        case drain
        case http
        case idle
        case rateLimited = "rate_limited"
        case slowReader = "slow_reader"
        case slowSender = "slow_sender"
        case strayResponses = "stray_responses"
        case tls
        case tooMany = "too_many"
        case unsentTotal = "unsent_total"
    }

    let callsInFlight = Counter()
    let connectionsOpen = Counter()
    let bytesIn = Counter()
    let bytesOut = Counter()
    let callsWaiting = Counter()
    let callsShed = Counter()
    let ratePauses = Counter()
    let rateRefusals = Counter()
    let acceptPauses = Counter()
    private let connectionsClosed: [Counter]
    private let poolConnected = Counter()
    private let poolFailed = Counter()
    private let poolClosed = Counter()
    private let poolTimedOut = Counter()
    private let methodNames: [String]
    /// By method and outcome; the row after the last method counts what named none.
    private let calls: [Counter]

    package convenience init() { self.init(methods: MethodTable.release.entries.map(\.name)) }

    init(methods: [String]) {
        methodNames = methods + ["none"]
        connectionsClosed = ConnectionEnd.allCases.map { _ in Counter() }
        calls = (0..<methodNames.count * Self.outcomes.count).map { _ in Counter() }
    }

    /// What ``Pool`` calls for each event.
    package func count(_ event: PoolEvent) {
        switch event {
        case .connected: poolConnected.add()
        case .connectFailed: poolFailed.add()
        case .closed: poolClosed.add()
        case .leaseTimedOut: poolTimedOut.add()
        }
    }

    /// Counts one call; `nil` for a method that could not be told, and for an outcome that is no error.
    func countCall(method: Int?, error: ErrorCode?) {
        let outcome = error.flatMap(Self.errors.firstIndex).map { $0 + 1 } ?? 0
        calls[(method ?? methodNames.count - 1) * Self.outcomes.count + outcome].add()
    }

    func countClosed(_ end: ConnectionEnd) {
        guard let index = ConnectionEnd.allCases.firstIndex(of: end) else { return }
        connectionsClosed[index].add()
    }

    /// The text that Prometheus reads.
    var text: String {
        var text = PrometheusText()
        text.type("amenity_rpc_requests_total", .counter)
        for (method, name) in methodNames.enumerated() {
            for (outcome, kind) in Self.outcomes.enumerated() {
                let count = calls[method * Self.outcomes.count + outcome].value
                guard count > 0 else { continue }
                text.sample("amenity_rpc_requests_total", [("method", name), ("outcome", kind)], count)
            }
        }
        text.metric("amenity_rpc_inflight", .gauge, callsInFlight.value)
        text.metric("amenity_rpc_waiting", .gauge, callsWaiting.value)
        text.metric("amenity_rpc_shed_total", .counter, callsShed.value)
        text.type("amenity_ratelimit_total", .counter)
        text.sample("amenity_ratelimit_total", [("verdict", "pause")], ratePauses.value)
        text.sample("amenity_ratelimit_total", [("verdict", "refuse")], rateRefusals.value)
        text.metric("amenity_accept_pauses_total", .counter, acceptPauses.value)
        text.metric("amenity_connections_open", .gauge, connectionsOpen.value)
        text.type("amenity_connections_closed_total", .counter)
        for (end, counter) in zip(ConnectionEnd.allCases, connectionsClosed) {
            text.sample("amenity_connections_closed_total", [("reason", end.rawValue)], counter.value)
        }
        text.type("amenity_bytes_total", .counter)
        text.sample("amenity_bytes_total", [("direction", "in")], bytesIn.value)
        text.sample("amenity_bytes_total", [("direction", "out")], bytesOut.value)
        text.type("amenity_database_pool_events_total", .counter)
        for (event, counter) in [
            ("connected", poolConnected), ("connect_failed", poolFailed), ("closed", poolClosed),
            ("wait_timed_out", poolTimedOut),
        ] {
            text.sample("amenity_database_pool_events_total", [("event", event)], counter.value)
        }
        text.type("amenity_build_info", .gauge)
        text.sample("amenity_build_info", [("version", ServiceVersion.current)], 1)
        return text.text
    }

    private static let errors = ErrorCode.allCases
    private static let outcomes = ["ok"] + errors.map(\.kind)
}
