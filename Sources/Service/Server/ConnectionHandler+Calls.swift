import Access
import Catalog
import NIOCore
import Postgres

/// From a message to its calls.
extension ConnectionHandler {
    /// Where a reply goes.
    enum Destination {
        case frame(FrameStyle)
        case place(Batch, Int)
        /// A notification gets none.
        case nowhere
    }

    func take(message: ByteBuffer, _ style: FrameStyle) {
        do throws(JSONFault) {
            try document.scan(message)
        } catch {
            if error.reason == .trailing, framer.reread(from: error.offset, of: message) {
                return take(message: message.prefix(error.offset), .emptyLine)
            }
            var failure = CallError(.parseError, "not JSON: \(error.reason.rawValue), at byte \(error.offset)")
            failure.hint = "one JSON text a line, in UTF-8"
            return fail(failure, id: nil, to: .frame(style))
        }
        guard document.kind(JSONDocument.root) == .array else {
            return take(element: JSONDocument.root, batch: nil, style)
        }
        takeBatch(style)
    }

    private func takeBatch(_ style: FrameStyle) {
        let count = document.count(JSONDocument.root)
        guard count > 0 else {
            return fail(.invalidRequest("a batch has at least one request"), id: nil, to: .frame(style))
        }
        guard count <= limits.batchCalls else {
            let error = CallError(.batchTooLarge, "a batch has at most \(limits.batchCalls) requests")
            return fail(error, id: nil, to: .frame(style))
        }
        let batch = Batch(style: style, limit: limits.batchReplyBytes)
        var element = JSONDocument.root + 1
        for _ in 0..<count {
            take(element: element, batch: batch, style)
            element = document.after(element)
        }
        if batch.seal() { write(batch) }
    }

    private func take(element: Int, batch: Batch?, _ style: FrameStyle) {
        func destination() -> Destination { batch.map { .place($0, $0.reserve()) } ?? .frame(style) }
        let envelope = Envelope(element, in: document, servesVersion1: core.wire.servesVersion1)
        let version = envelope.version
        switch envelope.content {
        case .response: takeStray()
        case .invalid(let id, let error): fail(error, id: id, version, to: destination())
        case .notification(let method, let params): call(method, params, id: nil, version, to: .nowhere)
        case .call(let id, let method, let params): call(method, params, id: id, version, to: destination())
        }
    }

    // MARK: Calling

    private func call(_ name: Int, _ params: Int?, id: Int?, _ version: RPCVersion, to destination: Destination) {
        let received = NIODeadline.now()
        let requestID = RequestMeta.requestID(in: params, of: document) ?? ids.next()
        guard let entry = core.table.find(name, in: document) else {
            let error = core.table.unknown(document.string(name))
            return fail(error, id: id, version, requestID: requestID, to: destination)
        }
        var reply = PendingReply(
            entry: entry,
            version: version,
            id: id.map { Array(document.sourceBytes($0)) },
            requestID: requestID,
            received: received,
            isByPosition: params.map { document.kind($0) == .array } ?? false,
            bearer: CostLedger.Payer(peer: peer, credential: nil),
            destination: destination
        )
        do throws(CallError) {
            guard !isRefusing else { throw .shuttingDown }
            let meta = try RequestMeta(params: params, in: document)
            let arguments = try Arguments(params, of: entry.parameters, in: document)
            let own = meta.token.map(Credential.token)
            let payer = CostLedger.Payer(peer: peer, credential: own ?? session.credential)
            try charge(entry, arguments, to: payer)
            reply.bearer = entry.takesToken ? bearer(arguments.requiredText("token")) : payer
            switch entry.action {
            case .local(let answer):
                try compose(reply) { [self] (writer) throws(CallError) in
                    try answer(arguments, &session, &writer)
                }
                record(reply, CallAccount(), error: nil)
            case .connection(let answer): succeed(try answer(arguments, self), reply, CallAccount())
            case .remote(let effect, let patience, let make):
                try check(reply.bearer)
                let language = Language.resolve(meta.language)
                guard case .run(let claim) = answerFromMemory(reply, arguments, meta, language) else { return }
                // A caller may ask for less than the method allows itself, never for more.
                let patience = meta.deadlineMilliseconds.map { min(.milliseconds($0), patience) } ?? patience
                let call = PendingCall(
                    entry: entry,
                    effect: effect,
                    method: try make(arguments),
                    requestID: requestID,
                    credential: own,
                    from: address,
                    language: language,
                    deadline: .after(patience),
                    isKnown: core.ledger.knows(payer),
                    // Asked for only where it counts: writing an address costs a microsecond.
                    address: meta.idempotencyKey == nil ? "" : context?.remoteAddress?.ipAddress ?? "local",
                    feedbackShare: effect == .write
                        ? peer.map { core.feedbackQuota.share(of: $0.address, now: core.now) } : nil,
                    idempotencyKey: meta.idempotencyKey,
                    knownETag: meta.knownETag,
                    claim: claim,
                    boundParams: Self.boundParams(of: arguments, effect, meta, entry)
                )
                calls.add(call, reply)
                launchCalls()
            }
        } catch {
            fail(error, reply, CallAccount())
        }
    }

    /// The params in one form for what is bound to them: all of them for a write's key; for a cursor those that decide
    /// what is listed, in which order.
    private static func boundParams(
        of arguments: Arguments,
        _ effect: MethodEffect,
        _ meta: RequestMeta,
        _ entry: MethodEntry
    ) -> [UInt8] {
        if effect == .write { return meta.idempotencyKey == nil ? [] : arguments.canonical() }
        return entry.hasCursor ? arguments.canonical(where: CursorSeal.Query.isBound) : []
    }

    /// Cancels the call of this id that waits or runs, unless it is a write that runs.
    ///
    /// - Returns: whether there was one.
    func cancelCall(_ id: [UInt8]) -> Bool {
        switch calls.cancel(id) {
        case .none: return false
        case .running: return true
        case .waiting(let reply):
            fail(CallError(.cancelled, "the call was cancelled"), reply, CallAccount())
            return true
        }
    }

    /// Starts the tasks of waiting calls while there is room for them.
    private func launchCalls() {
        guard let context else { return }
        while let (ticket, next) = calls.nextToRun(upTo: callsInFlight) {
            var call = next
            // Only now, since a login may have come in between.
            if call.credential == nil { call.credential = session.credential }
            let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
            let loop = context.eventLoop
            core.metrics.callsInFlight.add()
            // Not a child of any task: it is born on an event loop. The queue of calls keeps it and cancels it when the
            // client is gone, unless it writes. It runs where the answers arrive, since it does little but hand them on.
            let task = Task(executorPreference: core.backend.executor) { [core, call, number] in
                let outcome = await core.answer(call, of: number)
                core.metrics.callsInFlight.add(-1)
                loop.execute { handler.value.complete(ticket, outcome) }
            }
            calls.started(ticket, task)
        }
    }

    private func complete(_ ticket: Int, _ outcome: CallOutcome) {
        guard let reply = calls.finish(ticket) else { return }
        learn(from: outcome, about: reply.bearer)
        forgetAnswers(after: reply)
        guard context != nil else { return record(reply, outcome.account, error: .cancelled) }
        var result = outcome.result
        if case .success(let answer) = result, let change = answer.change, !apply(change) {
            let most = limits.subscriptions
            result = .failure(CallError(.subscriptionLimit, "a connection has at most \(most) subscriptions"))
        }
        switch result {
        case .failure(let error): fail(error, reply, outcome.account)
        case .success(let answer): succeed(answer, reply, outcome.account)
        }
        launchCalls()
        flushSoon()
    }

    /// Changes the connection as a call wants it; false where there is no room for a subscription.
    private func apply(_ change: SessionChange) -> Bool {
        switch change {
        case .login(let token): speak(for: .token(token))
        case .logout: speak(for: nil)
        case .subscribe(let subscription, let last): return subscribe(subscription, last: last)
        }
        return true
    }
}

extension CallError {
    /// The answer to whatever comes after the drain began.
    static var shuttingDown: CallError {
        var error = CallError(.shuttingDown, "the service is shutting down")
        error.retryAfterMilliseconds = 1000
        return error
    }
}

extension ByteBuffer {
    /// The first bytes of what can be read.
    fileprivate func prefix(_ length: Int) -> ByteBuffer { getSlice(at: readerIndex, length: length) ?? ByteBuffer() }
}
