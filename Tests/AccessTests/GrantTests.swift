import Testing

@testable import Access

@Suite("A grant")
struct GrantTests {
    @Test(
        "is narrowed to a part of itself",
        arguments: [
            (Grant(role: .admin), ["a"], nil, Grant(role: .admin, parks: ["a"])),
            (Grant(role: .analyst, parks: ["a", "b"]), ["b"], nil, Grant(role: .analyst, parks: ["b"])),
            (Grant(role: .staff, parks: ["a"]), [], nil, Grant(role: .staff)),
            (Grant(role: .staff, parks: ["a"]), nil, [.jobs], Grant(role: .staff, parks: ["a"], scopes: [.jobs])),
            (Grant(role: .investor), nil, [.read], Grant(role: .investor, scopes: [.read])),
            (Grant(role: .admin, scopes: [.read]), nil, nil, Grant(role: .admin, scopes: [.read])),
        ] as [(Grant, [String]?, [Scope]?, Grant)]
    )
    func narrower(grant: Grant, parks: [String]?, scopes: [Scope]?, narrowed: Grant) throws {
        #expect(try grant.narrowed(parks: parks, scopes: scopes) == narrowed)
    }

    @Test(
        "is never widened",
        arguments: [
            (Grant(role: .analyst, parks: ["a"]), ["b"], nil), (Grant(role: .analyst, parks: ["a"]), [], nil),
            (Grant(role: .admin, parks: ["a"]), ["a", "b"], nil), (Grant(role: .staff), ["a"], nil),
            (Grant(role: .staff, parks: ["a"]), ["b"], nil), (Grant(role: .investor), nil, [.jobs]),
            (Grant(role: .admin, scopes: [.read]), nil, [.read, .desk]),
        ] as [(Grant, [String]?, [Scope]?)]
    )
    func wider(grant: Grant, parks: [String]?, scopes: [Scope]?) {
        #expect(throws: TokenError.self) { try grant.narrowed(parks: parks, scopes: scopes) }
    }

    @Test("a scope that the role does not have is worth nothing")
    func unknownScope() {
        let principal = Principal(actor: "a", role: .investor, scopes: [.submit, .jobs])
        #expect(principal.scopes == [.submit])
        #expect(!Principal.anonymous.may(.desk) && Principal.anonymous.may(.submit))
    }
}
