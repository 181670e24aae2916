import NIOCore

/// Tells when a client has taken no byte for too long while replies wait for it. Bound to the connection's event loop.
final class SlowReaderWatch {
    private let patience: Duration
    private var written = 0
    private var timer: Scheduled<Void>?

    init(patience: Duration) { self.patience = patience }

    /// Notes what was handed to the channel.
    func wrote(_ bytes: Int) { written += bytes }

    /// Bytes handed to the channel that the client's side has not taken.
    func buffered(_ channel: any Channel) -> Int {
        (try? channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0
    }

    /// Begins to watch, unless it does already. Ends by itself when all is taken.
    ///
    /// - Parameter whenSeen: called at each look with what is buffered.
    func start(_ channel: any Channel, whenSeen: @escaping (Int) -> Void, whenStuck: @escaping () -> Void) {
        guard timer == nil else { return }
        look(channel, taken: written - buffered(channel), times: 0, whenSeen, whenStuck)
    }

    func stop() {
        timer?.cancel()
        timer = nil
    }

    private func look(
        _ channel: any Channel,
        taken: Int,
        times: Int,
        _ whenSeen: @escaping (Int) -> Void,
        _ whenStuck: @escaping () -> Void
    ) {
        let step = TimeAmount(patience / Self.looks)
        timer = channel.eventLoop.assumeIsolated().scheduleTask(in: step) { [self] in
            let buffered = self.buffered(channel)
            whenSeen(buffered)
            guard buffered > 0 else {
                timer = nil
                return
            }
            let now = written - buffered
            let times = now == taken ? times + 1 : 0
            if times >= Self.looks { return whenStuck() }
            look(channel, taken: now, times: times, whenSeen, whenStuck)
        }
    }

    private static let looks = 4
}
