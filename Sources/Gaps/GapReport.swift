package import Catalog
package import Postgres

/// Says what is missing, where, for whom, and how sure that is.
///
/// At this stage the gap of a cell (park, nationality, root category) is 1 when no place that matches the culture is
/// within reach and 0 otherwise; where nobody has counted the residents, its confidence runs from 0 to 1.
package struct GapReport: Sendable {
    private let pool: Pool

    package init(pool: Pool) { self.pool = pool }

    /// The report's rows, worst first, as `{"rows": [...]}`.
    ///
    /// - Parameter categories: root categories; empty for all.
    package func gaps(
        park: String?,
        nationality: String?,
        categories: [String],
        language: Language,
        until deadline: Deadline
    ) async throws(GapsError) -> JSONText {
        if let nationality, !Nationality.isCode(nationality) {
            throw .invalid(member: "nationality", expected: Nationality.expectation)
        }
        if let index = categories.firstIndex(where: { $0.contains(".") }) {
            throw .invalid(member: "categories/\(index)", expected: "a root category, such as edu or health")
        }
        do {
            if let park {
                let known = try await pool.execute(ParkIDs(), until: deadline)
                guard known.contains(park) else { throw GapsError.unknownPark(park, known: known) }
            }
            let report = CountGaps(park: park, nationality: nationality, categories: categories, language: language)
            return .object("rows", try await pool.execute(report, until: deadline))
        } catch let error as GapsError {
            throw error
        } catch let error as PostgresError {
            throw .database(error)
        } catch {
            preconditionFailure("a report throws only our errors, not \(error)")
        }
    }
}
