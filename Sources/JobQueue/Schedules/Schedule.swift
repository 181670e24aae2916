package import Postgres

/// An entry of the queue's schedule: a job that is to be enqueued again and again.
package struct Schedule: Sendable {
    /// Lower-case letters, digits, `.`, `_` and `-`; the first is a letter or a digit.
    package let name: String
    package var cron: CronExpression
    /// A time zone of the IANA list, as the database knows it.
    package var zone: String
    package var kind: String
    /// A JSON object. Each job gets a member `_schedule` with the entry's `name` and its `due_at` besides.
    package var payload: JSONText
    package var park: String?
    /// Of the jobs; lower first.
    package var priority: Int16
    /// How many due times that nobody was there to fire are made up for, the latest ones: 1 as for Kubernetes' CronJob and
    /// systemd's `Persistent=`, so that a nightly job survives a night's maintenance, and a job that was missed a thousand
    /// times runs once. 0 is what cron itself does, and Graphile Worker and GoodJob unless told otherwise: what is missed
    /// is missed, but for what is less than a minute late.
    package var backfill: Int

    package static let mostBackfill = 1000

    package init(
        name: String,
        cron: CronExpression,
        zone: String = "UTC",
        kind: String,
        payload: JSONText = JSONText("{}"),
        park: String? = nil,
        priority: Int16 = 100,
        backfill: Int = 1
    ) {
        self.name = name
        self.cron = cron
        self.zone = zone
        self.kind = kind
        self.payload = payload
        self.park = park
        self.priority = priority
        self.backfill = backfill
    }

    /// Whether an entry can be called so.
    package static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "."), (1...63).contains(text.utf8.count) else {
            return false
        }
        return isLetterOrDigit(first) && text.utf8.allSatisfy { isLetterOrDigit($0) || ".-_".utf8.contains($0) }
    }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// What is due of an entry when somebody looks at it. Instants in seconds since 1970-01-01 00:00 UTC.
struct DueTimes: Equatable {
    /// To be fired, in order.
    let firings: [Int]
    /// The next one after now.
    let next: Int

    /// A due time that is less late than this was not missed, whatever ``Schedule/backfill`` says: somebody was a little
    /// slow. Less than the shortest distance of two due times.
    private static let lateness = 60

    /// - Parameters:
    ///   - decidedUntil: what was due until then is none of ours. After a clock that went wrong it may be in the future.
    ///   - backfill: as in ``Schedule/backfill``.
    init(_ timetable: Timetable, decidedUntil: Int, now: Int, backfill: Int) {
        let latest = timetable.latest(max(1, backfill), after: decidedUntil, through: now)
        firings = backfill > 0 ? latest : latest.filter { now - $0 < Self.lateness }
        next = timetable.next(after: now)
    }
}

/// One firing to come, as people read it.
package struct Firing: Sendable, Equatable {
    /// By the wall clock of the zone, such as `2026-03-29 03:00 +02:00`.
    package let local: String
    /// RFC 3339.
    package let utc: String

    init(_ instant: Int, offset: Int) {
        let ahead = abs(offset) / 60
        let sign = offset < 0 ? "-" : "+"
        let wall = CivilMinute(minutes: (instant + offset).floorDivided(by: 60))
        local = "\(wall) \(sign)\((ahead / 60).padded(to: 2)):\((ahead % 60).padded(to: 2))"
        let minute = CivilMinute(minutes: instant.floorDivided(by: 60)).description.split(separator: " ")
        utc = "\(minute[0])T\(minute[1]):\((instant - instant.floorDivided(by: 60) * 60).padded(to: 2))Z"
    }
}

/// Why an entry can't be made.
package enum ScheduleError: Error, Sendable, Equatable {
    /// There is no such time zone; some are called alike.
    case unknownZone(String, similar: [String])
    /// A new entry needs both.
    case incomplete(name: String)
}

extension ScheduleError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unknownZone(let zone, let similar):
            let advice =
                similar.isEmpty
                ? "give a name of the IANA list, such as Europe/Berlin or UTC"
                : "did you mean \(similar.joined(separator: " or "))?"
            return "there is no time zone \(zone.quoted): \(advice)"
        case .incomplete(let name):
            return "there is no schedule \(name) yet, and a new one needs both its cron line and its kind of jobs"
        }
    }
}
