import Catalog
import Intake
import Testing

@testable import Postgres
@testable import Service

@Suite("What slices throw becomes wire codes")
struct ErrorCodeTests {
    @Test("The driver's errors", arguments: Self.driverErrors)
    func driver(_ error: PostgresError, _ code: ErrorCode, _ isRetryable: Bool) {
        let mapped = CallError(error)
        #expect(mapped.code == code)
        #expect(mapped.isRetryable == isRetryable)
        // What the server or the network said stays in the log.
        for secret in ["SELECT", "/var", "port 5432"] { #expect(!mapped.message.contains(secret)) }
        #expect((mapped.retryAfterMilliseconds != nil) == (isRetryable && code != .deadlineExceeded))
    }

    @Test("An unknown park names the known ones")
    func unknownPark() {
        for error in [
            CallError(CatalogError.unknownPark("jx-dd", known: ["jx-de", "jx-jp"])),
            CallError(IntakeError.unknownPark("jx-dd", known: ["jx-de", "jx-jp"])),
        ] {
            #expect(error.code == .invalidParams)
            #expect(error.path == "/params/park")
            #expect(error.known == ["jx-de", "jx-jp"])
            #expect(error.hint == "did you mean “jx-de”?")
        }
        #expect(CallError(CatalogError.unknownPark("zzzzz", known: ["jx-de"])).hint == "parks.list shows all of them")
    }

    @Test("A cursor of another search has a kind of its own")
    func cursor() {
        let error = CallError(CatalogError.cursorMismatch)
        #expect(error.code == .invalidParams)
        #expect(error.kind == "cursor_mismatch")
    }

    @Test("Members are pointers into the params")
    func members() {
        #expect(CallError(CatalogError.invalid(member: "categories/0", expected: "x")).path == "/params/categories/0")
    }

    @Test("No two codes share a number or a kind")
    func distinct() {
        #expect(Set(ErrorCode.allCases.map(\.rawValue)).count == ErrorCode.allCases.count)
        #expect(Set(ErrorCode.allCases.map(\.kind)).count == ErrorCode.allCases.count)
    }

    private static func server(_ state: String) -> PostgresError {
        .server(ServerError(sqlState: SQLState(rawValue: state), message: "SELECT failed in /var/lib"))
    }

    private static let driverErrors: [(PostgresError, ErrorCode, Bool)] = [
        (.connection(ConnectionFailure(stage: .connect, message: "port 5432")), .databaseUnavailable, true),
        (.poolClosed, .databaseUnavailable, true), (.commitUnknown(.connectionLost), .databaseUnavailable, false),
        (.commitUnknown(.deadlinePassed), .deadlineExceeded, false),
        (.timedOut(.waitingForAnswer), .deadlineExceeded, true), (.cancelled, .cancelled, false),
        (.rolledBack, .internalError, false), (server("53100"), .databaseUnavailable, true),
        (server("57014"), .deadlineExceeded, true), (server("57P01"), .databaseUnavailable, true),
        (server("40001"), .overloaded, true), (server("42601"), .internalError, false),
    ]
}
