package import Access
package import Configuration
import Glibc
package import Logging
package import Postgres
package import ServiceLifecycle
import UnixSignals

/// What every program of the directory is made of: configuration, log, pool, admin listener, and an orderly end.
///
/// A `main` starts one, builds its services from it, and runs them.
package struct Program: Sendable {
    package let name: String
    /// Switches over `AMENITY_*` over the file of `--config`.
    package let config: ConfigReader
    package let logger: Logger
    /// What the pool is made by, for connections beside it.
    package let database: PostgresConfiguration
    package let pool: Pool
    package let health: Health
    package let metrics: Metrics
    private let adminListen: ListenAddress?
    private let switches: SwitchValues

    /// Reads the configuration, begins the log and makes the pool. Ends the process for `--help`, `--version` and settings
    /// that cannot be used.
    ///
    /// - Parameters:
    ///   - role: what its sessions may do in the database.
    ///   - switches: those of this program beside the common ones.
    ///   - adminListen: where the admin listener stands unless set; `nil` for none.
    ///   - tune: sizes the pool by the configuration.
    package static func start(
        _ name: String,
        summary: String,
        role: SessionRole,
        switches: [Switch] = [],
        adminListen: String? = nil,
        tune: (ConfigReader, inout PostgresConfiguration) throws -> Void = { _, _ in }
    ) async -> Program {
        await orExit(name) {
            let known = switches + ProgramConfiguration.switches
            let values = try SwitchValues(Array(CommandLine.arguments.dropFirst()), known: known)
            if values.wantsHelp { leave(help(name, summary, known)) }
            if values.wantsVersion { leave("\(name) \(ServiceVersion.current)") }
            let config = try await reader(values)
            let common = try ProgramConfiguration(config: config, adminListen: adminListen)
            var postgres = PostgresConfiguration(connectionString: common.database, applicationName: name)
            // A database that is down is waited for; one that nobody can name never comes.
            if let fault = postgres.fault {
                throw SettingError("the connection string of the database can't be read: \(fault)")
            }
            postgres.rest(as: role)
            try tune(config, &postgres)
            return Program(name, config, common, postgres, values)
        }
    }

    private init(
        _ name: String,
        _ config: ConfigReader,
        _ common: ProgramConfiguration,
        _ postgres: PostgresConfiguration,
        _ switches: SwitchValues
    ) {
        self.name = name
        self.switches = switches
        self.config = config
        self.adminListen = common.adminListen
        LoggingSystem.bootstrap { JSONLinesHandler(label: $0, level: common.logLevel) }
        self.logger = Logger(label: name)
        let metrics = Metrics()
        self.metrics = metrics
        self.database = postgres
        let outages = OutageLog.ofDatabase(logger)
        self.pool = Pool(postgres) { event in
            metrics.count(event)
            outages.record(event)
        }
        self.health = Health(pool: pool)
    }

    /// A value made from the configuration; ends the process with the reason when it cannot be.
    package func configured<Value>(_ make: (ConfigReader) throws -> Value) async -> Value {
        await Self.orExit(name) { try make(config) }
    }

    /// The configuration with the file as it is now.
    ///
    /// - Throws: ``SettingError`` for a file that can't be read any more.
    package func freshConfig() async throws -> ConfigReader { try await Self.reader(switches) }

    /// Runs the services once the database answers, until SIGTERM or SIGINT asks for an end; then the services end in
    /// reverse order and the pool last. Ends the process: 0 after an orderly end, 1 when something failed.
    ///
    /// - Parameters:
    ///   - grace: how long the orderly end may take.
    ///   - sources: what `/metrics` tells beside the metrics that every program has.
    package func run(
        _ services: [any Service],
        grace: Duration = .seconds(25),
        metrics sources: [any MetricsSource] = []
    ) async -> Never {
        let gate = DatabaseGate(pool: pool, logger: logger)
        var all: [any Service] = [ImpatientEnd(logger: logger), PoolService(pool: pool)]
        if let adminListen {
            all.append(
                AdminServer(
                    address: adminListen,
                    program: name,
                    health: health,
                    metrics: metrics,
                    sources: sources,
                    logger: logger
                )
            )
        }
        all += services.map { GatedService(gate: gate, service: $0) }
        all.append(DrainMark(health: health))
        // Its own log tells of every service started and stopped; ours tells what an operator needs.
        var quiet = logger
        quiet.logLevel = max(logger.logLevel, .error)
        var configuration = ServiceGroupConfiguration(
            services: all.map { .init(service: $0, successTerminationBehavior: .ignore) },
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quiet
        )
        configuration.maximumGracefulShutdownDuration = grace
        configuration.maximumCancellationDuration = .seconds(5)
        do {
            try await ServiceGroup(configuration: configuration).run()
        } catch {
            Self.complain(name, error)
            exit(1)
        }
        exit(0)
    }

    // MARK: Private

    private static func reader(_ values: SwitchValues) async throws -> ConfigReader {
        var providers: [any ConfigProvider] = [
            InMemoryProvider(name: "switches", values: values.values),
            EnvironmentVariablesProvider(secretsSpecifier: .specific(["AMENITY_DATABASE"]))
                .prefixKeys(with: "amenity"),
        ]
        if let file = values.file {
            let path = InMemoryProvider(values: ["filePath": ConfigValue(.string(file), isSecret: false)])
            do {
                providers.append(try await FileProvider<JSONSnapshot>(config: ConfigReader(provider: path)))
            } catch {
                throw SettingError("the configuration file can't be used: \(error)")
            }
        }
        return ConfigReader(providers: providers)
    }

    private static func help(_ name: String, _ summary: String, _ switches: [Switch]) -> String {
        let common = [
            Switch("config", placeholder: "FILE", "a JSON file with these names as keys"),
            Switch("version", .flag, "print the version"),
            Switch("help", .flag, "print this"),
        ]
        let rows = (switches + common).map { (left: "--\($0.name) \($0.placeholder)", right: $0.help) }
        let width = rows.map(\.left.count).max() ?? 0
        let lines = rows.map { "  \($0.left)\(String(repeating: " ", count: width - $0.left.count))  \($0.right)" }
        return "\(name): \(summary)\n\nusage: \(name) [switches]\n\n\(lines.joined(separator: "\n"))\n\n"
            + "Each is also an environment variable: --admin-listen is AMENITY_ADMIN_LISTEN. Switches win over\n"
            + "the environment, and that over the file."
    }

    private static func orExit<Value>(_ name: String, _ body: () async throws -> Value) async -> Value {
        do {
            return try await body()
        } catch {
            complain(name, error)
            exit(2)
        }
    }

    private static func leave(_ text: String) -> Never {
        print(text)
        exit(0)
    }

    /// Says it to a person; the log may not have begun.
    private static func complain(_ name: String, _ error: any Error) {
        StandardError.write("\(name): \(error)\n")
    }
}
