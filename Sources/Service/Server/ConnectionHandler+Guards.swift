import Access
import NIOCore

/// What keeps one client from taking more than its share.
extension ConnectionHandler {
    // MARK: Spending

    /// Charges a call before it runs, together with what is owed for what came before.
    ///
    /// - Throws: a refusal that says when to come again. What costs nothing is never refused.
    func charge(_ entry: MethodEntry, _ arguments: Arguments, to payer: CostLedger.Payer) throws(CallError) {
        guard peer != nil else { return }
        let cost = entry.cost(of: arguments)
        let owed = takeDebt()
        switch core.ledger.charge(cost + owed, to: payer, isOptional: cost > 0, at: core.now()) {
        case .proceed: break
        case .pause(let milliseconds): pauseReading(milliseconds)
        case .refuse(let milliseconds):
            debt += owed
            if refusals.isOneTooMany(at: .now()) { endSoon() }
            throw .rateLimited(retryAfter: milliseconds)
        }
    }

    /// Failures that are the caller's own cost something too: they would else be the cheapest way to keep us busy.
    func owe(for error: CallError) {
        switch error.code {
        case .parseError: debt += MethodCost.parseError
        case .internalError: break
        default: debt += error.isRetryable ? 0 : MethodCost.failure
        }
    }

    /// Pays at once where no call will.
    func payDebts() {
        guard peer != nil else { return }
        let payer = CostLedger.Payer(peer: peer, credential: session.credential)
        if case .pause(let milliseconds) = core.ledger.charge(takeDebt(), to: payer, isOptional: false, at: core.now())
        {
            pauseReading(milliseconds)
        }
    }

    private func takeDebt() -> Int {
        let owed = debt + uncountedBytes / MethodCost.bytes
        debt = 0
        uncountedBytes %= MethodCost.bytes
        return owed
    }

    /// Ends the connection when this refusal is written.
    private func endSoon() {
        context?.eventLoop.assumeIsolated().execute { [self] in
            guard !isEnding else { return }
            core.metrics.countClosed(.rateLimited)
            end()
        }
    }

    /// Listens to nothing for a while: who sends one call after the other is slowed down and needs not know why.
    private func pauseReading(_ milliseconds: Int) {
        guard let context, !isEnding else { return }
        pause?.cancel()
        pause = context.eventLoop.assumeIsolated().scheduleTask(in: .milliseconds(Int64(milliseconds))) { [self] in
            pause = nil
            advance()
        }
    }

    // MARK: Tokens

    /// Who shows a token.
    func bearer(_ token: String) -> CostLedger.Payer { CostLedger.Payer(peer: peer, credential: .token(token)) }

    /// Looks at no token of an address that has shown too many wrong ones, unless it is known to be good.
    func check(_ bearer: CostLedger.Payer) throws(CallError) {
        guard let peer, bearer.token != nil, let wait = core.wrongTokens.wait(peer.address, at: core.now()),
            !core.ledger.knows(bearer)
        else { return }
        throw .tooManyWrongTokens(retryAfter: wait)
    }

    /// Notes what a finished call showed about its token.
    func learn(from outcome: CallOutcome, about bearer: CostLedger.Payer) {
        let now = core.now()
        core.ledger.learn(outcome, of: bearer, at: now)
        guard let peer, let token = bearer.token, case .failure(let error) = outcome.result, error == .badToken else {
            return
        }
        core.wrongTokens.count(token, of: peer.address, at: now)
    }

    // MARK: Arrival

    /// Sets the timer for when the client's time is up as things stand, unless it is set for that or sooner.
    func watchArrivals() {
        guard let context, !isEnding else { return }
        let due = arrivals.due.at
        if let arrivalTimer {
            guard due < arrivalTimer.at else { return }
            arrivalTimer.timer.cancel()
        }
        let timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: due) { [self] in checkArrivals() }
        arrivalTimer = (timer, due)
    }

    private func checkArrivals() {
        arrivalTimer = nil
        guard context != nil, !isEnding else { return }
        let now = NIODeadline.now()
        // While it waits for us, its time stands still.
        if isReadHeld || !calls.isEmpty || pause != nil || unsent > 0 || !subscriptions.isEmpty {
            arrivals.resumed(at: now)
        }
        let due = arrivals.due
        guard due.at <= now else { return watchArrivals() }
        core.metrics.countClosed(due.fault == .idle ? .idle : .slowSender)
        notify("system.closing") { $0.member("reason", due.fault == .idle ? "idle" : "slow") }
        end()
    }
}

extension CallError {
    /// The one line that a connection gets which is not served.
    init(_ refusal: ConnectionRegistry.Refusal) {
        switch refusal {
        case .draining: self = .shuttingDown
        case .tooMany: self.init(.tooManyConnections, "too many connections; try again later")
        case .tooManyOfAddress: self.init(.tooManyConnections, "too many connections from your address")
        case .tooManyOfNetwork: self.init(.tooManyConnections, "too many connections from your network")
        }
        if retryAfterMilliseconds == nil { retryAfterMilliseconds = 1000 }
    }
}

extension CostLedger {
    /// Notes what a finished call showed about its token.
    func learn(_ outcome: CallOutcome, of payer: Payer, at now: Int64) {
        guard payer.token != nil else { return }
        if case .failure(let error) = outcome.result, error.code == .unauthenticated { return forget(payer) }
        if outcome.account.role != .anonymous, !knows(payer) { recognise(payer, as: outcome.account.role, at: now) }
    }
}
