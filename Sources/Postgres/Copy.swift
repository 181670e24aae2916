import Glibc
import Synchronization

extension Session {
    /// Streams data into the server with `COPY ... FROM STDIN` and returns the number of rows.
    ///
    /// - Parameter next: the next piece of data, in any size, or `nil` at the end. When it throws, the COPY is undone
    ///   and the error passed on.
    /// - Throws: also ``PostgresError/commitUnknown(_:)`` when the last answer was lost outside a transaction.
    package func copyIn(_ sql: SQL, next: () async throws -> [UInt8]?) async throws -> Int {
        try await settle()
        return try await connection.copying(until: deadline) { copy throws(PostgresError) in
            try await copy.begin(sql, .copyIn)
        } body: { copy in
            while true {
                let chunk: [UInt8]?
                do {
                    chunk = try await next()
                } catch {
                    try await copy.endInput(failingWith: "the client stopped the copy")
                    _ = try? await copy.finish(sql)
                    throw error
                }
                guard let chunk else { break }
                try await copy.put(chunk)
            }
            do throws(PostgresError) {
                try await copy.endInput(failingWith: nil)
                return try await copy.finish(sql)
            } catch {
                // The end of the data is also the commit, unless a transaction's end decides.
                switch error {
                case .connection, .cancelled: throw isInTransaction ? error : .commitUnknown(.connectionLost)
                case .timedOut: throw isInTransaction ? error : .commitUnknown(.deadlinePassed)
                case .server, .commitUnknown, .rolledBack, .decoding, .poolClosed: throw error
                }
            }
        }
    }

    /// Streams data out of the server with `COPY ... TO STDOUT`; the body receives one row's bytes at a time.
    package func copyOut(_ sql: SQL, _ body: ([UInt8]) async throws -> Void) async throws -> Int {
        try await settle()
        return try await connection.copying(until: deadline) { copy throws(PostgresError) in
            try await copy.begin(sql, .copyOut)
        } body: { copy in
            while let chunk = try await copy.get() { try await body(chunk) }
            return try await copy.finish(sql)
        }
    }
}

/// A COPY under way on a connection that has left pipeline mode for it.
struct CopyInProgress {
    fileprivate let connection: Connection
    fileprivate let deadline: Deadline

    enum Direction {
        case copyIn
        case copyOut
    }

    func begin(_ sql: SQL, _ direction: Direction) async throws(PostgresError) {
        try await connection.perform(until: deadline) { handle in
            handle.sendQuery(sql.text) ? .done(()) : .failed
        }
        try await flush()
        let outcome = try await connection.perform(until: deadline) { handle in Self.next(handle) }
        switch (outcome, direction) {
        case (.copyIn, .copyIn), (.copyOut, .copyOut): return
        case (.failed(let result), _):
            _ = try await finish(sql)
            throw .server(result.serverError(statement: sql.name))
        default:
            throw .decoding(DecodingFailure(statement: sql.name, column: 0, reason: "not a COPY of this direction"))
        }
    }

    func put(_ chunk: [UInt8]) async throws(PostgresError) {
        // 64 KiB at a time: libpq would otherwise grow its buffer to hold all of it.
        var start = 0
        while start < chunk.count {
            let end = min(start + 65536, chunk.count)
            let range = start..<end
            try await connection.perform(until: deadline) { handle -> IOStep<Void> in
                let put = chunk.withUnsafeBytes { handle.putCopyData(UnsafeRawBufferPointer(rebasing: $0[range])) }
                return Self.step(put)
            }
            try await flush()
            start = end
        }
    }

    func endInput(failingWith reason: String?) async throws(PostgresError) {
        try await connection.perform(until: deadline) { handle in Self.step(handle.putCopyEnd(failingWith: reason)) }
        try await flush()
    }

    func get() async throws(PostgresError) -> [UInt8]? {
        try await connection.perform(until: deadline) { handle in
            switch handle.copyData() {
            case .chunk(let bytes): return .done(bytes)
            case .end: return .done(nil)
            case .failed: return .failed
            case .wait: return handle.consumeInput() ? Self.retryOrWait(handle) : .failed
            }
        }
    }

    /// Reads what follows the data and returns the number of rows.
    func finish(_ sql: SQL) async throws(PostgresError) -> Int {
        var rows = 0
        var error: PostgresError?
        while true {
            let outcome = try await connection.perform(until: deadline) { handle in Self.next(handle) }
            switch outcome {
            case nil:
                if let error { throw error }
                return rows
            case .command(let result), .rows(let result): rows = result.affectedRows
            case .failed(let result): error = error ?? .server(result.serverError(statement: sql.name))
            default:
                error =
                    error ?? .decoding(DecodingFailure(statement: sql.name, column: 0, reason: "unexpected result"))
            }
        }
    }

    private func flush() async throws(PostgresError) {
        try await connection.perform(until: deadline) { handle -> IOStep<Void> in
            // Reading first: a server that is busy telling us something would never take our data.
            guard handle.consumeInput(), let isPending = handle.flush() else { return .failed }
            return isPending ? .wait(Int16(POLLIN | POLLOUT)) : .done(())
        }
    }

    private static func next(_ handle: LibPQ) -> IOStep<LibPQ.Outcome?> {
        if !handle.isBusy { return .done(handle.nextResult()) }
        guard handle.consumeInput() else { return .failed }
        return handle.isBusy ? .wait(Int16(POLLIN)) : .done(handle.nextResult())
    }

    private static func retryOrWait(_ handle: LibPQ) -> IOStep<[UInt8]?> {
        switch handle.copyData() {
        case .chunk(let bytes): .done(bytes)
        case .end: .done(nil)
        case .wait: .wait(Int16(POLLIN))
        case .failed: .failed
        }
    }

    private static func step(_ put: LibPQ.CopyPut) -> IOStep<Void> {
        switch put {
        case .accepted: .done(())
        case .full: .wait(Int16(POLLOUT))
        case .failed: .failed
        }
    }
}

/// One attempt at something that may have to wait for the socket.
enum IOStep<Value> {
    case done(Value)
    /// Try again after one of these `poll` events.
    case wait(Int16)
    case failed
}

extension Connection {
    /// Takes the connection out of pipeline mode for a COPY and back again.
    ///
    /// An error that leaves the COPY's end unread ends the connection.
    fileprivate func copying<Value>(
        until deadline: Deadline,
        begin: (CopyInProgress) async throws(PostgresError) -> Void,
        body: (CopyInProgress) async throws -> Value
    ) async throws -> Value {
        try setManual(true)
        let copy = CopyInProgress(connection: self, deadline: deadline)
        do {
            try await begin(copy)
            let value = try await body(copy)
            try setManual(false)
            return value
        } catch {
            // Only a connection whose results were read to the end can go back to pipeline mode.
            if (try? setManual(false)) == nil { close(because: error as? PostgresError ?? .cancelled) }
            throw error
        }
    }

    private func setManual(_ isManual: Bool) throws(PostgresError) {
        let failure = state.withLock { state -> PostgresError? in
            if let failure = state.failure { return failure }
            precondition(state.inFlight.isEmpty && state.waiting.isEmpty, "a session runs one thing at a time")
            guard let handle = state.handle, isManual ? handle.exitPipeline() : handle.enterPipeline() else {
                return .connection(ConnectionFailure(stage: .send, message: "the connection is not idle"))
            }
            state.isManual = isManual
            interest.store(isManual ? 0 : Int16(POLLIN), ordering: .releasing)
            return nil
        }
        reactor.wake()
        if let failure { throw failure }
    }

    /// Repeats the step until it is done, waiting for the socket in between.
    fileprivate func perform<Value: Sendable>(
        until deadline: Deadline,
        _ step: @Sendable (LibPQ) -> IOStep<Value>
    ) async throws(PostgresError) -> Value {
        while true {
            let outcome = state.withLock { state -> Result<IOStep<Value>, PostgresError> in
                if let failure = state.failure { return .failure(failure) }
                guard let handle = state.handle else { return .failure(.poolClosed) }
                let step = step(handle)
                guard case .failed = step else { return .success(step) }
                return .failure(.connection(ConnectionFailure(stage: .receive, message: handle.message)))
            }
            switch try outcome.get() {
            case .done(let value): return value
            case .wait(let events): try await waitForSocket(events, until: deadline)
            case .failed: preconditionFailure("a failed step was turned into an error above")
            }
        }
    }

    private func waitForSocket(_ events: Int16, until deadline: Deadline) async throws(PostgresError) {
        let ticks = deadline.ticks
        let isReady = await withTaskCancellationHandler {
            await socketReadiness(events, until: ticks)
        } onCancel: {
            // A cancel request would leave the COPY's end to be read; there is no caller left for that.
            close(because: .cancelled)
        }
        guard !isReady else { return }
        close(because: .timedOut(.waitingForAnswer))
        throw state.withLock { $0.failure } ?? .timedOut(.waitingForAnswer)
    }

    private func socketReadiness(_ events: Int16, until ticks: Int64) async -> Bool {
        await withUnsafeContinuation { (continuation: UnsafeContinuation<Bool, Never>) in
            let isFailed = state.withLock { state in
                guard state.failure == nil else { return true }
                state.readiness = ReadinessWaiter(continuation: continuation, deadline: ticks)
                interest.store(events, ordering: .releasing)
                lowerDeadline(to: ticks)
                return false
            }
            if isFailed { continuation.resume(returning: false) } else { reactor.wake() }
        }
    }
}
