import Catalog
package import Postgres

/// Every statement of this slice, for checks against a database.
package enum GapStatements {
    package static let all: [SQL] = [CountGaps.sql]
}

/// Leased: a report takes longer than a look-up and must not hold those up.
struct CountGaps: OneRow {
    static let sql = SQL("count_gaps", PackageResources.count_gaps_sql)
    static let route = Route.leasedRead
    let park: String?
    let nationality: String?
    let categories: [String]
    let language: Language

    func bind(to parameters: inout Parameters) {
        parameters.append(park)
        parameters.append(nationality)
        parameters.append(PostgresArray(categories))
        parameters.append(language.code)
    }

    static func decode(_ row: inout RowReader) throws(PostgresError) -> JSONText { try row.next() }
}
