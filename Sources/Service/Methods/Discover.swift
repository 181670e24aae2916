/// Describes every method. The name is OpenRPC's.
enum Discover: LocalMethod {
    static let name = "rpc.discover"
    static let summary =
        "Describes every method as an OpenRPC document: params, result, errors, examples, access, limits."
    static let access = MethodAccess.everyone
    static let result: [Parameter] = [
        .required("openrpc", .string, "the version of OpenRPC"),
        .required(
            "info",
            .object([.required("title", .string), .required("version", .string), .required("description", .string)])
        ),
        .required("methods", .list(of: .any), "as OpenRPC has them, with x-access, x-effect and x-deadline-ms"),
        .required("components", .any, "the errors, and the schemas of _meta"),
        .required("x-limits", .map(of: .count), "as of system.limits"),
    ]
    static let examples = [MethodExample("the description", "{}", #"{"openrpc":"1.3.2"}"#)]

    static func answer(_ arguments: Arguments, session: inout CallerSession, to writer: inout JSONWriter) {
        writer.raw(session.facts.description)
    }
}
