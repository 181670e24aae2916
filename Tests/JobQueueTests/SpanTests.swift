import InMemoryTracing
import Postgres
import TestSupport
import Testing
import Tracing

@testable import JobQueue

/// What a tracer sees of a worker.
@Suite("A job's span", .needsServer, .migratedDatabase, .timeLimit(.minutes(2)))
struct SpanTests {
    private enum Behaviour { case finishes, snoozes, fails }

    private struct Handler: JobHandler {
        let kind: String
        let behaviour: Behaviour
        let tracer: InMemoryTracer

        func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
            // As whatever a handler calls would do it.
            tracer.withSpan("inner") { _ in }
            switch behaviour {
            case .finishes: return try await lease.finish()
            case .snoozes: return try await lease.snooze(for: .seconds(3600))
            case .fails: throw Refusal()
            }
        }
    }

    private struct Refusal: Error {}

    /// The spans of one job's run: the handler's own, and the job's.
    private func spans(
        _ kind: String,
        _ behaviour: Behaviour
    ) async throws -> (job: Int64, inner: FinishedInMemorySpan, outer: FinishedInMemorySpan) {
        let tracer = InMemoryTracer()
        var job: Int64 = 0
        try await TestDatabase.required().withPool(shared: 1, leased: 6) { pool in
            job = try await pool.withSession(until: .after(.seconds(30))) { session in
                try await session.enqueue(
                    NewJob(kind: kind, payload: JSONText(#"{"secret": 1}"#), park: "jx-de", origin: "call-9")
                ).id
            }
            var configuration = WorkerConfiguration(program: "test", host: "here", processID: 1)
            configuration.tracer = tracer
            let log = EventLog<QueueEvent>()
            let handler = Handler(kind: kind, behaviour: behaviour, tracer: tracer)
            let worker = Worker(pool: pool, configuration: configuration, handlers: [handler]) { log.record($0) }
            async let run: Void = worker.run()
            _ = try await log.first { event in
                switch event {
                case .finished(let run), .snoozed(let run), .failed(let run, _, _): run
                default: nil
                }
            }
            worker.stop()
            await run
        }
        let spans = tracer.finishedSpans
        let inner = try #require(spans.first { $0.operationName == "inner" })
        let outer = try #require(spans.first { $0.operationName == "process \(kind)" })
        return (job, inner, outer)
    }

    @Test("says what ran, under OpenTelemetry's names, and nothing of the payload")
    func attributes() async throws {
        let (job, _, span) = try await spans("span_done", .finishes)
        #expect(span.kind == .consumer)
        let told = span.attributes
        #expect(told["messaging.message.id"]?.toSpanAttribute() == .string("\(job)"))
        #expect(told["messaging.destination.name"]?.toSpanAttribute() == .string("span_done"))
        #expect(told["job.park"]?.toSpanAttribute() == .string("jx-de"))
        #expect(told["job.origin"]?.toSpanAttribute() == .string("call-9"))
        #expect(span.errors.isEmpty && !"\(told)".contains("secret"))
    }

    @Test("has what the handler did under it")
    func nesting() async throws {
        let (_, inner, outer) = try await spans("span_nested", .finishes)
        #expect(inner.traceID == outer.traceID && inner.parentSpanID == outer.spanID)
    }

    @Test("records what a handler threw")
    func failure() async throws {
        let (_, _, span) = try await spans("span_failed", .fails)
        #expect(span.errors.count == 1 && span.errors.allSatisfy { $0.error is Refusal })
    }

    @Test("tells that the job was put off")
    func snoozed() async throws {
        let (_, _, span) = try await spans("span_snoozed", .snoozes)
        #expect(span.attributes["job.snoozed"]?.toSpanAttribute() == .bool(true) && span.errors.isEmpty)
    }
}
