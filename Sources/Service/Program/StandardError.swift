import SystemPackage

/// Standard error, written without Foundation and in one call.
enum StandardError {
    /// A text that cannot be written is dropped: there is nowhere left to say so.
    static func write(_ text: String) { write(Array(text.utf8)) }

    static func write(_ bytes: [UInt8]) { _ = try? FileDescriptor.standardError.writeAll(bytes) }
}
