import Access
import Catalog
import Gaps
import Intake
package import JobQueue
package import Postgres

/// The slices that the methods call, all over one pool.
package struct Backend: Sendable {
    let pool: Pool
    let cursors: CursorSeal
    let events: EventHub
    let lookup: Lookup
    let desk: Desk
    let gaps: GapReport
    let tokens: Tokens
    let queue: QueueInspector
    let jobs: JobControl
    /// Where calls run: the thread that reads the pool's sockets.
    let executor: any TaskExecutor

    /// - Parameters:
    ///   - notifier: learns of every job that a call has enqueued.
    ///   - listener: for the connection on which subscriptions are told of changes; without it they look for them.
    package init(pool: Pool, notifier: Notifier? = nil, listener: PostgresConfiguration? = nil) {
        self.pool = pool
        cursors = CursorSeal(pool: pool)
        lookup = Lookup(pool: pool)
        desk = Desk(pool: pool, notifier: notifier)
        gaps = GapReport(pool: pool)
        let tokens = Tokens(pool: pool)
        self.tokens = tokens
        events = EventHub(pool: pool, tokens: tokens, listener: listener)
        queue = QueueInspector(pool: pool)
        jobs = JobControl(pool: pool)
        executor = pool.executor
    }
}
