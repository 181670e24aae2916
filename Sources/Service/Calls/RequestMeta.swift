/// What a caller may say about a call beside its parameters: the member `_meta` of `params`.
struct RequestMeta {
    /// Given back in the reply and written to logs.
    var requestID: String?
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

    init() {}

    /// Reads `_meta` from a call's by-name params.
    init(params: Int?, in document: JSONDocument) throws(CallError) {
        guard let params, document.kind(params) == .object else { return }
        var name = params + 1
        while name < document.after(params) {
            if document.string(name, is: Self.memberName) {
                guard document.kind(name + 1) == .object else {
                    throw .invalid("/params/_meta", expected: Schema.object(Self.members).expectation)
                }
                try read(name + 1, in: document)
                return
            }
            name = document.after(name + 1)
        }
    }

    private mutating func read(_ value: Int, in document: JSONDocument) throws(CallError) {
        let arguments = try Arguments(value, of: Self.members, in: document, path: "/params/_meta")
        requestID = arguments.text("request_id")
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
        .optional("request_id", .text(maximumBytes: 64), "given back, and written to the service's log"),
        .optional("deadline_ms", .integer(1...60_000), "how long the call may take"),
        .optional("lang", .text(maximumBytes: 64), "BCP 47, the language of labels and of names where known"),
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
