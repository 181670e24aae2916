import Postgres
import Testing

@Suite("A day of the calendar")
struct CalendarDateTests {
    @Test("follows the day before, through leap years and the weeks")
    func days() throws {
        var date = try #require(CalendarDate(year: 1999, month: 12, day: 31))
        #expect(date.dayOfWeek == 5)
        for _ in 0..<1000 {
            let next = date.advanced(by: 1)
            let (year, month, day) = next.components
            #expect(CalendarDate(year: year, month: month, day: day) == next)
            #expect((date.dayOfWeek + 1) % 7 == next.dayOfWeek)
            date = next
        }
        #expect(CalendarDate(year: 2000, month: 2, day: 29) != nil)
        #expect(CalendarDate(year: 2100, month: 2, day: 29) == nil)
    }

    @Test(
        "is counted from 1970, and from 2000 by PostgreSQL",
        arguments: [("1969-12-31", -1, -10_958), ("1970-01-01", 0, -10_957), ("0001-01-01", -719_162, -730_119)]
    )
    func epochs(text: String, days: Int, postgres: Int32) {
        #expect("\(CalendarDate(days: days))" == text)
        #expect(CalendarDate(Day(days: postgres)) == CalendarDate(days: days))
    }
}
