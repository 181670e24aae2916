import ArgumentParser
import FoundationEssentials

/// The options of commands that speak to the service.
struct ServerOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("The service's address (AMENITY_SERVER; default 127.0.0.1:7411).", valueName: "host:port")
    )
    var server: String?

    @Option(help: ArgumentHelp("A file with the token to present (or AMENITY_TOKEN).", valueName: "file"))
    var tokenFile: String?

    /// Connects, with the token where there is one.
    func connect() async throws -> Client {
        try await Client.connect(to: address(), token: try token())
    }

    /// Calls a method that changes something. Where nobody knows whether it was done, the call is sent again under the same
    /// idempotency key, so that it is done once.
    func write(_ method: String, _ params: JSONObject) async throws -> JSONValue {
        var params = params
        params.add("_meta", ["idempotency_key": .string(UUID().uuidString)])
        var client = try await connect()
        for _ in 1..<Self.mostTries {
            do {
                return try await client.call(method, params.json)
            } catch let error as RemoteError where error.isOutcomeUnknown {
            } catch let failure as CommandFailure where failure.status == .busy || failure.status == .deadline {}
            try await Task.sleep(for: .milliseconds(500))
            client = try await connect()
        }
        return try await client.call(method, params.json)
    }

    private static let mostTries = 3

    func address() throws -> ServerAddress {
        let environment = ProcessInfo.processInfo.environment["AMENITY_SERVER"].flatMap { $0.isEmpty ? nil : $0 }
        let text = server ?? environment ?? "127.0.0.1:7411"
        guard let address = ServerAddress(text) else {
            throw CommandFailure(.usage, "\"\(text)\" is no address: give HOST:PORT, such as 127.0.0.1:7411.")
        }
        return address
    }

    /// A token never stands on the command line, which other users of the machine can read.
    func token() throws -> String? {
        guard let tokenFile else {
            return ProcessInfo.processInfo.environment["AMENITY_TOKEN"].flatMap { $0.isEmpty ? nil : $0 }
        }
        guard let bytes = try? Data(contentsOf: URL(filePath: tokenFile)) else {
            throw CommandFailure(.usage, "the token file \(tokenFile) can't be read.")
        }
        let lines = String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline)
        guard let first = lines.first else { throw CommandFailure(.usage, "the token file \(tokenFile) is empty.") }
        return String(first)
    }
}

/// The options of commands that look something up.
struct LookupOptions: ParsableArguments {
    @OptionGroup var language: LanguageOptions
    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    /// Calls a method, for an answer in the reader's language.
    func call(_ method: String, _ params: JSONObject) async throws -> JSONValue {
        var params = params
        params.add("_meta", language.meta)
        return try await server.connect().call(method, params.json)
    }

    /// Calls a method and prints the answer: as JSON where that was asked for, else as the text that is made of it.
    func show(_ method: String, _ params: JSONObject, as text: (JSONValue) -> String) async throws {
        let answer = try await call(method, params)
        Terminal.print(output.json ? answer.text : text(answer))
    }
}

/// The option of commands whose answer has names and labels.
struct LanguageOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The language of names and labels: en, zh-Hans, zh-Hant, ja, de, nl, fr or ko."))
    var lang: String?

    /// The reserved member of the call's parameters.
    var meta: JSONValue? { lang.map { ["lang": .string($0)] } }
}
