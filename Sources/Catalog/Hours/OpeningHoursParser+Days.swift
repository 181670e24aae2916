/// Weekdays and holidays.
extension OpeningHoursParser {
    mutating func days() throws(OpeningHoursError) -> OpeningHours.DaySet {
        var days = OpeningHours.DaySet()
        while try day(into: &days) {
            if isMark(",", at: index), startsDay(at: index + 1) {
                index += 1
            } else if days.weekdays.isEmpty, startsWeekday(at: index) {
                // `SH Mo-Fr`: both must hold.
                days.needsBoth = true
            } else {
                break
            }
        }
        days.weekdays.sort { $0.rawValue < $1.rawValue }
        return days
    }

    /// Reads a holiday, a weekday or a range of them.
    private mutating func day(into days: inout OpeningHours.DaySet) throws(OpeningHoursError) -> Bool {
        guard startsDay(at: index), case .word(let word) = next?.kind else { return false }
        index += 1
        switch word {
        case "ph": days.includesPublicHolidays = true
        case "sh": days.includesSchoolHolidays = true
        default:
            guard let first = Self.weekdays.firstIndex(of: word) else { throw unexpected() }
            var last = first
            if isMark("-", at: index) {
                index += 1
                guard case .word(let word) = next?.kind, let end = Self.weekdays.firstIndex(of: word) else {
                    throw unexpected()
                }
                last = end
                index += 1
            }
            let count = (last - first + 7) % 7
            for step in 0...count {
                let weekday = Weekday.allCases[(first + step) % 7]
                if !days.weekdays.contains(weekday) { days.weekdays.append(weekday) }
            }
        }
        if isMark("[", at: index) {
            throw OpeningHoursError(
                offset: next?.offset ?? length,
                reason: "the nth weekday of a month is not understood"
            )
        }
        if isMark("+", at: index) || isMark("-", at: index) {
            throw OpeningHoursError(
                offset: next?.offset ?? length,
                reason: "days before or after another are not understood"
            )
        }
        return true
    }

    private func startsDay(at position: Int) -> Bool {
        startsWeekday(at: position) || position < tokens.count && Self.holidays.contains(tokens[position].kind)
    }

    private func startsWeekday(at position: Int) -> Bool {
        guard position < tokens.count, case .word(let word) = tokens[position].kind else { return false }
        return Self.weekdays.contains(word)
    }

    private static let holidays: [OpeningHoursToken.Kind] = [.word("ph"), .word("sh")]

    private static let weekdays = ["mo", "tu", "we", "th", "fr", "sa", "su"]
}
