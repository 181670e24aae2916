import Postgres
import TestSupport
import Testing

@testable import Access

/// Each on a database of its own, since it is the whole log that is looked at.
@Suite("The audit log", .needsServer, .timeLimit(.minutes(2)))
struct AuditTests {
    private static var soon: Deadline { .after(.seconds(60)) }

    /// A log of six entries.
    private func withLog(_ body: (Audit, Tokens, ServerObserver) async throws -> Void) async throws {
        try await withDatabase { database in
            try await database.migrate()
            let observer = try await database.observer()
            defer { observer.close() }
            try await database.withPool { pool in
                let tokens = Tokens(pool: pool)
                for name in ["a", "b", "c"] {
                    _ = try await tokens.create(Grant(role: .admin), name: name, life: nil, until: Self.soon)
                }
                for id in 1...3 as ClosedRange<Int64> { _ = try await tokens.revoke(id, until: Self.soon) }
                let audit = Audit(pool: pool)
                #expect(try await audit.seal(until: Self.soon) == 6)
                try await body(audit, tokens, observer)
            }
        }
    }

    private func fault(_ audit: Audit, since head: Audit.Head? = nil) async throws -> Audit.Fault? {
        try await audit.verify(remembered: head, until: Self.soon).fault
    }

    @Test("has an entry for each change of a token, with who, what and the digests of before and after")
    func entries() async throws {
        try await withLog { audit, _, observer in
            let (head, fault) = try await audit.verify(remembered: nil, until: Self.soon)
            #expect(head.number == 6 && fault == nil)
            let rows = try await observer.execute(
                "select act, object, role, before is null, after is null from access.audit where number in (1, 6)"
            )
            #expect(
                rows == [
                    ["token.create", "token 1", "operator", "t", "f"],
                    ["token.update", "token 3", "operator", "f", "f"],
                ]
            )
            let list = try await audit.list(act: "token.update", actor: nil, below: 6, limit: 1, until: Self.soon)
            #expect(list.text.contains(#""number":5"#) && !list.text.contains(#""number":4"#))
        }
    }

    @Test("is changed by nobody: not by an update, a deletion or a truncation")
    func appendOnly() async throws {
        try await withLog { audit, _, observer in
            for statement in [
                "update access.audit set actor = 'x'", "delete from access.audit", "truncate access.audit",
                "delete from access.audit where number = 100",
            ] {
                await #expect(throws: PostgresError.self) { try await observer.execute(statement) }
            }
            let fault = try await fault(audit)
            #expect(fault == nil)
        }
    }

    @Test(
        "shows what was done to it by somebody who took the trigger away",
        arguments: [
            ("update access.audit set actor = 'x' where number = 2", Audit.Fault.changed(2)),
            ("update access.audit set at = at - interval '1 us' where number = 6", .changed(6)),
            ("update access.audit set after = '\\x00' where number = 1", .changed(1)),
            ("update access.audit set hash = sha256(hash) where number = 3", .changed(3)),
            ("delete from access.audit where number = 3", .missing(before: 4)),
            ("delete from access.audit where number = 1", .missing(before: 2)),
            ("delete from access.audit where number > 4", .cutOff(after: 4)),
            ("delete from access.audit", .cutOff(after: 0)),
        ]
    )
    func tampering(statement: String, expected: Audit.Fault) async throws {
        try await withLog { audit, _, observer in
            try await observer.execute("alter table access.audit disable trigger all; \(statement)")
            #expect(try await fault(audit) == expected)
        }
    }

    @Test("cut off or written anew together with its recorded end, it shows against an end that was remembered")
    func remembered() async throws {
        try await withLog { audit, tokens, observer in
            let head = try await audit.verify(remembered: nil, until: Self.soon).head
            #expect(Audit.Head(head.text) == head)
            #expect(try await fault(audit, since: head) == nil)
            let cut = """
                alter table access.audit disable trigger all;
                delete from access.audit where number > 4;
                alter table access.audit enable trigger all;
                update access.audit_head set (number, hash) = (select number, hash from access.audit where number = 4)
                """
            try await observer.execute(cut)
            #expect(try await fault(audit) == nil, "nobody could tell without having remembered")
            #expect(try await fault(audit, since: head) == .cutOff(after: 4))
            for name in ["d", "e", "f"] {
                _ = try await tokens.create(Grant(role: .admin), name: name, life: nil, until: Self.soon)
            }
            #expect(try await fault(audit) == nil)
            #expect(try await fault(audit, since: head) == .rewritten(6))
        }
    }

    @Test("numbers what comes at once without a gap, and leaves out what was rolled back")
    func concurrency() async throws {
        try await withDatabase { database in
            try await database.migrate()
            try await database.withPool(leased: 6) { pool in
                let tokens = Tokens(pool: pool)
                try await withThrowingDiscardingTaskGroup { group in
                    for number in 0..<40 {
                        group.addTask {
                            guard number % 4 == 0 else {
                                _ = try await tokens.create(Grant(role: .admin), name: "n", life: nil, until: Self.soon)
                                return
                            }
                            struct Stop: Error {}
                            await #expect(throws: Stop.self) {
                                try await pool.withTransaction(until: Self.soon) { session in
                                    let token = CreateToken(
                                        token: Token(role: .admin),
                                        name: "never",
                                        grant: Grant(role: .admin),
                                        certificate: nil,
                                        life: nil
                                    )
                                    _ = try await session.execute(token)
                                    throw Stop()
                                }
                            }
                        }
                    }
                }
                let (head, fault) = try await Audit(pool: pool).verify(remembered: nil, until: Self.soon)
                #expect(head.number == 30 && fault == nil)
            }
        }
    }

    @Test("takes in what is committed when somebody looks, in whatever order it was, and nobody waits for the others")
    func sealing() async throws {
        try await withDatabase { database in
            try await database.migrate()
            let (slow, quick) = (try await database.observer(), try await database.observer())
            defer { slow.close() }
            defer { quick.close() }
            try await database.withPool { pool in
                let audit = Audit(pool: pool)
                try await slow.execute("begin; select access.note('test.slow', 'a')")
                // It would wait for the other's end if it numbered itself.
                try await quick.execute("set lock_timeout = '1 s'; select access.note('test.quick', 'b')")
                #expect(try await audit.verify(remembered: nil, until: Self.soon).head.number == 1)
                try await slow.execute("commit; begin; select access.note('test.never', 'c'); rollback")
                let (head, fault) = try await audit.verify(remembered: nil, until: Self.soon)
                #expect(head.number == 2 && fault == nil)
                let acts = try await quick.execute("select act from access.audit order by number")
                #expect(acts == [["test.quick"], ["test.slow"]])
                #expect(try await audit.seal(until: Self.soon) == 0)
                for statement in ["update access.audit_unsealed set act = 'x'", "truncate access.audit_unsealed"] {
                    await #expect(throws: PostgresError.self) { try await quick.execute(statement) }
                }
            }
        }
    }

    @Test("has each entry once, however many note and seal at the same time")
    func crowd() async throws {
        try await withDatabase { database in
            try await database.migrate()
            try await database.withPool(leased: 6) { pool in
                let audit = Audit(pool: pool)
                try await withThrowingDiscardingTaskGroup { group in
                    for _ in 0..<4 {
                        group.addTask {
                            let session = try await database.observer()
                            defer { session.close() }
                            for number in 0..<50 {
                                try await session.execute("select access.note('test', '\(number)')")
                            }
                        }
                    }
                    for _ in 0..<3 { group.addTask { for _ in 0..<40 { try await audit.seal(until: Self.soon) } } }
                }
                let (head, fault) = try await audit.verify(remembered: nil, until: Self.soon)
                #expect(head.number == 200 && fault == nil)
            }
        }
    }
}
