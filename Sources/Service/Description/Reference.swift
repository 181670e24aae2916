/// The methods as a page for people, in Markdown.
package struct Reference {
    private let table: MethodTable

    private init(table: MethodTable) { self.table = table }

    /// The page of this release.
    package static var page: String { Reference(table: .release).page }

    /// The methods of this release.
    package static var methods: [MethodDescription] { MethodTable.release.entries.map(\.description) }

    /// The OpenRPC document of this release, as `rpc.discover` gives it.
    package static var document: String {
        String(decoding: OpenRPC(table: .release, limits: ServiceLimits()).json, as: UTF8.self)
    }

    /// One method, as it stands in the page.
    package static func section(_ method: MethodDescription) -> String {
        var lines = ["## \(method.name)", "", method.summary, "", "For \(method.callersInWords).\(method.conduct)", ""]
        if let old = method.deprecation {
            lines += [
                "Deprecated since \(old.since), and may be gone from \(old.sunset) on: call `\(old.use)` instead.", "",
            ]
        }
        lines += parameters(method.parameters)
        lines += ["Result:", ""] + members(method.result, depth: 0) + [""]
        let errors = method.errors.filter { !ErrorCode.common.contains($0) }
        if !errors.isEmpty {
            lines += ["Errors of its own: " + errors.map { "`\($0.kind)`" }.joined(separator: ", ") + ".", ""]
        }
        for example in method.examples { lines += Self.example(example, of: method.name) }
        return lines.joined(separator: "\n")
    }

    private var page: String {
        var lines = [
            "# The methods of the service", "",
            "Made by `amenity call --reference` from the types that decode and answer; `rpc.discover` tells the same to",
            "programs. A parameter that no method knows is refused. Parameters may stand by name or by position, in the",
            "order of the tables; those without “required” may be left out or be null.", "",
        ]
        lines += ["`_meta` in params may have:", ""] + Self.members(RequestMeta.members, depth: 0)
        lines += ["", "and `_meta` in results:", ""] + Self.members(Reply.Meta.members, depth: 0) + [""]
        lines += table.entries.map { Self.section($0.description) }
        lines += [
            "## Errors", "", "`error.data.kind` is the stable name.", "", "| code | kind | meaning |", "|---|---|---|",
        ]
        lines += ErrorCode.allCases.map { "| \($0.rawValue) | `\($0.kind)` | \($0.meaning) |" }
        return lines.joined(separator: "\n")
    }

    // MARK: Parts

    private static func parameters(_ parameters: [Parameter]) -> [String] {
        guard !parameters.isEmpty else { return ["No parameters.", ""] }
        let rows = parameters.map { parameter in
            let required = parameter.isRequired ? " (required)" : ""
            return
                "| `\(parameter.name)`\(required) | \(cell(parameter.schema.expectation)) | \(cell(parameter.summary)) |"
        }
        return ["| parameter | is | means |", "|---|---|---|"] + rows + [""]
    }

    private static func cell(_ text: String) -> String { text.split(separator: "|").joined(separator: "\\|") }

    private static func members(_ members: [Parameter], depth: Int) -> [String] {
        members.flatMap { member in
            let indent = String(repeating: "  ", count: depth)
            let meaning = member.summary.isEmpty ? "" : ": \(member.summary)"
            let line = "\(indent)- `\(member.signature)` \(member.schema.shortly)\(meaning)"
            return [line] + Self.members(member.schema.innerMembers, depth: depth + 1)
        }
    }

    private static func example(_ example: MethodExample, of method: String) -> [String] {
        let request = #"{"jsonrpc":"2.0","id":1,"method":"\#(method)","params":\#(example.params)}"#
        return ["Example: \(example.name).", "", "```json", request, example.result, "```", ""]
    }
}

extension MethodDescription {
    fileprivate var callersInWords: String { access.isRestricted ? "the roles \(callers)" : "everyone" }

    fileprivate var conduct: String {
        switch effect {
        case nil: " Answered at once, without the database."
        case .read: " A read; \(deadline)."
        case .write: " A write, which takes an idempotency key; \(deadline)."
        case .session: " Changes the connection; \(deadline)."
        }
    }

    private var deadline: String {
        "its deadline is \((patience ?? .zero).milliseconds) ms unless the call asks for less"
    }
}

extension ErrorCode {
    fileprivate static let common = ofEveryCall + ofEveryWait
}

extension Schema {
    /// The schema without what its members say.
    fileprivate var shortly: String {
        switch self {
        case .object: "an object"
        case .array(let element, let maximum):
            "an array\(maximum.map { " of at most \($0)" } ?? ""), each \(element.shortly)"
        case .map(let value): "an object, each member \(value.shortly)"
        case .nullable(let value): value.shortly + ", or null"
        case .text, .uuid, .time, .choice, .boolean, .integer, .number, .cursor, .any: expectation
        }
    }

    /// The members of the objects that it is made of.
    fileprivate var innerMembers: [Parameter] {
        switch self {
        case .object(let members): members
        case .array(let element, _): element.innerMembers
        case .map(let value), .nullable(let value): value.innerMembers
        case .text, .uuid, .time, .choice, .boolean, .integer, .number, .cursor, .any: []
        }
    }
}
