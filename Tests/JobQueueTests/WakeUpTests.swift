import Synchronization
import Testing

@testable import JobQueue

@Suite("A wake-up", .timeLimit(.minutes(1)))
struct WakeUpTests {
    private final class Counter: Sendable {
        let value = Atomic(0)
    }

    @Test("that comes before the wait is kept for it, and several are one")
    func kept() async {
        let wakeUp = WakeUp()
        for _ in 0..<3 { wakeUp.wake() }
        #expect(await wakeUp.wait())
        #expect(await wakeUp.wait(atMost: .zero) == false)
    }

    @Test("is kept also for a wait that has no time left")
    func keptForShortWait() async {
        let wakeUp = WakeUp()
        for _ in 0..<200 {
            wakeUp.wake()
            #expect(await wakeUp.wait(atMost: .zero))
        }
    }

    @Test("ends a wait that has begun")
    func during() async {
        let wakeUp = WakeUp()
        async let outcome = wakeUp.wait(atMost: .seconds(3600))
        wakeUp.wake()
        #expect(await outcome)
    }

    @Test("is never lost, however calls and waits fall together")
    func race() async {
        let (wakeUp, done) = (WakeUp(), Counter())
        await withTaskGroup { group in
            for _ in 0..<8 {
                group.addTask {
                    for _ in 0..<500 {
                        done.value.add(1, ordering: .sequentiallyConsistent)
                        wakeUp.wake()
                        await Task.yield()
                    }
                }
            }
            // A lost call leaves this waiting for good.
            while done.value.load(ordering: .sequentiallyConsistent) < 4000 { await wakeUp.wait() }
        }
    }

    @Test("is not needed where the waiting task is cancelled")
    func cancelled() async {
        let wakeUp = WakeUp()
        let task = Task { await wakeUp.wait() }
        task.cancel()
        #expect(await task.value == false)
        wakeUp.wake()
        #expect(wakeUp.isCalled)
    }
}
