import Access
import ArgumentParser
import Catalog
import Postgres

/// What a new token may be used for, and until when.
struct GrantOptions: ParsableArguments {
    @Option(
        name: .customLong("park"),
        help: ArgumentHelp(
            "For staff a park that they work for, for others the only park; may be repeated.",
            valueName: "park"
        )
    )
    var parks: [String] = []

    @Option(
        name: .customLong("scope"),
        help: ArgumentHelp(
            "What it may be used for, of \(Scope.allCases.map(\.rawValue).joined(separator: ", ")); may be repeated.",
            valueName: "scope"
        )
    )
    var scopeNames: [String] = []

    @Option(
        name: .customLong("network"),
        help: ArgumentHelp(
            "An address or a network, such as 10.0.0.0/8, from where alone it may be used; may be repeated.",
            valueName: "network"
        )
    )
    var networkNames: [String] = []

    @Option(help: "Days until it expires.")
    var days: Int?

    func validate() throws {
        if let unknown = scopeNames.first(where: { Scope(rawValue: $0) == nil }) {
            let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--scope \(unknown) is none of \(known)")
        }
        if let unknown = networkNames.first(where: { NetworkPrefix($0) == nil }) {
            throw ValidationError("--network \(unknown) is no network; it is an address or such as 10.0.0.0/8")
        }
        if let days, !(1...36500).contains(days) { throw ValidationError("--days is a number from 1 to 36500") }
    }

    /// `nil` where none were named.
    var scopes: [Scope]? { scopeNames.isEmpty ? nil : scopeNames.compactMap(Scope.init) }

    /// None where none were named.
    var networks: [NetworkPrefix] { networkNames.compactMap { NetworkPrefix($0) } }

    /// In seconds.
    var life: Int? { days.map { $0 * 86_400 } }

    /// A token for a park that does not exist would silently allow nothing.
    func checkParks(in pool: Pool, until deadline: Deadline) async throws {
        guard !parks.isEmpty else { return }
        let known = try await pool.execute(ParkIDs(), until: deadline)
        guard let unknown = parks.first(where: { !known.contains($0) }) else { return }
        throw CommandFailure(.notFound, "there is no park \(unknown). Known: \(known.joined(separator: ", ")).")
    }
}

extension Tokens.Given {
    /// Shows the token, this once; one that is held by a certificate has no secret to show.
    ///
    /// - Parameter certificate: the name in it.
    func show(_ output: OutputOptions, heldBy certificate: String? = nil) {
        if let certificate {
            let json: JSONValue = ["id": .integer(id), "certificate": .string(certificate)]
            return Terminal.print(
                output.json ? json.text : "token \(id) is for who shows a certificate of \(certificate)"
            )
        }
        let json: JSONValue = ["id": .integer(id), "token": .string(token.text)]
        Terminal.print(output.json ? json.text : token.text)
    }
}

extension CommandFailure {
    /// What an operator reads of a token that could not be made.
    init(_ error: TokenError) {
        switch error {
        case .notValid(let id):
            self.init(.notFound, "there is no valid token \(id): `amenity token list` shows them.")
        case .wider(let what, let allowed):
            let rest = allowed.isEmpty ? "nothing of the kind" : "only \(allowed.joined(separator: ", "))"
            self.init(
                .notAllowed,
                "\(what) is more than the token allows, which is \(rest): a token is narrowed, never widened."
            )
        case .database(let error): self = CommandFailure(error as any Error) ?? CommandFailure(.failed, "\(error)")
        }
    }
}
