import Access
import JobQueue
import Postgres

/// One job of the queue.
struct GetJob: RemoteMethod {
    static let name = "jobs.get"
    static let summary = "Shows a job of the queue."
    static let parameters: [Parameter] = [.required("id", .integer(1...(1 << 53)))]
    static let result: [Parameter] =
        Schema.jobMembers + [
            .optional("unique_key", .string),
            .required("payload", .any),
            .optional("result", .any),
            .optional("origin", .string, "what had it put in, such as the id of a call"),
            .optional("position", .count, "its place among those of its kind that wait"),
            .optional("reason", .string, "why it waits"),
            .optional("expected_at", .time, "when it should begin"),
        ]
    static let errors = [ErrorCode.notFound]
    static let examples = [
        MethodExample("the first job", #"{"id":1}"#, #"{"id":1,"kind":"request","state":"ready","attempt":0}"#)
    ]
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
    static let cost = 4
    static let parameters: [Parameter] = [
        .optional("state", .choice(JobState.allCases.map(\.rawValue))),
        .optional("kind", .text(maximumBytes: 64), "of the jobs, such as request"),
        .optional("park", .text(maximumBytes: 64), "a park's id"),
        .optional("limit", .integer(1...100), "of the page; 20 unless said"),
        .optional("cursor", .cursor),
    ]
    static let result: [Parameter] = [.required("items", .list(of: .object(Schema.jobMembers)), "the newest first")]
    static let examples = [
        MethodExample(
            "what waits",
            #"{"state":"ready","kind":"request","limit":1}"#,
            #"{"items":[{"kind":"request","state":"ready"}]}"#
        )
    ]
    static let access = MethodAccess.insiders

    private let filter: JobControl.Filter
    private let cursor: String?

    init(_ arguments: Arguments) {
        filter = JobControl.Filter(
            state: arguments.text("state").flatMap(JobState.init),
            kind: arguments.text("kind"),
            park: arguments.text("park"),
            limit: arguments.integer("limit") ?? 20
        )
        cursor = arguments.text("cursor")
    }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        var filter = filter
        // A cursor is the id of the last job that was shown.
        filter.before = try await context.open(cursor).flatMap { Int64($0) }
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
    static let cost = 4
    static let result: [Parameter] = [
        .required(
            "kinds",
            .list(
                of: .object([
                    .required("kind", .string), .required("states", .map(of: .count), "jobs by state"),
                    .required("oldest_ready_s", .nullable(.measure)), .required("workers", .count),
                ])
            )
        ),
        .required(
            "parks",
            .list(
                of: .object([
                    .required("park", .string), .required("waiting", .count), .required("running", .count),
                    .required("oldest_ready_s", .nullable(.measure)),
                ])
            )
        ),
        .required("paused", .list(of: .any), "{scope, name, since, by, reason}"),
        .required("caps", .list(of: .any), "{scope, name, running?, rate?, burst?, running_now}"),
        .required("workers", .list(of: .any), "the processes at work"),
        .required("generations", .list(of: .any), "the tables that hold the jobs"),
        .required("rotated_at", .nullable(.time)),
        .required("held_snapshots", .list(of: .any), "who keeps finished jobs from being cleaned up"),
        .required("troubled_schedules", .list(of: .any), "those that can't be fired: {name, trouble, since}"),
        .required("notification_queue_usage", .number(0...1)),
    ]
    static let examples = [MethodExample("at a glance", "{}", #"{"kinds":[],"paused":[],"caps":[]}"#)]
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
