import FoundationEssentials
package import Postgres

extension Lookup {
    /// The most changes of a page.
    package static let changeLimits = 1...1000

    /// What has changed, in order, with what was removed: for those who keep a copy.
    ///
    /// - Parameter since: `nil` or empty for everything, else where the page before ended, or a time.
    /// - Returns: the page, whose `next` is where to go on; the object's `until` is the same, also where nothing is new.
    package func changes(since: String?, limit: Int, until deadline: Deadline) async throws(CatalogError) -> Page {
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
        let statement = ListChanges(since: point, notBefore: time, limit: limit + 1)
        let rows = try await run(statement, until: deadline)
        let page = rows.prefix(limit)
        let end = page.last?.point ?? point
        let items = page.map { row in
            JSONText.object(
                ("id", .string(row.id.uuidString.lowercased())),
                ("slug", .string(row.slug)),
                ("kind", .string(row.kind)),
                ("at", row.at)
            )
        }
        let json = JSONText.object(("items", .array(items)), ("until", .string(end.text)))
        return Page(json: json, next: rows.count > limit ? end.text : nil)
    }
}
