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

    @Test(
        "is narrowed to a part of its networks",
        arguments: [
            ([], ["10.0.0.0/8"], true), (["10.0.0.0/8"], ["10.1.0.0/16", "10.2.3.4"], true),
            (["10.0.0.0/8", "2001:db8::/32"], ["2001:db8:1::/48"], true), (["10.0.0.0/8"], [], false),
            (["10.1.0.0/16"], ["10.0.0.0/8"], false), (["10.0.0.0/8"], ["10.1.0.0/16", "11.0.0.0/8"], false),
            (["10.0.0.0/8"], ["::1"], false),
        ]
    )
    func networks(held: [String], wanted: [String], isAllowed: Bool) throws {
        let grant = Grant(role: .admin, networks: try held.map { try #require(NetworkPrefix($0)) })
        let networks = try wanted.map { try #require(NetworkPrefix($0)) }
        if isAllowed {
            #expect(try grant.narrowed(networks: networks) == Grant(role: .admin, networks: networks))
            #expect(try grant.narrowed(networks: nil) == grant)
        } else {
            #expect(throws: TokenError.self) { try grant.narrowed(networks: networks) }
        }
    }

    @Test("without networks holds everywhere, with some there alone, and not where there is no address")
    func places() throws {
        let network = try #require(NetworkPrefix("10.0.0.0/8"))
        let bound = Principal(actor: "a", role: .staff, networks: [network])
        for (address, isInside) in [("10.9.9.9", true), ("::ffff:10.0.0.1", true), ("11.0.0.1", false), ("::1", false)]
        {
            let address = try #require(IPAddress(address))
            #expect(bound.mayCall(from: address) == isInside)
            #expect(Principal(actor: "a", role: .staff).mayCall(from: address))
        }
        #expect(!bound.mayCall(from: nil) && Principal.anonymous.mayCall(from: nil))
    }

    @Test("a scope that the role does not have is worth nothing")
    func unknownScope() {
        let principal = Principal(actor: "a", role: .investor, scopes: [.submit, .jobs])
        #expect(principal.scopes == [.submit])
        #expect(!Principal.anonymous.may(.desk) && Principal.anonymous.may(.submit))
    }
}
