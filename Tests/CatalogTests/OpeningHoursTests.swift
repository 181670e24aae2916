import Catalog
import Foundation
import Postgres
import TestSupport
import Testing

@Suite("Opening hours as text")
struct OpeningHoursTextTests {
    @Test(
        "are understood in every spelling, and have one form",
        arguments: [
            ("Mo-Fr 08:00-17:00", "Mo-Fr 08:00-17:00"), ("mo–fr 8:00–17:00;", "Mo-Fr 08:00-17:00"),
            ("Mo-Fr: 08:00-17:00", "Mo-Fr 08:00-17:00"),
            ("Mo-Fr 08:00-11:45, 13:00-16:30", "Mo-Fr 08:00-11:45,13:00-16:30"),
            ("Mo-Fr　08：00～17：00；Sa 9:00-12:00", "Mo-Fr 08:00-17:00; Sa 09:00-12:00"),
            ("Su,Mo,Tu,We 10:00-12:00", "Mo-We,Su 10:00-12:00"), ("Fr-Mo 10:00-12:00", "Mo,Fr-Su 10:00-12:00"),
            ("24/7", "24/7"), ("open", "24/7"), ("24/7; PH off", "24/7; PH off"), ("closed", "off"),
            ("Fr-Sa 22:00-26:00", "Fr,Sa 22:00-02:00"), ("Mo 08:00-08:00", "Mo 08:00-08:00"),
            ("Sa,PH 10:00-12:00", "Sa,PH 10:00-12:00"), ("PH,SH off", "PH,SH off"),
            ("SH Mo-Fr 09:00-12:00", "SH Mo-Fr 09:00-12:00"),
            ("Apr-Oct 10:00-18:00; Nov-Mar Sa,Su 10:00-16:00", "Apr-Oct 10:00-18:00; Nov-Mar Sa,Su 10:00-16:00"),
            ("Dec 24-Jan 2 off", "Dec 24-Jan 02 off"), ("Dec 24-26,Jan 1 off", "Dec 24-Dec 26,Jan 01 off"),
            ("2026 Feb 15-23 off", "2026 Feb 15-2026 Feb 23 off"),
            ("2026 Dec 30-Jan 2 off", "2026 Dec 30-2027 Jan 02 off"),
            ("Dec 25: 10:00-12:00", "Dec 25 10:00-12:00"), ("Dec 10:00-12:00", "Dec 10:00-12:00"),
            ("Mo-Fr 09:00-17:00 || \"by appointment\"", "Mo-Fr 09:00-17:00 || \"by appointment\""),
            ("Mo 08:00-12:00,Tu 13:00-17:00", "Mo 08:00-12:00, Tu 13:00-17:00"),
            ("Mo 09:00-12:00 open \"ring\"", "Mo 09:00-12:00 open \"ring\""), ("Su unknown", "Su unknown"),
            ("\"预约\"", "\"预约\""),
        ]
    )
    func understood(text: String, form: String) throws {
        let hours = try OpeningHours(parsing: text)
        #expect(hours.description == form)
        #expect(try OpeningHours(parsing: form) == hours)
    }

    @Test(
        "are refused politely where they are beyond us or wrong",
        arguments: [
            ("", 1, "the text is empty"), ("  ", 1, "the text is empty"),
            ("Mo-Fr 17:00+", 12, "an open end (+) says not when it closes"),
            ("Mo-Fr 10:00-17:00+", 18, "an open end (+) says not when it closes"),
            ("Mo-Fr 10:00", 12, "a time needs an end, such as 08:00-17:00"),
            ("sunrise-sunset", 1, "“sunrise” is not understood here"),
            ("week 1-10 Mo", 1, "“week” is not understood here"),
            ("Mo[1] 10:00-12:00", 3, "the nth weekday of a month is not understood"),
            ("easter off", 1, "“easter” is not understood here"),
            ("PH -1 day off", 4, "days before or after another are not understood"),
            ("Mo-Fr 25:00-26:00", 7, "there is no time 25:00 here"),
            ("Mo-Fr 10:00-49:00", 13, "there is no time 49:00 here"),
            ("Mo-Fr 10:60-12:00", 7, "there is no time 10:60 here"),
            ("Feb 30 off", 5, "there is no such day in that month"),
            ("Mo-Fr 08:00-17:00 Sa 09:00-12:00", 19, "“sa” is not understood here"),
            ("Jan 1,PH off", 6, "“,” is not understood here"),
            ("Mo-Fr 08:00-17:00 \"call", 19, "the comment that begins here is never closed"),
            ("周一至周五 9:00-17:00", 1, "“周” has no meaning in opening hours"),
            ("Mo-Fr 0800-1700", 7, "“800” is not understood here"),
            ("Mo-Fr 08:00-17:00;;Sa 09:00-12:00", 19, "“;” is not understood here"),
            ("||", 1, "“||” is not understood here"),
            ("Mo-Xx 08:00-17:00", 4, "“xx” is not understood here"),
            ("08:00-17:00/01:30", 12, "repeated times (/) are not understood"),
            ("2026 off", 1, "“2026” is not understood here"),
            ("Jan-Feb 28 off", 5, "a range goes from one date to another of the same form"),
            ("Mo-Fr 08:00-17:00; ", nil, nil), ("12345", 1, "a number of more than four digits"),
        ] as [(String, Int?, String?)]
    )
    func refused(text: String, character: Int?, reason: String?) {
        guard let character, let reason else {
            #expect(throws: Never.self) { try OpeningHours(parsing: text) }
            return
        }
        #expect(throws: OpeningHoursError(offset: character - 1, reason: reason)) { try OpeningHours(parsing: text) }
    }

    @Test("of monstrous length are refused, and no text brings the parser down")
    func hostile() {
        #expect(throws: OpeningHoursError.self) {
            try OpeningHours(parsing: String(repeating: "00:00-00:01,", count: 9999))
        }
        let pieces = [
            "Mo", "-", "Fr", " ", "08:00", "24/7", ";", "||", ",", "PH", "Jan", "1", "\"", "off", "2026", ":", "[", "🏥",
        ]
        for first in pieces {
            for second in pieces {
                for third in pieces {
                    let text = first + second + third
                    guard let hours = try? OpeningHours(parsing: text) else { continue }
                    #expect(throws: Never.self) { try OpeningHours(parsing: hours.description) }
                }
            }
        }
    }
}

@Suite("Whether it is open")
struct OpenStateTests {
    /// 2026 by its notice, in part; nothing of 2027.
    static let calendar = HolidayCalendar(
        entries: Dictionary(
            uniqueKeysWithValues: [
                ("2026-02-14", HolidayCalendar.Entry.makeup), ("2026-02-16", .holiday), ("2026-02-17", .holiday),
                ("2026-05-01", .holiday), ("2026-10-01", .holiday), ("2026-10-02", .holiday), ("2026-10-10", .makeup),
            ].map { (Self.time($0.0 + "T00:00").date, $0.1) }
        ),
        declaredYears: [2026]
    )

    static func time(_ text: String) -> WallTime { WallTime(parsing: text) ?? WallTime(minutes: 0) }

    private func state(_ text: String, _ at: String, _ makeup: MakeupPolicy = .unknown) throws -> String {
        let state = try OpeningHours(parsing: text).state(at: Self.time(at), calendar: Self.calendar, makeup: makeup)
        return state.kind.rawValue + (state.until.map { " until " + $0.text.prefix(16) } ?? "")
    }

    @Test(
        "now and until when",
        arguments: [
            // 2026-11-24 is a Tuesday.
            ("Mo-Fr 08:00-11:45,13:00-16:30", "2026-11-24T08:00", "open until 2026-11-24T11:45"),
            ("Mo-Fr 08:00-11:45,13:00-16:30", "2026-11-24T11:45", "closed until 2026-11-24T13:00"),
            ("Mo-Fr 08:00-11:45,13:00-16:30", "2026-11-27T16:30", "closed until 2026-11-30T08:00"),
            ("Mo-Su 17:00-02:00", "2026-11-24T01:30", "open until 2026-11-24T02:00"),
            ("Mo-Su 17:00-02:00", "2026-11-24T02:00", "closed until 2026-11-24T17:00"),
            ("Mo-Su 17:00-02:00", "2026-11-24T23:59", "open until 2026-11-25T02:00"),
            ("Fr 22:00-30:00", "2026-11-28T05:59", "open until 2026-11-28T06:00"),
            ("Mo 08:00-08:00", "2026-11-24T07:59", "open until 2026-11-24T08:00"),
            ("24/7", "2026-11-24T03:00", "open"), ("off", "2026-11-24T03:00", "closed"),
            ("Mo-Su 00:00-24:00", "2026-11-24T03:00", "open"),
            ("Tu off", "2026-11-24T03:00", "closed"),
            ("24/7; Tu off", "2026-11-24T03:00", "closed until 2026-11-25T00:00"),
            // The last rule for a day replaces those before it.
            ("Mo-Fr 08:00-17:00; Tu 10:00-12:00", "2026-11-24T09:00", "closed until 2026-11-24T10:00"),
            // A comma adds to it.
            ("Mo-Fr 08:00-12:00, Tu 18:00-20:00", "2026-11-24T11:00", "open until 2026-11-24T12:00"),
            ("Mo-Fr 08:00-12:00, Tu 18:00-20:00", "2026-11-24T12:00", "closed until 2026-11-24T18:00"),
            // A break for lunch written as time off.
            ("Mo-Fr 08:00-17:00; Mo-Fr 12:00-13:00 off", "2026-11-24T11:00", "open until 2026-11-24T12:00"),
            // Seasons, also over New Year and to a leap day.
            ("Apr-Oct 10:00-18:00", "2026-11-24T11:00", "closed until 2027-04-01T10:00"),
            ("Nov-Mar 10:00-18:00", "2026-11-24T11:00", "open until 2026-11-24T18:00"),
            ("Dec 24-Jan 02 off; 10:00-12:00", "2026-12-24T11:00", "open until 2026-12-24T12:00"),
            ("10:00-12:00; Dec 24-Jan 02 off", "2026-12-24T11:00", "closed until 2027-01-03T10:00"),
            ("Feb 29 10:00-12:00", "2028-02-29T11:00", "open until 2028-02-29T12:00"),
            ("2026 Nov 24-25 off; 10:00-12:00", "2026-11-24T09:00", "closed until 2026-11-24T10:00"),
            ("10:00-12:00; 2026 Nov 24-25 off", "2026-11-24T09:00", "closed until 2026-11-26T10:00"),
            // Fallback and comments.
            ("Mo-Fr 09:00-17:00 || \"call\"", "2026-11-24T08:00", "unknown until 2026-11-24T09:00"),
            ("Mo-Fr 09:00-17:00 || \"call\"", "2026-11-24T09:00", "open until 2026-11-24T17:00"),
            ("\"by appointment\"", "2026-11-24T09:00", "unknown"),
            ("Sa 10:00-12:00 \"maybe\"", "2026-11-28T10:00", "unknown until 2026-11-28T12:00"),
            ("Fr 20:00-04:00 || Sa unknown", "2026-11-28T01:00", "open until 2026-11-28T04:00"),
        ]
    )
    func table(text: String, at: String, expected: String) throws {
        #expect(try state(text, at) == expected)
    }

    @Test(
        "on public holidays, and the nights before and after",
        arguments: [
            ("Mo-Fr 08:00-17:00; PH off", "2026-02-17T10:00", "closed until 2026-02-18T08:00"),
            ("Mo-Fr 08:00-17:00", "2026-02-17T10:00", "open until 2026-02-17T17:00"),
            ("Sa,PH 10:00-12:00", "2026-10-01T10:00", "open until 2026-10-01T12:00"),
            ("PH Mo-Fr 10:00-12:00", "2026-10-01T10:00", "open until 2026-10-01T12:00"),
            // The bar that opened on the eve closes in the night, not at midnight, and stays closed the night after.
            ("Mo-Su 17:00-02:00; PH off", "2026-10-01T01:30", "open until 2026-10-01T02:00"),
            ("Mo-Su 17:00-02:00; PH off", "2026-10-01T18:00", "closed until 2026-10-03T17:00"),
            ("Mo-Su 17:00-02:00; PH off", "2026-10-03T01:00", "closed until 2026-10-03T17:00"),
            // A rule for one day does not reach into the night before it.
            ("Fr 17:00-02:00; Sa 10:00-14:00", "2026-11-28T01:00", "open until 2026-11-28T02:00"),
            // Time off names its hours, and so cuts also what is left of the night.
            ("Fr 17:00-03:00; Sa 02:00-06:00 off", "2026-11-28T01:00", "open until 2026-11-28T02:00"),
        ]
    )
    func holidays(text: String, at: String, expected: String) throws {
        #expect(try state(text, at) == expected)
    }

    @Test(
        "on a Saturday that is worked in exchange, by what the place does then",
        arguments: [
            ("Mo-Fr 08:00-17:00", MakeupPolicy.asWeekday, "open until 2026-10-10T17:00"),
            ("Mo-Fr 08:00-17:00", .asWeekend, "closed until 2026-10-12T08:00"),
            ("Mo-Fr 08:00-17:00", .unknown, "unknown until 2026-10-10T17:00"),
            // Where it makes no difference, it is known all the same.
            ("Mo-Su 08:00-17:00", .unknown, "open until 2026-10-10T17:00"),
            ("24/7", .unknown, "open"),
            // Nobody says which weekday such a Saturday stands for.
            ("Mo-Th 08:00-17:00", .asWeekday, "unknown until 2026-10-10T17:00"),
        ]
    )
    func makeup(text: String, policy: MakeupPolicy, expected: String) throws {
        #expect(try state(text, "2026-10-10T09:00", policy) == expected)
    }

    @Test(
        "in a year without a notice it is unknown only where a holiday could matter",
        arguments: [
            ("Mo-Fr 08:00-17:00; PH off", "2027-02-08T10:00", "unknown until 2027-02-08T17:00"),
            ("Mo-Fr 08:00-17:00; PH off", "2027-02-08T18:00", "closed until 2027-02-09T08:00"),
            ("Mo-Su 10:00-22:00", "2027-02-08T10:00", "open until 2027-02-08T22:00"),
            ("Mo-Fr 08:00-17:00; PH off", "2027-07-12T10:00", "open until 2027-07-12T17:00"),
            // The law itself fixes these days.
            ("Mo-Fr 08:00-17:00; PH off", "2027-10-01T10:00", "closed"),
            ("24/7; PH off", "2027-01-01T10:00", "closed"),
            // A Sunday that may be worked, or be a holiday.
            ("Su off; PH 10:00-12:00", "2027-02-07T11:00", "unknown"),
        ]
    )
    func undeclared(text: String, at: String, expected: String) throws {
        #expect(try state(text, at).hasPrefix(expected))
    }

    @Test("in school holidays it is unknown, since nobody has declared them")
    func schoolHolidays() throws {
        #expect(try state("Mo-Fr 08:00-17:00; SH off", "2026-11-24T10:00") == "unknown until 2026-11-24T17:00")
        #expect(try state("Mo-Fr 08:00-17:00; SH off", "2026-11-24T18:00") == "closed until 2026-11-25T08:00")
    }

    @Test("the comment of the rule that decides is told")
    func comments() throws {
        let hours = try OpeningHours(parsing: "Mo-Fr 08:00-17:00 open \"ring\"; PH off \"holiday\"")
        let open = hours.state(at: Self.time("2026-11-24T10:00"), calendar: Self.calendar)
        #expect(open.kind == .open && open.comment == "ring")
        let closed = hours.state(at: Self.time("2026-02-17T10:00"), calendar: Self.calendar)
        #expect(closed.kind == .closed && closed.comment == "holiday")
    }

    /// Of opening-hours-py for China: it knows the first day of each holiday only.
    private static let firstDays = HolidayCalendar(
        entries: Dictionary(
            uniqueKeysWithValues: [
                "2026-01-01", "2026-02-17", "2026-05-01", "2026-06-19", "2026-09-25", "2026-10-01", "2027-01-01",
                "2027-02-06", "2027-05-01", "2027-06-09", "2027-09-15", "2027-10-01",
            ]
            .map { (Self.time($0 + "T00:00").date, .holiday) }
        ),
        declaredYears: [2026, 2027, 2028]
    )

    /// With opening-hours-py 2.1.4, 500 expressions and 2,000 instants, 11,641 of a million answers differ in two ways.
    /// 10,468 are of fallbacks (||), which it keeps off the days that an earlier rule names, while ours hold when no
    /// earlier rule does. 1,173 are of the hours after midnight: by ours a night goes on until its end whatever rule
    /// the next day has, and a rule that replaces a day takes that day's night with it; by it neither.
    @Test(
        "agrees with an evaluator whose answers are in a file: Tests/Benchmarks/opening_hours_answers.py makes it",
        .enabled(if: ProcessInfo.processInfo.environment["OPENING_HOURS_ANSWERS"] != nil)
    )
    func answers() throws {
        let file = ProcessInfo.processInfo.environment["OPENING_HOURS_ANSWERS"] ?? ""
        var parser = CSVParser()
        let lines = (try parser.push(try Data(contentsOf: URL(filePath: file))) + parser.finish()).map(\.fields)
        let times = lines[1][1].split(separator: " ").map { Self.time(String($0)) }
        var fallbacks = 0
        var nights = 0
        for line in lines.dropFirst(2) {
            let hours = try OpeningHours(parsing: line[0])
            for (time, letter) in zip(times, line[1]) {
                let state = hours.state(at: time, calendar: Self.firstDays, makeup: .asWeekend)
                guard state.kind.rawValue.first != letter else { continue }
                if line[0].contains("||") {
                    fallbacks += 1
                } else if time.minute < 6 * 60 {
                    nights += 1
                } else {
                    Issue.record("\(line[0]) at \(time.text) is not \(state.kind) but \(letter)")
                }
            }
        }
        print("\(fallbacks) answers differ by fallbacks, \(nights) by nights, of \(times.count * (lines.count - 2))")
    }

    @Test("agrees with opening-hours-py 2.1.4 on 500 generated questions")
    func generated() throws {
        let rows = try SharedKnowledge.ownRows("Tests/Cases/opening_hours.csv")
        #expect(rows.count > 500)
        for row in rows {
            let (text, at) = (row["expression"] ?? "", row["at"] ?? "")
            let state = try OpeningHours(parsing: text).state(
                at: Self.time(at),
                calendar: Self.firstDays,
                makeup: .asWeekend
            )
            #expect(state.kind.rawValue == row["state"], "\(text) at \(at)")
            #expect(state.until.map { String($0.text.prefix(16)) } ?? "" == row["until"], "\(text) at \(at)")
        }
    }
}

@Suite("The time on the wall of a park")
struct WallTimeTests {
    @Test(
        "is read from any zone and from none",
        arguments: [
            ("2026-10-10T09:30:00+08:00", "2026-10-10T09:30:00+08:00"),
            ("2026-10-10T01:30:59Z", "2026-10-10T09:30:00+08:00"),
            ("2026-10-09T23:30:00.123-02:00", "2026-10-10T09:30:00+08:00"),
            ("2026-10-10T09:30", "2026-10-10T09:30:00+08:00"),
            ("2026-10-10 09:30:00", "2026-10-10T09:30:00+08:00"), ("2026-12-31T18:00:00z", "2027-01-01T02:00:00+08:00"),
        ]
    )
    func read(text: String, expected: String) throws {
        let time = try #require(WallTime(parsing: text))
        #expect(time.text == expected)
        #expect(WallTime(time.instant) == time)
    }

    @Test(
        "is refused where it is none",
        arguments: [
            "", "now", "tomorrow", "2026-10-10", "2026-13-01T00:00", "2026-02-29T00:00", "2026-10-10T24:00",
            "2026-10-10T09:60",
            "2026-10-10T09:30:00+8", "2026-10-10T09:30:00+08:00x", "1969-01-01T00:00", "9999-01-01T00:00",
            "2026-10-10T9:30",
            "２０２６-10-10T09:30", "2026-10-10T09:30:00.Z",
        ]
    )
    func refused(text: String) {
        #expect(WallTime(parsing: text) == nil)
    }

    @Test("has the calendar's weekdays")
    func weekdays() throws {
        let date = try #require(CalendarDate(year: 1999, month: 12, day: 31))
        #expect(
            (0..<7).map { date.advanced(by: $0).weekday } == Weekday.allCases.suffix(3) + Weekday.allCases.prefix(4)
        )
    }
}
