/// Writes reply objects.
enum Reply {
    /// What stands in `_meta` of a result.
    struct Meta {
        let requestID: String
        let microseconds: Int
        var next: String?
        var total: Int?
        var etag: String?
        var isReplayed = false
        /// Of the method that was called.
        var deprecation: Deprecation?

        /// What ``Reply/end(_:to:)`` writes, described.
        static let members: [Parameter] = [
            .required("request_id", .string, "the call's own, or one that was made for it; it stands in the log"),
            .required("server_ms", .measure, "from reading the call to writing the reply"),
            .optional("next", .string, "the cursor of the next page, where there is one"),
            .optional("total", .count, "how many there are on all pages, where that was asked"),
            .optional("etag", .string, "of a read: for if_none_match"),
            .optional("replayed", .boolean, "true: the first answer under this idempotency key, given again"),
            .optional("warnings", .list(of: .object(Deprecation.members)), "of a call that a client should give up"),
        ]
    }

    /// Writes what comes before a result's own members. The id is source bytes, echoed untouched.
    static func begin(id: some Sequence<UInt8>, _ version: RPCVersion = .v2, to writer: inout JSONWriter) {
        writer.raw(version == .v2 ? "{\"jsonrpc\":\"2.0\",\"id\":" : "{\"error\":null,\"id\":")
        writer.bytes.append(contentsOf: id)
        writer.raw(",\"result\":")
    }

    /// Puts `_meta` into the object that was just written, and ends the reply.
    static func end(_ meta: Meta, to writer: inout JSONWriter) {
        // PostgreSQL may leave white space around an object's braces.
        while let last = writer.bytes.last, last != .closeBrace {
            guard last <= 0x20 else { preconditionFailure("a result is an object") }
            writer.bytes.removeLast()
        }
        writer.bytes.removeLast()
        while let last = writer.bytes.last, last <= 0x20 { writer.bytes.removeLast() }
        if writer.bytes.last != .openBrace { writer.bytes.append(.comma) }
        writer.raw("\"_meta\":{\"request_id\":")
        writer.string(meta.requestID)
        writer.raw(",\"server_ms\":")
        writer.thousandths(meta.microseconds)
        writer.member("next", meta.next)
        if let total = meta.total { writer.raw(",\"total\":\(total)") }
        writer.member("etag", meta.etag)
        if meta.isReplayed { writer.raw(",\"replayed\":true") }
        if let deprecation = meta.deprecation {
            writer.raw(",\"warnings\":[")
            deprecation.write(to: &writer)
            writer.raw("]")
        }
        writer.raw("}}}")
    }

    /// Writes the reply of a failed call; without an id it is null.
    static func failure(
        _ error: CallError,
        id: (some Sequence<UInt8>)?,
        _ version: RPCVersion = .v2,
        requestID: String,
        to writer: inout JSONWriter
    ) {
        writer.raw(version == .v2 ? "{\"jsonrpc\":\"2.0\",\"id\":" : "{\"result\":null,\"id\":")
        if let id { writer.bytes.append(contentsOf: id) } else { writer.raw("null") }
        writer.raw(",\"error\":")
        error.write(to: &writer, requestID: requestID)
        writer.raw("}")
    }
}
