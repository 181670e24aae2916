import Catalog
import Configuration

/// One setting of a program: a switch, an environment variable and a key of the configuration file, all of one name.
package struct Switch: Sendable {
    /// What the value is.
    package enum Kind: Sendable {
        case text
        case integer
        /// Given without a value.
        case flag
    }

    /// As it stands after `--`; `admin-listen` is also `AMENITY_ADMIN_LISTEN` and the key `admin-listen`.
    package let name: String
    package let kind: Kind
    /// What the value is called in the help.
    package let placeholder: String
    package let help: String

    package init(_ name: String, _ kind: Kind = .text, placeholder: String = "", _ help: String) {
        self.name = name
        self.kind = kind
        self.placeholder = placeholder
        self.help = help
    }
}

/// A setting that cannot be used, told so that its writer can correct it.
package struct SettingError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
}

/// The switches of a command line as values of a provider.
struct SwitchValues {
    /// Values by name.
    private(set) var values: [AbsoluteConfigKey: ConfigValue] = [:]
    private(set) var wantsHelp = false
    private(set) var wantsVersion = false
    private(set) var file: String?

    /// Reads `--name value`, `--name=value` and `--flag`. A switch that nobody knows is refused: it is a typing error more
    /// often than not. (The provider of swift-configuration accepts any, and splits values at commas, which takes a
    /// connection string with two hosts apart.)
    init(_ arguments: [String], known: [Switch]) throws(SettingError) {
        var rest = arguments[...]
        while let argument = rest.popFirst() {
            switch argument {
            case "--help", "-h": wantsHelp = true
            case "--version": wantsVersion = true
            default: try take(argument, &rest, known)
            }
        }
    }

    private mutating func take(_ argument: String, _ rest: inout ArraySlice<String>, _ known: [Switch])
        throws(SettingError)
    {
        guard argument.hasPrefix("--") else { throw SettingError("“\(argument)” is not a switch; --help lists them") }
        let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let name = String(parts[0])
        if name == "config" {
            file = try Self.value(of: name, parts, &rest)
            return
        }
        guard let found = known.first(where: { $0.name == name }) else {
            let names = known.map(\.name) + ["config", "help", "version"]
            let hint = EditDistance.nearest(to: name, among: names).map { "; did you mean --\($0)?" }
            throw SettingError("there is no switch --\(name)" + (hint ?? "; --help lists them"))
        }
        let key = AbsoluteConfigKey([name])
        switch found.kind {
        case .flag:
            guard parts.count == 1 || parts[1] == "true" || parts[1] == "false" else {
                throw SettingError("--\(name) is given without a value")
            }
            values[key] = ConfigValue(.bool(parts.count == 1 || parts[1] == "true"), isSecret: false)
        case .text:
            values[key] = ConfigValue(.string(try Self.value(of: name, parts, &rest)), isSecret: name == "database")
        case .integer:
            let text = try Self.value(of: name, parts, &rest)
            guard let number = Int(text) else { throw SettingError("--\(name) takes a whole number, not “\(text)”") }
            values[key] = ConfigValue(.int(number), isSecret: false)
        }
    }

    private static func value(of name: String, _ parts: [Substring], _ rest: inout ArraySlice<String>)
        throws(SettingError) -> String
    {
        if parts.count == 2 { return String(parts[1]) }
        guard let value = rest.first, !value.hasPrefix("--") else { throw SettingError("--\(name) needs a value") }
        rest.removeFirst()
        return value
    }
}
