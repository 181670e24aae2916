import Synchronization

/// Counts what a process has done to jobs since it began.
final class Tally: Sendable {
    struct Count: Sendable, Equatable {
        /// Jobs that ended well.
        var done = 0
        /// Attempts that failed, whether the job waits to be tried again or is dead.
        var failed = 0
    }

    private let done = Atomic<Int>(0)
    private let failed = Atomic<Int>(0)

    var count: Count { Count(done: done.load(ordering: .relaxed), failed: failed.load(ordering: .relaxed)) }

    func add(_ event: QueueEvent) {
        switch event {
        case .finished: done.wrappingAdd(1, ordering: .relaxed)
        case .failed: failed.wrappingAdd(1, ordering: .relaxed)
        case .registered, .snoozed, .cancelled, .leaseLost, .rescued, .rotated, .scheduleFired, .scheduleFailed,
            .databaseTrouble, .listening, .deaf, .stopped:
            break
        }
    }
}
