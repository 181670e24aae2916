package import Postgres

/// The role of the database that a program's sessions have while they act for nobody in particular.
package enum SessionRole: String, Sendable {
    /// Reads what is published, and takes what anybody may hand in.
    case anonymous = "amenity_anonymous"
    /// Reads and writes the rows of jobs and of what jobs are about.
    case worker = "amenity_worker"
}

extension PostgresConfiguration {
    /// Has every session take on a role when it begins, once and for all: it costs its statements nothing. The user that the
    /// connection string names has to be a member of it.
    package mutating func rest(as role: SessionRole) { sessionSettings.append(("role", role.rawValue)) }
}
