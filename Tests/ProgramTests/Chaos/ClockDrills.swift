import Commands
import Foundation
import JobQueue
import TestSupport
import Testing

/// Clocks that are wrong: the queue knows one only, the database's.
@Suite("A worker whose clock", .needsPrograms, .drillLimit)
struct ClockDrills {
    /// Where the C compiler is that comes with Swift; without one there is no way to bend a program's clock.
    private static let compiler = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/clang" }.first { FileManager.default.isExecutableFile(atPath: $0) }

    /// What moves a program's wall clock, and leaves the one alone that counts from the machine's start.
    private static let bend = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdlib.h>
        #include <sys/time.h>
        #include <time.h>
        static long shift(void) { const char *text = getenv("BEND_SECONDS"); return text ? atol(text) : 0; }
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

    @Test(
        "is an hour off does what is due and not what isn't, and takes nobody for dead",
        .enabled(if: compiler != nil, "no clang on PATH")
    )
    func host() async throws {
        let drill = Drill("R10")
        let folder = URL.temporaryDirectory.appending(path: "bend-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (source, library) = (folder.appending(path: "bend.c"), folder.appending(path: "bend.so"))
        try Self.bend.write(to: source, atomically: true, encoding: .utf8)
        let build = try ChildProcess(
            try #require(Self.compiler),
            ["-shared", "-fPIC", "-o", library.path, source.path, "-ldl"],
            environment: ProcessInfo.processInfo.environment
        )
        #expect(try await build.ended(within: .seconds(60)) == .exit(0), "\(build.errors.lines)")
        try await withProbes { database, queue in
            let later = try await queue.observer.value(
                "select id from queue.enqueue('probe', '{}', run_at => now() + interval '30 minutes')"
            )
            let jobs = Drill.size(60, long: 5000)
            try await withBent(3600, library, database) { early in
                try await withBent(-3600, library, database) { late in
                    try await expectHour(3600, early)
                    try await expectHour(-3600, late)
                    try await queue.enqueue(["sleep_ms": 20, "fail": 1], count: jobs)
                    try await queue.waitUntilDrained(butFor: 1)
                    #expect(try await queue.state(of: try #require(later.flatMap { Int64($0) })) == "scheduled")
                    #expect(try await queue.count("crashes > 0") == 0)
                    let workers = "select count(distinct worker) from queue.probe_effect"
                    #expect(try await queue.observer.value(workers) == "2")
                    #expect(try await queue.observer.value("select count(*) from queue.worker") == "2")
                }
            }
            #expect(try await queue.lost(of: jobs) == 0)
            #expect(try await queue.doubled() == 0)
            drill.report(["workers an hour off": 2, "jobs": jobs + 1, "lost": 0, "doubled": 0, "charged a crash": 0])
        }
    }

    private func withBent(
        _ seconds: Int,
        _ library: URL,
        _ database: TestDatabase,
        _ body: (RunningProgram) async throws -> Void
    ) async throws {
        let bent = ["LD_PRELOAD": library.path, "BEND_SECONDS": "\(seconds)"]
        try await withProgram("amenity-upkeep", switches(database), environment: bent) { program in
            try await program.event("registered")
            try await body(program)
        }
    }

    /// That its clock is bent indeed, as its log tells.
    private func expectHour(_ seconds: Int, _ program: RunningProgram) async throws {
        let stamp = try await program.event("registered").event["ts"].string ?? ""
        let read = try Date(stamp, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        #expect(abs(read.timeIntervalSinceNow - Double(seconds)) < 600, "\(stamp)")
    }

    @Test("is the database's, and jumps an hour to and fro, loses and doubles nothing, and does not get stuck")
    func server() async throws {
        let drill = Drill("R10b")
        let rounds = Drill.rounds(2, long: 20)
        try await withProbes { database, queue in
            try await database.withPool { pool in
                let clock = try await FakeClock(in: pool)
                try await withWorker("amenity-upkeep", on: database) { worker in
                    let fed = try await withFeeder(on: database, seed: 1) {
                        for _ in 0..<rounds {
                            for hours in [1.0, -1, 0] {
                                try await clock.run(ahead: .seconds(hours * 3600))
                                let ended = try await queue.count("state = 'done'")
                                try await queue.observer.wait(
                                    for: "(select count(*) from queue.job where state = 'done') > \(ended + 10)"
                                )
                            }
                        }
                    }
                    // What was put off while the clock was ahead.
                    try await clock.run(ahead: .seconds(2 * 3600))
                    try await queue.waitUntilDrained()
                    #expect(worker.isRunning)
                    try await expectEachDoneOnce(fed, queue)
                    drill.report([
                        "rounds": rounds * 3, "jobs": fed, "lost": try await queue.lost(of: fed),
                        "doubled": try await queue.doubled(), "charged a crash": try await queue.count("crashes > 0"),
                    ])
                }
            }
        }
    }
}
