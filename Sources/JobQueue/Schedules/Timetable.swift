import Postgres

/// The instants at which a cron line fires in a time zone, in seconds since 1970-01-01 00:00 UTC.
///
/// Where the wall clock jumps, a line that names hours keeps its promise of once for each time that it names:
/// - a time that the clock skips fires right after the gap. Several skipped times of one line fire there once together,
///   and once together with a time that names that very minute;
/// - a time that the clock shows twice fires the first time only.
///
/// A line that admits every hour (`*/15 * * * *`, `@hourly`) is about time that passes: it fires whenever the clock shows
/// a minute that it names, so on through a repeated hour as in any other, and nothing is made up for an hour that never
/// was. Vixie's cron and Debian's draw the same line, with two differences: for them `*` is what counts, so that
/// `0 */2 * * *` fires twice in a repeated hour and `*/20 2 * * *` never in a skipped one; and their special treatment
/// ends at jumps of three hours.
struct Timetable: Sendable {
    let cron: CronExpression
    let zone: ZoneOffsets

    /// The first firing after this instant.
    func next(after instant: Int) -> Int {
        var index = zone.index(at: instant + 1)
        while true {
            if let found = first(in: zone.spans[index], from: instant + 1) { return found }
            index += 1
        }
    }

    /// The latest firings after `start`, up to and including `end`; in order, and at most so many.
    func latest(_ count: Int, after start: Int, through end: Int) -> [Int] {
        var firings: [Int] = []
        var end = end
        while firings.count < count, start < end {
            let firing = last(through: end)
            guard firing > start else { break }
            firings.append(firing)
            end = firing - 1
        }
        return firings.reversed()
    }

    // MARK: Private

    private func last(through instant: Int) -> Int {
        var index = zone.index(at: instant)
        while true {
            if let found = last(in: zone.spans[index], through: instant) { return found }
            index -= 1
        }
    }

    private func first(in span: ZoneOffsets.Span, from instant: Int) -> Int? {
        if let start = span.start, start >= instant, firesAfterGap(span) { return start }
        let from = max(instant, span.start ?? instant)
        let earliest = max(from + span.offset, newMinutes(of: span) ?? .min).ceilingDivided(by: 60)
        let firing = cron.firing(atOrAfter: CivilMinute(minutes: earliest)).minutes * 60 - span.offset
        return span.end.map { firing < $0 } ?? true ? firing : nil
    }

    private func last(in span: ZoneOffsets.Span, through instant: Int) -> Int? {
        let through = min(instant, span.end.map { $0 - 1 } ?? instant)
        let latest = (through + span.offset).floorDivided(by: 60)
        let firing = cron.firing(atOrBefore: CivilMinute(minutes: latest))
        guard let start = span.start, let new = newMinutes(of: span) else { return firing.minutes * 60 - span.offset }
        if firing.minutes * 60 >= new { return firing.minutes * 60 - span.offset }
        return firesAfterGap(span) ? start : nil
    }

    /// From when on the wall clock's time, as seconds, counts in this span; `nil`: always. In a span that repeats what the
    /// clock has shown before, only what is new counts, unless the line is about time that passes.
    private func newMinutes(of span: ZoneOffsets.Span) -> Int? {
        span.start.map { $0 + (cron.isHourly ? span.offset : max(span.offset, span.offsetBefore)) }
    }

    /// Whether a time of the line was skipped when the span began.
    private func firesAfterGap(_ span: ZoneOffsets.Span) -> Bool {
        guard let start = span.start, span.offset > span.offsetBefore, !cron.isHourly else { return false }
        let skipped = CivilMinute(minutes: (start + span.offsetBefore).ceilingDivided(by: 60))
        return cron.firing(atOrAfter: skipped).minutes * 60 < start + span.offset
    }
}
