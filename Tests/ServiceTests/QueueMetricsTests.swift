import Logging
import Postgres
import Synchronization
import Testing

@testable import JobQueue
@testable import Service

@Suite("A worker's metrics")
struct QueueMetricsTests {
    private static func run(_ kind: String = "a", waited: Duration = .zero, ran: Duration = .zero) -> JobRun {
        JobRun(job: 1, kind: kind, waited: waited, ran: ran)
    }

    /// The value of a sample.
    private static func value(_ name: String, _ text: String) -> String? {
        text.split(separator: "\n").first { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.count + 1)) }
    }

    @Test("count what became of jobs, by kind")
    func outcomes() {
        let metrics = QueueMetrics(kinds: ["a", "b"])
        for event: QueueEvent in [
            .finished(Self.run()), .finished(Self.run()), .finished(Self.run("b")),
            .failed(Self.run(), state: "failed", reason: "r"), .failed(Self.run(), state: "dead", reason: "r"),
            .snoozed(Self.run()), .cancelled(Self.run("b")), .leaseLost(Self.run()), .rescued(freed: 3, quarantined: 2),
            .rotated, .databaseTrouble(reason: "gone"), .databaseTrouble(reason: "gone"), .registered(worker: 1),
            .scheduleFired(name: "nightly", jobs: 3), .scheduleFailed(name: "nightly", reason: "r"), .stopped,
        ] { metrics.count(event) }
        let text = metrics.text(nil)
        for (name, value) in [
            (#"amenity_jobs_total{kind="a",outcome="finished"}"#, "2"),
            (#"amenity_jobs_total{kind="b",outcome="finished"}"#, "1"),
            (#"amenity_jobs_total{kind="a",outcome="failed"}"#, "1"),
            (#"amenity_jobs_total{kind="a",outcome="dead"}"#, "1"),
            (#"amenity_jobs_total{kind="a",outcome="snoozed"}"#, "1"),
            (#"amenity_jobs_total{kind="b",outcome="cancelled"}"#, "1"),
            (#"amenity_jobs_total{kind="a",outcome="lease_lost"}"#, "1"),
            (#"amenity_jobs_total{kind="b",outcome="lease_lost"}"#, "0"),
            ("amenity_jobs_rescued_total", "3"), ("amenity_jobs_quarantined_total", "2"),
            ("amenity_queue_rotations_total", "1"), ("amenity_queue_database_troubles_total", "2"),
            ("amenity_queue_scheduled_jobs_total", "3"), ("amenity_queue_schedule_failures_total", "1"),
            (#"amenity_job_run_seconds_count{kind="a"}"#, "6"),
        ] { #expect(Self.value(name, text) == value, "\(name)") }
    }

    @Test("a kind that is not the process's makes no label")
    func strangeKind() {
        let metrics = QueueMetrics(kinds: ["a"])
        metrics.count(.finished(Self.run("evil\"} 1\n")))
        #expect(!metrics.text(nil).contains("evil"))
    }

    @Test("durations lie in cumulative ranges, with their sum")
    func histogram() {
        let metrics = QueueMetrics(kinds: ["a"])
        for waited: Duration in [
            .zero, .nanoseconds(100_000), .nanoseconds(100_001), .seconds(2), .seconds(100_000), .seconds(-5),
        ] { metrics.count(.finished(Self.run(waited: waited, ran: .milliseconds(1)))) }
        let text = metrics.text(nil)
        func bucket(_ bound: String) -> String? {
            Self.value("amenity_job_wait_seconds_bucket{kind=\"a\",le=\"\(bound)\"}", text)
        }
        #expect(["0.0001", "0.0003", "1", "3", "600", "+Inf"].map(bucket) == ["3", "4", "4", "5", "5", "6"])
        #expect(Self.value(#"amenity_job_wait_seconds_sum{kind="a"}"#, text) == "100002.000200001")
        #expect(Self.value(#"amenity_job_run_seconds_bucket{kind="a",le="0.001"}"#, text) == "6")
        #expect(Self.value(#"amenity_job_run_seconds_sum{kind="a"}"#, text) == "0.006")
    }

    @Test("gauges are there when the database tells, and else it is said that it did not")
    func gauges() {
        let metrics = QueueMetrics(kinds: ["a", "b"])
        let silent = metrics.text(nil)
        #expect(Self.value("amenity_queue_up", silent) == "0")
        #expect(!silent.contains("amenity_queue_waiting"))
        let gauges = QueueGauges(waiting: [1, 2], running: [3, 4], oldest: [0.5, 0], deadRows: 9, snapshotAge: 61.5)
        let text = metrics.text(gauges)
        for (name, value) in [
            ("amenity_queue_up", "1"), (#"amenity_queue_waiting{kind="b"}"#, "2"),
            (#"amenity_queue_running{kind="a"}"#, "3"), (#"amenity_queue_oldest_seconds{kind="a"}"#, "0.5"),
            ("amenity_queue_dead_rows", "9"), ("amenity_queue_snapshot_seconds", "61.5"),
        ] { #expect(Self.value(name, text) == value, "\(name)") }
    }

    @Test("every sample stands below the type of its metric, and each type stands once")
    func format() {
        let metrics = QueueMetrics(kinds: ["a"])
        let gauges = QueueGauges(waiting: [0], running: [0], oldest: [0], deadRows: 0, snapshotAge: 0)
        var types: [Substring] = []
        for line in metrics.text(gauges).split(separator: "\n") {
            let words = line.split(separator: " ")
            if line.hasPrefix("# TYPE ") {
                #expect(!types.contains(words[2]))
                types.append(words[2])
            } else if !line.hasPrefix("# HELP ") {
                #expect(words.count == 2 && Double(words[1]) != nil, "\(line)")
                #expect(types.last.map { words[0].hasPrefix($0) } == true, "\(line)")
            }
        }
        #expect(types.count == 15)
    }

    @Test("labels are escaped")
    func escaping() {
        var text = PrometheusText()
        text.sample("x", [("kind", "a\"b\\c\nd"), ("é", "日本")], 1)
        #expect(text.text == "x{kind=\"a\\\"b\\\\c\\nd\",é=\"日本\"} 1\n")
    }
}

@Suite("A worker's log")
struct QueueLogTests {
    /// The lines that the events made.
    private static func lines(_ level: Logger.Level = .info, _ body: (QueueLog) -> Void) -> [String] {
        let lines = Mutex<[String]>([])
        let logger = Logger(label: "test") { label in
            JSONLinesHandler(label: label, level: level, now: { 0 }) { bytes in
                lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
            }
        }
        body(QueueLog(logger))
        return lines.withLock(\.self)
    }

    private static func run(_ origin: String? = nil) -> JobRun {
        JobRun(job: 7, kind: "a", origin: origin, waited: .microseconds(1500), ran: .nanoseconds(2_400))
    }

    @Test("names the call that had a job put in, and how long the job waited and ran")
    func line() {
        let lines = Self.lines { log in
            log.record(.finished(Self.run("call \"1\"\n")))
            log.record(.failed(Self.run(), state: "dead", reason: "no"))
        }
        #expect(lines.count == 2)
        #expect(
            lines.first?.hasSuffix(
                #""job.id":"7","job.kind":"a","ms":"0.002","rid":"call \"1\"\n","waited_ms":"1.5"}"# + "\n"
            ) == true,
            "\(lines)"
        )
        #expect(lines.last?.contains(#""error":"no","job.id":"7","job.kind":"a","job.state":"dead""#) == true)
        #expect(lines.last?.contains("rid") == false)
    }

    @Test("beyond 200 good ends a second one in a hundred has a line, and everything else always")
    func sampling() {
        let finished = Self.lines { log in
            for _ in 0..<2200 { log.record(.finished(Self.run()), second: 5) }
            log.record(.finished(Self.run()), second: 6)
        }
        #expect(finished.count == 200 + 20 + 1)
        let failed = Self.lines { log in
            for _ in 0..<300 { log.record(.failed(Self.run(), state: "failed", reason: ""), second: 5) }
        }
        #expect(failed.count == 300)
        #expect(Self.lines(.warning) { $0.record(.finished(Self.run())) } == [])
    }
}
