import Catalog
import Postgres
import Synchronization

/// Answers about the catalogue, given again from memory to whoever asks the same.
///
/// They are used only while news of the catalogue would be heard, and all of them are forgotten at each: it changes seldom,
/// and which answers a change touches is not worth knowing. An answer is kept only if no news came between its question and
/// its arrival, so none outlives the news of what it does not know yet.
package final class HotAnswers: Sendable {
    /// Why all answers are forgotten.
    enum News: String, CaseIterable {
        /// Somebody changed the catalogue.
        case change
        /// A call of this process did, whose caller may ask before the news is heard.
        case write
        /// Nothing was heard for a while.
        case reconnect
    }

    /// The right to keep the answer to a call.
    struct Claim: Sendable {
        let key: HotKey
        let life: Duration
        fileprivate let edition: Int
    }

    enum Finding: Sendable {
        case hit(Answer)
        case miss(Claim)
        /// News would not be heard.
        case closed
    }

    /// What a call does that found nothing.
    enum Turn: Sendable {
        /// It runs, and ends the shared call for those who ask the same meanwhile.
        case run(SharedCall)
        /// Another that asks the same runs.
        case wait(SharedCall)
        case hit(Answer)
        /// It runs for itself: news would not be heard.
        case closed
    }

    private struct Entry {
        let answer: Answer
        let until: Int64
    }

    private struct State {
        var kept: TwoGenerationCache<HotKey, Entry>
        /// What runs, of this edition.
        var running: [HotKey: SharedCall] = [:]
        /// Moves with each news.
        var edition = 0
        /// Which connection it is on which news are heard.
        var connection = 0
        var trustedUntil = Int64.min
    }

    private let state: Mutex<State>
    private let hits = Metrics.Counter()
    private let misses = Metrics.Counter()
    private let closed = Metrics.Counter()
    private let shared = Metrics.Counter()
    private let forgotten = News.allCases.map { _ in Metrics.Counter() }

    /// - Parameter bytes: what the answers may take, with their keys and what it costs to find them.
    package init(bytes: Int) { state = Mutex(State(kept: TwoGenerationCache(size: bytes))) }

    // MARK: Answering

    /// Looks for the answer to a call.
    ///
    /// - Parameters:
    ///   - life: how long an answer may be used that is kept by the claim.
    ///   - now: nanoseconds of a monotonic clock.
    func find(_ key: HotKey, keptFor life: Duration, at now: Int64) -> Finding {
        let finding = state.withLock { state -> Finding in
            guard now < state.trustedUntil else { return .closed }
            if let found = state.kept.find(key), now < found.until { return .hit(found.answer) }
            return .miss(Claim(key: key, life: life, edition: state.edition))
        }
        switch finding {
        case .hit: hits.add()
        case .miss: misses.add()
        case .closed: closed.add()
        }
        return finding
    }

    /// Finds a call that asks the same and runs, or lets this one run for others.
    func turn(_ claim: Claim, at now: Int64) -> Turn {
        let turn = state.withLock { state -> Turn in
            guard now < state.trustedUntil else { return .closed }
            if let found = state.kept.find(claim.key), now < found.until { return .hit(found.answer) }
            if let call = state.running[claim.key] { return .wait(call) }
            // What it finds out is as new as its beginning.
            let call = SharedCall(Claim(key: claim.key, life: claim.life, edition: state.edition))
            state.running[claim.key] = call
            return .run(call)
        }
        if case .wait = turn { shared.add() }
        return turn
    }

    /// Ends a call that ran for others too, and keeps its answer as ``keep(_:for:at:)`` does.
    func end(_ call: SharedCall, _ result: Result<Answer, CallError>, at now: Int64) {
        // Kept first: who asks from now on finds the one or the other.
        if case .success(let answer) = result { keep(answer, for: call.claim, at: now) }
        state.withLock { state in
            if state.running[call.claim.key] === call { state.running[call.claim.key] = nil }
        }
        call.end(result)
    }

    /// Keeps an answer, unless there were news since the claim.
    func keep(_ answer: Answer, for claim: Claim, at now: Int64) {
        let size = answer.json.utf8.count + claim.key.size + Self.overhead
        var kept = answer
        kept.isUnchanged = false
        let entry = Entry(answer: kept, until: now + claim.life.nanoseconds)
        state.withLock { state in
            guard state.edition == claim.edition else { return }
            state.kept.insert(entry, for: claim.key, size: size)
        }
    }

    /// What the answers take now.
    var bytes: Int { state.withLock { $0.kept.size } }

    // MARK: News

    func forget(_ news: News) {
        state.withLock { Self.forget(&$0) }
        if let index = News.allCases.firstIndex(of: news) { forgotten[index].add() }
    }

    /// The connection on which news are heard was lost: until the next is heard on, all answers are made anew.
    func lost() {
        state.withLock { state in
            state.trustedUntil = .min
            state.connection += 1
            Self.forget(&state)
        }
    }

    /// Names the connection of the moment, for a word that is said to oneself over it.
    var connection: Int { state.withLock { $0.connection } }

    /// Whether answers are given from memory now.
    func isTrusted(at now: Int64) -> Bool { state.withLock { now < $0.trustedUntil } }

    /// A word came back over a connection, so that news come through on it; those before the word have.
    func trust(_ connection: Int, until time: Int64) {
        state.withLock { state in
            if connection == state.connection { state.trustedUntil = max(state.trustedUntil, time) }
        }
    }

    private static func forget(_ state: inout State) {
        state.edition += 1
        // Those who wait have asked before the news; who asks from now on asks anew.
        state.running = [:]
        state.kept.removeAll()
    }

    /// What an entry takes beside its bytes, about.
    private static let overhead = 256
}

extension HotAnswers: MetricsSource {
    package func text() async -> String {
        var text = PrometheusText()
        text.type("amenity_hot_answers_total", .counter)
        for (outcome, counter) in [("hit", hits), ("miss", misses), ("closed", closed)] {
            text.sample("amenity_hot_answers_total", [("outcome", outcome)], counter.value)
        }
        text.type("amenity_hot_answers_shared_total", .counter)
        text.sample("amenity_hot_answers_shared_total", [], shared.value)
        text.type("amenity_hot_answers_forgotten_total", .counter)
        for (news, counter) in zip(News.allCases, forgotten) {
            text.sample("amenity_hot_answers_forgotten_total", [("news", news.rawValue)], counter.value)
        }
        text.metric("amenity_hot_answers_bytes", .gauge, bytes)
        return text.text
    }
}

extension Duration {
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
