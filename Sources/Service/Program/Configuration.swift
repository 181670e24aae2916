import Access
import Catalog
package import Configuration
package import Logging

/// What every program reads: keys `database`, `admin-listen` and `log-level`.
package struct ProgramConfiguration: Sendable {
    /// A libpq connection string or URI. Required.
    package var database: String
    /// Where the admin HTTP listener stands; none without it.
    package var adminListen: ListenAddress?
    /// Log lines below it are not written.
    package var logLevel: Logger.Level

    /// - Parameter adminListen: where the admin listener stands unless the configuration says otherwise.
    /// - Throws: ``SettingError``.
    package init(config: ConfigReader, adminListen: String? = nil) throws {
        guard let database = config.string(forKey: "database", isSecret: true), !database.isEmpty else {
            throw SettingError(
                "no database is set: give --database CONNINFO or AMENITY_DATABASE, "
                    + "such as “host=/run/postgresql dbname=amenity”"
            )
        }
        self.database = database
        self.adminListen = try config.address(forKey: "admin-listen", default: adminListen)
        let level = config.string(forKey: "log-level", default: "info")
        guard let logLevel = Logger.Level(rawValue: level) else {
            let levels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingError("log-level is “\(level)”; it is one of \(levels)")
        }
        self.logLevel = logLevel
    }

    static let switches = [
        Switch("database", placeholder: "CONNINFO", "the database: a libpq connection string or URI (required)"),
        Switch("admin-listen", placeholder: "HOST:PORT", "HTTP for operators: /live /ready /metrics /version"),
        Switch("log-level", placeholder: "LEVEL", "trace, debug, info, notice, warning, error or critical (info)"),
    ]
}

/// What the service reads beside: keys `listen`, `unix-listen`, `allow-plaintext`, `framing`, `compat-1.0`, `hot-answers`,
/// `listings` and those of TLS and of the limits.
package struct ServiceConfiguration: Sendable {
    /// Where JSON-RPC is served.
    package var listen: ListenAddress
    /// In which forms.
    package var wire: WireOptions
    /// Where it is served encrypted, if anywhere.
    package var secure: SecureListener?
    /// The path of a Unix socket where it is served too, if any.
    package var socket: String?
    package var limits: ServiceLimits
    /// What answers may take that are given again from memory; 0 has every answer made anew.
    package var hotAnswerBytes: Int
    /// What listings may take that are kept in memory between searches.
    package var listingBytes: Int

    /// - Throws: ``SettingError``, also for an address that others can reach without `allow-plaintext`.
    package init(config: ConfigReader) throws {
        guard let listen = try config.address(forKey: "listen", default: Self.defaultListen) else {
            throw SettingError("listen is empty: give HOST:PORT")
        }
        guard listen.isLoopback || config.bool(forKey: "allow-plaintext", default: false) else {
            throw SettingError(
                "\(listen) can be reached from other machines, and what passes there is not encrypted; "
                    + "listen on 127.0.0.1, or say --allow-plaintext if that is meant"
            )
        }
        self.listen = listen
        secure = try config.secureListener()
        socket = config.string(forKey: "unix-listen").flatMap { $0.isEmpty ? nil : $0 }
        let framing = config.string(forKey: "framing", default: Framing.auto.rawValue)
        guard let framing = Framing(rawValue: framing) else {
            let known = Framing.allCases.map(\.rawValue).joined(separator: ", ")
            throw SettingError("framing is “\(framing)”; it is one of \(known)")
        }
        limits = try ServiceLimits(config: config)
        hotAnswerBytes = try config.integer("hot-answers", default: Self.hotMebibytes, in: 0...65_536) << 20
        listingBytes = try config.integer("listings", default: Lookup.listingMebibytes, in: 0...65_536) << 20
        wire = WireOptions(framing: framing, servesVersion1: try config.flag(ConfigKey(["compat-1.0"])))
    }

    /// The switches of the service, for ``Program``.
    package static let switches: [Switch] =
        [
            Switch("listen", placeholder: "HOST:PORT", "where JSON-RPC is served (\(defaultListen))"),
            Switch("allow-plaintext", .flag, "let --listen be an address that other machines can reach"),
            Switch("unix-listen", placeholder: "PATH", "a Unix socket where it is served too, mode 0660 (nowhere)"),
            Switch("tls-listen", placeholder: "HOST:PORT", "where JSON-RPC is served encrypted (nowhere)"),
            Switch("tls-certificate", placeholder: "FILE", "the certificate shown there, with its chain, in PEM"),
            Switch("tls-key", placeholder: "FILE", "its private key, in PEM"),
            Switch(
                "tls-client-ca",
                placeholder: "FILE",
                "the authority of which clients have to show a certificate there"
            ),
            Switch("framing", placeholder: "FORM", "auto, newline, content-length, json-seq or concatenated (auto)"),
            Switch("compat-1.0", .flag, "also serve JSON-RPC 1.0, which has no member jsonrpc"),
            Switch(
                "hot-answers",
                .integer,
                placeholder: "MIB",
                "memory for answers that are given again until the catalogue changes; 0 for none (\(hotMebibytes))"
            ),
            Switch(
                "listings",
                .integer,
                placeholder: "MIB",
                "memory for what searches show of amenities, about a KiB each and language; 0 for none "
                    + "(\(Lookup.listingMebibytes))"
            ),
            Switch(
                "limits-exempt",
                placeholder: "NETWORKS",
                "addresses and networks, with commas between, to which no rate and no cap per address applies"
            ),
        ]
        + LimitSetting.all.map { setting in
            let value = setting.read(ServiceLimits())
            return Switch("limit-\(setting.switchName)", .integer, placeholder: "N", "\(setting.help) (\(value))")
        }
    /// Where the service's admin listener stands unless set.
    package static let defaultAdminListen = "127.0.0.1:7413"
    private static let defaultListen = "127.0.0.1:7411"
    private static let hotMebibytes = 32
}

extension ServiceLimits {
    /// Reads each ``LimitSetting`` under its name with `limit-` before it, and `limits-exempt`.
    ///
    /// - Throws: ``SettingError``.
    package init(config: ConfigReader) throws {
        self.init()
        for setting in LimitSetting.all {
            let fallback = setting.read(self)
            let value = try config.integer("limit-\(setting.switchName)", default: fallback, in: setting.range)
            // Written only where it differs: some are finer than the whole milliseconds that a setting has.
            if value != fallback { setting.write(&self, value) }
        }
        let networks = config.string(forKey: "limits-exempt", default: "").split(separator: ",")
        exempt = try networks.map { text throws(SettingError) in
            guard let network = NetworkPrefix(text.filter { $0 != " " }) else {
                throw SettingError(
                    "limits-exempt has “\(text)”; it takes addresses and networks such as 10.0.0.0/8,::1"
                )
            }
            return network
        }
    }
}

extension ConfigReader {
    /// An address, or `nil` where neither the configuration nor the default has one.
    fileprivate func address(forKey key: ConfigKey, default fallback: String?) throws -> ListenAddress? {
        guard let text = string(forKey: key) ?? fallback, !text.isEmpty else { return nil }
        guard let address = ListenAddress(text) else {
            throw SettingError("\(key) is “\(text)”; it is HOST:PORT, such as 127.0.0.1:7411")
        }
        return address
    }

    /// The encrypted listener, or `nil` where none is set.
    fileprivate func secureListener() throws -> SecureListener? {
        let names = ["tls-certificate", "tls-key", "tls-client-ca"]
        let files = names.map { string(forKey: ConfigKey([$0])).flatMap { $0.isEmpty ? nil : $0 } }
        guard let address = try address(forKey: "tls-listen", default: nil) else {
            guard let index = files.firstIndex(where: { $0 != nil }) else { return nil }
            throw SettingError("\(names[index]) is of no use without tls-listen")
        }
        guard let certificate = files[0], let key = files[1] else {
            throw SettingError("tls-listen needs --tls-certificate FILE and --tls-key FILE")
        }
        let identity = TLSIdentity.Files(certificate: certificate, key: key, clientAuthority: files[2])
        return SecureListener(address: address, identity: try TLSIdentity(identity))
    }

    /// Whether a flag is set.
    ///
    /// - Throws: ``SettingError`` for a value that is neither true nor false, which `bool(forKey:)` takes for absent.
    package func flag(_ key: ConfigKey) throws -> Bool {
        let value = bool(forKey: key)
        guard value != nil || string(forKey: key) == nil else {
            throw SettingError("\(key) has to be true or false")
        }
        return value ?? false
    }

    /// A whole number within bounds.
    ///
    /// - Throws: ``SettingError`` for one that is out of bounds or no number, which `int(forKey:)` takes for absent.
    package func integer(_ name: String, default fallback: Int, in range: ClosedRange<Int>) throws -> Int {
        let key = ConfigKey(name)
        let number = int(forKey: key)
        guard number != nil || string(forKey: key) == nil else {
            throw SettingError("\(name) has to be a whole number")
        }
        let value = number ?? fallback
        guard range.contains(value) else {
            throw SettingError("\(name) is \(value); it has to be \(range.lowerBound) to \(range.upperBound)")
        }
        return value
    }
}
