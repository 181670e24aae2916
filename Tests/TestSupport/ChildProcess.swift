import Foundation
import Glibc
import Synchronization

/// A process of ours with its output as lines.
///
/// Not Foundation's `Process`: that learns of the end through a socket which every descendant inherits, so a script that
/// leaves a daemon behind, as `dev cluster start` does, never ends for it.
package final class ChildProcess: Sendable {
    /// How a process ended.
    package enum Ending: Sendable, Equatable {
        case exit(Int32)
        case signal(Int32)
    }

    package let processID: Int32
    package let output = Transcript()
    package let errors = Transcript()
    /// Holds one line once the process has ended.
    private let ending = Transcript()

    /// Starts the program with no input, default signals and exactly this environment.
    ///
    /// - Parameter terminal: the path of a terminal that the program has instead, for input, output and errors.
    package init(
        _ path: String,
        _ arguments: [String],
        environment: [String: String],
        terminal: String? = nil
    ) throws {
        let started = try Self.spawning.withLock { _ in try Self.spawn([path] + arguments, environment, terminal) }
        processID = started.processID
        output.fill(from: started.output) { close(started.output) }
        errors.fill(from: started.errors) { close(started.errors) }
        Foundation.Thread.detachNewThread { [ending] in ending.add(Self.wait(for: started.processID)) }
    }

    package var isRunning: Bool { ending.lines.isEmpty }

    package func send(_ signal: Int32) {
        if isRunning { kill(processID, signal) }
    }

    /// Waits for the end of the process and of what it wrote.
    @discardableResult
    package func ended(within limit: Duration) async throws -> Ending {
        let words = try await ending.first("the end of the process", within: limit).text.split(separator: " ")
        try await output.whenOver()
        try await errors.whenOver()
        let code = words.last.flatMap { Int32($0) } ?? -1
        return words.first == "exit" ? .exit(code) : .signal(code)
    }

    // MARK: Private

    /// One at a time: between the making of a pipe and its mark as ours alone, another child would inherit it.
    private static let spawning = Mutex(())

    private static func spawn(
        _ arguments: [String],
        _ environment: [String: String],
        _ terminal: String?
    ) throws -> (processID: pid_t, output: Int32, errors: Int32) {
        let (output, errors) = (try makePipe(), try makePipe())
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        if let terminal {
            for descriptor in Int32(0)...2 {
                posix_spawn_file_actions_addopen(&actions, descriptor, terminal, O_RDWR, 0)
            }
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
            posix_spawn_file_actions_adddup2(&actions, output.write, 1)
            posix_spawn_file_actions_adddup2(&actions, errors.write, 2)
        }
        var signals = sigset_t()
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        // A session of its own makes the terminal the one from which it gets signals.
        let session = terminal == nil ? 0 : Self.newSession
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) | session)
        var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var settings: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer {
            for pointer in words + settings { free(pointer) }
        }
        var processID: pid_t = 0
        let status = posix_spawn(&processID, arguments[0], &actions, &attributes, &words, &settings)
        close(output.write)
        close(errors.write)
        guard status == 0 else {
            close(output.read)
            close(errors.read)
            throw TestSupportError("cannot start \(arguments[0]): \(String(cString: strerror(status)))")
        }
        return (processID, output.read, errors.read)
    }

    /// POSIX_SPAWN_SETSID, which the header shows to GNU programs only.
    private static let newSession: Int16 = 0x80

    private static func wait(for processID: pid_t) -> String {
        var status: Int32 = 0
        while waitpid(processID, &status, 0) < 0, errno == EINTR {}
        let signal = status & 0x7F
        return signal == 0 ? "exit \(status >> 8 & 0xFF)" : "signal \(signal)"
    }

    private static func makePipe() throws -> (read: Int32, write: Int32) {
        var descriptors: [Int32] = [0, 0]
        guard pipe(&descriptors) == 0 else { throw TestSupportError("no pipe: \(String(cString: strerror(errno)))") }
        for descriptor in descriptors { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
        return (descriptors[0], descriptors[1])
    }
}
