/// A failed call as its caller will read it: a code, one short sentence, and the facts of `error.data`.
///
/// No SQL, file path or stack goes in here, and of the caller's own input at most 64 bytes.
package struct CallError: Error, Equatable, Sendable {
    package var code: ErrorCode
    package var message: String
    /// The stable name where it is finer than the code's own, such as `duplicate_member`.
    package var kind: String?
    /// JSON Pointer into the request, such as `/params/limit`.
    package var path: String?
    package var expected: String?
    package var hint: String?
    /// The values that would have been known, where that list is short.
    package var known: [String] = []
    package var retryAfterMilliseconds: Int?
    /// Whether nobody knows if the call had its effect.
    package var isOutcomeUnknown = false
    /// Whether the same call may succeed a little later; the code's own answer unless it is known better.
    package var isRetryable: Bool
    /// What really happened, for the log alone.
    package var detail: String?

    package init(_ code: ErrorCode, _ message: String) {
        self.code = code
        self.message = message
        self.isRetryable = code.isRetryable
    }

    /// A parameter that isn't what the method takes.
    static func invalid(_ path: String, expected: String) -> CallError {
        var error = CallError(.invalidParams, "a parameter is not what the method takes")
        error.path = path
        error.expected = expected
        return error
    }

    /// A message longer than the limit, in bytes.
    ///
    /// - Parameter isSkipped: whether the connection goes on behind it.
    static func frameTooLarge(_ limit: Int, isSkipped: Bool) -> CallError {
        var error = CallError(.frameTooLarge, "a message is longer than \(limit) bytes")
        error.hint = isSkipped ? "the rest of it was skipped; the connection goes on" : "the connection ends here"
        return error
    }

    static func invalidRequest(_ message: String) -> CallError { CallError(.invalidRequest, message) }

    /// The caller's own words, cut to what a message may repeat.
    static func excerpt(_ text: String) -> String {
        guard text.utf8.count > maximumExcerpt else { return text }
        var excerpt = ""
        for character in text.unicodeScalars {
            guard excerpt.utf8.count + UTF8.width(character) <= maximumExcerpt - 3 else { break }
            excerpt.unicodeScalars.append(character)
        }
        return excerpt + "…"
    }

    private static let maximumExcerpt = 64

    /// The error object of a reply.
    func write(to writer: inout JSONWriter, requestID: String) {
        writer.raw("{\"code\":")
        writer.integer(code.rawValue)
        writer.raw(",\"message\":")
        writer.string(message)
        writer.raw(",\"data\":{\"kind\":")
        writer.string(kind ?? code.kind)
        writer.raw(",\"retryable\":")
        writer.boolean(isRetryable)
        if isOutcomeUnknown { writer.member("outcome", "unknown") }
        if let retryAfterMilliseconds {
            writer.raw(",\"retry_after_ms\":")
            writer.integer(retryAfterMilliseconds)
        }
        writer.raw(",\"request_id\":")
        writer.string(requestID)
        writer.member("path", path)
        writer.member("expected", expected)
        writer.member("hint", hint)
        if !known.isEmpty { writer.member("known", known) }
        writer.raw("}}")
    }
}
