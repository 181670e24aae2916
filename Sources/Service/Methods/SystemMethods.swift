import Postgres

/// Answers with what it was sent.
enum Ping: LocalMethod {
    static let name = "system.ping"
    static let summary = "Says that the service is there and gives back what it was sent."
    static let access = MethodAccess.everyone
    static let parameters: [Parameter] = [.optional("echo", .any, "given back as it came")]
    static let result: [Parameter] = [.required("echo", .any, "what was sent, or null")]
    static let examples = [MethodExample("an echo", #"{"echo":[1,"二"]}"#, #"{"echo":[1,"二"]}"#)]

    static func answer(_ arguments: Arguments, session: inout CallerSession, to writer: inout JSONWriter) {
        writer.raw("{\"echo\":")
        if let echo = arguments["echo"] {
            writer.echo(arguments.document.sourceBytes(echo))
        } else {
            writer.raw("null")
        }
        writer.raw("}")
    }
}

/// Name, version and start of the service.
enum Info: LocalMethod {
    static let name = "system.info"
    static let summary = "Says which program answers, its version, and which languages it speaks."
    static let access = MethodAccess.everyone
    static let result: [Parameter] = [
        .required("server", .string),
        .required("version", .string),
        .required("protocol", .string, "of this service: additions only, within 1.x"),
        .required("jsonrpc", .string),
        .required("languages", .list(of: .string), "those that labels come in"),
    ]
    static let examples = [
        MethodExample("who answers", "{}", #"{"server":"amenityd","protocol":"1.0","jsonrpc":"2.0"}"#)
    ]

    static func answer(_ arguments: Arguments, session: inout CallerSession, to writer: inout JSONWriter) {
        writer.raw(session.facts.info)
    }
}

/// The limits in force.
enum ReadLimits: LocalMethod {
    static let name = "system.limits"
    static let summary = "Lists the limits in force, so that a client can stay inside them."
    static let access = MethodAccess.everyone
    static let result: [Parameter] =
        ServiceLimits.fixed.map { Parameter.required($0.0, .count) }
        + LimitSetting.all.map { Parameter.required($0.name, .count, $0.help) }
        + [
            Parameter.required(
                "costs",
                .map(of: .count),
                "what a call of each method costs, and what failures cost beside"
            )
        ]
    static let examples = [MethodExample("the limits", "{}", #"{"batch_calls":100,"page_items":100}"#)]

    static func answer(_ arguments: Arguments, session: inout CallerSession, to writer: inout JSONWriter) {
        writer.raw(session.facts.limits)
    }
}

/// Whether the service can do its work.
struct ReadHealth: RemoteMethod {
    static let name = "system.health"
    static let summary = "Says whether the service lives and is ready to answer lookups, and why not."
    static let access = MethodAccess.everyone
    static let cost = 0
    static let weight = 0
    static let result: [Parameter] = [
        .required("live", .boolean),
        .required("ready", .boolean),
        .required("checks", .object([.required("database", check), .required("accepting", check)])),
    ]
    static let examples = [MethodExample("a healthy service", "{}", #"{"live":true,"ready":true}"#)]

    private static let check = Schema.object([.required("ok", .boolean), .optional("reason", .string, "why not")])

    init(_ arguments: Arguments) {}

    func run(_ context: CallContext) async throws(CallError) -> Answer {
        let readiness = await context.health.check()
        return Answer { writer in
            writer.raw("{\"live\":true,\"ready\":")
            writer.boolean(readiness.isReady)
            writer.raw(",\"checks\":{\"database\":{\"ok\":")
            writer.boolean(readiness.database == nil)
            writer.member("reason", readiness.database)
            writer.raw("},\"accepting\":{\"ok\":")
            writer.boolean(!readiness.isDraining)
            writer.member("reason", readiness.isDraining ? "shutting down" : nil)
            writer.raw("}}}")
        }
    }
}
