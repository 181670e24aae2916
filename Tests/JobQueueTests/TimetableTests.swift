import TestSupport
import Testing

@testable import JobQueue

/// Lines of cron on wall clocks that jump. The jumps are written down here from the zones' published rules; that the
/// database gives the same ones, ``ZoneTests`` checks.
@Suite("A timetable")
struct TimetableTests {
    /// A zone around one jump or two.
    struct Zone: CustomTestStringConvertible {
        let name: String
        let offsets: ZoneOffsets
        var testDescription: String { name }
    }

    /// 2026-03-29 01:00 UTC (02:00 -> 03:00) and 2026-10-25 01:00 UTC (03:00 -> 02:00).
    static let berlin = Zone(
        name: "Europe/Berlin",
        offsets: ZoneOffsets(offset: 3600, changes: [(1_774_746_000, 7200), (1_792_890_000, 3600)])
    )
    /// 2026-03-08 07:00 UTC (02:00 -> 03:00) and 2026-11-01 06:00 UTC (02:00 -> 01:00).
    static let newYork = Zone(
        name: "America/New_York",
        offsets: ZoneOffsets(offset: -18000, changes: [(1_772_953_200, -14400), (1_793_512_800, -18000)])
    )
    /// Half an hour only: 2026-04-04 15:00 UTC (02:00 -> 01:30) and 2026-10-03 15:30 UTC (02:00 -> 02:30).
    static let lordHowe = Zone(
        name: "Australia/Lord_Howe",
        offsets: ZoneOffsets(offset: 39600, changes: [(1_775_314_800, 37800), (1_791_041_400, 39600)])
    )
    static let shanghai = Zone(name: "Asia/Shanghai", offsets: ZoneOffsets(offset: 28800))
    /// Skipped the whole of 2011-12-30.
    static let apia = Zone(
        name: "Pacific/Apia",
        offsets: ZoneOffsets(offset: -36000, changes: [(1_325_239_200, 50400)])
    )

    private static func firings(_ line: String, _ zone: Zone, after start: Int, _ count: Int) throws -> [String] {
        let timetable = Timetable(cron: try CronExpression(line), zone: zone.offsets)
        var found: [Int] = []
        while found.count < count { found.append(timetable.next(after: found.last ?? start)) }
        // Looking back, it is the same.
        #expect(timetable.latest(count, after: start, through: found[count - 1]) == found)
        return found.map { Firing($0, offset: zone.offsets.offset(at: $0)).local }
    }

    private static let springBerlin = 1_774_746_000
    private static let autumnBerlin = 1_792_890_000

    @Test(
        "fires a skipped time once, right after the gap",
        arguments: [
            ("30 2 * * *", ["2026-03-29 03:00 +02:00", "2026-03-30 02:30 +02:00"]),
            // All that was skipped of one line, together.
            ("*/20 2 * * *", ["2026-03-29 03:00 +02:00", "2026-03-30 02:00 +02:00"]),
            // Together with a time that names the minute after the gap.
            ("0 2,3 * * *", ["2026-03-29 03:00 +02:00", "2026-03-30 02:00 +02:00"]),
            ("15 1-5 * * *", ["2026-03-29 03:00 +02:00", "2026-03-29 03:15 +02:00", "2026-03-29 04:15 +02:00"]),
            ("0 */2 * * *", ["2026-03-29 03:00 +02:00", "2026-03-29 04:00 +02:00"]),
            // On the day it was meant for alone.
            ("30 2 * * SUN", ["2026-03-29 03:00 +02:00", "2026-04-05 02:30 +02:00"]),
            ("30 2 30 * *", ["2026-03-30 02:30 +02:00", "2026-04-30 02:30 +02:00"]),
            // Next to the gap nothing is special.
            ("59 1 * * *", ["2026-03-30 01:59 +02:00"]),
            ("0 3 * * *", ["2026-03-29 03:00 +02:00", "2026-03-30 03:00 +02:00"]),
            ("30 3 * * *", ["2026-03-29 03:30 +02:00", "2026-03-30 03:30 +02:00"]),
        ]
    )
    func skipped(line: String, expected: [String]) throws {
        #expect(try Self.firings(line, Self.berlin, after: Self.springBerlin - 30, expected.count) == expected)
    }

    @Test(
        "fires a time that comes twice the first time only",
        arguments: [
            ("30 2 * * *", ["2026-10-25 02:30 +02:00", "2026-10-26 02:30 +01:00"]),
            ("*/30 2 * * *", ["2026-10-25 02:00 +02:00", "2026-10-25 02:30 +02:00", "2026-10-26 02:00 +01:00"]),
            ("0 */2 * * *", ["2026-10-25 02:00 +02:00", "2026-10-25 04:00 +01:00"]),
            ("0 3 * * *", ["2026-10-25 03:00 +01:00", "2026-10-26 03:00 +01:00"]),
            ("0 1-3 * * *", ["2026-10-25 01:00 +02:00", "2026-10-25 02:00 +02:00", "2026-10-25 03:00 +01:00"]),
        ]
    )
    func repeated(line: String, expected: [String]) throws {
        let midnight = Self.autumnBerlin - 3 * 3600
        #expect(try Self.firings(line, Self.berlin, after: midnight, expected.count) == expected)
        // Asked in the second pass, what the first has shown is over.
        let later = expected.filter { !$0.hasSuffix("+02:00") }
        #expect(try Self.firings(line, Self.berlin, after: Self.autumnBerlin + 60, later.count) == later)
    }

    @Test(
        "of a line that admits every hour follows the time that passes",
        arguments: [
            (
                "30 * * * *", springBerlin - 3600,
                ["2026-03-29 01:30 +01:00", "2026-03-29 03:30 +02:00", "2026-03-29 04:30 +02:00"]
            ),
            (
                "30 * * * *", autumnBerlin - 3600,
                ["2026-10-25 02:30 +02:00", "2026-10-25 02:30 +01:00", "2026-10-25 03:30 +01:00"]
            ),
            ("@hourly", autumnBerlin - 1, ["2026-10-25 02:00 +01:00", "2026-10-25 03:00 +01:00"]),
        ]
    )
    func hourly(line: String, start: Int, expected: [String]) throws {
        #expect(try Self.firings(line, Self.berlin, after: start, expected.count) == expected)
    }

    @Test("knows jumps of half an hour, the other half of the world and none at all")
    func elsewhere() throws {
        // 02:00-02:30 is skipped.
        let spring = try Self.firings("15 2 * * *", Self.lordHowe, after: 1_791_041_400 - 7200, 2)
        #expect(spring == ["2026-10-04 02:30 +11:00", "2026-10-05 02:15 +11:00"])
        // 01:30-02:00 comes twice.
        let autumn = try Self.firings("45 1 * * *", Self.lordHowe, after: 1_775_314_800 - 7200, 2)
        #expect(autumn == ["2026-04-05 01:45 +11:00", "2026-04-06 01:45 +10:30"])
        let halves = try Self.firings("*/30 * * * *", Self.lordHowe, after: 1_775_314_800 - 1801, 3)
        #expect(halves == ["2026-04-05 01:30 +11:00", "2026-04-05 01:30 +10:30", "2026-04-05 02:00 +10:30"])
        let march = try Self.firings("30 2 * * *", Self.newYork, after: 1_772_953_200 - 7200, 2)
        #expect(march == ["2026-03-08 03:00 -04:00", "2026-03-09 02:30 -04:00"])
        let november = try Self.firings("30 1 * * *", Self.newYork, after: 1_793_512_800 - 7200, 2)
        #expect(november == ["2026-11-01 01:30 -04:00", "2026-11-02 01:30 -05:00"])
        let china = try Self.firings("30 2 * * *", Self.shanghai, after: Self.springBerlin - 86_400, 2)
        #expect(china == ["2026-03-29 02:30 +08:00", "2026-03-30 02:30 +08:00"])
        // A whole day that never was.
        let samoa = try Self.firings("0 12 * * *", Self.apia, after: 1_325_239_200 - 86_400, 3)
        #expect(samoa == ["2011-12-29 12:00 -10:00", "2011-12-31 00:00 +14:00", "2011-12-31 12:00 +14:00"])
    }

    /// The rule as its words say it, minute by minute.
    private func expected(_ cron: CronExpression, _ zone: ZoneOffsets, in range: Range<Int>) -> [Int] {
        // The furthest minute that the clock has shown.
        var furthest: Int?
        var firings: Set<Int> = []
        for instant in stride(from: range.lowerBound, to: range.upperBound, by: 60) {
            let minute = (instant + zone.offset(at: instant)) / 60
            let isNew = furthest.map { $0 < minute } ?? true
            if let furthest, isNew, !cron.isHourly {
                for skipped in furthest + 1..<minute where fires(cron, skipped) { firings.insert(instant) }
            }
            if fires(cron, minute), isNew || cron.isHourly { firings.insert(instant) }
            if isNew { furthest = minute }
        }
        return firings.sorted()
    }

    private func fires(_ cron: CronExpression, _ minute: Int) -> Bool {
        cron.firing(atOrAfter: CivilMinute(minutes: minute)).minutes == minute
    }

    @Test(
        "agrees with its rule, minute by minute around every jump",
        arguments: [berlin, newYork, lordHowe, shanghai, apia],
        [
            "* * * * *", "*/7 * * * *", "30 2 * * *", "15,45 1-3 * * *", "* 2 * * *", "0 */2 * * *", "0 0 * * *",
            "59 23 * * *",
            "*/13 1,2,3 * * *", "0 0 1 * *", "*/10 0-22 * * SUN", "0 12 * * *",
        ]
    )
    func everyMinute(zone: Zone, line: String) throws {
        let cron = try CronExpression(line)
        let timetable = Timetable(cron: cron, zone: zone.offsets)
        let jumps = zone.offsets.spans.compactMap(\.start)
        for jump in jumps.isEmpty ? [Self.springBerlin] : jumps {
            let range = jump - 2 * 86_400..<jump + 2 * 86_400
            let expected = expected(cron, zone.offsets, in: range)
            var found: [Int] = []
            var after = range.lowerBound - 1
            while true {
                after = timetable.next(after: after)
                guard after < range.upperBound else { break }
                found.append(after)
            }
            #expect(found == expected)
            let back = timetable.latest(.max, after: range.lowerBound - 1, through: range.upperBound - 1)
            #expect(back == expected)
            // From any instant in between, also within a minute.
            for instant in stride(from: jump - 5400, to: jump + 5400, by: 97) {
                #expect(
                    timetable.next(after: instant) == expected.first { $0 > instant } ?? timetable.next(after: instant)
                )
                let before = timetable.latest(1, after: range.lowerBound - 1, through: instant)
                #expect(before == Array(expected.filter { $0 <= instant }.suffix(1)))
            }
        }
    }

    @Test("makes up for as many missed due times as are wanted, the latest, and never for what is decided")
    func backfill() throws {
        let timetable = Timetable(cron: try CronExpression("*/10 * * * *"), zone: ZoneOffsets(offset: 0))
        func due(_ decidedUntil: Int, _ now: Int, _ backfill: Int) -> [Int] {
            let due = DueTimes(timetable, decidedUntil: decidedUntil, now: now, backfill: backfill)
            #expect(due.next == (now / 600 + 1) * 600)
            return due.firings
        }
        #expect(due(0, 3000, 1) == [3000])
        #expect(due(0, 3599, 1) == [3000])
        #expect(due(0, 3000, 3) == [1800, 2400, 3000])
        #expect(due(0, 3000, 1000) == [600, 1200, 1800, 2400, 3000])
        #expect(due(0, 3059, 0) == [3000])
        #expect(due(0, 3060, 0) == [])
        #expect(due(3000, 3000, 5) == [])
        #expect(due(2999, 3000, 5) == [3000])
        #expect(due(3000, 3599, 5) == [])
        // The clock has gone back: what lies ahead was decided.
        #expect(due(9000, 3000, 5) == [])
    }

    @Test("sleeps until the next due time, within bounds, and never all at the same moment")
    func pauses() {
        #expect(Scheduler.pause(until: nil, jitter: 0.5) == .seconds(10))
        #expect(Scheduler.pause(until: 86_400, jitter: 0) == .seconds(10))
        #expect(Scheduler.pause(until: 3, jitter: 0) == .seconds(3))
        #expect(Scheduler.pause(until: 3, jitter: 0.5) > Scheduler.pause(until: 3, jitter: 0))
        #expect(Scheduler.pause(until: -100, jitter: 0) == .milliseconds(500))
    }
}
