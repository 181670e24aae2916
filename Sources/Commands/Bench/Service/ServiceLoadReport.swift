/// What a load on the service found.
struct ServiceLoadReport: Sendable {
    let load: ServiceLoad
    var seconds = 0.0
    var waits = LatencyHistogram()
    private(set) var answers = 0
    private(set) var errors = 0
    private var error: String?

    init(load: ServiceLoad) { self.load = load }

    mutating func count(_ harvest: LoadConnection.Harvest) {
        answers += harvest.answers
        errors += harvest.errors
        if error == nil { error = harvest.error }
    }

    private var rate: Double { seconds > 0 ? Double(answers) / seconds : 0 }

    /// The figures for programs.
    var json: JSONValue {
        var members: [JSONValue.Member] = []
        func add(_ name: String, _ value: JSONValue) { members.append(JSONValue.Member(name: name, value: value)) }
        add("bench", "service")
        add("method", .string(load.method))
        add("connections", .integer(load.connections))
        add("pipeline", .integer(load.pipeline))
        add("seconds", .fraction((seconds * 1000).rounded() / 1000))
        add("requests", .integer(answers))
        add("requests_per_second", .fraction(rate.rounded()))
        add(
            "ms",
            [
                "p50": milliseconds(waits.quantile(0.5)), "p95": milliseconds(waits.quantile(0.95)),
                "p99": milliseconds(waits.quantile(0.99)), "max": milliseconds(waits.maximum),
            ]
        )
        add("errors", .integer(errors))
        if let error { add("first_error", .string(error)) }
        return .object(members)
    }

    /// The figures for people.
    var text: String {
        func text(_ wait: Int64?) -> String { (Double(wait ?? 0) / 1e6).shortText }
        var sheet = FactSheet()
        sheet.add("method", "\(load.method), \(load.connections) connections, \(load.pipeline) under way on each")
        sheet.add("speed", "\(Int(rate.rounded()).grouped) requests/s in \(seconds.shortText) s")
        sheet.add(
            "wait",
            "p50 \(text(waits.quantile(0.5))) ms, p95 \(text(waits.quantile(0.95))) ms, "
                + "p99 \(text(waits.quantile(0.99))) ms, longest \(text(waits.maximum)) ms"
        )
        sheet.add("errors", error.map { "\(errors.grouped), the first: \($0)" } ?? "0")
        return sheet.text
    }

    /// Nanoseconds in milliseconds, to a thousandth.
    private func milliseconds(_ wait: Int64?) -> JSONValue {
        guard let wait else { return .null }
        return .fraction((Double(wait) / 1000).rounded() / 1000)
    }
}
