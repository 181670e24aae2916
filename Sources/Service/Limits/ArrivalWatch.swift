import NIOCore

/// When a client has sent nothing, or no whole message, for too long.
///
/// One timer a connection, set anew when it is due or when it must be sooner: most messages cost a store or two.
struct ArrivalWatch {
    /// Why a connection's time is up.
    enum Fault: Equatable {
        /// A message that doesn't come to its end, or no first one.
        case slow
        /// Nothing to do for a long time.
        case idle
    }

    /// When the time is up, and of what.
    struct Due: Equatable {
        let at: NIODeadline
        let fault: Fault
    }

    private let limits: ServiceLimits
    private let connectedAt: NIODeadline
    private var lastMessage: NIODeadline?
    /// When the message began that has come in part, and the bytes of it so far.
    private var part: (since: NIODeadline, bytes: Int)?

    init(limits: ServiceLimits, at now: NIODeadline) {
        self.limits = limits
        connectedAt = now
    }

    /// A message was taken.
    mutating func took(at now: NIODeadline) {
        lastMessage = now
        part = nil
    }

    /// All that has come was looked at.
    ///
    /// - Parameter pending: bytes of a message that goes on.
    mutating func looked(pending: Int, at now: NIODeadline) {
        part = pending > 0 ? (part?.since ?? now, pending) : nil
    }

    /// The client was not listened to: that time is not its own.
    mutating func resumed(at now: NIODeadline) {
        if let part { self.part = (now, part.bytes) }
        if lastMessage != nil { lastMessage = now }
    }

    /// When the client's time is up as things stand.
    var due: Due {
        let frame = part.map { part in
            part.since + TimeAmount(limits.frameTime)
                + .seconds(Int64(part.bytes / max(1, limits.frameBytesPerSecond)))
        }
        guard let lastMessage else {
            // A first message that is long has its time as any other, once it has begun.
            return Due(at: max(connectedAt + TimeAmount(limits.firstFrame), frame ?? connectedAt), fault: .slow)
        }
        if let frame { return Due(at: frame, fault: .slow) }
        return Due(at: lastMessage + TimeAmount(limits.idle), fault: .idle)
    }
}
