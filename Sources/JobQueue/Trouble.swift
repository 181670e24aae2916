/// What something that is done again and again has failed of: told once, not each time, until it goes well again or fails
/// of something else.
struct Trouble {
    private var last: String?

    mutating func tell(_ error: any Error, of what: String, to observer: (QueueEvent) -> Void) {
        guard !Task.isCancelled, last != "\(error)" else { return }
        last = "\(error)"
        observer(.databaseTrouble(reason: "\(what): \(error)"))
    }

    mutating func end() { last = nil }
}
