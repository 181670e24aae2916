import ArgumentParser

/// `amenity tour`
struct TourCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tour",
        abstract: "Show a whole conversation with the directory, told for people.",
        discussion: "Needs a running service and its workers. It leaves one request and one correction behind."
    )

    @OptionGroup var server: ServerOptions

    func run() async throws {
        let client = try await server.connect()
        let tour = Tour(client: client, server: try server.address())
        do {
            try await tour.play()
        } catch let error as RemoteError {
            // What a guide did not expect is a failure of the tour, whatever the code would mean elsewhere.
            throw CommandFailure(.failed, "the tour stops here: \(error.description)")
        }
    }
}
