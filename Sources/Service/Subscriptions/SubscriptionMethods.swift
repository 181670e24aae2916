import Access
import FoundationEssentials
import Postgres

/// Has notifications sent of what happens from now on, or since an earlier number.
struct OpenSubscription: RemoteMethod {
    static let name = "subscriptions.open"
    static let summary =
        "Has notifications of these topics sent over this connection, with all since a number if asked."
    static let parameters: [Parameter] = [
        .required(
            "topics",
            .array(of: .choice(Topic.allCases.map(\.rawValue)), maximumCount: Topic.allCases.count),
            "each is the method of its notifications"
        ),
        .optional("since", .count, "the seq of the last event that the client has: what came after it is sent again"),
        .optional(
            "of",
            .array(
                of: .object([.required("id", .uuid), .required("secret", .text(maximumBytes: 128))]),
                maximumCount: 50
            ),
            "requests and feedback to follow with the secrets of their receipts; staff and analysts may follow all"
        ),
    ]
    static let result: [Parameter] = [
        .required("sub", .string, "names the subscription in its notifications"),
        .required("seq", .count, "the last event so far; notifications have greater ones"),
    ]
    static let errors: [ErrorCode] = [.unauthenticated, .forbidden, .notFound, .subscriptionLimit]
    static let examples = [
        MethodExample("changes of the catalogue", #"{"topics":["amenity.changed"]}"#, #"{"sub":"s1"}"#)
    ]

    private let topics: Set<Topic>
    private let since: Int64?
    private let ids: [UUID]
    private let secrets: [String]

    init(_ arguments: Arguments) throws(CallError) {
        topics = Set(arguments.texts("topics").compactMap(Topic.init))
        guard !topics.isEmpty else { throw .invalid("/params/topics", expected: "one topic or more") }
        since = arguments.integer("since").map { Int64($0) }
        let followed = try arguments.objects("of")
        ids = followed.compactMap { UUID(uuidString: $0.requiredText("id")) }
        secrets = followed.map { $0.requiredText("secret") }
    }

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        try check(context.principal)
        let hub = context.backend.events
        do {
            let owned = try await context.backend.pool.execute(
                OwnedObjects(ids: ids, secrets: secrets),
                until: context.deadline
            )
            guard owned.count == ids.count else {
                let place = ids.indices.first { !owned.contains($0) } ?? 0
                var error = CallError(.notFound, "there is no request or feedback of this id and secret")
                error.path = "/params/of/\(place)"
                throw error
            }
            if topics.contains(.jobFinished) {
                _ = try await context.backend.pool.execute(WantJobs(), until: context.deadline)
            }
            let bounds = try await hub.bounds(until: context.deadline)
            guard since ?? 0 <= bounds.last else {
                throw CallError.invalid("/params/since", expected: "a seq that was given, at most \(bounds.last)")
            }
            return answer(context, bounds.last, name: hub.nextName())
        } catch let error as CallError {
            throw error
        } catch let error as PostgresError {
            throw CallError(error)
        } catch {
            preconditionFailure("opening a subscription throws only our errors, not \(error)")
        }
    }

    private func answer(_ context: CallContext, _ last: Int64, name: String) -> Answer {
        let principal = context.principal
        let seesAll = principal.role != .staff && principal.parks.isEmpty
        let subscription = Subscription(
            name: name,
            topics: topics,
            objects: ids.isEmpty ? nil : Set(ids.map { $0.uuidString.lowercased() }),
            parks: seesAll ? nil : Set(principal.parks),
            credential: topics.contains { !$0.isPublic } && principal.token != nil ? context.credential : nil,
            position: since ?? last,
            openedAt: last
        )
        var answer = Answer { writer in
            writer.raw("{")
            writer.member("sub", name)
            writer.member("seq", Int(last))
            writer.raw("}")
        }
        answer.change = .subscribe(subscription, last: last)
        return answer
    }

    /// Whether the caller may follow the topics.
    private func check(_ principal: Principal) throws(CallError) {
        let isOwner = !ids.isEmpty
        for topic in topics.sorted(by: { $0.rawValue < $1.rawValue }) where !topic.isPublic {
            guard !(topic.hasOwner && isOwner) else { continue }
            guard !principal.may(topic.hasOwner ? .desk : .jobs) else { continue }
            var error = CallError(
                principal.role == .anonymous ? .unauthenticated : .forbidden,
                "the topic \(topic.rawValue) is for staff and analysts"
            )
            if topic.hasOwner { error.hint = "name what you submitted in “of”, with its secret" }
            error.path = "/params/topics"
            throw error
        }
    }
}

/// Ends a subscription.
enum CloseSubscription: ConnectionMethod {
    static let name = "subscriptions.close"
    static let summary = "Ends a subscription of this connection; no notification of it comes after the answer."
    static let access = MethodAccess.everyone
    static let parameters: [Parameter] = [.required("sub", .text(maximumBytes: 64), "as subscriptions.open named it")]
    static let result: [Parameter] = [.required("closed", .boolean)]
    static let errors = [ErrorCode.notFound]
    static let examples = [MethodExample("the end of a subscription", #"{"sub":"s1"}"#, #"{"closed":true}"#)]

    static func answer(_ arguments: Arguments, on connection: ConnectionHandler) throws(CallError) -> Answer {
        let name = arguments.requiredText("sub")
        guard connection.unsubscribe(name) else {
            throw CallError(.notFound, "this connection has no subscription “\(CallError.excerpt(name))”")
        }
        return Answer { $0.raw("{\"closed\":true}") }
    }
}
