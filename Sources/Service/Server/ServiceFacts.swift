/// What `system.*` says, written once at the start.
struct ServiceFacts: Sendable {
    let info: [UInt8]
    let limits: [UInt8]
    let description: [UInt8]

    init(limits: ServiceLimits, table: MethodTable) {
        var writer = JSONWriter()
        writer.raw("{\"server\":\"amenityd\",\"version\":")
        writer.string(ServiceVersion.current)
        writer.raw(",\"protocol\":\"1.0\",\"jsonrpc\":\"2.0\"")
        writer.member("languages", ["en", "zh-Hans", "zh-Hant", "ja", "de", "nl", "fr", "ko"])
        writer.raw("}")
        self.info = writer.bytes
        self.limits = limits.json(costs: table.entries.map { ($0.name, $0.cost) })
        self.description = OpenRPC(table: table, limits: limits).json
    }
}

/// The version of this source.
package enum ServiceVersion {
    /// Shown by `system.info`, `/version` and `--version`.
    package static let current = "0.1.0"
}
