import Commands
import Foundation
import TestSupport
import Testing

/// A wall clock for a program that runs ahead or behind as a test says, also while the program runs. The clock that counts
/// from the machine's start is left alone.
struct BentClock {
    private let folder: URL

    /// Where the C compiler is that comes with Swift.
    private static let compiler = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/clang" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    /// Without a compiler there is no way to bend a program's clock.
    static var isAvailable: Bool { compiler != nil }

    /// What stands between a program and the C library.
    private static let source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <fcntl.h>
        #include <stdlib.h>
        #include <sys/time.h>
        #include <time.h>
        #include <unistd.h>
        static long shift(void) {
            const char *path = getenv("BEND_FILE");
            char text[32] = {0};
            int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
            if (file < 0) return 0;
            long length = read(file, text, sizeof text - 1);
            close(file);
            return length > 0 ? atol(text) : 0;
        }
        int clock_gettime(clockid_t clock, struct timespec *now) {
            static int (*real)(clockid_t, struct timespec *);
            if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
            int status = real(clock, now);
            if (clock == CLOCK_REALTIME) now->tv_sec += shift();
            return status;
        }
        int gettimeofday(struct timeval *now, void *zone) {
            struct timespec precise;
            clock_gettime(CLOCK_REALTIME, &precise);
            now->tv_sec = precise.tv_sec;
            now->tv_usec = precise.tv_nsec / 1000;
            return 0;
        }
        time_t time(time_t *out) {
            struct timespec precise;
            clock_gettime(CLOCK_REALTIME, &precise);
            if (out) *out = precise.tv_sec;
            return precise.tv_sec;
        }
        """

    fileprivate init() async throws {
        folder = URL.temporaryDirectory.appending(path: "bend-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let source = folder.appending(path: "bend.c")
        try Self.source.write(to: source, atomically: true, encoding: .utf8)
        let build = try ChildProcess(
            try #require(Self.compiler),
            ["-shared", "-fPIC", "-o", folder.appending(path: "bend.so").path, source.path, "-ldl"],
            environment: ProcessInfo.processInfo.environment
        )
        try #require(try await build.ended(within: .seconds(60)) == .exit(0), "\(build.errors.lines)")
        try run(ahead: 0)
    }

    fileprivate func remove() { try? FileManager.default.removeItem(at: folder) }

    private var file: URL { folder.appending(path: "seconds") }

    /// What a program is started with whose clock it is.
    var environment: [String: String] {
        ["LD_PRELOAD": folder.appending(path: "bend.so").path, "BEND_FILE": file.path]
    }

    /// Moves it, from now on.
    func run(ahead seconds: Int) throws { try "\(seconds)".write(to: file, atomically: true, encoding: .utf8) }
}

/// Lends a clock.
func withBentClock<Value>(_ body: (BentClock) async throws -> Value) async throws -> Value {
    let clock = try await BentClock()
    defer { clock.remove() }
    return try await body(clock)
}

/// That a program's clock is bent indeed, as a line of its log tells.
func expectBent(_ seconds: Int, _ event: JSONValue) throws {
    let stamp = event["ts"].string ?? ""
    let read = try Date(stamp, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    #expect(abs(read.timeIntervalSinceNow - Double(seconds)) < 600, "\(stamp)")
}
