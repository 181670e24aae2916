import Access
import ArgumentParser
import Postgres

/// `amenity audit verify`
struct AuditVerifyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Recompute the chain of the audit log, and print its end.",
        discussion: """
            Keep what it prints somewhere else, and give it with --head the next time: that also shows whether the end was \
            cut off, or all of it written anew. Exits 8 when something is wrong.
            """
    )

    @Option(help: ArgumentHelp("An end that it had once, as this command printed it.", valueName: "number:hash"))
    var head: String?

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard let head, Audit.Head(head) == nil else { return }
        throw ValidationError("--head is NUMBER:HASH, as `amenity audit verify` prints it")
    }

    func run() async throws {
        let (end, fault) = try await database.withPool { pool in
            try await Audit(pool: pool).verify(remembered: head.flatMap(Audit.Head.init), until: .after(.seconds(600)))
        }
        if output.json {
            let json: JSONValue = [
                "head": .string(end.text), "entries": .integer(Int(end.number)), "ok": .boolean(fault == nil),
                "fault": fault.map { .string($0.words) } ?? .null,
            ]
            Terminal.print(json.text)
        } else if fault == nil {
            Terminal.print(end.text)
        }
        if let fault { throw CommandFailure(.different, "the audit log was tampered with: \(fault.words).") }
    }
}

extension Audit.Fault {
    /// What is wrong, for an operator.
    fileprivate var words: String {
        switch self {
        case .missing(let number): "entries before number \(number) are missing"
        case .changed(let number): "entry \(number) does not follow from the one before it, so one of them was changed"
        case .cutOff(let number): "what came after number \(number) was cut off"
        case .rewritten(let number): "entry \(number) is not the one that was remembered"
        }
    }
}
