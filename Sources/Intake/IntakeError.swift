package import Postgres

/// Why something could not be taken in or read back.
package enum IntakeError: Error, Sendable {
    case unknownPark(String, known: [String])
    /// Also for a wrong secret: it must not tell whether the thing exists.
    case notFound(what: String, id: String)
    /// A parameter that cannot be right; the member is a path below `params`.
    case invalid(member: String, expected: String)
    case database(PostgresError)
}

extension IntakeError {
    /// Runs the body and wraps what the database threw.
    static func wrapping<Value>(_ body: () async throws -> Value) async throws(IntakeError) -> Value {
        do {
            return try await body()
        } catch let error as IntakeError {
            throw error
        } catch let error as PostgresError {
            throw .database(error)
        } catch {
            preconditionFailure("a submission throws only our errors, not \(error)")
        }
    }
}
