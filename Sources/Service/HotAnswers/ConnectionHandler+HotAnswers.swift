import Access
import Catalog

/// Answers that need no task.
extension ConnectionHandler {
    /// What comes of a look for a hot answer.
    enum HotLook {
        case answered
        /// The call has to run; its answer may be kept under the claim.
        case run(HotAnswers.Claim?)
    }

    /// Answers a call from memory if it can be, on the event loop.
    ///
    /// Whoever calls has to be known without waiting, and no login may be under way: else who calls is found out first.
    func answerFromMemory(
        _ reply: PendingReply,
        _ arguments: Arguments,
        _ meta: RequestMeta,
        _ language: Language
    ) -> HotLook {
        guard let life = reply.entry.keeps, let hot = core.hot, !calls.isSessionChanging,
            let caller = core.backend.tokens.knownCaller(
                meta.token.map(Credential.token) ?? session.credential,
                from: address
            ), reply.entry.access.admits(caller)
        else { return .run(nil) }
        switch hot.find(HotKey(reply.entry, language, arguments), keptFor: life, at: core.now()) {
        case .closed: return .run(nil)
        case .miss(let claim): return .run(claim)
        case .hit(var answer):
            answer.isUnchanged = answer.etag == meta.knownETag
            succeed(answer, reply, CallAccount(caller))
            return .answered
        }
    }

    /// Forgets what a finished call may have changed.
    func forgetAnswers(after reply: PendingReply) {
        // Also after a failure: of some nobody knows whether the change was made.
        if reply.entry.changesCatalogue { core.hot?.forget(.write) }
    }
}
