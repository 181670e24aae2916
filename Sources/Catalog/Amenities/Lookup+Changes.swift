import FoundationEssentials
package import Postgres

extension Lookup {
    /// The most changes of a page.
    package static let changeLimits = 1...1000

    /// What has changed, in order, with what was removed: for those who keep a copy.
    ///
    /// - Parameter since: `nil` or empty for everything, else where the page before ended, or a time.
    /// - Returns: an object, whose `until` is where to go on, also where nothing is new.
    package func changes(since: String?, limit: Int, until deadline: Deadline) async throws(CatalogError) -> JSONText {
        guard Self.changeLimits.contains(limit) else { throw .invalid(member: "limit", expected: "integer 1..1000") }
        var point = ChangePoint.start
        var time: Timestamp?
        if let since, !since.isEmpty, since != "0" {
            if let known = ChangePoint(since) {
                point = known
            } else if let wall = WallTime(parsing: since) {
                time = wall.instant
            } else {
                throw .invalid(
                    member: "since",
                    expected: "the “until” of an earlier answer, or \(WallTime.expectation)"
                )
            }
        }
        let rows = try await run(ListChanges(since: point, notBefore: time, limit: limit), until: deadline)
        let end = rows.last?.point ?? point
        let items = rows.map { row in
            JSONText.object(
                ("id", .id(row.id)),
                ("slug", .string(row.slug)),
                ("kind", .string(row.kind)),
                ("at", row.at)
            )
        }
        return .object(("items", .array(items)), ("until", .string(end.text)))
    }
}
