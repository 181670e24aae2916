import Postgres

/// Months and dates.
extension OpeningHoursParser {
    mutating func dates() throws(OpeningHoursError) -> [OpeningHours.DateRange] {
        var ranges: [OpeningHours.DateRange] = []
        while let start = try dayOfYear() {
            ranges.append(try dateRange(from: start))
            // A comma that no date follows belongs to the rules.
            guard isMark(",", at: index), startsDate(at: index + 1) else { break }
            index += 1
        }
        return ranges
    }

    private mutating func dateRange(from start: OpeningHours.DayOfYear) throws(OpeningHoursError)
        -> OpeningHours.DateRange
    {
        guard skip("-") else { return OpeningHours.DateRange(start: start, end: start) }
        let offset = next?.offset ?? length
        let end: OpeningHours.DayOfYear
        if let full = try dayOfYear() {
            end = full.year == nil && start.year != nil ? Self.following(start, full) : full
        } else {
            end = OpeningHours.DayOfYear(year: start.year, month: start.month, day: try day(of: start.month))
        }
        guard (start.day == nil) == (end.day == nil), (start.year == nil) == (end.year == nil) else {
            throw OpeningHoursError(offset: offset, reason: "a range goes from one date to another of the same form")
        }
        return OpeningHours.DateRange(start: start, end: end)
    }

    /// The end of a range that names the year only at its start: in the same year, or over New Year in the next.
    private static func following(
        _ start: OpeningHours.DayOfYear,
        _ end: OpeningHours.DayOfYear
    ) -> OpeningHours.DayOfYear {
        let wraps = (end.month, end.day ?? 0) < (start.month, start.day ?? 0)
        return OpeningHours.DayOfYear(year: start.year.map { wraps ? $0 + 1 : $0 }, month: end.month, day: end.day)
    }

    /// `[year] month [day]`, or `nil` where nothing of the kind begins.
    private mutating func dayOfYear() throws(OpeningHoursError) -> OpeningHours.DayOfYear? {
        guard startsDate(at: index) else { return nil }
        var year: Int?
        if case .number(let value, _) = next?.kind {
            year = value
            index += 1
        }
        guard case .word(let word) = next?.kind, let month = Self.months.firstIndex(of: word).map({ $0 + 1 }) else {
            throw unexpected()
        }
        index += 1
        // A number that a colon follows is a time.
        guard case .number = next?.kind, !isMark(":", at: index + 1) || isDayBeforeColon else {
            return OpeningHours.DayOfYear(year: year, month: month, day: nil)
        }
        return OpeningHours.DayOfYear(year: year, month: month, day: try day(of: month))
    }

    /// Whether the colon after a number only separates, as in `Dec 25: 10:00-12:00`: minutes would follow it at once.
    private var isDayBeforeColon: Bool {
        guard index + 2 < tokens.count, case .number(_, let digits) = tokens[index + 2].kind else { return true }
        return digits != 2 || tokens[index + 2].followsSpace
    }

    private mutating func day(of month: Int) throws(OpeningHoursError) -> Int {
        guard case .number(let day, _) = next?.kind else { throw unexpected() }
        guard CalendarDate(year: 2000, month: month, day: day) != nil else {
            throw OpeningHoursError(offset: next?.offset ?? length, reason: "there is no such day in that month")
        }
        index += 1
        return day
    }

    private func startsDate(at position: Int) -> Bool {
        guard position < tokens.count else { return false }
        switch tokens[position].kind {
        case .word(let word): return Self.months.contains(word)
        case .number(_, digits: 4):
            guard position + 1 < tokens.count, case .word(let word) = tokens[position + 1].kind else { return false }
            return Self.months.contains(word)
        case .number, .mark, .fallback, .comment: return false
        }
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
}
