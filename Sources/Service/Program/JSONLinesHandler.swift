import FoundationEssentials
import Logging

/// Writes log events as one JSON object a line, by default to standard error.
struct JSONLinesHandler: LogHandler {
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let now: @Sendable () -> Double
    private let write: @Sendable ([UInt8]) -> Void

    /// - Parameter now: seconds since 1970.
    init(
        label: String,
        level: Logger.Level,
        now: @escaping @Sendable () -> Double = { Date().timeIntervalSince1970 },
        write: @escaping @Sendable ([UInt8]) -> Void = Self.writeToStandardError
    ) {
        self.label = label
        self.logLevel = level
        self.now = now
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        var writer = JSONWriter()
        writer.raw("{")
        writer.member("ts", CivilTime(unixSeconds: now()).text)
        writer.member("lvl", event.level.rawValue)
        writer.member("ev", event.message.description)
        writer.member("program", label)
        var all = metadata
        if let provided = metadataProvider?.get() { all.merge(provided) { $1 } }
        if let own = event.metadata { all.merge(own) { $1 } }
        for key in all.keys.sorted() {
            guard let value = all[key] else { continue }
            writer.name(key)
            Self.write(value, to: &writer)
        }
        if let error = event.error { writer.member("error", "\(error)") }
        writer.raw("}\n")
        write(writer.bytes)
    }

    private static func write(_ value: Logger.MetadataValue, to writer: inout JSONWriter) {
        switch value {
        case .string(let text): writer.string(text)
        case .stringConvertible(let value): writer.string(value.description)
        case .array(let values):
            writer.raw("[")
            for (index, value) in values.enumerated() {
                if index > 0 { writer.raw(",") }
                write(value, to: &writer)
            }
            writer.raw("]")
        case .dictionary(let values):
            writer.raw("{")
            for (key, value) in values.sorted(by: { $0.key < $1.key }) {
                writer.name(key)
                write(value, to: &writer)
            }
            writer.raw("}")
        }
    }

    /// One call into the kernel a line, so that lines of several threads do not mix. A log that cannot be written must not
    /// stop the program.
    private static let writeToStandardError: @Sendable ([UInt8]) -> Void = { line in
        StandardError.write(line)
    }
}
