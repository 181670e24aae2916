import Commands
import TestSupport

/// Keeps a few probes waiting for as long as the body runs, of which some fail at first; returns how many there were.
func withFeeder(on database: TestDatabase, seed: UInt64, _ body: () async throws -> Void) async throws -> Int {
    let observer = try await database.observer()
    defer { observer.close() }
    let isFed = Flag()
    async let fed = feed(ProbeQueue(observer: observer), seed: seed, until: isFed)
    do {
        try await body()
    } catch {
        isFed.raise()
        throw error
    }
    isFed.raise()
    return try await fed
}

private func feed(_ queue: ProbeQueue, seed: UInt64, until isFed: Flag) async throws -> Int {
    var random = SplitMix64(seed: seed)
    var count = 0
    while !isFed.isRaised {
        for _ in 0..<6 {
            let sleep = Int.random(in: 20...100, using: &random)
            let fails = Int.random(in: 0..<5, using: &random) == 0
            try await queue.enqueue(["sleep_ms": .integer(sleep), "fail": .integer(fails ? 1 : 0)])
            count += 1
        }
        // Those that wait to be run alone don't count: a worker that is killed at once never comes to them.
        while try await queue.count("state = 'ready' and crashes < 2") >= 6, !isFed.isRaised {
            try await queue.observer.execute("select pg_sleep(0.01)")
        }
    }
    return count
}
