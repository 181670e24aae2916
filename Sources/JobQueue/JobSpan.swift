import Tracing

/// Runs a handler within a span of its own, so that what it does, such as calls of other services, hangs under it. What it
/// throws is recorded. Without a tracer it just runs.
///
/// The names are OpenTelemetry's for a consumer of messages (https://opentelemetry.io/docs/specs/semconv/messaging), and
/// `job.` for what it has no name for. Payloads are in none of them. The shared commit of a group comes after the span.
func withSpan(
    of claim: ClaimedJob,
    to tracer: (any Tracer)?,
    _ body: () async throws -> Finished
) async throws -> Finished {
    guard let tracer else { return try await body() }
    return try await tracer.withAnySpan("process \(claim.job.kind)", ofKind: .consumer) { span in
        span.updateAttributes { attributes in
            attributes["messaging.operation.type"] = "process"
            attributes["messaging.destination.name"] = claim.job.kind
            attributes["messaging.message.id"] = String(claim.job.id)
            attributes["job.attempt"] = claim.job.attempt
            attributes["job.crashes"] = claim.job.crashes
            attributes["job.waited_ms"] = claim.key.waited / .milliseconds(1)
            if let park = claim.job.park { attributes["job.park"] = park }
            if let origin = claim.origin { attributes["job.origin"] = origin }
        }
        let finished = try await body()
        if case .snoozed = finished.manner { span.attributes["job.snoozed"] = true }
        return finished
    }
}

extension InstrumentationSystem {
    /// Whether the program has a tracer.
    static var isTracing: Bool { !(tracer is NoOpTracer) }
}
