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
        [
            "bench": "service", "method": .string(load.method), "connections": .integer(load.connections),
            "pipeline": .integer(load.pipeline), "seconds": .fraction((seconds * 1000).rounded() / 1000),
            "requests": .integer(answers), "requests_per_second": .fraction(rate.rounded()),
            "ms": [
                "p50": milliseconds(waits.quantile(0.5)), "p95": milliseconds(waits.quantile(0.95)),
                "p99": milliseconds(waits.quantile(0.99)), "max": milliseconds(waits.maximum),
            ],
            "errors": .integer(errors), "first_error": .optional(error),
        ]
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
