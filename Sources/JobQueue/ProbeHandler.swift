import FoundationEssentials
import Glibc
import Postgres

/// Does `probe` jobs, with which operators and tests try the queue out: they sleep, fail or kill their process as told,
/// and leave one row in `queue.probe_effect` when they end.
package struct ProbeHandler: JobHandler {
    package let kind = "probe"

    package init() {}

    private struct Payload: Decodable {
        var sleep_ms: Double?
        /// Fail the first so many attempts.
        var fail: Int?
        var abort: Bool?
        var `throw`: String?
    }

    package func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
        let payload = try JSONDecoder().decode(Payload.self, from: Data(job.payload.utf8))
        if let milliseconds = payload.sleep_ms, milliseconds > 0 {
            try await Task.sleep(for: .microseconds(Int64(min(milliseconds, 86_400_000) * 1000)))
        }
        if payload.abort == true { kill(getpid(), SIGKILL) }
        if let reason = payload.throw { throw ProbeFailure(description: reason) }
        if job.attempt < payload.fail ?? 0 {
            throw ProbeFailure(description: "told to fail attempt \(job.attempt + 1)")
        }
        let effect = RecordProbe(job: job.id, attempt: job.attempt + 1, worker: String(lease.worker))
        return try await lease.finish(recording: effect)
    }
}

/// A probe did as it was told.
struct ProbeFailure: Error, CustomStringConvertible {
    let description: String
}
