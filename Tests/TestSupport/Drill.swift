import FoundationEssentials
import Synchronization
package import Testing

/// A reliability test that goes on for seconds in `./dev test`, and for as long as its design asks in `./dev chaos`.
package struct Drill: Sendable {
    /// Set by `./dev chaos`.
    package static let isLong = ProcessInfo.processInfo.environment["AMENITY_CHAOS"] == "1"
    /// Set by `./dev chaos --rounds`: goes before what a drill would do by itself.
    private static let givenRounds = ProcessInfo.processInfo.environment["AMENITY_CHAOS_ROUNDS"].flatMap { Int($0) }

    /// As the design numbers it, such as R1.
    private let name: String
    private let start = ContinuousClock.now

    package init(_ name: String) { self.name = name }

    /// How often to do what a drill repeats.
    package static func rounds(_ short: Int, long: Int) -> Int { isLong ? max(1, givenRounds ?? long) : short }

    /// How many jobs or seconds there are in a round.
    package static func size(_ short: Int, long: Int) -> Int { isLong ? long : short }

    /// Prints the one line that `./dev chaos` shows of a drill.
    package func report(_ counts: KeyValuePairs<String, any Sendable>) {
        let seconds = Int(start.duration(to: .now) / .seconds(1))
        let words = counts.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        print("drill \(name): \(words); took \(seconds) s")
    }
}

/// The longest of the times that something took, for a report; no test asserts it.
package final class LongestSpan: Sendable {
    private let longest = Mutex(Duration.zero)

    package init() {}

    package func measure<Value>(_ body: () async throws -> Value) async rethrows -> Value {
        let start = ContinuousClock.now
        let value = try await body()
        let span = start.duration(to: .now)
        longest.withLock { $0 = max($0, span) }
        return value
    }

    /// In seconds, to a tenth.
    package var seconds: Double { longest.withLock { ($0 / .seconds(0.1)).rounded() / 10 } }
}

extension Trait where Self == TimeLimitTrait {
    /// Two minutes in `./dev test`, and as many hours as a drill may need in `./dev chaos`.
    package static var drillLimit: TimeLimitTrait { .timeLimit(.minutes(Drill.isLong ? 180 : 2)) }
}
