import Access
import NIOCore

/// The service's methods as an OpenRPC document, <https://spec.open-rpc.org> 1.3.
///
/// Made from the very types that decode and answer, so that it can't say what they don't do. What OpenRPC has no word for
/// stands in members with `x-`.
struct OpenRPC {
    let table: MethodTable
    let limits: ServiceLimits

    static let version = "1.3.2"

    /// The document as one JSON object.
    var json: [UInt8] {
        var writer = JSONWriter()
        writer.raw("{")
        writer.member("openrpc", Self.version)
        writeInfo(to: &writer)
        writer.name("methods")
        writer.array(table.entries.map(\.description)) { write($0, to: &$1) }
        writeComponents(to: &writer)
        writer.name("x-limits")
        writer.raw(limits.json())
        writer.raw("}")
        return writer.bytes
    }

    private func writeInfo(to writer: inout JSONWriter) {
        writer.name("info")
        writer.raw("{")
        writer.member("title", "Amenity Directory")
        writer.member("version", ServiceVersion.current)
        writer.member(
            "description",
            "JSON-RPC 2.0 over TCP, one message a line. By-name params may carry _meta (components.schemas.CallMeta), and "
                + "every result has one (components.schemas.ResultMeta)."
        )
        writer.raw("}")
    }

    private func write(_ method: MethodDescription, to writer: inout JSONWriter) {
        writer.raw("{")
        writer.member("name", method.name)
        writer.member("summary", method.summary)
        if method.deprecation != nil { writer.raw(",\"deprecated\":true") }
        writer.member("paramStructure", "either")
        writer.name("params")
        writer.array(method.parameters) { Self.write($0, to: &$1) }
        writer.name("result")
        writer.raw("{\"name\":\"result\",\"schema\":{")
        Schema.write(method.result + [Self.resultMeta], isClosed: false, to: &writer)
        writer.raw("}}")
        writer.name("errors")
        writer.array(method.errors) { $1.reference("errors", $0.kind) }
        writer.name("examples")
        writer.array(method.examples) { Self.write($0, to: &$1) }
        writer.member("x-access", method.access.roles.map(\.rawValue))
        writer.member("x-effect", method.effect?.rawValue ?? "none")
        if let patience = method.patience { writer.member("x-deadline-ms", patience.milliseconds) }
        writer.raw("}")
    }

    private static func write(_ parameter: Parameter, to writer: inout JSONWriter) {
        writer.raw("{")
        writer.member("name", parameter.name)
        if !parameter.summary.isEmpty { writer.member("summary", parameter.summary) }
        writer.name("required")
        writer.boolean(parameter.isRequired)
        writer.name("schema")
        parameter.schema.write(to: &writer)
        writer.raw("}")
    }

    private static func write(_ example: MethodExample, to writer: inout JSONWriter) {
        writer.raw("{")
        writer.member("name", example.name)
        writer.name("params")
        writer.array(example.arguments) { argument, writer in
            writer.raw("{")
            writer.member("name", argument.name)
            writer.name("value")
            writer.raw(argument.value)
            writer.raw("}")
        }
        writer.raw(",\"result\":{\"name\":\"result\",\"value\":")
        writer.raw(example.result)
        writer.raw("}}")
    }

    private func writeComponents(to writer: inout JSONWriter) {
        writer.name("components")
        writer.raw("{\"schemas\":{\"CallMeta\":{")
        Schema.write(RequestMeta.members, isClosed: true, to: &writer)
        writer.raw("},\"ResultMeta\":{")
        Schema.write(Reply.Meta.members, isClosed: false, to: &writer)
        writer.raw("}},\"errors\":{")
        for code in ErrorCode.allCases {
            writer.name(code.kind)
            writer.raw("{\"code\":")
            writer.integer(code.rawValue)
            writer.member("message", code.meaning)
            writer.raw("}")
        }
        writer.raw("}}")
    }

    private static let resultMeta = Parameter.required("_meta", .any, "see components.schemas.ResultMeta")
}

extension MethodExample {
    /// The params one by one.
    var arguments: [(name: String, value: String)] {
        guard let document = try? JSONDocument(ByteBuffer(string: params)) else { return [] }
        var arguments: [(name: String, value: String)] = []
        var name = JSONDocument.root + 1
        while name < document.after(JSONDocument.root) {
            let value = String(decoding: document.sourceBytes(name + 1), as: UTF8.self)
            arguments.append((document.string(name), value))
            name = document.after(name + 1)
        }
        return arguments
    }
}

extension JSONWriter {
    /// Appends an array, each element written by the body.
    mutating func array<Element>(_ elements: [Element], _ write: (Element, inout JSONWriter) -> Void) {
        bytes.append(.openBracket)
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(.comma) }
            write(element, &self)
        }
        bytes.append(.closeBracket)
    }

    fileprivate mutating func reference(_ kind: String, _ name: String) {
        raw("{")
        member("$ref", "#/components/\(kind)/\(name)")
        raw("}")
    }
}
