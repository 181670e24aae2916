import Access
import Synchronization

/// How fast a caller may spend: so much a second, and so much at once after a rest.
package struct CostRate: Equatable, Sendable {
    package var perSecond: Int
    package var burst: Int

    package init(perSecond: Int, burst: Int) {
        self.perSecond = perSecond
        self.burst = burst
    }

    /// The same for a group of callers.
    func times(_ factor: Int) -> CostRate { CostRate(perSecond: perSecond * factor, burst: burst * factor) }
}

/// What one caller has left: a token bucket that may go into debt, so that a dear call is not refused for ever to who has
/// a small burst.
struct CostAccount {
    var rate: CostRate
    private var balance: Double
    /// Nanoseconds of a monotonic clock.
    private var settledAt: Int64

    init(_ rate: CostRate, at now: Int64) {
        self.rate = rate
        balance = Double(rate.burst)
        settledAt = now
    }

    /// Counts in what has come since.
    mutating func settle(at now: Int64) {
        let seconds = Double(max(0, now - settledAt)) / 1e9
        balance = min(Double(rate.burst), balance + seconds * Double(rate.perSecond))
        settledAt = max(settledAt, now)
    }

    mutating func charge(_ cost: Int) { balance -= Double(cost) }

    /// Seconds until the debt is paid off.
    var wait: Double { max(0, -balance / Double(max(1, rate.perSecond))) }
}

/// What callers have spent, shared by all connections of a server and outliving each: who reconnects finds it as it was.
final class CostLedger: Sendable {
    /// Whose account a call is charged to.
    struct Payer: Sendable {
        /// `nil` for one to whom no limits apply.
        let peer: Peer?
        /// A hash of what the caller has shown, good only within this process.
        let token: Int?

        init(peer: Peer?, credential: Credential?) {
            self.peer = peer
            token = credential.map {
                var hasher = Hasher()
                hasher.combine($0)
                return hasher.finalize()
            }
        }
    }

    enum Verdict: Equatable, Sendable {
        case proceed
        /// The call may run; its connection is not listened to for so many milliseconds.
        case pause(Int)
        /// The call may not run, and should come again in so many milliseconds.
        case refuse(Int)
    }

    private enum Key: Hashable {
        case address(IPAddress)
        case network(IPAddress)
        case token(Int)
    }

    private struct State {
        var limits: ServiceLimits
        var accounts: RecentTable<Key, CostAccount>
        /// Tokens without a limit. Few people hold one.
        var free: RecentTable<Int, Void>
    }

    private let state: Mutex<State>
    private let metrics: Metrics

    init(limits: ServiceLimits, metrics: Metrics) {
        self.metrics = metrics
        state = Mutex(
            State(
                limits: limits,
                accounts: RecentTable(limit: limits.rateEntries),
                free: RecentTable(limit: limits.rateEntries)
            )
        )
    }

    /// Takes on other rates. An account keeps what it has spent; how many are remembered stays as it was at the start.
    func adopt(_ limits: ServiceLimits) { state.withLock { $0.limits = limits } }

    /// Charges a call before it runs.
    ///
    /// - Parameters:
    ///   - isOptional: whether the call can be refused; what has happened already is only paid for.
    ///   - now: nanoseconds of a monotonic clock.
    func charge(_ cost: Int, to payer: Payer, isOptional: Bool = true, at now: Int64) -> Verdict {
        guard cost > 0, let peer = payer.peer else { return .proceed }
        let verdict = state.withLock { state -> Verdict in
            if let token = payer.token {
                if state.free.contains(token) { return .proceed }
                // One that nobody has recognised proves nothing: else a new one each time would pay for nothing.
                if state.accounts.contains(.token(token)) {
                    return charge(cost, [(.token(token), state.limits.rateInvestor)], isOptional, at: now, &state)
                }
            }
            let keys: [(Key, CostRate)] = [
                (.address(peer.address), state.limits.rateAnonymous),
                (.network(peer.network), state.limits.rateAnonymous.times(state.limits.rateNetworkFactor)),
            ]
            return charge(cost, keys, isOptional, at: now, &state)
        }
        switch verdict {
        case .proceed: break
        case .pause: metrics.ratePauses.add()
        case .refuse: metrics.rateRefusals.add()
        }
        return verdict
    }

    private func charge(
        _ cost: Int,
        _ keys: [(Key, CostRate)],
        _ isOptional: Bool,
        at now: Int64,
        _ state: inout State
    ) -> Verdict {
        func worst(_ body: (inout CostAccount) -> Void) -> Double {
            var worst = 0.0
            for (key, rate) in keys {
                let wait = state.accounts.update(key, default: { CostAccount(rate, at: now) }) { account in
                    body(&account)
                    return account.wait
                }
                worst = max(worst, wait)
            }
            return worst
        }
        let before = worst { $0.settle(at: now) }
        let patience = Double(state.limits.ratePause.milliseconds) / 1000
        if isOptional, before > patience { return .refuse(Int((before * 1000).rounded(.up))) }
        let after = worst { $0.charge(cost) }
        return after > 0 ? .pause(Int((min(after, patience) * 1000).rounded(.up))) : .proceed
    }

    /// Notes whose token it is, once that has been looked up; from now on it pays for itself.
    func recognise(_ payer: Payer, as role: Role, at now: Int64) {
        guard let token = payer.token else { return }
        state.withLock { state in
            switch role {
            case .anonymous: break
            case .investor: Self.note(token, state.limits.rateInvestor, at: now, &state)
            case .staff, .analyst: Self.note(token, state.limits.rateStaff, at: now, &state)
            case .admin: state.free.update(token, default: {}) { _ in }
            }
        }
    }

    private static func note(_ token: Int, _ rate: CostRate, at now: Int64, _ state: inout State) {
        state.accounts.update(.token(token), default: { CostAccount(rate, at: now) }) { $0.rate = rate }
    }

    /// Forgets a token that turned out not to be valid any more.
    func forget(_ payer: Payer) {
        guard let token = payer.token else { return }
        state.withLock { state in
            state.free.remove(token)
            state.accounts.remove(.token(token))
        }
    }

    /// Whether somebody has called with this token and was recognised.
    func knows(_ payer: Payer) -> Bool {
        guard let token = payer.token else { return false }
        return state.withLock { $0.free.contains(token) || $0.accounts.contains(.token(token)) }
    }
}
