import Access
import Catalog
import Gaps
import Intake
package import JobQueue
package import Logging
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
    /// Of tokens that were refused.
    private let refusals = LogWindow()
    /// Where calls run: the thread that reads the pool's sockets.
    let executor: any TaskExecutor

    /// - Parameters:
    ///   - listingBytes: what listings may take that are kept in memory between searches.
    ///   - notifier: learns of every job that a call has enqueued.
    ///   - logger: is told what no caller is.
    package init(
        pool: Pool,
        notifier: Notifier? = nil,
        listingBytes: Int = Lookup.listingMebibytes << 20,
        logger: Logger
    ) {
        self.pool = pool
        cursors = CursorSeal(pool: pool)
        lookup = Lookup(pool: pool, listingBytes: listingBytes)
        desk = Desk(pool: pool, notifier: notifier)
        gaps = GapReport(pool: pool)
        let tokens = Tokens(pool: pool)
        self.tokens = tokens
        events = EventHub(pool: pool, tokens: tokens, logger: logger)
        queue = QueueInspector(pool: pool)
        jobs = JobControl(pool: pool)
        executor = pool.executor
    }
}

extension Backend {
    /// Who shows a credential. A refusal is written down, unless there are so many that somebody means to fill the log.
    ///
    /// - Parameter address: from where they call; `nil` on a Unix socket.
    func caller(
        presenting credential: Credential,
        from address: IPAddress?,
        requestID: String,
        until deadline: Deadline
    ) async throws(CallError) -> Principal {
        do {
            if let principal = try await tokens.principal(for: credential, until: deadline),
                principal.mayCall(from: address)
            {
                return principal
            }
        } catch {
            throw CallError(error)
        }
        // The connection is there since the certificate is good; whom it speaks for is another matter.
        guard case .token(let token) = credential else { return .anonymous }
        if refusals.count(QueueLog.second) <= Self.refusalsPerSecond {
            // The answer is the same whether it could be written down or not.
            try? await tokens.noteRefusal(of: token, from: address, requestID: requestID, until: deadline)
        }
        throw .badToken
    }

    private static let refusalsPerSecond: UInt64 = 10
}
