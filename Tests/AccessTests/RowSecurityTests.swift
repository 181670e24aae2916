import Postgres
import TestSupport
import Testing

@testable import Access

/// What each role of the database may do with SQL of its own, whatever the programs ask.
@Suite("Row security", .needsServer, .seededDatabase, .timeLimit(.minutes(2)))
struct RowSecurityTests {
    /// A session of its own that has taken a role on, and speaks for a park.
    private func withSession(
        as role: String,
        parks: String = "",
        _ body: (ScriptSession) async throws -> Void
    ) async throws {
        let session = try await ScriptSession.open(try TestDatabase.required().configuration)
        defer { session.close() }
        try await session.execute("set amenity.parks = '\(parks)'; set role \(role)")
        try await body(session)
    }

    private func refusal(of statement: String, _ session: ScriptSession) async throws -> SQLState? {
        do throws(PostgresError) {
            try await session.execute(statement)
            return nil
        } catch {
            return error.sqlState
        }
    }

    /// What nobody may do who has taken a role on.
    private static let forbidden = [
        "select * from access.token", "select hash from access.token", "insert into access.token (hash) values ('')",
        "update access.token set role = 'admin'", "delete from access.token", "truncate access.token",
        "select * from access.audit", "insert into access.audit (number) values (1)", "delete from access.audit",
        "update access.audit_head set number = 0", "delete from access.audit_unsealed",
        "select access.note('token.create', 'nothing')",
        "select access.guard('catalog.park')", "select secret_hash from intake.request",
        "select secret_hash from intake.feedback", "truncate intake.request", "truncate queue.live",
        "alter table intake.request disable row level security", "alter table access.audit disable trigger all",
        "drop table queue.live", "drop policy owner on intake.request", "create table catalog.mine (id int)",
        "create function access.parks2() returns int language sql as 'select 1'", "create schema mine",
        "alter role amenity_anonymous superuser", "create role amenity_mine",
        "grant amenity_admin to amenity_anonymous",
        "copy catalog.park to '/tmp/park'", "copy catalog.park from program 'id'", "select pg_read_file('/etc/passwd')",
        "alter system set log_statement = 'all'", "insert into public.amenity_migration (number) values (99)",
    ]

    /// What only workers may do of these.
    private static let forWorkers = [
        "insert into intake.request (text) values ('x')", "update intake.request set status = 'closed'",
        "delete from intake.request", "delete from intake.feedback", "insert into intake.event (status) values ('x')",
        "update intake.review set decided_at = now()", "insert into queue.live (kind, payload) values ('x', '{}')",
        "delete from queue.live", "delete from queue.outcome", "update queue.cap set running = 1",
        "delete from queue.pause", "insert into queue.pause (scope, name) values ('kind', 'x')",
        "update catalog.amenity set phone = '110'", "delete from catalog.park",
        "insert into catalog.source (id) values ('x')",
        "update gaps.residents set value = 0", "select queue.rotate()", "select queue.keep_days()",
        "select queue.drop_days('1 d')", "select * from catalog.field_check",
        "do $$ begin lock table queue.gate in access exclusive mode; end $$",
    ]

    /// What anonymous callers and investors may not even look at.
    private static let forInsiders = [
        "select id from intake.request", "select text from intake.request", "select id from intake.feedback",
        "select * from intake.event", "select * from intake.review", "select * from queue.live",
        "select * from queue.job", "select * from queue.outcome", "select * from queue.worker",
        "select * from queue.pause", "select queue.explain_wait(1)", "select * from queue.snapshot_holders()",
    ]

    @Test(
        "refuses what is none of a role's business",
        arguments: ["anonymous", "investor", "staff", "analyst", "admin", "worker"]
    )
    func refused(role: String) async throws {
        var statements = Self.forbidden
        if role != "worker" { statements += Self.forWorkers }
        if ["anonymous", "investor"].contains(role) { statements += Self.forInsiders }
        try await withSession(as: "amenity_\(role)", parks: "jx-de") { [statements] session in
            for statement in statements {
                let refusal = try await refusal(of: statement, session)
                #expect(refusal == .insufficientPrivilege, "\(role): \(statement)")
            }
        }
    }

    @Test("hides a contact from analysts and workers, and shows it to staff")
    func contact() async throws {
        for (role, sees) in [("staff", true), ("admin", true), ("analyst", false), ("worker", false)] {
            try await withSession(as: "amenity_\(role)") { session in
                let refusal = try await refusal(of: "select contact from intake.request", session)
                #expect(refusal == (sees ? nil : .insufficientPrivilege), "\(role)")
            }
        }
    }

    @Test("shows staff what belongs to their parks, and others all or what their token is limited to")
    func parks() async throws {
        let database = try TestDatabase.required()
        let observer = try await database.observer()
        defer { observer.close() }
        try await observer.execute(
            """
            select intake.take_request('s', 'in ' || coalesce(park, 'no'), park, null, null, 'me', '{}', '{}', null)
            from unnest(array['jx-de', 'jx-jp', null]) as park;
            select intake.take_feedback('s', slug, null, 'fine', null, null, null, null, null)
            from catalog.amenity where intake.park_of(id) in ('jx-de', 'jx-jp');
            insert into queue.pause (scope, name) values ('park', 'jx-de'), ('park', 'jx-jp'), ('kind', 'nothing')
            """
        )
        let counts = """
            select (select string_agg(text, ',' order by text) from intake.request),
                (select string_agg(distinct park, ',' order by park) from intake.feedback),
                (select count(*) = count(distinct request) from intake.event where request is not null),
                (select string_agg(distinct coalesce(park, 'no'), ',') from queue.job where kind = 'request'),
                (select string_agg(name, ',' order by name) from queue.pause)
            """
        for (role, parks, requests, feedback, pauses) in [
            ("staff", "jx-de", "in jx-de", "jx-de", "jx-de,nothing"),
            ("staff", "jx-de,jx-jp", "in jx-de,in jx-jp", "jx-de,jx-jp", "jx-de,jx-jp,nothing"),
            ("staff", "jx-nl", nil, nil, "nothing"), ("staff", "", nil, nil, "nothing"),
            ("analyst", "", "in jx-de,in jx-jp,in no", "jx-de,jx-jp", "jx-de,jx-jp,nothing"),
            ("analyst", "jx-jp", "in jx-jp", "jx-jp", "jx-de,jx-jp,nothing"),
            ("admin", "", "in jx-de,in jx-jp,in no", "jx-de,jx-jp", "jx-de,jx-jp,nothing"),
        ] {
            try await withSession(as: "amenity_\(role)", parks: parks) { session in
                let row = try #require(try await session.execute(counts).first)
                #expect(row[0] == requests && row[1] == feedback && row[4] == pauses, "\(role) of \(parks): \(row)")
                #expect(row[2] == "t")
                #expect(row[3]?.replacing("jx", with: "in jx").contains("jx-de") == requests?.contains("jx-de"))
            }
        }
    }

    @Test("leaves a read-only session no way to write")
    func readOnly() async throws {
        try await withSession(as: "amenity_anonymous") { session in
            try await session.execute("set default_transaction_read_only = on")
            let submission = "select intake.take_request('s', 'x', null, null, null, null, '{}', '{}', null)"
            #expect(try await refusal(of: submission, session) == .readOnlyTransaction)
            #expect(try await refusal(of: "select access.note_refusal('x', null)", session) == .readOnlyTransaction)
        }
    }

    @Test("a transaction that acts for a token takes its role and parks, until it ends, and none that was revoked")
    func assume() async throws {
        try await TestDatabase.required().withPool { pool in
            let tokens = Tokens(pool: pool)
            let given = try await tokens.create(
                Grant(role: .staff, parks: ["jx-de", "jx-nl"]),
                name: "Li",
                life: 60,
                until: .after(.seconds(30))
            )
            try await withSession(as: "amenity_anonymous") { session in
                let facts = "current_user, array_to_string(access.parks(), ' '), current_setting('amenity.actor', true)"
                let during = try await session.execute(
                    "begin; select access.assume(\(given.id), 'r1'); select \(facts)"
                )
                #expect(during == [["amenity_staff", "jx-de jx-nl", "Li"]])
                let after = try await session.execute("commit; select \(facts)")
                #expect(after.first?[0] == "amenity_anonymous" && (after.first?[1] ?? "") == "")
                _ = try await tokens.revoke(given.id, until: .after(.seconds(30)))
                let refusal = try await refusal(of: "begin; select access.assume(\(given.id), 'r2')", session)
                #expect(refusal == .invalidAuthorization)
            }
        }
    }

    @Test("is forced on every table in which not all is for everybody, and no role can log in or step around it")
    func everywhere() async throws {
        let observer = try await TestDatabase.required().observer()
        defer { observer.close() }
        let open = try await observer.execute(
            """
            select oid::regclass::text from pg_class
            where relkind in ('r', 'p') and not relispartition and not (relrowsecurity and relforcerowsecurity)
                and relnamespace::regnamespace::text in ('intake', 'queue', 'access', 'service')
            """
        )
        #expect(open == [], "access.guard is there for the tables of new migrations")
        let strong = try await observer.execute(
            """
            select rolname from pg_roles
            where rolname like 'amenity\\_%' and (rolcanlogin or rolsuper or rolbypassrls or rolcreaterole or rolcreatedb)
            """
        )
        #expect(strong == [])
        let loose = try await observer.execute(
            """
            select oid::regprocedure::text from pg_proc
            where prosecdef and pronamespace in (select oid from pg_namespace where nspname in
                    ('catalog', 'intake', 'queue', 'gaps', 'access', 'service'))
                and (
                    has_function_privilege('public', oid, 'execute')
                    -- PostGIS stands in public, where nobody else may create anything.
                    or not proconfig && array['search_path=pg_catalog, pg_temp', 'search_path=pg_catalog, public, pg_temp']
                )
            """
        )
        #expect(loose == [], "what runs with its owner's rights names its callers and its search path")
    }
}
