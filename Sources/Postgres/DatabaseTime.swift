import Synchronization

/// Adds up how long the statements of a task take, from handing them to a connection to their answers.
package final class DatabaseTime: Sendable {
    /// That of the task, if anybody wants to know.
    @TaskLocal package static var current: DatabaseTime?

    private let nanoseconds = Atomic<Int64>(0)

    package init() {}

    package var total: Duration { .nanoseconds(nanoseconds.load(ordering: .relaxed)) }

    func add(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        nanoseconds.wrappingAdd(seconds &* 1_000_000_000 &+ attoseconds / 1_000_000_000, ordering: .relaxed)
    }
}
