import Synchronization
import TestSupport

@testable import Service

/// Holds calls until the test lets them go, and tells the test what happens to them.
final class Gate: Sendable {
    enum Event: Sendable {
        case entered
        case cancelled
        case left
    }

    private struct State {
        var isOpen = false
        var running = 0
        var most = 0
        var last = 0
        var held: [Int: CheckedContinuation<Bool, Never>] = [:]
    }

    let events = EventLog<Event>()
    private let state = Mutex(State())

    /// The most calls held at the same time.
    var most: Int { state.withLock { $0.most } }

    /// Lets all calls go, those to come too.
    func open() {
        let held = state.withLock { state in
            state.isOpen = true
            defer { state.held = [:] }
            return Array(state.held.values)
        }
        for continuation in held { continuation.resume(returning: true) }
    }

    /// Waits until this many calls have entered.
    func awaitEntries(_ count: Int) async throws {
        for _ in 0..<count {
            try await awaitEvent(.entered)
        }
    }

    /// Waits for the next event of this kind; others before it are passed over.
    func awaitEvent(_ wanted: Event) async throws {
        _ = try await events.first { $0 == wanted ? true : nil }
    }

    /// A method that stands at the gate.
    func method(_ name: String, _ effect: MethodEffect = .read) -> MethodEntry {
        MethodEntry(
            MethodDescription(name: name),
            action: .remote(effect, .seconds(60)) { _ in Held(gate: self) }
        )
    }

    /// True when let go, false when cancelled.
    func pass() async -> Bool {
        let id = state.withLock { state in
            state.last += 1
            state.running += 1
            state.most = max(state.most, state.running)
            return state.last
        }
        events.record(.entered)
        let isFree = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let answer = state.withLock { state -> Bool? in
                    if Task.isCancelled { return false }
                    if state.isOpen { return true }
                    state.held[id] = continuation
                    return nil
                }
                if let answer { continuation.resume(returning: answer) }
            }
        } onCancel: {
            state.withLock { $0.held.removeValue(forKey: id) }?.resume(returning: false)
        }
        state.withLock { $0.running -= 1 }
        events.record(isFree ? .left : .cancelled)
        return isFree
    }

    private struct Held: RemoteMethod {
        static let name = ""
        static let summary = ""
        static let result: [Parameter] = []
        let gate: Gate

        init(gate: Gate) { self.gate = gate }

        init(_ arguments: Arguments) { preconditionFailure("made by its gate") }

        func run(_ context: CallContext) async throws(CallError) -> Answer {
            guard await gate.pass() else { throw CallError(.cancelled, "cancelled") }
            return Answer { $0.raw("{}") }
        }
    }
}

/// Lets others go on, in a loop that looks for something.
func letOthersRun() async throws {
    try Task.checkCancellation()
    await Task.yield()
}
