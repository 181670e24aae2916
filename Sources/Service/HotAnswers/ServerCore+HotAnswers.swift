import Access

extension ServerCore {
    /// Runs a call in its connection's turn, or has it wait for one that asks the same and runs already.
    func answer(_ call: PendingCall, of connection: Int) async -> CallOutcome {
        guard let hot, let claim = call.claim, let caller = backend.tokens.knownCaller(call.credential, from: call.from)
        else {
            return await run(call, of: connection)
        }
        func given(_ answer: Answer) -> CallOutcome {
            var answer = answer
            answer.isUnchanged = answer.etag == call.knownETag
            return CallOutcome(result: .success(answer), account: CallAccount(caller))
        }
        func refused(_ error: CallError) -> CallOutcome {
            CallOutcome(result: .failure(error), account: CallAccount(caller))
        }
        switch hot.turn(claim, at: now()) {
        case .closed: return await run(call, of: connection)
        case .hit(let answer): return given(answer)
        case .run(let shared):
            let outcome = await run(call, of: connection)
            hot.end(shared, outcome.result, at: now())
            return outcome
        case .wait(let shared):
            switch await shared.wait(until: call.deadline) {
            case .answer(let answer): return given(answer)
            case .unavailable(let error): return refused(error)
            case .failed: return await run(call, of: connection)
            case .late: return refused(.expired)
            case .cancelled: return refused(CallError(.cancelled, "the call was cancelled"))
            }
        }
    }

    private func run(_ call: PendingCall, of connection: Int) async -> CallOutcome {
        await line.run(call.entry.weight, of: connection, isKnown: call.isKnown, until: call.deadline) {
            await call.run(backend: backend, health: health)
        }
    }
}

extension Tokens {
    /// Who calls, where that is known without waiting.
    func knownCaller(_ credential: Credential?, from address: IPAddress?) -> Principal? {
        guard let credential else { return .anonymous }
        guard let principal = remembered(credential), principal.mayCall(from: address) else { return nil }
        return principal
    }
}
