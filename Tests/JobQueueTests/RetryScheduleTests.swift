import JobQueue
import Testing

@Suite("How long a failed job waits")
struct RetryScheduleTests {
    @Test(
        "doubles with each failure up to the cap",
        arguments: [(1, 1), (2, 2), (3, 4), (10, 512), (13, 3600), (200, 3600)]
    )
    func ceiling(failures: Int, seconds: Int) {
        #expect(RetrySchedule().pause(afterFailures: failures, jitter: 1) == .seconds(seconds))
    }

    @Test("is spread over the whole of it by the jitter")
    func jitter() {
        let schedule = RetrySchedule()
        #expect(schedule.pause(afterFailures: 5, jitter: 0) == .zero)
        #expect(schedule.pause(afterFailures: 5, jitter: 0.25) == .seconds(4))
    }

    @Test("takes no harm from a count that makes no sense", arguments: [0, -3])
    func nonsense(failures: Int) {
        #expect(RetrySchedule().pause(afterFailures: failures, jitter: 1) == .seconds(1))
    }
}
