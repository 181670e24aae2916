import Foundation
import Glibc
import Synchronization

/// The lines that a program or a peer has said so far, kept, so that a test may wait for one that came before it asked.
package final class Transcript: Sendable {
    package struct Line: Sendable {
        /// Its place, from 0.
        package let index: Int
        package let text: String
    }

    /// Why a line that was waited for did not come.
    package enum Silence: Error, CustomStringConvertible {
        case late(waitedFor: String, lastLines: [String])
        case over(waitedFor: String, lastLines: [String])

        package var description: String {
            switch self {
            case .late(let what, let lines): "\(what) did not come in time; the last lines:\n" + Self.text(lines)
            case .over(let what, let lines): "\(what) will not come, it is over; the last lines:\n" + Self.text(lines)
            }
        }

        private static func text(_ lines: [String]) -> String {
            lines.map { "  " + $0.prefix(400) }.joined(separator: "\n")
        }
    }

    private enum Outcome {
        case found(Line)
        case late
        case over
        case cancelled
    }

    private struct Waiter {
        let start: Int
        let accepts: @Sendable (String) -> Bool
        let continuation: CheckedContinuation<Outcome, Never>
    }

    private struct State {
        var lines: [String] = []
        var isOver = false
        var waiters: [Int: Waiter] = [:]
        /// Waits that ended before they began.
        var withdrawn: [Int: Outcome] = [:]
        var lastWaiter = 0
    }

    private let state = Mutex(State())

    package init() {}

    package var lines: [String] { state.withLock { $0.lines } }

    package var isOver: Bool { state.withLock { $0.isOver } }

    package func add(_ text: String) {
        let (line, ready) = state.withLock { state in
            let line = Line(index: state.lines.count, text: text)
            state.lines.append(text)
            let ready = state.waiters.filter { $0.value.start <= line.index && $0.value.accepts(text) }
            for id in ready.keys { state.waiters[id] = nil }
            return (line, ready.values)
        }
        for waiter in ready { waiter.continuation.resume(returning: .found(line)) }
    }

    /// No more lines will come.
    package func end() {
        let waiters = state.withLock { state in
            defer { state.waiters = [:] }
            state.isOver = true
            return state.waiters.values
        }
        for waiter in waiters { waiter.continuation.resume(returning: .over) }
    }

    /// The first line from a place on that is accepted, past or to come.
    ///
    /// - Throws: ``Silence``, naming what was waited for; `CancellationError`.
    package func first(
        _ what: String,
        from start: Int = 0,
        within limit: Duration = .seconds(20),
        where accepts: @escaping @Sendable (String) -> Bool = { _ in true }
    ) async throws -> Line {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        let timer = Task {
            try await Task.sleep(for: limit)
            withdraw(id, .late)
        }
        defer { timer.cancel() }
        let outcome = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let known = state.withLock { state -> Outcome? in
                    if let index = state.lines.indices.dropFirst(start).first(where: { accepts(state.lines[$0]) }) {
                        return .found(Line(index: index, text: state.lines[index]))
                    }
                    if state.isOver { return .over }
                    if let outcome = state.withdrawn.removeValue(forKey: id) { return outcome }
                    state.waiters[id] = Waiter(start: start, accepts: accepts, continuation: continuation)
                    return nil
                }
                if let known { continuation.resume(returning: known) }
            }
        } onCancel: {
            withdraw(id, .cancelled)
        }
        switch outcome {
        case .found(let line): return line
        case .late: throw Silence.late(waitedFor: what, lastLines: lines.suffix(12))
        case .over: throw Silence.over(waitedFor: what, lastLines: lines.suffix(12))
        case .cancelled: throw CancellationError()
        }
    }

    /// Waits until no more lines will come.
    package func whenOver(within limit: Duration = .seconds(20)) async throws {
        do {
            _ = try await first("the end", within: limit) { _ in false }
        } catch Silence.over {
            return
        }
    }

    private func withdraw(_ id: Int, _ outcome: Outcome) {
        let waiter = state.withLock { state -> Waiter? in
            if let waiter = state.waiters.removeValue(forKey: id) { return waiter }
            state.withdrawn[id] = outcome
            return nil
        }
        waiter?.continuation.resume(returning: outcome)
    }

    /// Reads lines on a thread of its own until the end of the file, then calls back.
    package func fill(from descriptor: Int32, atEnd: @escaping @Sendable () -> Void) {
        Foundation.Thread.detachNewThread { [self] in
            var pending: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 64 << 10)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { break }
                pending += buffer[..<count]
                var start = 0
                while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
                    add(String(decoding: pending[start..<end], as: UTF8.self))
                    start = end + 1
                }
                pending.removeFirst(start)
            }
            if !pending.isEmpty { add(String(decoding: pending, as: UTF8.self)) }
            end()
            atEnd()
        }
    }
}
