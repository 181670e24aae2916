/// Lines of Prometheus's text format, version 0.0.4.
struct PrometheusText {
    enum Kind: String {
        case counter
        case gauge
        case histogram
    }

    private(set) var text = ""

    /// - Parameter words: one line.
    mutating func help(_ name: String, _ words: String) { text += "# HELP \(name) \(words)\n" }

    mutating func type(_ name: String, _ kind: Kind) { text += "# TYPE \(name) \(kind.rawValue)\n" }

    mutating func sample(_ name: String, _ labels: [(name: String, value: String)], _ value: some Numeric) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.name)=\"\(Self.escape($0.value))\"" }.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    /// A metric that is one number.
    mutating func metric(_ name: String, _ kind: Kind, _ value: some Numeric) {
        type(name, kind)
        sample(name, [], value)
    }

    private static func escape(_ value: String) -> String {
        guard value.utf8.contains(where: { [0x22, 0x5C, 0x0A].contains($0) }) else { return value }
        return value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }
}
