import Postgres

/// Times of the day.
extension OpeningHoursParser {
    mutating func spans() throws(OpeningHoursError) -> [OpeningHours.TimeSpan] {
        var spans: [OpeningHours.TimeSpan] = []
        while startsTime(at: index) {
            spans.append(try span())
            guard isMark(",", at: index), startsTime(at: index + 1) else { break }
            index += 1
        }
        return spans
    }

    private mutating func span() throws(OpeningHoursError) -> OpeningHours.TimeSpan {
        let start = try time(upTo: 24 * 60 - 1)
        if isMark("+", at: index) { throw openEnd() }
        guard skip("-") else {
            throw OpeningHoursError(offset: next?.offset ?? length, reason: "a time needs an end, such as 08:00-17:00")
        }
        var end = try time(upTo: 48 * 60)
        if isMark("+", at: index) { throw openEnd() }
        if isMark("/", at: index) {
            throw OpeningHoursError(offset: next?.offset ?? length, reason: "repeated times (/) are not understood")
        }
        if end <= start { end += WallTime.minutesPerDay }
        return OpeningHours.TimeSpan(start: start, end: end)
    }

    private mutating func time(upTo latest: Int) throws(OpeningHoursError) -> Int {
        guard startsTime(at: index), case .number(let hour, _) = next?.kind,
            case .number(let minute, _) = tokens[index + 2].kind
        else { throw unexpected() }
        guard minute < 60, hour * 60 + minute <= latest else {
            throw OpeningHoursError(
                offset: next?.offset ?? length,
                reason: "there is no time \(hour.padded(to: 2)):\(minute.padded(to: 2)) here"
            )
        }
        index += 3
        return hour * 60 + minute
    }

    private func startsTime(at position: Int) -> Bool {
        guard position + 2 < tokens.count, case .number(_, let digits) = tokens[position].kind, digits <= 2,
            isMark(":", at: position + 1), case .number(_, digits: 2) = tokens[position + 2].kind
        else { return false }
        return true
    }

    private func openEnd() -> OpeningHoursError {
        OpeningHoursError(offset: next?.offset ?? length, reason: "an open end (+) says not when it closes")
    }
}
