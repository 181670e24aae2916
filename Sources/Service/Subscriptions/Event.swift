import Access
import Postgres

/// What can be subscribed to. The name is also the method of the notifications.
enum Topic: String, CaseIterable, Sendable {
    case amenityChanged = "amenity.changed"
    case requestUpdated = "request.updated"
    case feedbackUpdated = "feedback.updated"
    case jobFinished = "job.finished"

    /// Whether everybody may know.
    var isPublic: Bool { self == .amenityChanged }
    /// Whether who submitted it may follow it with its secret.
    var hasOwner: Bool { self == .requestUpdated || self == .feedbackUpdated }
}

/// Something that happened.
struct Event: Sendable, Equatable {
    /// Its number: of two events the later one has the greater.
    let seq: Int64
    let topic: Topic
    /// What it is about.
    let object: String
    let park: String?
    /// What it tells, as a JSON object.
    let payload: JSONText
    /// RFC 3339.
    let at: String
}

extension [Event] {
    /// The events without those that a later one about the same thing makes needless.
    var coalesced: [Event] {
        var seen = Set<String>()
        let last = reversed().filter { seen.insert($0.topic.rawValue + " " + $0.object).inserted }
        return last.reversed()
    }
}

/// Events that were read together.
struct EventBatch: Sendable {
    /// The number behind which they were read.
    let after: Int64
    /// Up to which number they were.
    let last: Int64
    let events: [Event]
    /// What is not valid any more: nothing more goes to who has shown it.
    var revoked: Set<Credential> = []
}

/// A range of numbers of which nothing can be told.
struct EventGap: Sendable, Equatable {
    enum Reason: String, Sendable {
        /// They are too old.
        case expired
        /// More than are replayed.
        case tooMany = "too_many"
        /// Nobody wanted to know of jobs then, so their ends were not written down.
        case notRecorded = "not_recorded"
    }

    let from: Int64
    let to: Int64
    let reason: Reason
}
