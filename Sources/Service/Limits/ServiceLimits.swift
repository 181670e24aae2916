package import Access

/// Every number that bounds a client. `system.limits` shows them all, each under its ``LimitSetting``'s name, and each is
/// a setting of the service.
package struct ServiceLimits: Sendable {
    // Messages
    package var frameBytes = 1 << 20
    package var frameBytesAnonymous = 256 << 10
    package var batchCalls = 100
    package var batchReplyBytes = 4 << 20
    // Calls of one connection
    package var callsInFlight = 32
    package var callsInFlightAnonymous = 16
    package var framesPerTurn = 8
    package var strayResponses = 100
    // Connections
    package var connections = 4096
    package var connectionsPerAddress = 64
    package var connectionsPerNetwork = 256
    package var subscriptions = 32
    // Time
    package var firstFrame: Duration = .seconds(15)
    package var frameTime: Duration = .seconds(10)
    package var frameBytesPerSecond = 64 << 10
    package var idle: Duration = .seconds(600)
    // Replies that are not taken
    package var outboundHighWaterBytes = 256 << 10
    package var outboundMaximumBytes = 4 << 20
    package var outboundTotalBytes = 256 << 20
    package var slowReader: Duration = .seconds(20)
    // The line for the database
    package var runningCost = 64
    package var callsWaiting = 200
    package var lineWait: Duration = .seconds(2)
    package var lineLate: Duration = .milliseconds(100)
    // What calls cost
    package var rateAnonymous = CostRate(perSecond: 20, burst: 60)
    package var rateInvestor = CostRate(perSecond: 50, burst: 200)
    package var rateStaff = CostRate(perSecond: 100, burst: 400)
    package var rateNetworkFactor = 4
    package var ratePause: Duration = .milliseconds(2500)
    package var rateRefusals = 100
    package var rateEntries = 65_536
    package var wrongTokens = 5
    package var feedbackAnonymous = 3
    // The end
    package var drain: Duration = .seconds(10)
    package var drainQuiet: Duration = .milliseconds(100)
    package var drainPatience: Duration = .seconds(1)
    package var linger: Duration = .seconds(1)
    /// Where the limits of rate and of connections an address has do not apply: proxies that have limits of their own,
    /// and the machine itself where its programs are trusted.
    package var exempt: [NetworkPrefix] = []

    package init() {}

    /// Who a connection's limits are counted for; `nil` if they don't apply.
    func peer(_ address: IPAddress?) -> Peer? {
        guard let address, !exempt.contains(where: { $0.contains(address) }) else { return nil }
        return Peer(address)
    }
}

/// One number of ``ServiceLimits``.
struct LimitSetting: Sendable {
    /// As `system.limits` has it. The switch has hyphens for the underscores.
    let name: String
    let range: ClosedRange<Int>
    let help: String
    let read: @Sendable (ServiceLimits) -> Int
    let write: @Sendable (inout ServiceLimits, Int) -> Void

    var switchName: String { name.replacing("_", with: "-") }

    private init(
        _ name: String,
        _ path: any WritableKeyPath<ServiceLimits, Int> & Sendable,
        _ range: ClosedRange<Int>,
        _ help: String
    ) {
        self.name = name
        self.range = range
        self.help = help
        read = { $0[keyPath: path] }
        write = { $0[keyPath: path] = $1 }
    }

    /// A time, in milliseconds.
    private init(
        time name: String,
        _ path: any WritableKeyPath<ServiceLimits, Duration> & Sendable,
        _ range: ClosedRange<Int>,
        _ help: String
    ) {
        self.name = name
        self.range = range
        self.help = help
        read = { $0[keyPath: path].milliseconds }
        write = { $0[keyPath: path] = .milliseconds($1) }
    }

    private static let day = 86_400_000
    private static let counts = 1...1_000_000_000

    static let all = [
        LimitSetting("frame_bytes", \.frameBytes, 1024...(64 << 20), "the longest message"),
        LimitSetting("frame_bytes_anonymous", \.frameBytesAnonymous, 1024...(64 << 20), "the same before a login"),
        LimitSetting("batch_calls", \.batchCalls, 1...10_000, "requests in a batch"),
        LimitSetting(
            "batch_reply_bytes",
            \.batchReplyBytes,
            counts,
            "what the replies of a batch come to; those beyond are refused one by one"
        ),
        LimitSetting(
            "calls_in_flight",
            \.callsInFlight,
            1...10_000,
            "calls of a connection that run or wait at once; at the cap nothing more is read from it"
        ),
        LimitSetting("calls_in_flight_anonymous", \.callsInFlightAnonymous, 1...10_000, "the same before a login"),
        LimitSetting("frames_per_turn", \.framesPerTurn, 1...10_000, "messages of a connection before others' turn"),
        LimitSetting("stray_responses", \.strayResponses, counts, "responses that a client may send in a minute"),
        LimitSetting("connections", \.connections, counts, "connections at once"),
        LimitSetting("connections_per_address", \.connectionsPerAddress, counts, "of one address, or IPv6 /64"),
        LimitSetting("connections_per_network", \.connectionsPerNetwork, counts, "of one /24, or IPv6 /48"),
        LimitSetting("subscriptions", \.subscriptions, 1...10_000, "subscriptions of a connection"),
        LimitSetting(time: "first_frame_ms", \.firstFrame, 1...day, "until the first message is there"),
        LimitSetting(time: "frame_ms", \.frameTime, 1...day, "from the first byte of a message to its last"),
        LimitSetting("frame_bytes_per_second", \.frameBytesPerSecond, counts, "each so many bytes add a second"),
        LimitSetting(time: "idle_ms", \.idle, 1...day, "without a message"),
        LimitSetting(
            "outbound_high_water_bytes",
            \.outboundHighWaterBytes,
            1024...(1 << 30),
            "unsent replies that stop reading"
        ),
        LimitSetting("outbound_maximum_bytes", \.outboundMaximumBytes, counts, "unsent replies that end a connection"),
        LimitSetting(
            "outbound_total_bytes",
            \.outboundTotalBytes,
            counts,
            "unsent replies of all connections, at which those end that have more than their share"
        ),
        LimitSetting(time: "slow_reader_ms", \.slowReader, 4...day, "for which a reader may take nothing"),
        LimitSetting("running_cost", \.runningCost, 1...10_000, "what the calls cost that run at once"),
        LimitSetting("calls_waiting", \.callsWaiting, counts, "calls that wait for those while they are late"),
        LimitSetting(time: "line_wait_ms", \.lineWait, 1...day, "for which a call waits to run"),
        LimitSetting(time: "line_late_ms", \.lineLate, 0...day, "after which the next call to run is late"),
        LimitSetting("rate_anonymous", \.rateAnonymous.perSecond, counts, "cost an anonymous address gets a second"),
        LimitSetting("rate_anonymous_burst", \.rateAnonymous.burst, counts, "and at once"),
        LimitSetting("rate_investor", \.rateInvestor.perSecond, counts, "cost an investor's token gets a second"),
        LimitSetting("rate_investor_burst", \.rateInvestor.burst, counts, "and at once"),
        LimitSetting("rate_staff", \.rateStaff.perSecond, counts, "cost a staff's token gets a second"),
        LimitSetting("rate_staff_burst", \.rateStaff.burst, counts, "and at once"),
        LimitSetting("rate_network_factor", \.rateNetworkFactor, 1...1000, "how many addresses' rate a network has"),
        LimitSetting(
            time: "rate_pause_ms",
            \.ratePause,
            0...60_000,
            "how long who spent too much is not listened to; beyond, calls are refused"
        ),
        LimitSetting("rate_refusals", \.rateRefusals, counts, "refusals a minute after which the connection ends"),
        LimitSetting("rate_entries", \.rateEntries, 1...10_000_000, "callers whose spending is remembered"),
        LimitSetting(
            "wrong_tokens_per_minute",
            \.wrongTokens,
            1...10_000,
            "after which no unknown token of an address is looked at"
        ),
        LimitSetting(
            "feedback_anonymous_per_hour",
            \.feedbackAnonymous,
            1...10_000,
            "what an address may say of amenities without a token"
        ),
        LimitSetting(time: "drain_ms", \.drain, 1...day, "for which a drain waits for running calls"),
        LimitSetting(time: "drain_quiet_ms", \.drainQuiet, 0...day, "for which a draining connection hears late calls"),
        LimitSetting(time: "drain_patience_ms", \.drainPatience, 0...day, "and this at most"),
        LimitSetting(time: "linger_ms", \.linger, 1...day, "for which a client may read our last words"),
    ]
}

extension ServiceLimits {
    /// The numbers as an object.
    ///
    /// - Parameter costs: of methods, by name; `system.limits` has them beside the numbers.
    func json(costs: [(name: String, cost: Int)]? = nil) -> [UInt8] {
        var writer = JSONWriter()
        writer.raw("{")
        for (name, value) in Self.fixed + LimitSetting.all.map({ ($0.name, $0.read(self)) }) {
            writer.name(name)
            writer.integer(value)
        }
        if let costs {
            writer.name("costs")
            writer.raw("{")
            for (name, cost) in costs + [("failure", MethodCost.failure), ("parse_error", MethodCost.parseError)] {
                writer.name(name)
                writer.integer(cost)
            }
            writer.raw("}")
        }
        writer.raw("}")
        return writer.bytes
    }

    /// What no setting changes.
    static let fixed = [
        ("nesting", JSONScanner.maximumDepth),
        ("members", JSONScanner.maximumMembers),
        ("number_digits", JSONScanner.maximumDigits),
        ("exponent_digits", JSONScanner.maximumExponentDigits),
        ("id_bytes", Envelope.maximumIDBytes),
        ("header_bytes", HeaderBlock.maximumSize),
        ("replayed_events", Int(EventHub.mostReplayed)),
        ("deadline_ms", 60_000),
        ("page_items", 100),
        ("cost_bytes", MethodCost.bytes),
    ]
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}
