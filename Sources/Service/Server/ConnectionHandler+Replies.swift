import Logging
import NIOCore
import Postgres

/// From the outcome of a call to its reply.
extension ConnectionHandler {
    func succeed(_ answer: Answer, _ reply: PendingReply, _ account: CallAccount) {
        do throws(CallError) {
            guard answer.json.isObject else {
                var error = CallError(.internalError, CallError.unexpected)
                error.detail = "the result is not an object"
                throw error
            }
            try compose(reply, answer) { (writer) throws(CallError) in
                if answer.isUnchanged { writer.raw("{\"not_modified\":true}") } else { writer.raw(answer.json.utf8) }
            }
            record(reply, account, error: nil)
        } catch {
            fail(error, reply, account)
        }
    }

    /// Writes a result; on an error nothing of it is left.
    func compose(
        _ reply: PendingReply,
        _ answer: Answer? = nil,
        _ body: (inout JSONWriter) throws(CallError) -> Void
    ) throws(CallError) {
        switch reply.destination {
        case .frame(let style):
            let mark = writer.bytes.count
            do throws(CallError) {
                try compose(reply, answer, to: &writer, body)
            } catch {
                writer.bytes.removeSubrange(mark...)
                throw error
            }
            writer.frame(from: mark, as: style)
        case .place(let batch, let place):
            var scratch = JSONWriter()
            try compose(reply, answer, to: &scratch, body)
            guard batch.hasRoom(for: scratch.bytes.count) else {
                throw CallError(.batchTooLarge, "the replies of the batch are too large: ask for this one alone")
            }
            if batch.fill(place, with: scratch.bytes) { write(batch) }
        case .nowhere:
            var scratch = JSONWriter()
            try body(&scratch)
        }
    }

    private func compose(
        _ reply: PendingReply,
        _ answer: Answer?,
        to writer: inout JSONWriter,
        _ body: (inout JSONWriter) throws(CallError) -> Void
    ) throws(CallError) {
        Reply.begin(id: reply.id ?? [], reply.version, to: &writer)
        try body(&writer)
        var meta = Reply.Meta(requestID: reply.requestID, microseconds: reply.age)
        meta.deprecation = reply.entry.description.deprecation
        meta.next = answer?.next
        meta.total = answer?.total
        meta.etag = answer?.etag
        meta.isReplayed = answer?.isReplayed ?? false
        Reply.end(meta, to: &writer)
    }

    func fail(_ error: CallError, _ reply: PendingReply, _ account: CallAccount) {
        var error = error
        if reply.isByPosition { error.path = error.path.map(reply.entry.placed) }
        deliver(error, id: reply.id, reply.version, requestID: reply.requestID, to: reply.destination)
        owe(for: error)
        if error.code == .internalError {
            core.logger.error(
                "call failed unexpectedly",
                metadata: [
                    "rid": "\(reply.requestID)", "method": "\(reply.entry.name)", "error": "\(error.detail ?? "")",
                ]
            )
        }
        record(reply, account, error: error.code)
    }

    /// Refuses what never became a call of a method.
    func fail(
        _ error: CallError,
        id: Int?,
        _ version: RPCVersion = .v2,
        requestID: String? = nil,
        to destination: Destination
    ) {
        let id = id.map { Array(document.sourceBytes($0)) }
        let requestID = requestID ?? ids.next()
        deliver(error, id: id, version, requestID: requestID, to: destination)
        owe(for: error)
        payDebts()
        core.metrics.countCall(method: nil, error: error.code)
        log(requestID, method: "none", CallAccount(), microseconds: 0, error: error.code)
    }

    private func deliver(
        _ error: CallError,
        id: [UInt8]?,
        _ version: RPCVersion,
        requestID: String,
        to destination: Destination
    ) {
        switch destination {
        case .frame(let style):
            let mark = writer.bytes.count
            Reply.failure(error, id: id, version, requestID: requestID, to: &writer)
            writer.frame(from: mark, as: style)
        case .place(let batch, let place):
            var scratch = JSONWriter()
            Reply.failure(error, id: id, version, requestID: requestID, to: &scratch)
            if batch.fill(place, with: scratch.bytes) { write(batch) }
        case .nowhere: break
        }
    }

    func write(_ batch: Batch) {
        guard !batch.isSilent else { return }
        let mark = writer.bytes.count
        batch.write(to: &writer)
        writer.frame(from: mark, as: batch.style)
    }

    func record(_ reply: PendingReply, _ account: CallAccount, error: ErrorCode?) {
        core.metrics.countCall(method: reply.entry.index, error: error)
        log(reply.requestID, method: reply.entry.name, account, microseconds: reply.age, error: error)
    }

    private func log(
        _ requestID: String,
        method: String,
        _ account: CallAccount,
        microseconds: Int,
        error: ErrorCode?
    ) {
        let second = NIODeadline.now().uptimeNanoseconds / 1_000_000_000
        guard core.log.wants(microseconds: microseconds, error: error, second: second) else { return }
        core.log.write(
            RequestLog.Line(
                connection: number,
                requestID: requestID,
                method: method,
                account: account,
                microseconds: microseconds,
                error: error
            )
        )
    }
}

extension JSONText {
    /// Whether the text is an object, going by its ends.
    fileprivate var isObject: Bool {
        utf8.first { $0 > 0x20 } == .openBrace && utf8.last { $0 > 0x20 } == .closeBrace
    }
}
