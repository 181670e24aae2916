import Access
import Gaps
import JobQueue
import Postgres

/// Where residents find too little that suits them.
struct ReportGaps: RemoteMethod {
    static let name = "reports.gaps"
    static let summary = "Sets residents against matching supply, by park, nationality and category."
    static let parameters: [Parameter] = [
        .optional("park", .text(maximumBytes: 64)),
        .optional("nationality", .text(maximumBytes: 32)),
        .optional("categories", .array(of: .text(maximumBytes: 64), maximumCount: 50)),
    ]
    static let patience = Duration.seconds(30)

    private let park: String?
    private let nationality: String?
    private let categories: [String]

    init(_ arguments: Arguments) {
        park = arguments.text("park")
        nationality = arguments.text("nationality")
        categories = arguments.texts("categories")
    }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        do {
            return Answer(
                try await context.backend.gaps.gaps(
                    park: park,
                    nationality: nationality,
                    categories: categories,
                    language: context.language,
                    until: context.deadline
                )
            )
        } catch {
            throw CallError(error)
        }
    }
}

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
            job = try await context.backend.queue.job(id, until: context.deadline)
        } catch {
            throw CallError(error)
        }
        guard let job else { throw CallError(.notFound, "no job has the id \(id)") }
        return Answer(job)
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
            return Answer(try await context.backend.queue.status(until: context.deadline))
        } catch {
            throw CallError(error)
        }
    }
}

extension MethodAccess {
    /// Those who run the directory.
    static let insiders = MethodAccess.roles([.staff, .analyst, .admin])

    /// Lets a caller in or says why not.
    func check(_ principal: Principal) throws(CallError) {
        guard case .roles(let roles) = self, !roles.contains(principal.role) else { return }
        guard principal.role != .anonymous else {
            var error = CallError(.unauthenticated, "this method needs a token")
            error.hint = "send auth.login first, or the token in _meta.token"
            throw error
        }
        throw CallError(.forbidden, "the role \(principal.role.rawValue) may not call this method")
    }
}
