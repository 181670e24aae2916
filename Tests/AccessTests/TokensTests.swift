import Postgres
import TestSupport
import Testing

@testable import Access

@Suite("Tokens", .needsServer, .migratedDatabase, .timeLimit(.minutes(2)))
struct TokensTests {
    private static var soon: Deadline { .after(.seconds(60)) }

    private func withTokens(_ body: (Tokens, Pool, ServerObserver) async throws -> Void) async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await database.withPool { try await body(Tokens(pool: $0), $0, observer) }
    }

    /// Asks the database, and not what was remembered of an earlier answer.
    private func holder(of given: Tokens.Given, _ pool: Pool) async throws -> Principal? {
        try await Tokens(pool: pool).principal(for: .token(given.token.text), until: Self.soon)
    }

    @Test("say what their holder may do, and keep only a hash")
    func create() async throws {
        try await withTokens { tokens, pool, observer in
            let grant = Grant(role: .staff, parks: ["jx-de"], scopes: [.desk])
            let given = try await tokens.create(grant, name: "Li", life: 3600, until: Self.soon)
            let holder = try #require(try await holder(of: given, pool))
            #expect(holder.actor == "Li" && holder.role == .staff && holder.parks == ["jx-de"])
            #expect(holder.scopes == [.desk] && holder.token == given.id)
            let row = try await observer.value("select to_jsonb(token) from access.token where id = \(given.id)")
            #expect(row?.contains(given.token.text) == false)
            let other = Token(role: .staff)
            #expect(try await tokens.principal(for: .token(other.text), until: Self.soon) == nil)
            let mistyped = String(given.token.text.dropLast()) + (given.token.text.last == "0" ? "1" : "0")
            #expect(try await tokens.principal(for: .token(mistyped), until: Self.soon) == nil)
        }
    }

    @Test("are told apart by each of their bytes, whatever is remembered of another")
    func comparison() throws {
        let text = Token(role: .staff).text
        let cache = TokenCache()
        cache.keep(Principal(actor: "Li", role: .staff), for: .token(text), asked: .now, secondsLeft: nil)
        #expect(cache.principal(for: .token(text), at: .now)?.actor == "Li")
        var others = [String(text.dropLast()), text + "0", "", "\0" + text, text + "\0"]
        others += text.indices.map { index in
            var other = text
            other.replaceSubrange(index...index, with: text[index] == "x" ? "y" : "x")
            return other
        }
        for other in others {
            #expect(Credential.token(other) != .token(text))
            #expect(cache.principal(for: .token(other), at: .now) == nil, "\(other)")
        }
        // One text to a reader, and two to a comparison of bytes.
        #expect(Credential.token("caf\u{E9}") != .token("cafe\u{301}"))
        #expect(Credential.certificate([text]) != .token(text))
    }

    @Test("are compared by their hashes alone in the database, wherever one is shown")
    func hashes() async throws {
        try await withTokens { _, _, observer in
            let shown = """
                from pg_proc where pronamespace = 'access'::regnamespace and 'token' = any (proargnames)
                    and 'bytea'::regtype = any (proargtypes)
                """
            let isShown = try await observer.value("select count(*) > 1 \(shown)")
            #expect(isShown == "t")
            let plain = try await observer.value(
                "select string_agg(proname, ', ') \(shown) and prosrc !~ 'sha256\\((\\w+\\.)?token\\)'"
            )
            #expect(plain == nil)
            let columns = try await observer.value(
                """
                select string_agg(attname, ', ' order by attname) from pg_attribute
                where attrelid = 'access.token'::regclass and atttypid in ('bytea'::regtype, 'text'::regtype)
                """
            )
            #expect(columns == "certificate, hash, name, role")
        }
    }

    @Test("expire by the database's clock")
    func expiry() async throws {
        try await withTokens { tokens, pool, observer in
            let given = try await tokens.create(Grant(role: .admin), name: "x", life: 3600, until: Self.soon)
            #expect(try await holder(of: given, pool) != nil)
            try await observer.execute(
                "update access.token set expires_at = clock_timestamp() - interval '1 us' where id = \(given.id)"
            )
            #expect(try await holder(of: given, pool) == nil)
        }
    }

    @Test("are remembered for less than a second, and never beyond their end")
    func cache() throws {
        let cache = TokenCache(capacity: 2)
        let (first, second, third) = (Credential.token("a"), Credential.token("b"), Credential.certificate(["a"]))
        let now = Deadline.now
        let admin = Principal(actor: "a", role: .admin)
        cache.keep(admin, for: first, asked: now, secondsLeft: nil)
        cache.keep(admin, for: second, asked: now, secondsLeft: 0.25)
        #expect(cache.principal(for: first, at: now + .milliseconds(899))?.actor == "a")
        #expect(cache.principal(for: first, at: now + .milliseconds(900)) == nil)
        #expect(cache.principal(for: second, at: now + .milliseconds(249)) != nil)
        #expect(cache.principal(for: second, at: now + .milliseconds(250)) == nil)
        cache.keep(admin, for: third, asked: now, secondsLeft: nil)
        #expect(cache.principal(for: first, at: now) == nil, "a full cache forgets rather than grows")
        #expect(cache.principal(for: third, at: now) != nil)
    }

    @Test("narrowed from another end with it, and so do those narrowed from them")
    func narrowing() async throws {
        try await withTokens { tokens, pool, _ in
            let parent = try await tokens.create(Grant(role: .analyst), name: "p", life: 3600, until: Self.soon)
            let child = try await tokens.narrow(
                parent.id,
                name: nil,
                parks: ["jx-de"],
                scopes: [.jobs, .desk],
                life: 360_000,
                until: Self.soon
            )
            let grandchild = try await tokens.narrow(
                child.id,
                name: "g",
                parks: nil,
                scopes: [.jobs],
                life: nil,
                until: Self.soon
            )
            let (above, below) = (try await holder(of: parent, pool), try await holder(of: child, pool))
            #expect(below?.parks == ["jx-de"] && below?.scopes == [.desk, .jobs] && below?.actor == "p")
            #expect(below?.expiresAt == above?.expiresAt, "it would have lived longer")
            #expect(try await holder(of: grandchild, pool)?.parks == ["jx-de"])
            await #expect(throws: TokenError.self) {
                try await tokens.narrow(child.id, name: nil, parks: [], scopes: nil, life: nil, until: Self.soon)
            }
            #expect(try await tokens.revoke(parent.id, until: Self.soon) == 3)
            for given in [parent, child, grandchild] { #expect(try await holder(of: given, pool) == nil) }
            #expect(try await tokens.revoke(parent.id, until: Self.soon) == 0)
            await #expect(throws: TokenError.self) {
                try await tokens.narrow(child.id, name: nil, parks: nil, scopes: [.jobs], life: nil, until: Self.soon)
            }
        }
    }

    @Test("the table itself takes none that may do more than the one it was made from")
    func narrowingInTable() async throws {
        try await withTokens { tokens, _, observer in
            let parent = try await tokens.create(
                Grant(role: .analyst, parks: ["a"], scopes: [.jobs]),
                name: "p",
                life: 3600,
                until: Self.soon
            )
            let insert = "insert into access.token (hash, name, parent, role, parks, scopes, expires_at) values"
            let soon = "now() + interval '1 min'"
            for (number, columns) in [
                "'admin', '{a}', '{jobs}', \(soon)", "'analyst', '{b}', '{jobs}', \(soon)",
                "'analyst', '{}', '{jobs}', \(soon)", "'analyst', '{a}', null, \(soon)",
                "'analyst', '{a}', '{jobs,desk}', \(soon)", "'analyst', '{a}', '{jobs}', null",
                "'analyst', '{a}', '{jobs}', now() + interval '2 h'",
            ].enumerated() {
                await #expect(throws: PostgresError.self, "\(columns)") {
                    try await observer.execute("\(insert) ('\\x0\(number)', 'n', \(parent.id), \(columns))")
                }
            }
            try await observer.execute("\(insert) ('\\xff', 'n', \(parent.id), 'analyst', '{a}', '{jobs}', \(soon))")
        }
    }

    @Test("rotated go on for a while, and what was narrowed from them depends on the new one")
    func rotation() async throws {
        try await withTokens { tokens, pool, observer in
            let old = try await tokens.create(
                Grant(role: .staff, parks: ["a"]),
                name: "desk",
                life: 864_000,
                until: Self.soon
            )
            let child = try await tokens.narrow(
                old.id,
                name: nil,
                parks: nil,
                scopes: [.desk],
                life: nil,
                until: Self.soon
            )
            let new = try await tokens.rotate(old.id, overlap: 3600, until: Self.soon)
            #expect(try await holder(of: new, pool)?.parks == ["a"])
            #expect(try await holder(of: old, pool) != nil)
            let left = try await observer.value(
                "select expires_at - now() between '59 min' and '1 h' from access.token where id = \(old.id)"
            )
            #expect(left == "t")
            let life = try await observer.value(
                "select expires_at - created_at between '9 d 23:59' and '10 d 00:01' from access.token where id = \(new.id)"
            )
            #expect(life == "t")
            #expect(try await tokens.revoke(old.id, until: Self.soon) == 1, "only itself")
            #expect(try await holder(of: child, pool) != nil)
            #expect(try await tokens.revoke(new.id, until: Self.soon) == 2)
            #expect(try await holder(of: child, pool) == nil)
            await #expect(throws: TokenError.self) { try await tokens.rotate(old.id, overlap: 0, until: Self.soon) }
        }
    }

    @Test("bound to networks say so, pass it on, and the table takes none from elsewhere")
    func networks() async throws {
        try await withTokens { tokens, pool, observer in
            let network = try #require(NetworkPrefix("10.0.0.0/8"))
            let grant = Grant(role: .staff, parks: ["a"], networks: [network, try #require(NetworkPrefix("::1"))])
            let given = try await tokens.create(grant, name: "desk", life: 3600, until: Self.soon)
            #expect(try await holder(of: given, pool)?.networks == grant.networks)
            let rotated = try await tokens.rotate(given.id, overlap: 3600, until: Self.soon)
            #expect(try await holder(of: rotated, pool)?.networks == grant.networks)
            let narrow = try #require(NetworkPrefix("10.1.0.0/16"))
            let child = try await tokens.narrow(
                rotated.id,
                name: nil,
                parks: nil,
                scopes: nil,
                networks: [narrow],
                life: nil,
                until: Self.soon
            )
            #expect(try await holder(of: child, pool)?.networks == [narrow])
            let insert = "insert into access.token (hash, name, parent, role, parks, expires_at, networks) values"
            for (number, networks) in ["null", "'{0.0.0.0/0}'", "'{10.1.0.0/16,11.0.0.0/8}'", "'{}'"].enumerated() {
                await #expect(throws: PostgresError.self, "\(networks)") {
                    try await observer.execute(
                        "\(insert) ('\\x1\(number)', 'n', \(rotated.id), 'staff', '{a}', now() + interval '1 min', \(networks))"
                    )
                }
            }
        }
    }

    @Test("held by a certificate are found by its names, have no secret, and end like others")
    func certificates() async throws {
        try await withTokens { tokens, pool, observer in
            let given = try await tokens.create(
                Grant(role: .staff, parks: ["a"]),
                name: "desk",
                certificate: "DNS:desk.example",
                life: 3600,
                until: Self.soon
            )
            func holder(_ names: String...) async throws -> Principal? {
                try await Tokens(pool: pool).principal(for: .certificate(names), until: Self.soon)
            }
            let known = try await holder("URI:spiffe://x/y", "DNS:desk.example")
            #expect(known?.actor == "desk" && known?.token == given.id && known?.parks == ["a"])
            for names in [["DNS:desk.example.org"], ["email:desk.example"], ["desk.example"], []] {
                let nobody = try await Tokens(pool: pool).principal(for: .certificate(names), until: Self.soon)
                #expect(nobody?.role == .anonymous && nobody?.token == nil, "\(names)")
            }
            let secret = try await Tokens(pool: pool).principal(for: .token(given.token.text), until: Self.soon)
            #expect(secret == nil, "its secret is good for nothing")
            await #expect(throws: TokenError.self) { try await tokens.rotate(given.id, overlap: 60, until: Self.soon) }
            #expect(try await tokens.revoke(given.id, until: Self.soon) == 1)
            #expect(try await holder("DNS:desk.example")?.token == nil)
            await #expect(throws: PostgresError.self) {
                try await observer.execute("update access.token set certificate = 'desk' where id = \(given.id)")
            }
        }
    }
}
