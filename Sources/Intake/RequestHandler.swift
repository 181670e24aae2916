import Catalog
import FoundationEssentials
package import JobQueue
package import Postgres

/// Answers requests: understands the need, matches it near the park, and keeps the answer with the job's completion.
package struct RequestHandler: JobHandler {
    package var kind: String { Self.kind }
    /// As the database calls it that puts the job in.
    static let kind = "request"
    private let pool: Pool
    private let shelf: ReferenceShelf

    package init(pool: Pool) {
        self.pool = pool
        shelf = ReferenceShelf(pool: pool)
    }

    package func run(_ job: Job, _ lease: consuming Lease) async throws -> Finished {
        let id = try Payload(job.payload).id
        let deadline = Deadline.after(.seconds(30))
        guard let request = try await pool.execute(RequestToAnswer(id: id), until: deadline) else {
            // Withdrawn before it was answered: nothing left to do.
            return try await lease.finish()
        }
        let answer = try await answer(request, until: deadline)
        return try await lease.finish(recording: AnswerRequest(id: id, answer: answer))
    }

    private func answer(_ request: RequestToAnswer.Row, until deadline: Deadline) async throws -> RequestAnswer {
        let language = Language.resolve(request.lang)
        let reference = try await shelf.reference(until: deadline)
        let reading = reference.reader.readOrCorrected(request.text, language: language)
        let need = Need(
            categories: request.categories.isEmpty ? reading.categories : request.categories,
            attributes: request.attributes.isEmpty ? reading.attributes : request.attributes,
            park: request.park ?? reading.park ?? reading.region.flatMap(reference.gazetteer.park(in:))
        )
        guard need.isMatchable else { return RequestAnswer(need: need, status: .needsStaff, matching: nil) }
        let matching = try await pool.execute(MatchNeed(need: need, language: language), until: deadline)
        return RequestAnswer(need: need, status: matching.isAnswered ? .answered : .unmet, matching: matching)
    }
}

/// What a request asks for once understood.
struct Need: Sendable {
    var categories: [String]
    var attributes: [String]
    var park: String?

    /// Without a kind of place or without a park there is nothing to match; a person must ask back.
    var isMatchable: Bool { !categories.isEmpty && park != nil }

    /// Whether somebody asks for help that can't wait, by the kind of place alone: the words are not read for it yet.
    var isEmergency: Bool { !Set(categories).isDisjoint(with: ["health.emergency", "health.ambulance"]) }

    /// The contract's `understood`; who asks (`party`) is not understood yet.
    var json: JSONText {
        var members: [(String, JSONText)] = [
            ("categories", .strings(categories)),
            ("attributes", .strings(attributes)),
            ("urgency", .string(isEmergency ? "emergency" : "normal")),
            ("party", .string("")),
        ]
        if let park { members.append(("park", .string(park))) }
        return .object(members)
    }
}

/// A request's answer.
struct RequestAnswer: Sendable {
    enum Status: String {
        case answered
        case unmet
        case needsStaff = "needs_staff"
    }

    let need: Need
    let status: Status
    let matching: Matching?
}

/// What a need found.
struct Matching: Sendable {
    let matches: JSONText
    let isAnswered: Bool
    let nearestAlternative: JSONText?
}
