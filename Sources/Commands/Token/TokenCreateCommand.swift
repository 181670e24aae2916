import Access
import ArgumentParser
import Postgres

/// `amenity token create`
struct TokenCreateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "create",
        abstract: "Make a token and print it.",
        discussion: """
            Only its hash is kept, so it is shown now and never again. Without --days or --forever it expires after 90 days \
            for an investor, 30 for staff and analysts, and 12 hours for an admin. With --certificate there is no token to \
            print: who shows a client certificate of that name (amenityd --tls-client-ca) needs none, for a year.
            """
    )

    @Option(help: "investor, staff, analyst or admin.")
    var role: String

    @Option(help: "Whom it is for.")
    var name: String

    @Option(help: ArgumentHelp("The name of a client certificate, such as DNS:desk.example.", valueName: "name"))
    var certificate: String?

    @OptionGroup var grant: GrantOptions

    @Flag(help: "Let it never expire.")
    var forever = false

    @OptionGroup var database: DatabaseOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard let role = Role(rawValue: role), role != .anonymous else {
            throw ValidationError("--role is investor, staff, analyst or admin")
        }
        guard !name.isEmpty else { throw ValidationError("--name may not be empty") }
        guard role != .investor || grant.parks.isEmpty else {
            throw ValidationError("--park is for staff, analysts and admins only")
        }
        if let scope = grant.scopes?.first(where: { !role.scopes.contains($0) }) {
            let scopes = role.scopes.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--scope \(scope.rawValue) is not for the role \(role.rawValue), which has \(scopes)")
        }
        if let certificate, certificate.firstMatch(of: /^(DNS|URI|email):./) == nil {
            throw ValidationError("--certificate \(certificate) is no name of one; it begins with DNS:, URI: or email:")
        }
        guard !forever || grant.days == nil else { throw ValidationError("give --days or --forever, not both") }
    }

    func run() async throws {
        guard let role = Role(rawValue: role) else { preconditionFailure("the role was validated") }
        let deadline = Deadline.after(.seconds(30))
        let given = try await database.withPool { pool in
            try await grant.checkParks(in: pool, until: deadline)
            return try await Tokens(pool: pool).create(
                Grant(role: role, parks: grant.parks, scopes: grant.scopes, networks: grant.networks),
                name: name,
                certificate: certificate,
                life: forever ? nil : grant.life ?? (certificate == nil ? role.tokenLife : 365 * 86_400),
                until: deadline
            )
        }
        given.show(output, heldBy: certificate)
    }
}
