import Catalog
import FoundationEssentials
package import Postgres

/// Every statement of this slice, for checks against a database.
package enum IntakeStatements {
    package static let all: [SQL] = [
        TakeRequest.sql, RequestToAnswer.sql, UnknownCodes.sql, MatchNeed.sql, AnswerRequest.sql, RequestRecord.sql,
        RequestBySecret.sql, TakeFeedback.sql, FeedbackToHandle.sql, SettleFeedback.sql, FeedbackRecord.sql,
        FeedbackBySecret.sql,
    ]
}

struct TakeRequest: OneRow {
    static let sql = SQL("take_request", PackageResources.take_request_sql)
    let secret: String
    let draft: RequestDraft
    let origin: String?

    func bind(to parameters: inout Parameters) {
        parameters.append(secret)
        parameters.append(draft.text)
        parameters.append(draft.park)
        parameters.append(draft.lang)
        parameters.append(draft.nationality)
        parameters.append(draft.contact)
        parameters.append(PostgresArray(draft.categories))
        parameters.append(PostgresArray(draft.attributes))
        parameters.append(origin)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> UUID { try row.next() }
}

struct RequestToAnswer: OptionalRow {
    static let sql = SQL("request_to_answer", PackageResources.request_to_answer_sql)
    static let route = Route.shared
    let id: UUID

    struct Row: Sendable {
        let text: String
        let park: String?
        let lang: String?
        let categories: [String]
        let attributes: [String]
    }

    func bind(to parameters: inout Parameters) { parameters.append(id) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        Row(
            text: try row.next(),
            park: try row.nextIfPresent(),
            lang: try row.nextIfPresent(),
            categories: try row.next(PostgresArray<String>.self).elements,
            attributes: try row.next(PostgresArray<String>.self).elements
        )
    }
}

struct UnknownCodes: OneRow {
    static let sql = SQL("unknown_codes", PackageResources.unknown_codes_sql)
    let draft: RequestDraft

    func bind(to parameters: inout Parameters) {
        parameters.append(draft.park)
        parameters.append(PostgresArray(draft.categories))
        parameters.append(PostgresArray(draft.attributes))
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> (knowsPark: Bool, unknown: [String]) {
        (try row.next(), try row.next(PostgresArray<String>.self).elements)
    }
}

struct MatchNeed: OneRow {
    static let sql = SQL("match_need", PackageResources.match_need_sql)
    static let route = Route.shared
    let need: Need
    let language: Language

    func bind(to parameters: inout Parameters) {
        parameters.append(need.park)
        parameters.append(PostgresArray(need.categories))
        parameters.append(PostgresArray(need.attributes))
        parameters.append(language.code)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Matching {
        Matching(
            matches: try row.next(),
            isAnswered: try row.next(),
            nearestAlternative: try row.nextIfPresent()
        )
    }
}

struct AnswerRequest: Command {
    static let sql = SQL("answer_request", PackageResources.answer_request_sql)
    let id: UUID
    let answer: RequestAnswer

    func bind(to parameters: inout Parameters) {
        parameters.append(id)
        parameters.append(answer.need.park)
        parameters.append(answer.need.json)
        parameters.append(answer.status.rawValue)
        parameters.append(answer.matching?.matches ?? JSONText("[]"))
        parameters.append(answer.matching?.nearestAlternative)
    }
}

/// No row when there is no such amenity.
struct TakeFeedback: OptionalRow {
    static let sql = SQL("take_feedback", PackageResources.take_feedback_sql)
    let secret: String
    let draft: FeedbackDraft
    let origin: String?

    func bind(to parameters: inout Parameters) {
        parameters.append(secret)
        parameters.append(draft.amenity)
        parameters.append(UUID(uuidString: draft.amenity))
        parameters.append(draft.text)
        parameters.append(draft.stars.map { Int16(clamping: $0) })
        parameters.append(
            draft.correction.map { .object(("field", .string($0.field)), ("value", .string($0.value))) } as JSONText?
        )
        parameters.append(draft.lang)
        parameters.append(draft.nationality)
        parameters.append(origin)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> UUID { try row.next() }
}

struct FeedbackToHandle: OptionalRow {
    static let sql = SQL("feedback_to_handle", PackageResources.feedback_to_handle_sql)
    static let route = Route.shared
    let id: UUID

    struct Row: Sendable {
        let filing: FeedbackFiling
    }

    func bind(to parameters: inout Parameters) { parameters.append(id) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> Row {
        let field: String? = try row.nextIfPresent()
        let text: String? = try row.nextIfPresent()
        return Row(filing: field != nil ? .correction : text != nil ? .comment : .rating)
    }
}

struct SettleFeedback: Command {
    static let sql = SQL("settle_feedback", PackageResources.settle_feedback_sql)
    let id: UUID
    let filing: FeedbackFiling

    func bind(to parameters: inout Parameters) {
        parameters.append(id)
        parameters.append(filing.kind)
        parameters.append(filing.status)
    }
}
