import Access
import JobQueue
import Postgres

/// One job of the queue.
struct GetJob: RemoteMethod {
    static let name = "jobs.get"
    static let summary = "Shows a job of the queue."
    static let parameters: [Parameter] = [.required("id", .integer(1...(1 << 53)))]
    static let access = MethodAccess.insiders

    private let id: Int64

    init(_ arguments: Arguments) { id = Int64(arguments.integer("id") ?? 0) }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        let job: JSONText?
        do {
            job = try await context.backend.queue.job(id, after: context.opening, until: context.deadline)
        } catch {
            throw CallError(error)
        }
        guard let job else { throw CallError(.notFound, "no job has the id \(id)") }
        return Answer(job)
    }
}

/// Jobs of the queue, page by page.
struct ListJobs: RemoteMethod {
    static let name = "jobs.list"
    static let summary = "Lists jobs of the queue, the newest first."
    static let parameters: [Parameter] = [
        .optional("state", .choice(JobState.allCases.map(\.rawValue))),
        .optional("kind", .text(maximumBytes: 64)),
        .optional("park", .text(maximumBytes: 64)),
        .optional("limit", .integer(1...100)),
        .optional("cursor", .text(maximumBytes: 20)),
    ]
    static let access = MethodAccess.insiders

    private let filter: JobControl.Filter

    init(_ arguments: Arguments) throws(CallError) {
        var filter = JobControl.Filter(
            state: arguments.text("state").flatMap(JobState.init),
            kind: arguments.text("kind"),
            park: arguments.text("park"),
            limit: arguments.integer("limit") ?? 20
        )
        if let cursor = arguments.text("cursor") {
            // A cursor is the id of the last job that was shown.
            guard let id = Int64(cursor), id > 0 else {
                throw .invalid("/params/cursor", expected: "what _meta.next of the page before was")
            }
            filter.before = id
        }
        self.filter = filter
    }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        let page: JobControl.Page
        do {
            page = try await context.backend.jobs.list(filter, after: context.opening, until: context.deadline)
        } catch {
            throw CallError(error)
        }
        var answer = Answer(JSONText(utf8: Array(#"{"items":"#.utf8) + page.jobs.utf8 + [.closeBrace]))
        answer.next = page.next.map(String.init)
        return answer
    }
}

/// The queue at a glance.
struct ReadQueueStatus: RemoteMethod {
    static let name = "queue.status"
    static let summary = "Counts the jobs of the queue by state, kind and park."
    static let access = MethodAccess.insiders

    init(_ arguments: Arguments) {}

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.queue.status(
                    tellsQueries: false,
                    after: context.opening,
                    until: context.deadline
                )
            )
        } catch {
            throw CallError(error)
        }
    }
}
