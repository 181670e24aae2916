import NIOCore

/// A call that will be answered, and how.
struct PendingReply {
    let entry: MethodEntry
    let version: RPCVersion
    /// The source bytes of the id; `nil` for a notification.
    let id: [UInt8]?
    let requestID: String
    let received: NIODeadline
    /// Whether its params are an array.
    let isByPosition: Bool
    /// Whose token it shows, be it for itself or to log in.
    var bearer: CostLedger.Payer
    let destination: ConnectionHandler.Destination

    /// Microseconds since the call was read.
    var age: Int { Int((NIODeadline.now() - received).nanoseconds / 1000) }
}

/// The calls of one connection that wait for a task or have one.
///
/// A login is a barrier: what came after it waits, so that a client may send both in one breath.
struct CallQueue {
    private struct Running {
        let effect: MethodEffect
        let reply: PendingReply
        var task: Task<Void, Never>?
    }

    private var running: [Int: Running] = [:]
    // Room for one at first: for sixteen, as usual, it would be half of what an idle connection takes.
    private var waiting = CircularBuffer<(PendingCall, PendingReply)>(initialCapacity: 1)
    private var lastTicket = 0
    private var isChangingSession = false

    var isEmpty: Bool { running.isEmpty && waiting.isEmpty }

    /// Whether another frame may be looked at.
    func hasRoom(upTo cap: Int) -> Bool { !isChangingSession && waiting.isEmpty && running.count < cap }

    /// Whether a login or logout runs or waits, which later calls have to wait for.
    var isSessionChanging: Bool { isChangingSession || waiting.contains { $0.0.effect == .session } }

    mutating func add(_ call: PendingCall, _ reply: PendingReply) { waiting.append((call, reply)) }

    /// Takes the next call that may run, with the ticket to hand in at its end.
    mutating func nextToRun(upTo cap: Int) -> (ticket: Int, call: PendingCall)? {
        guard running.count < cap, !isChangingSession, let (call, reply) = waiting.popFirst() else { return nil }
        lastTicket += 1
        running[lastTicket] = Running(effect: call.effect, reply: reply)
        isChangingSession = call.effect == .session
        return (lastTicket, call)
    }

    mutating func started(_ ticket: Int, _ task: Task<Void, Never>) { running[ticket]?.task = task }

    mutating func finish(_ ticket: Int) -> PendingReply? {
        guard let call = running.removeValue(forKey: ticket) else { return nil }
        if call.effect == .session { isChangingSession = false }
        return call.reply
    }

    /// What a cancellation came upon.
    enum Cancellation {
        case none
        /// Its task will say that it was cancelled.
        case running
        /// It will not begin; its caller is still to be told.
        case waiting(PendingReply)
    }

    /// Cancels the call of this id. A write that runs is finished: its caller would not know whether it was done.
    mutating func cancel(_ id: [UInt8]) -> Cancellation {
        if let index = waiting.firstIndex(where: { $0.1.id == id }) {
            return .waiting(waiting.remove(at: index).1)
        }
        guard let call = running.values.first(where: { $0.reply.id == id && $0.effect != .write }) else { return .none }
        call.task?.cancel()
        return .running
    }

    /// The client is gone: nobody waits for reads any more, but a change that runs is finished.
    mutating func abandon() {
        waiting.removeAll()
        for call in running.values where call.effect != .write { call.task?.cancel() }
    }

    mutating func cancelAll() {
        for call in running.values { call.task?.cancel() }
    }
}
