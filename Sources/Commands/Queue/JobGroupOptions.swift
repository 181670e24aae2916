import ArgumentParser
import JobQueue

/// The options that say what to pause or to cap.
struct JobGroupOptions: ParsableArguments {
    @Option(help: "The kind of jobs.")
    var kind: String?

    @Option(help: "The park, all of whose jobs are meant.")
    var park: String?

    func validate() throws {
        switch (kind, park) {
        case (nil, nil): throw ValidationError("name what: --kind KIND or --park PARK")
        case (_?, _?): throw ValidationError("give --kind or --park, one at a time")
        case (let name?, nil), (nil, let name?):
            if name.isEmpty { throw ValidationError("an empty name names nothing") }
        }
    }

    var target: JobGroup {
        if let kind { JobGroup(.kind, kind) } else { JobGroup(.park, park ?? "") }
    }
}

extension JobGroup {
    /// As it is called in messages.
    var words: String { "\(scope.rawValue) \(name)" }

    /// Tells an operator who may have mistyped.
    func noteIfUnknown(_ census: PauseControl.Census) {
        guard !census.isKnown else { return }
        Terminal.note("note: no job of \(words) is known so far. Is it spelled right? It may also come later.")
    }
}
