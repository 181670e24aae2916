import FoundationEssentials
import Postgres

/// Reads what somebody handed in, as a JSON object.
protocol RecordStatement: OptionalRow where Row == JSONText {
    var id: UUID { get }
}

extension RecordStatement {
    static var route: Route { .shared }

    func bind(to parameters: inout Parameters) { parameters.append(id) }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}

/// For whoever may see it by their role.
struct RequestRecord: RecordStatement {
    static let sql = SQL("request_record", PackageResources.request_record_sql)
    let id: UUID
}

/// For whoever may see it by their role.
struct FeedbackRecord: RecordStatement {
    static let sql = SQL("feedback_record", PackageResources.feedback_record_sql)
    let id: UUID
}

/// For whoever holds its secret.
struct RequestBySecret: RecordStatement {
    static let sql = SQL("request_by_secret", PackageResources.request_by_secret_sql)
    let id: UUID
    let secret: String

    func bind(to parameters: inout Parameters) {
        parameters.append(id)
        parameters.append(secret)
    }
}

/// For whoever holds its secret.
struct FeedbackBySecret: RecordStatement {
    static let sql = SQL("feedback_by_secret", PackageResources.feedback_by_secret_sql)
    let id: UUID
    let secret: String

    func bind(to parameters: inout Parameters) {
        parameters.append(id)
        parameters.append(secret)
    }
}
