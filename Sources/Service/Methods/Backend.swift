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
    let lookup: Lookup
    let desk: Desk
    let gaps: GapReport
    let tokens: Tokens
    let queue: QueueInspector
    let jobs: JobControl
    /// Where calls run: the thread that reads the pool's sockets.
    let executor: any TaskExecutor

    /// - Parameter notifier: learns of every job that a call has enqueued.
    package init(pool: Pool, notifier: Notifier? = nil) {
        self.pool = pool
        cursors = CursorSeal(pool: pool)
        lookup = Lookup(pool: pool)
        desk = Desk(pool: pool, notifier: notifier)
        gaps = GapReport(pool: pool)
        tokens = Tokens(pool: pool)
        queue = QueueInspector(pool: pool)
        jobs = JobControl(pool: pool)
        executor = pool.executor
    }
}
