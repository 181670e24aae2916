import Access
import Postgres
import TestSupport

extension TestDatabase {
    /// A pool as the service has it.
    func withServicePool<Value>(leased: Int = 6, _ body: (Pool) async throws -> Value) async throws -> Value {
        try await withPool(leased: leased, configure: { $0.rest(as: .anonymous) }, body)
    }

    /// Ends a token.
    func revoke(_ id: Int64) async throws -> Int {
        try await withPool { try await Tokens(pool: $0).revoke(id, until: .after(.seconds(30))) }
    }

    /// A new token's text.
    func token(_ grant: Grant, name: String = "t") async throws -> String {
        try await withPool { pool in
            try await Tokens(pool: pool).create(grant, name: name, life: 3600, until: .after(.seconds(30))).token.text
        }
    }
}
