import Testing

@testable import JobQueue

@Suite("A cron line")
struct CronExpressionTests {
    private static func minute(_ text: String) throws -> CivilMinute {
        let numbers = text.split { "- :".contains($0) }.compactMap { Int($0) }
        try #require(numbers.count == 5)
        // Counted by hand, so that the calendar under test is not its own witness.
        var days = 0
        for year in 1970..<numbers[0] { days += isLeap(year) ? 366 : 365 }
        let lengths = [31, isLeap(numbers[0]) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        days += lengths.prefix(numbers[1] - 1).reduce(0, +) + numbers[2] - 1
        return CivilMinute(minutes: days * 1440 + numbers[3] * 60 + numbers[4])
    }

    private static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

    /// The firings from a minute on, each after the one before.
    private static func firings(_ line: String, from start: String, _ count: Int) throws -> [String] {
        let cron = try CronExpression(line)
        var found: [CivilMinute] = []
        var from = try minute(start)
        for _ in 0..<count {
            let next = cron.firing(atOrAfter: from)
            found.append(next)
            from = CivilMinute(minutes: next.minutes + 1)
        }
        // Backwards it must be the same.
        var back: [CivilMinute] = []
        var until = try #require(found.last)
        for _ in 0..<count {
            let previous = cron.firing(atOrBefore: until)
            back.append(previous)
            until = CivilMinute(minutes: previous.minutes - 1)
        }
        #expect(back.reversed() == found)
        return found.map(\.description)
    }

    @Test(
        "fires when it says",
        arguments: [
            ("* * * * *", "2026-01-01 00:00", ["2026-01-01 00:00", "2026-01-01 00:01"]),
            ("*/15 * * * *", "2026-01-01 00:46", ["2026-01-01 01:00", "2026-01-01 01:15"]),
            ("5-20/5,50 9-10 * * *", "2026-01-01 09:20", ["2026-01-01 09:20", "2026-01-01 09:50", "2026-01-01 10:05"]),
            ("30 23 * * *", "2026-12-31 23:31", ["2027-01-01 23:30", "2027-01-02 23:30"]),
            // 2026-01-02 is a Friday.
            ("0 9 * * MON-FRI", "2026-01-02 09:01", ["2026-01-05 09:00", "2026-01-06 09:00"]),
            ("0 9 * * sat-sun", "2026-01-01 00:00", ["2026-01-03 09:00", "2026-01-04 09:00", "2026-01-10 09:00"]),
            ("0 9 * * 5-7", "2026-01-01 00:00", ["2026-01-02 09:00", "2026-01-03 09:00", "2026-01-04 09:00"]),
            ("0 0 * * 7", "2026-01-01 00:00", ["2026-01-04 00:00", "2026-01-11 00:00"]),
            ("0 0 * * 0", "2026-01-01 00:00", ["2026-01-04 00:00", "2026-01-11 00:00"]),
            ("0 0 1 JAN,jul *", "2026-01-01 00:01", ["2026-07-01 00:00", "2027-01-01 00:00"]),
            ("0 0 31 * *", "2026-01-31 00:01", ["2026-03-31 00:00", "2026-05-31 00:00"]),
            // Leap years: 2100 is none, 2000 was one.
            ("0 12 29 2 *", "2026-01-01 00:00", ["2028-02-29 12:00", "2032-02-29 12:00"]),
            ("0 12 29 2 *", "2096-03-01 00:00", ["2104-02-29 12:00"]),
            ("0 12 29 2 *", "1999-01-01 00:00", ["2000-02-29 12:00", "2004-02-29 12:00"]),
            // 29 February on a Sunday, since */7 is not restricted but names Sunday alone.
            ("0 0 29 2 */6", "2026-01-01 00:00", ["2032-02-29 00:00", "2048-02-29 00:00"]),
            // Both day fields restricted: either will do. The 13th of January 2026 is a Tuesday.
            ("0 0 13 * FRI", "2026-01-08 00:00", ["2026-01-09 00:00", "2026-01-13 00:00", "2026-01-16 00:00"]),
            // One of them begins with *: both must agree.
            ("0 0 */2 * FRI", "2026-01-01 00:00", ["2026-01-09 00:00", "2026-01-23 00:00"]),
            ("0 0 31 2 MON", "2026-01-01 00:00", ["2026-02-02 00:00", "2026-02-09 00:00"]),
            ("@hourly", "2026-01-01 00:01", ["2026-01-01 01:00", "2026-01-01 02:00"]),
            ("@daily", "2026-02-28 00:01", ["2026-03-01 00:00"]),
            ("@midnight", "2026-02-28 00:01", ["2026-03-01 00:00"]),
            ("@weekly", "2026-01-01 00:00", ["2026-01-04 00:00", "2026-01-11 00:00"]),
            ("@monthly", "2026-01-01 00:01", ["2026-02-01 00:00"]),
            ("@YEARLY", "2026-01-01 00:01", ["2027-01-01 00:00"]),
            ("@annually", "2026-01-01 00:01", ["2027-01-01 00:00"]),
        ]
    )
    func firings(line: String, from: String, expected: [String]) throws {
        #expect(try Self.firings(line, from: from, expected.count) == expected)
    }

    @Test("is kept with one space between its fields")
    func spacing() throws {
        #expect(try CronExpression("  0\t3  * *   MON\n").text == "0 3 * * MON")
        #expect(
            CronExpression(dailyAtHour: 3, minute: 17).firing(atOrAfter: try Self.minute("2026-02-28 03:18"))
                .description == "2026-03-01 03:17"
        )
    }

    @Test(
        "tells whether it is about time that passes",
        arguments: [
            ("* * * * *", true), ("5 * * * *", true), ("5 0-23 * * *", true), ("5 */2 * * *", false),
            ("* 3 * * *", false),
        ]
    )
    func hourly(line: String, isHourly: Bool) throws {
        #expect(try CronExpression(line).isHourly == isHourly)
    }

    /// Each with words that the reason must have.
    @Test(
        "that is none is refused with the field and the reason",
        arguments: [
            ("", "empty"), ("   ", "empty"), ("* * * *", "has 4"), ("0 * * * * *", "has 6"),
            ("* * * * * root reboot", "has 7"),
            ("60 * * * *", "minute of the cron line: “60” is above 59"),
            ("* 24 * * *", "hour of the cron line: “24” is above 23"),
            ("* * 0 * *", "day of month of the cron line: “0” is below 1"), ("* * 32 * *", "“32” is above 31"),
            ("* * * 0 *", "month of the cron line: “0” is below 1"), ("* * * 13 *", "“13” is above 12"),
            ("* * * * 8", "day of week of the cron line: “8” is above 7"), ("-1 * * * *", "“” is no number"),
            ("+1 * * * *", "“+1” is no number from 0 to 59"), ("1.5 * * * *", "“1.5” is no number"),
            ("１ * * * *", "no number"),
            ("* * * JANUARY *", "“JANUARY” is neither a number from 1 to 12 nor a name from JAN to DEC"),
            ("* * * * MO", "“MO” is neither a number from 0 to 7 nor a name from SUN to SAT"),
            ("* * * * ſun", "neither"),
            ("MON * * * *", "minute of the cron line: “MON” is no number"),
            ("* * L * *", "“L” is no number from 1 to 31"),
            ("* * ? * *", "“?” is no number"), ("* * * * 5#2", "“5#2” is neither"),
            ("* * 15W * *", "“15W” is no number"),
            ("* 22-2 * * *", "“22-2” runs backwards; write 22-23,0-2"), ("* * * * FRI-MON", "write 5-6,0-1"),
            ("1-2-3 * * * *", "“2-3” is no number"), ("1- * * * *", "“” is no number"),
            ("*-5 * * * *", "“*” is no number"),
            ("1,,2 * * * *", "comma"), (", * * * *", "comma"), ("1, * * * *", "comma"),
            ("*/0 * * * *", "step of “*/0” is no number from 1"), ("*/ * * * *", "step of “*/” is no number"),
            ("*/-5 * * * *", "step of “*/-5”"), ("*/5/5 * * * *", "step of “*/5/5”"), ("*/60 * * * *", "above 59"),
            ("* * * * */7", "above 6"), ("5/15 * * * *", "write 5-59/… where “5/15”"),
            ("/5 * * * *", "“” is no number"),
            ("99999999999999999999 * * * *", "“99999999999999999999” is above 59"),
            ("18446744073709551617 * * * *", "above 59"), ("*/99999999999999999999 * * * *", "above 59"),
            ("0 0 31 2 *", "never fires"), ("0 0 30-31 FEB */2", "never fires, since no month of “FEB” has a day 30"),
            ("0 0 31 2,4,6,9,11 *", "never fires"), ("@reboot", "@annually, @daily"),
            ("@every 5m", "“@every 5m” is not known"),
            ("@daily *", "not known"), ("@", "not known"),
        ]
    )
    func refusals(line: String, reason: String) {
        let error = #expect(throws: CronError.self) { try CronExpression(line) }
        #expect(error?.description.contains(reason) == true, "\(error?.description ?? "accepted")")
    }

    @Test("that is endless is refused, and no message repeats much of its input")
    func long() {
        for line in [
            String(repeating: "1,", count: 200) + "1 * * * *", String(repeating: "x", count: 190) + " * * * *",
        ] {
            let error = #expect(throws: CronError.self) { try CronExpression(line) }
            #expect((error?.description.utf8.count ?? .max) < 150)
        }
    }
}
