/// How to reach the database and how much of it to use.
package struct PostgresConfiguration: Sendable {
    /// A libpq connection string or URI; several hosts are allowed. What it sets wins over our defaults.
    package var connectionString: String
    /// Another database on the same server than the one the connection string names.
    package var database: String?
    /// What the server shows as the session's name.
    package var applicationName: String
    /// Read-only connections on which autocommit reads are pipelined.
    package var sharedConnections = 2
    /// The most connections lent at once for transactions, COPY and slow statements.
    package var leasedConnections = 8
    /// What every session is set to before its first statement, as `SET name = value`: the server's own backstops.
    package var sessionSettings: [(name: String, value: String)] = [
        ("statement_timeout", "60s"),
        ("lock_timeout", "10s"),
        ("idle_in_transaction_session_timeout", "30s"),
        // A statement of a client that is gone ends within this time instead of running on with its locks.
        ("client_connection_check_interval", "500ms"),
    ]
    /// How long a server may take to answer a cancel request before its connection is given up.
    package var cancelGrace: Duration = .seconds(2)
    /// A leased connection older than this is replaced when it is returned.
    package var maximumLifetime: Duration = .seconds(3600)

    package init(connectionString: String, applicationName: String) {
        self.connectionString = connectionString
        self.applicationName = applicationName
    }

    /// Why the connection string cannot be read, without what may be part of a password; `nil` if it can.
    package var fault: String? { LibPQ.fault(ofConnectionString: connectionString) }

    /// One string that reaches the same database, ``database`` included, for a program that takes no more than that.
    package var connectionStringWithDatabase: String {
        guard let database else { return connectionString }
        // Of a parameter that stands twice, libpq takes the last.
        guard connectionString.contains("://") else { return connectionString + " dbname=\(database)" }
        return connectionString + (connectionString.contains("?") ? "&" : "?") + "dbname=\(database)"
    }

    /// The arrays for `PQconnectdbParams`. Later ones win, and `dbname` is expanded where it stands.
    var settings: [(key: String, value: String)] {
        [
            ("connect_timeout", "5"),
            ("keepalives", "1"),
            ("keepalives_idle", "30"),
            ("keepalives_interval", "10"),
            ("keepalives_count", "3"),
            // Milliseconds until unacknowledged data ends a connection to a dead peer.
            ("tcp_user_timeout", "15000"),
            // A GSS handshake that nobody configured costs a round trip and warns.
            ("gssencmode", "disable"),
            ("target_session_attrs", "read-write"),
            ("fallback_application_name", applicationName),
            ("dbname", connectionString),
            ("client_encoding", "UTF8"),
        ] + (database.map { [("dbname", $0)] } ?? [])
    }
}
