/// One element of the wire as JSON-RPC 2.0 has it, or 1.0 where that is served.
struct Envelope {
    enum Content {
        case call(id: Int, method: Int, params: Int?)
        case notification(method: Int, params: Int?)
        /// An answer to something we never asked.
        case response
        /// Not a request; the id where one could be made out.
        case invalid(id: Int?, CallError)
    }

    let version: RPCVersion
    let content: Content

    /// Reads the element at this place of the tape.
    ///
    /// - Parameter servesVersion1: whether a request without `jsonrpc` is one of JSON-RPC 1.0.
    init(_ element: Int, in document: JSONDocument, servesVersion1: Bool = false) {
        guard document.kind(element) == .object else {
            version = .v2
            content = .invalid(id: nil, .invalidRequest("a request is an object"))
            return
        }
        var members = Members()
        members.read(element, in: document)
        let isVersion1 = servesVersion1 && members.version.map { document.isString($0, Self.version1) } ?? true
        version = isVersion1 ? .v1 : .v2
        content = Self.content(members, of: element, version, in: document)
    }

    private static func content(
        _ members: Members,
        of element: Int,
        _ version: RPCVersion,
        in document: JSONDocument
    ) -> Content {
        if members.isResponse { return .response }
        let id = members.id
        if let id, !isValid(id: id, in: document) {
            return .invalid(id: nil, .invalidRequest("an id is a string of at most 1,024 bytes, a number or null"))
        }
        if document.duplicate(in: element) != nil {
            var error = CallError.invalidRequest("an object of the request names a member twice")
            error.kind = "duplicate_member"
            return .invalid(id: members.hasRepeatedID ? nil : id, error)
        }
        if version == .v2, members.version.map({ !document.isString($0, Self.version2) }) ?? true {
            return .invalid(id: id, .invalidRequest("the member jsonrpc has to be \"2.0\""))
        }
        guard let method = members.method, document.kind(method) == .string else {
            return .invalid(id: id, .invalidRequest("the member method has to be a string"))
        }
        let isNotification = version == .v1 && id.map { document.kind($0) == .null } ?? true
        return request(id: isNotification ? nil : id, method: method, params: members.params, in: document)
    }

    private static func request(id: Int?, method: Int, params: Int?, in document: JSONDocument) -> Content {
        var params = params
        if let value = params {
            switch document.kind(value) {
            case .object, .array: break
            case .null: params = nil
            case .true, .false, .number, .string:
                return .invalid(id: id, .invalidRequest("params is an object or an array"))
            }
        }
        guard let id else { return .notification(method: method, params: params) }
        return .call(id: id, method: method, params: params)
    }

    private static func isValid(id: Int, in document: JSONDocument) -> Bool {
        switch document.kind(id) {
        case .null, .number: true
        case .string: document.stringLength(id) <= maximumIDBytes
        case .true, .false, .array, .object: false
        }
    }

    /// Counted in source bytes, since those are what is echoed.
    static let maximumIDBytes = 1024
    private static let version2 = Array("2.0".utf8)
    private static let version1 = Array("1.0".utf8)

    /// The members that mean something; all others are ignored.
    private struct Members {
        var version: Int?
        var id: Int?
        var method: Int?
        var params: Int?
        var hasOutcome = false
        var hasRepeatedID = false

        var isResponse: Bool { hasOutcome && method == nil }

        mutating func read(_ element: Int, in document: JSONDocument) {
            var name = element + 1
            while name < document.after(element) {
                let value = name + 1
                if document.string(name, is: Self.jsonrpc) {
                    version = value
                } else if document.string(name, is: Self.idName) {
                    hasRepeatedID = id != nil
                    id = value
                } else if document.string(name, is: Self.methodName) {
                    method = value
                } else if document.string(name, is: Self.paramsName) {
                    params = value
                } else if document.string(name, is: Self.result) || document.string(name, is: Self.error) {
                    hasOutcome = true
                }
                name = document.after(value)
            }
        }

        private static let jsonrpc = Array("jsonrpc".utf8)
        private static let idName = Array("id".utf8)
        private static let methodName = Array("method".utf8)
        private static let paramsName = Array("params".utf8)
        private static let result = Array("result".utf8)
        private static let error = Array("error".utf8)
    }
}

extension JSONDocument {
    /// Whether a value is a string of exactly these bytes.
    func isString(_ value: Int, _ bytes: [UInt8]) -> Bool { kind(value) == .string && string(value, is: bytes) }
}
