/// Every number that bounds a client. `system.limits` shows them all.
package struct ServiceLimits: Sendable {
    /// The longest line.
    package var frameBytes = 1 << 20
    package var batchCalls = 100
    /// What the replies of one batch may come to; those beyond are refused one by one.
    package var batchReplyBytes = 4 << 20
    /// Calls of one connection that run at the same time; at the cap nothing more is read from it.
    package var callsInFlight = 32
    package var connections = 4096
    /// Of one connection.
    package var subscriptions = 32
    /// Unsent replies at which reading stops.
    package var outboundHighWaterBytes = 256 << 10
    /// Unsent replies at which the connection is closed.
    package var outboundMaximumBytes = 4 << 20
    /// How long a reader may take nothing before it is closed.
    package var slowReader: Duration = .seconds(20)
    /// JSON-RPC responses that a client may send us in a minute, though they mean nothing here.
    package var strayResponses = 100
    /// How long a drain may take before what still runs is cancelled.
    package var drain: Duration = .seconds(10)
    /// How long a draining connection stays open for calls under way to us.
    package var drainQuiet: Duration = .milliseconds(100)
    /// How long a client that goes on sending keeps its draining connection open.
    package var drainPatience: Duration = .seconds(1)
    /// How long a connection that we end may take to read our last words.
    package var linger: Duration = .seconds(1)

    package init() {}

    /// The result of `system.limits`.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.raw("{")
        for (name, value) in numbers {
            writer.name(name)
            writer.integer(value)
        }
        writer.raw("}")
        return writer.bytes
    }

    /// The names of the limits, as `system.limits` has them.
    var names: [String] { numbers.map(\.0) }

    private var numbers: [(String, Int)] {
        [
            ("frame_bytes", frameBytes),
            ("nesting", JSONScanner.maximumDepth),
            ("members", JSONScanner.maximumMembers),
            ("number_digits", JSONScanner.maximumDigits),
            ("exponent_digits", JSONScanner.maximumExponentDigits),
            ("id_bytes", Envelope.maximumIDBytes),
            ("batch_calls", batchCalls),
            ("batch_reply_bytes", batchReplyBytes),
            ("calls_in_flight", callsInFlight),
            ("connections", connections),
            ("subscriptions", subscriptions),
            ("replayed_events", Int(EventHub.mostReplayed)),
            ("outbound_high_water_bytes", outboundHighWaterBytes),
            ("outbound_maximum_bytes", outboundMaximumBytes),
            ("slow_reader_ms", slowReader.milliseconds),
            ("drain_ms", drain.milliseconds),
            ("deadline_ms", 60_000),
            ("page_items", 100),
        ]
    }
}

extension Duration {
    /// Whole milliseconds.
    var milliseconds: Int { Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000) }
}

/// What `system.*` says, written once at the start.
struct ServiceFacts: Sendable {
    let info: [UInt8]
    let limits: [UInt8]
    let description: [UInt8]

    init(limits: ServiceLimits, table: MethodTable) {
        var writer = JSONWriter()
        writer.raw("{\"server\":\"amenityd\",\"version\":")
        writer.string(ServiceVersion.current)
        writer.raw(",\"protocol\":\"1.0\",\"jsonrpc\":\"2.0\"")
        writer.member("languages", ["en", "zh-Hans", "zh-Hant", "ja", "de", "nl", "fr", "ko"])
        writer.raw("}")
        self.info = writer.bytes
        self.limits = limits.json
        self.description = OpenRPC(table: table, limits: limits).json
    }
}

/// The version of this source.
package enum ServiceVersion {
    /// Shown by `system.info`, `/version` and `--version`.
    package static let current = "0.1.0"
}
