import Access
import Testing

@testable import Service

@Suite("Spending")
struct CostLedgerTests {
    private static let second: Int64 = 1_000_000_000

    private static func ledger(_ change: (inout ServiceLimits) -> Void = { _ in }) -> CostLedger {
        var limits = ServiceLimits()
        limits.rateAnonymous = CostRate(perSecond: 10, burst: 20)
        limits.ratePause = .seconds(1)
        limits.rateNetworkFactor = 2
        change(&limits)
        return CostLedger(limits: limits, metrics: Metrics(methods: []))
    }

    private static func payer(_ address: String, _ token: String? = nil) throws -> CostLedger.Payer {
        CostLedger.Payer(peer: Peer(try #require(IPAddress(address))), credential: token.map(Credential.token))
    }

    @Test("A burst is free, then calls are paused in step, then refused until the debt is paid")
    func debt() throws {
        let ledger = Self.ledger()
        let payer = try Self.payer("192.0.2.1")
        for _ in 0..<20 { #expect(ledger.charge(1, to: payer, at: 0) == .proceed) }
        #expect(ledger.charge(1, to: payer, at: 0) == .pause(100))
        #expect(ledger.charge(8, to: payer, at: 0) == .pause(900))
        #expect(ledger.charge(5, to: payer, at: 0) == .pause(1000), "never longer than that")
        #expect(ledger.charge(1, to: payer, at: 0) == .refuse(1400))
        #expect(ledger.charge(1, to: payer, at: 0) == .refuse(1400), "a refusal costs nothing")
        #expect(ledger.charge(1, to: payer, isOptional: false, at: 0) == .pause(1000), "what has happened is paid for")
        #expect(ledger.charge(1, to: payer, at: Self.second / 2) == .pause(1000))
        #expect(ledger.charge(1, to: payer, at: 2 * Self.second) == .proceed, "1.1 s of debt paid off in 1.5 s")
        #expect(ledger.charge(20, to: payer, at: 100 * Self.second) == .proceed)
        #expect(
            ledger.charge(1, to: payer, at: 50 * Self.second) == .pause(100),
            "a clock that steps back gives nothing"
        )
    }

    @Test("Addresses of one network share twice what one of them has; others are not touched")
    func network() throws {
        let ledger = Self.ledger()
        for number in 1...2 {
            #expect(try ledger.charge(20, to: Self.payer("192.0.2.\(number)"), at: 0) == .proceed)
        }
        #expect(try ledger.charge(20, to: Self.payer("192.0.2.3"), at: 0) == .pause(1000))
        #expect(try ledger.charge(1, to: Self.payer("192.0.2.4"), at: 0) == .pause(1000))
        #expect(try ledger.charge(1, to: Self.payer("192.0.2.4"), at: 0) == .refuse(1050))
        #expect(try ledger.charge(1, to: Self.payer("192.0.3.4"), at: 0) == .proceed)
        #expect(try ledger.charge(20, to: Self.payer("2001:db8::1"), at: 0) == .proceed)
        #expect(try ledger.charge(1, to: Self.payer("2001:db8::2"), at: 0) == .pause(100), "a /64 is one customer's")
        #expect(ledger.charge(1, to: CostLedger.Payer(peer: nil, credential: nil), at: 0) == .proceed)
    }

    @Test("A token pays for itself once it is recognised, wherever it comes from; one that isn't proves nothing")
    func tokens() throws {
        let ledger = Self.ledger()
        let now: Int64 = 0
        let staff = try Self.payer("192.0.2.1", "staff")
        for number in 0..<20 { _ = try ledger.charge(1, to: Self.payer("192.0.2.1", "made up \(number)"), at: now) }
        #expect(ledger.charge(1, to: staff, at: now) == .pause(100))
        #expect(!ledger.knows(staff))
        ledger.recognise(staff, as: .staff, at: now)
        #expect(ledger.knows(staff))
        #expect(ledger.charge(400, to: staff, at: now) == .proceed)
        #expect(try ledger.charge(10, to: Self.payer("198.51.100.1", "staff"), at: now) == .pause(100))
        let admin = try Self.payer("192.0.2.1", "admin")
        ledger.recognise(admin, as: .admin, at: now)
        for _ in 0..<1000 { #expect(ledger.charge(50, to: admin, at: now) == .proceed) }
        ledger.forget(admin)
        #expect(!ledger.knows(admin))
        #expect(ledger.charge(1, to: admin, at: now) == .pause(200), "it pays with its address again")
        try ledger.recognise(Self.payer("192.0.2.1", "nobody"), as: .anonymous, at: now)
        #expect(try !ledger.knows(Self.payer("192.0.2.1", "nobody")))
    }

    @Test("However many spend, no more are remembered than allowed, the latest")
    func bounded() throws {
        let ledger = Self.ledger { $0.rateEntries = 4 }
        let first = try Self.payer("192.0.2.1")
        #expect(ledger.charge(25, to: first, at: 0) == .pause(500))
        #expect(try ledger.charge(1, to: Self.payer("198.51.100.1"), at: 0) == .proceed)
        #expect(ledger.charge(1, to: first, at: 0) == .pause(600))
        #expect(try ledger.charge(1, to: Self.payer("203.0.113.1"), at: 0) == .proceed)
        #expect(ledger.charge(1, to: first, at: 0) == .pause(700), "still there, since it was used")
        #expect(try ledger.charge(1, to: Self.payer("198.51.100.1"), at: 0) == .proceed)
        #expect(try ledger.charge(1, to: Self.payer("203.0.113.1"), at: 0) == .proceed)
        #expect(ledger.charge(20, to: first, at: 0) == .proceed, "forgotten")
    }
}
