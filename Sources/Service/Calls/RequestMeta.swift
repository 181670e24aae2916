/// What a caller may say about a call beside its parameters: the member `_meta` of `params`.
struct RequestMeta {
    var deadlineMilliseconds: Int?
    /// The caller's language, BCP 47.
    var language: String?
    /// Under which a write may be sent again.
    var idempotencyKey: String?
    /// The etag of the answer that the caller has.
    var knownETag: String?
    /// A token for this call alone, for gateways that speak for many.
    var token: String?

    static let memberName = Array("_meta".utf8)
    private static let requestIDName = Array("request_id".utf8)
    private static let longestRequestID = 64

    init() {}

    /// Reads `_meta` from a call's by-name params.
    init(params: Int?, in document: JSONDocument) throws(CallError) {
        guard let params, let meta = document.member(Self.memberName, of: params) else { return }
        guard document.kind(meta) == .object else {
            throw .invalid("/params/_meta", expected: Schema.object(Self.members).expectation)
        }
        try read(meta, in: document)
    }

    /// What the caller calls the call, in its reply and in logs; told also of a call in which something else is wrong.
    static func requestID(in params: Int?, of document: JSONDocument) -> String? {
        guard let params, let meta = document.member(memberName, of: params),
            let id = document.member(requestIDName, of: meta), document.kind(id) == .string, !document.holdsZero(id)
        else { return nil }
        let text = document.string(id)
        return text.utf8.count <= longestRequestID ? text : nil
    }

    private mutating func read(_ value: Int, in document: JSONDocument) throws(CallError) {
        let arguments = try Arguments(value, of: Self.members, in: document, path: "/params/_meta")
        deadlineMilliseconds = arguments.integer("deadline_ms")
        language = arguments.text("lang")
        token = arguments.text("token")
        knownETag = arguments.text("if_none_match")
        idempotencyKey = arguments.text("idempotency_key")
        if let idempotencyKey, !IdempotencyKey.isValid(idempotencyKey) {
            throw .invalid("/params/_meta/idempotency_key", expected: IdempotencyKey.expectation)
        }
    }

    /// Those read by no method yet are checked all the same, so that a client's mistake shows at once.
    static let members: [Parameter] = [
        .optional("request_id", .text(maximumBytes: longestRequestID), "given back, and written to the service's log"),
        .optional(
            "deadline_ms",
            .integer(1...60_000),
            "how long the call may take, if that is less than its method's own deadline"
        ),
        .optional(
            "lang",
            .text(maximumBytes: nil),
            "BCP 47, the language of labels and of names where known; en for any that is none of the eight"
        ),
        .optional("token", .text(maximumBytes: 256), "speaks for its holder in this call alone"),
        .optional(
            "idempotency_key",
            .text(maximumBytes: 128),
            "16 or more printable ASCII characters: a write sent again under it within 24 hours is not done again"
        ),
        .optional("if_none_match", .text(maximumBytes: 128), "an etag: a read that still has it answers not_modified"),
        .optional("if_match", .text(maximumBytes: 128), "the version that a change is meant for"),
    ]
}
