/// What one command of an operation asks of the server.
struct PipelineCommand: Sendable {
    let sql: SQL
    let parameters: Parameters
    /// `BEGIN` and its like are sent unprepared: they are parsed faster than looked up.
    let isPrepared: Bool

    static func control(_ sql: SQL) -> PipelineCommand {
        PipelineCommand(sql: sql, parameters: Parameters(), isPrepared: false)
    }
}

/// What losing or cancelling an operation would mean.
enum Effect: Sendable {
    /// Changes nothing: may be cancelled, and sent again when a cancel meant for a neighbour hit it.
    case read
    /// Inside a transaction, whose end decides: may be cancelled.
    case provisional
    /// Commits: never cancelled, since a cancelled wait for a standby is reported as success. If its answer does not
    /// come, the outcome is unknown.
    case commits
    /// Cleans up: not cancelled with its task.
    case cleanup
}

/// The answer to an operation: one result a command, or the first error.
typealias Answer = Result<[QueryResult], PostgresError>

/// Commands that are answered together, and the caller who waits for them, as handed in.
struct Submission: Sendable {
    let id: UInt64
    let commands: [PipelineCommand]
    let effect: Effect
    /// In ticks.
    let deadline: Int64
    let continuation: UnsafeContinuation<Answer, Never>
}

/// A submission on its way over the wire and back.
///
/// A class without isolation of its own: it is only touched under its connection's mutex.
final class Operation {
    enum Step {
        case prepare(String)
        /// Makes room for preparing anew what the server no longer wants to run.
        case deallocate(String)
        case run

        /// The name that the step prepares.
        var prepares: String? { if case .prepare(let identifier) = self { identifier } else { nil } }
    }

    let id: UInt64
    let commands: [PipelineCommand]
    let effect: Effect
    /// In ticks.
    let deadline: Int64
    private(set) var continuation: UnsafeContinuation<Answer, Never>?

    var steps: [Step] = []
    var finishedSteps = 0
    var results: [QueryResult] = []
    var error: PostgresError?
    var isRetried = false
    /// Whether a sync follows it; else its neighbours share a later one.
    var endsSegment = true
    /// Whether the server skipped it since an earlier one in its segment had failed.
    var isSkipped = false
    /// Whether it was sent before and now goes by itself, so that no neighbour can make the server skip it again.
    var mustStandAlone = false
    /// Whether a cancel request meant for a neighbour may have hit it.
    var isExposedToCancel = false

    init(_ submission: Submission) {
        self.id = submission.id
        self.commands = submission.commands
        self.effect = submission.effect
        self.deadline = submission.deadline
        self.continuation = submission.continuation
    }

    /// Whether its caller has left; the answer is still read off the wire, and dropped.
    var isAbandoned: Bool { continuation == nil }

    /// The name of the statement whose result is expected next.
    var currentStatement: String? {
        let position = results.count
        return position < commands.count ? commands[position].sql.name : commands.last?.sql.name
    }

    /// Hands out the continuation, once.
    func takeContinuation() -> UnsafeContinuation<Answer, Never>? {
        defer { continuation = nil }
        return continuation
    }

    /// Forgets what came back, to be sent anew.
    func prepareForRetry() {
        mustStandAlone = true
        isSkipped = false
        isExposedToCancel = false
        steps = []
        finishedSteps = 0
        results = []
        error = nil
    }
}

/// Callers to be resumed once the mutex is released.
struct Completions: ~Copyable {
    private var items: [(continuation: UnsafeContinuation<Answer, Never>, answer: Answer)] = []
    private var actions: [@Sendable () -> Void] = []

    mutating func answer(_ operation: Operation, _ answer: Answer) {
        guard let continuation = operation.takeContinuation() else { return }
        items.append((continuation, answer))
    }

    mutating func afterwards(_ action: @escaping @Sendable () -> Void) { actions.append(action) }

    consuming func run() {
        for item in items { item.continuation.resume(returning: item.answer) }
        for action in actions { action() }
    }
}
