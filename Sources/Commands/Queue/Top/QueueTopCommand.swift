import ArgumentParser
import JobQueue
import Postgres

/// `amenity queue top`
struct QueueTopCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "top",
        abstract: "Watch the queue live: what comes, what is done, what waits, who works and what stands in the way.",
        discussion: """
            Ends on q or Ctrl-C. Where stdout is no terminal, the pictures come as plain text, one below the other, and with \
            --json as one object a line. A picture of a queue with very many jobs takes a while to make: then they come less \
            often, so that looking takes the database no more than a twentieth of its time.
            """
    )

    @Option(help: ArgumentHelp("How long from one picture to the next.", valueName: "seconds"))
    var interval = 1.0

    @Flag(help: "Show one picture and end; it takes an interval to make, since rates are differences.")
    var once = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    private enum Event: Sendable {
        case look(JSONText)
        case trouble(any Error)
        case wish(Screen.Wish)
    }

    func validate() throws {
        guard (0.1...3600).contains(interval) else {
            throw ValidationError("--interval is a number of seconds from 0.1 to 3600")
        }
    }

    func run() async throws {
        let (events, inbox) = AsyncStream.makeStream(of: Event.self)
        let screen =
            once || output.json || !Screen.isAvailable ? nil : Screen { inbox.yield(.wish($0)) }
        defer { screen?.close() }
        try await database.withPool { pool in
            try await withThrowingTaskGroup { group in
                group.addTask { await Self.look(every: interval, at: QueueInspector(pool: pool), inbox) }
                defer { group.cancelAll() }
                try await show(events, on: screen)
            }
        }
    }

    /// Looks until the task is cancelled.
    private static func look(
        every interval: Double,
        at queue: QueueInspector,
        _ inbox: AsyncStream<Event>.Continuation
    ) async {
        while !Task.isCancelled {
            let start = ContinuousClock.now
            do {
                inbox.yield(.look(try await queue.look(until: .after(.seconds(30)))))
            } catch {
                inbox.yield(.trouble(error))
            }
            let took = start.duration(to: .now)
            try? await Task.sleep(for: max(.seconds(interval) - took, took * 19))
        }
    }

    /// Shows what comes until somebody wants no more of it.
    private func show(_ events: AsyncStream<Event>, on screen: Screen?) async throws {
        var meter = QueueRateMeter()
        var frame: QueueFrame?
        for await event in events {
            switch event {
            case .wish(.quit): return
            case .wish(.interrupt): throw CommandStatus.interrupted
            case .trouble(let error):
                // Nothing was ever seen: most likely the command line is wrong.
                guard let frame else { throw error }
                tell(error, below: frame, on: screen)
            case .look(let text):
                let look = try JSONValue(parsing: text.utf8)
                let isFirst = frame == nil
                let next = QueueFrame(look: look, rates: meter.rates(of: look))
                frame = next
                if let screen {
                    screen.draw(next.lines)
                } else if !isFirst {
                    Terminal.print(output.json ? next.json.text : next.text + "\n")
                    if once { return }
                }
            }
        }
    }

    private func tell(_ error: any Error, below frame: QueueFrame, on screen: Screen?) {
        let words = "amenity: \(CommandFailure(error)?.description ?? "\(error)") Trying again."
        guard let screen else { return Terminal.note(words) }
        screen.draw([Screen.Line(text: words, isStrong: true)] + frame.lines)
    }
}
